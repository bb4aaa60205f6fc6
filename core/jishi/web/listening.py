"""Makes sure that a server has its address for itself."""

import errno
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from jishi.problems import Problem


class AddressTaken(Problem):
    """The address cannot be listened on: somebody does already, or it is not ours."""

    code = "address_taken"
    status = 503
    title = "The shop cannot listen there"


@contextmanager
def claimed(host: str, port: int) -> Iterator[None]:
    """Have an address for oneself, from before anything is done for it until it is given up.

    Two servers that start in the same moment would both find nobody listening and then share the
    port. Whoever comes second is refused here: the claim is a name that the system gives to one
    process only and takes back when that dies, however it dies. It lies in the network's own
    namespace, as the port does.

    Raises:
        AddressTaken: Somebody listens there or is about to, or the address is not ours.
    """
    claim = socket.socket(socket.AF_UNIX) if sys.platform == "linux" else None
    try:
        if claim:
            try:
                claim.bind(f"\0jishi serves {_resolved(host, port)[4]!r}")
            except OSError as error:
                raise _taken(error, _spelled(host, port)) from None
        check_free(host, port)
        yield
    finally:
        if claim:
            claim.close()


def check_free(host: str, port: int) -> None:
    """Refuse an address where somebody listens already.

    The server itself would not notice: it binds with ``SO_REUSEPORT``, so that two of them on one
    port share it and each answers some of the requests. A socket without that option cannot be
    bound beside them.

    Raises:
        AddressTaken: Somebody listens there, or this machine does not have the address.
    """
    try:
        family, kind, protocol, _, address = _resolved(host, port)
        with socket.socket(family, kind, protocol) as probe:
            # Connections of a server that has just stopped are no hindrance.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise _taken(error, _spelled(host, port)) from None


Resolved = tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[object, ...]]


def _resolved(host: str, port: int) -> Resolved:
    found: list[Resolved] = [
        *socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    ]
    return found[0]


def _spelled(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _taken(error: OSError, address: str) -> AddressTaken:
    if error.errno == errno.EADDRINUSE:
        return AddressTaken(
            f"Something listens on {address} already.",
            next_step="Stop it, or serve elsewhere with `jishi serve --port …`.",
        )
    return AddressTaken(
        f"The shop cannot listen on {address}: {error.strerror}.",
        next_step="Choose another address with `jishi serve --host … --port …`.",
    )
