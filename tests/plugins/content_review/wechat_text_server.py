"""``python wechat_text_server.py PORT JOURNAL``: WeChat's token and text check, as documented.

A token lives until `/expire` is called; a text with 赌博 is risky, one with 优惠 wants a look.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

state = {"token": 1, "journal": ""}


class Wechat(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        address = urlsplit(self.path)
        length = int(self.headers["content-length"] or 0)
        body = json.loads(self.rfile.read(length) or b"{}")
        with open(state["journal"], "a", encoding="utf-8") as journal:
            journal.write(json.dumps([address.path, body], ensure_ascii=False) + "\n")
        self.answer(self.decide(address.path, parse_qs(address.query), body))

    def decide(self, path: str, query: dict[str, list[str]], body: dict) -> dict:
        if path == "/expire":
            state["token"] += 1
            return {}
        if path == "/cgi-bin/stable_token":
            if body.get("grant_type") != "client_credential" or body.get("secret") != "s3cret":
                return {"errcode": 40125, "errmsg": "invalid appsecret"}
            return {"access_token": f"T{state['token']}", "expires_in": 7200}
        if query.get("access_token") != [f"T{state['token']}"]:
            return {"errcode": 40001, "errmsg": "invalid credential"}
        return self.check(body)

    def check(self, body: dict) -> dict:
        text = body.get("content", "")
        wrong = not text or len(text) > 2500 or body.get("version") != 2
        if wrong or body.get("scene") not in (1, 2, 3, 4) or not body.get("openid"):
            return {"errcode": 47001, "errmsg": "data format error"}
        suggest, label = "pass", 100
        if "优惠" in text:
            suggest, label = "review", 10001
        if "赌博" in text:
            suggest, label = "risky", 20006
        return {
            "errcode": 0,
            "errmsg": "ok",
            "result": {"suggest": suggest, "label": label},
            "detail": [{"strategy": "content_model", "errcode": 0, "suggest": suggest}],
            "trace_id": "60ae120f-371d5872",
        }

    def answer(self, body: dict) -> None:
        content = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json; encoding=utf-8")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    state["journal"] = sys.argv[2]
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Wechat)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()
