"""How far a client may reach: said by the plugin that calls and the merchant who allows."""

from ipaddress import ip_network

import httpx
import msgspec

from jishi.egress.addresses import Address, Network, is_inside, is_public


class Refused(httpx.ConnectError):
    """Nothing was sent: the address is one that this client may not call."""


class AnswerTooLarge(httpx.ReadError):
    """The other side sent more than it may; the rest was not read."""


class Reach(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a client may go.

    Attributes:
        hosts: The only hosts it may call (``api.example.com``, ``*.example.com``); empty: any.
        inside: Networks of the merchant's own that it may call all the same, by plain http as
            well: ``127.0.0.0/8``, ``10.1.2.3/32``. None unless the merchant says so.
        answer_bytes: The largest body of an answer; a packed one may have a 64th of it.
        seconds: The longest a request may take, its answer's body included.
    """

    hosts: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()
    answer_bytes: int = 1_000_000
    seconds: float = 10.0

    def __post_init__(self) -> None:
        for network in self.inside:
            ip_network(network, strict=False)

    def check_url(self, url: str | httpx.URL) -> httpx.URL:
        """An address as somebody wrote it; whoever keeps one asks before.

        Raises:
            Refused: It is no http(s) address, carries a password or names a foreign host.
        """
        try:
            url = httpx.URL(url)
        except httpx.InvalidURL as error:
            raise Refused(f"This is no address: {error}") from None
        if url.scheme not in ("http", "https") or not url.host:
            raise Refused("Expected an address that begins with https://.")
        if url.scheme == "http" and not self.inside:
            raise Refused("Expected https://; plain http goes to networks of your own only.")
        if url.userinfo:
            raise Refused("An address that is called carries no user name and no password.")
        if self.hosts and not any(_is_named(_name(url), host) for host in self.hosts):
            raise Refused(f"{_name(url)} is not among the hosts that were declared.")
        return url

    def check_address(self, url: httpx.URL, address: Address) -> None:
        """Refuse an address that a host's name stands for, unless it is public or allowed.

        Raises:
            Refused: It lies inside, or plain http would cross the open internet.
        """
        if is_inside(address, self._networks()):
            return
        if not is_public(address):
            raise Refused(f"{_name(url)} leads to {address}, which is not on the open internet.")
        if url.scheme != "https":
            raise Refused(f"{_name(url)} is on the open internet: expected https://.")

    def _networks(self) -> list[Network]:
        return [ip_network(each, strict=False) for each in self.inside]


def _name(url: httpx.URL) -> str:
    return url.raw_host.decode("ascii").lower().rstrip(".")


def _is_named(host: str, declared: str) -> bool:
    declared = declared.lower().rstrip(".")
    if declared.startswith("*."):
        return host.endswith(declared[1:]) and len(host) > len(declared) - 1
    return host == declared
