"""Which network addresses belong to the open internet, and which to somebody's house."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_OURS = tuple(
    IPv4Network(each)
    for each in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carriers' shared space
        "127.0.0.0/8",  # this machine
        "169.254.0.0/16",  # link local, and clouds' metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays, given up
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
"""IANA's special-purpose registry of IPv4, without the few that are globally reachable.

Written out because `ipaddress` answered differently from one Python to the next.
"""

_GLOBAL = IPv6Network("2000::/3")
"""What IANA has given out; everything else of IPv6 is special or nobody's."""

_NOT_GLOBAL = tuple(
    IPv6Network(each)
    for each in (
        "2001::/23",  # protocol assignments; Teredo
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4 carries an IPv4 address, any
        "3fff::/20",  # documentation
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")
"""Networks without IPv4 reach the old internet through it; the last 32 bits say where."""

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def is_public(address: Address) -> bool:
    """Whether an address is one of the open internet's."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _OURS)
    if address in _NAT64:
        return is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
    return address in _GLOBAL and not any(address in network for network in _NOT_GLOBAL)


def is_inside(address: Address, networks: Iterable[Network]) -> bool:
    """Whether an address lies in one of the networks."""
    return any(address in network for network in networks)


def read_address(text: str) -> Address:
    """An address as resolvers write it; a zone (``fe80::1%eth0``) makes it no public one.

    Raises:
        ValueError: It is none.
    """
    return ip_address(text)
