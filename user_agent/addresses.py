"""Which network addresses may be asked, and connections that reach no other, however a host came to its address."""

import ipaddress
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl

    from aiohttp import TCPConnector
    from aiohttp.abc import AbstractResolver

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _networks(*texts: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(text) for text in texts)


# Written out, because what Python calls global differs between its releases.
_NEVER = _networks(
    "0.0.0.0/8",  # "this host"; systems connect it to loopback
    "169.254.0.0/16",  # link-local, with the metadata service of most clouds
    "100.100.100.200/32",  # metadata, Alibaba Cloud
    "168.63.129.16/32",  # metadata, Azure
    "192.0.0.0/24",  # protocol assignments, with metadata of Oracle Cloud
    "192.0.2.0/24",  # documentation, this and the next two
    "198.51.100.0/24",
    "203.0.113.0/24",
    "192.88.99.0/24",  # 6to4 relays
    "224.0.0.0/4",  # multicast
    "240.0.0.0/4",  # reserved, with broadcast
    "fd00:ec2::/32",  # metadata, Amazon
    "fd20:ce::/32",  # metadata, Google
    "fe80::/10",  # link-local
    "ff00::/8",  # multicast
    "64:ff9b:1::/48",  # translation within a network
    "100::/64",  # discarded
    "2001:db8::/32",  # documentation, this and the next
    "3fff::/20",
    "5f00::/16",  # segment routing
)
_OWN_NETWORK = _networks(
    "127.0.0.0/8",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "198.18.0.0/15",  # benchmarks, and what proxies on a person's machine answer for every name
    "100.64.0.0/10",  # carriers' and virtual private networks
    "::1/128",
    "fc00::/7",
    "fec0::/10",
)
_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")
_TEREDO_AND_OTHERS = ipaddress.IPv6Network("2001::/23")
_SIX_TO_FOUR = ipaddress.IPv6Network("2002::/16")
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")


class AddressRefused(Exception):
    """An address that may not be asked. Not an `OSError`: after those the next address of a host is tried."""

    def __init__(self, address: str) -> None:
        super().__init__(f"{address} is not an address that may be asked")


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """Which addresses may be connected to: those of the public internet, and nothing else without `own_network`."""

    own_network: bool = False
    """Also this machine and the private networks around it. Metadata services and link-local addresses never."""

    def allows(self, address: str) -> bool:
        """Whether the numeric `address` may be connected to. What carries another address inside is judged by that."""
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return all(self._allows(form) for form in _forms(parsed))

    def check(self, address: str) -> None:
        """Raises `AddressRefused` where `allows` says no."""
        if not self.allows(address):
            raise AddressRefused(address)

    def _allows(self, address: Address) -> bool:
        if _within(address, _NEVER):
            return False
        if _within(address, _OWN_NETWORK):
            return self.own_network
        if isinstance(address, ipaddress.IPv4Address):
            return True
        return address in _GLOBAL_V6 and address not in _TEREDO_AND_OTHERS and address not in _SIX_TO_FOUR


def guarded_connector(
    policy: AddressPolicy,
    *,
    resolver: "AbstractResolver | None" = None,
    ssl_context: "ssl.SSLContext | None" = None,
    connections: int = 100,
) -> "TCPConnector":
    """An aiohttp connector whose every connection `policy` allows; made within an event loop, closed by its session.

    The address is looked at when its socket is made, after all resolving: so a name cannot change its mind in between,
    and a number in a URL, which aiohttp does not resolve, is looked at too. A request to another address raises
    `AddressRefused`. No proxy may be used with it: the proxy would resolve by itself.
    """
    from aiohttp import TCPConnector

    def checked_socket(info: tuple[int, int, int, str, tuple[str, int] | tuple[str, int, int, int]]) -> socket.socket:
        family, kind, protocol, _, address = info
        policy.check(address[0])
        return socket.socket(family, kind, protocol)

    return TCPConnector(
        resolver=resolver,
        ssl=ssl_context or True,
        socket_factory=checked_socket,
        limit=connections,
        # One address after the other: tried side by side, a refusal would be lost among their failures.
        happy_eyeballs_delay=None,
    )


def refusal_in(error: BaseException) -> AddressRefused | None:
    """The refusal that an error of a client over such a connector comes from; None where it comes from elsewhere."""
    seen: BaseException | None = error
    while seen is not None and not isinstance(seen, AddressRefused):
        seen = seen.__cause__
    return seen


def subscriber_of(address: str) -> str:
    """Who counts as one client: an IPv4 address, the /64 network that one subscriber has of IPv6, else the text."""
    parsed = _parsed(address)
    if parsed is None:
        return address[:64]
    return str(parsed if parsed.version == 4 else ipaddress.ip_network((int(parsed), 64), strict=False))


def is_nearby(address: str) -> bool:
    """Whether it is of this machine or of a network of one's own, where what asks may be a proxy for many."""
    parsed = _parsed(address)
    return parsed is None or _within(parsed, _OWN_NETWORK)


def _parsed(address: str) -> Address | None:
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return parsed.ipv4_mapped or parsed if isinstance(parsed, ipaddress.IPv6Address) else parsed


def _forms(address: Address) -> Iterator[Address]:
    """What an address stands for: the IPv4 address in it where translators read one out, and else itself too."""
    if isinstance(address, ipaddress.IPv4Address):
        yield address
        return
    inner = address.ipv4_mapped or (_last_four_bytes(address) if address in _TRANSLATED else None)
    if inner is not None:
        yield inner
        return
    yield address
    if address.packed[8:12] in (b"\0\0\x5e\xfe", b"\x02\0\x5e\xfe"):  # ISATAP
        yield _last_four_bytes(address)


def _last_four_bytes(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address:
    return ipaddress.IPv4Address(address.packed[12:])


def _within(address: Address, networks: tuple[Network, ...]) -> bool:
    # A scope (`fe80::1%eth0`) is no part of the number.
    plain = ipaddress.IPv6Address(int(address)) if isinstance(address, ipaddress.IPv6Address) else address
    return any(plain.version == network.version and plain in network for network in networks)
