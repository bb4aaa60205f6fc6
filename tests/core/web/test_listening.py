"""An address is free only if nobody listens there, not even somebody willing to share."""

import socket
import sys
from collections.abc import Iterator

import pytest

from jishi.web.listening import AddressTaken, check_free, claimed


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "localhost"])
def test_a_listener_that_shares_its_port_is_found(listener, host):
    port = listener.getsockname()[1]
    with pytest.raises(AddressTaken, match=f"listens on {host}:{port} already"):
        check_free(host, port)


def test_a_port_is_free_again_when_the_listener_is_gone(listener):
    port = listener.getsockname()[1]
    with socket.create_connection(("127.0.0.1", port)):
        connection, _ = listener.accept()
        connection.close()  # on this side first, so that it lingers as a stopped server's do
    listener.close()
    check_free("127.0.0.1", port)


@pytest.mark.parametrize("host", ["203.0.113.7", "no-such-host.invalid"])
def test_an_address_of_somebody_else_is_refused(host):
    with pytest.raises(AddressTaken, match=f"cannot listen on {host}:8000"):
        check_free(host, 8000)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has names that die with a process")
@pytest.mark.parametrize("other", ["127.0.0.1", "localhost"])
def test_of_two_who_start_at_the_same_moment_one_gets_the_port(other):
    """Neither listens yet, so looking for a listener would let both through."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with claimed("127.0.0.1", port):
        check_free("127.0.0.1", port)  # the control: nobody listens
        taken = pytest.raises(AddressTaken, match=f"listens on {other}:{port} already")
        with taken, claimed(other, port):
            pytest.fail("both have it")
    with claimed("127.0.0.1", port):
        pass
