"""Somebody elsewhere, in a process of his own: answers by path, and tells what he heard.

python stand_in.py [certificate.pem]
"""

import base64
import hashlib
import hmac
import json
import ssl
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = b"a key that both sides know"
HEARD = []
SAID = {}


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer(200, json.dumps(HEARD))

    def do_PUT(self):
        length = int(self.headers["content-length"])
        SAID[self.path] = self.rfile.read(length).decode()
        self.answer(200, "{}")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        stamp = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}."
        right = base64.b64encode(hmac.digest(KEY, stamp.encode() + body, hashlib.sha256)).decode()
        told = {
            "path": self.path,
            "id": self.headers["webhook-id"],
            "genuine": self.headers["webhook-signature"] == f"v1,{right}",
            "peer": self.client_address[1],
            **json.loads(body),
        }
        HEARD.append(told)
        match self.path:
            case "/error":
                self.answer(500, "{}")
            case "/slow":
                time.sleep(3)
                self.answer(200, '{"findings": []}')
            case "/large":
                self.answer(200, '{"findings": []}' + " " * 2_000_000)
            case "/redirect":
                self.answer(302, "{}", location="http://127.0.0.1:1/")
            case "/once":
                first = not any(each["id"] == told["id"] for each in HEARD[:-1])
                self.answer(503 if first else 200, "{}")
            case _:
                self.answer(200, SAID.get(self.path, "{}"))

    def answer(self, status, text, **headers):
        body = text.encode()
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
if len(sys.argv) > 1:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1])
    server.socket = context.wrap_socket(server.socket, server_side=True)
sys.stdout.write(f"{server.server_port}\n")
sys.stdout.flush()
server.serve_forever()
