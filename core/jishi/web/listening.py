"""Makes sure that a server has its address for itself."""

import errno
import socket

from jishi.problems import Problem


class AddressTaken(Problem):
    """The address cannot be listened on: somebody does already, or it is not ours."""

    code = "address_taken"
    status = 503
    title = "The shop cannot listen there"


def check_free(host: str, port: int) -> None:
    """Refuse an address where somebody listens already.

    The server itself would not notice: it binds with ``SO_REUSEPORT``, so that two of them on one
    port share it and each answers some of the requests. A socket without that option cannot be
    bound beside them.

    Raises:
        AddressTaken: Somebody listens there, or this machine does not have the address.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            # Connections of a server that has just stopped are no hindrance.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise _taken(error, f"[{host}]:{port}" if ":" in host else f"{host}:{port}") from None


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
