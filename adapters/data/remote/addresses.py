"""Which addresses a file may be fetched from: public ones, whatever name or redirect leads there."""

from __future__ import annotations

import ipaddress
import socket

from adapters.data.base import DataError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

PUBLIC_IPV6 = ipaddress.IPv6Network("2000::/3")
"""The only part of IPv6 that is given out for the internet; mapped, NAT64, unique local and link-local lie outside."""

SPECIAL = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carriers' own; Alibaba's metadata
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local; the metadata of most clouds
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocols; Oracle's metadata
        "192.0.2.0/24",
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # relays of 6to4: the nearest one, whoever's it is
        "192.168.0.0/16",
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",
        "168.63.129.16/32",  # Azure's platform: in no registry
        "2001::/23",  # protocols: Teredo (an IPv4 address inside), benchmarks, ORCHID, …
        "2001:db8::/32",
        "2002::/16",  # 6to4: an IPv4 address inside
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",
    )
)
"""Networks where nobody's files are: the IANA registries of special-purpose addresses, as far as they lie in IPv4 or in
PUBLIC_IPV6, and multicast (www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry).

Written out: `is_global` of Python differs between patches, and lets some of these through (facts/security.md, 52).
"""


def resolve_public(host: str, port: int, allow_loopback: bool) -> str:
    """One address of the host, when every one that it has is public.

    Parameters
    ----------
    allow_loopback : bool
        Let this machine's own addresses pass: for tests and for who serves files to himself.

    Raises
    ------
    DataError
        If the name is unknown, or leads to an address that is not public.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise DataError(f"there is no host {host[:80]!r}") from error
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    for address in addresses:
        if not is_allowed(address, allow_loopback):
            raise DataError(f"{host[:80]!r} leads to an address that is not public; only public ones are fetched")
    return str(addresses[0])


def is_allowed(address: Address, allow_loopback: bool) -> bool:
    """True for a public address, and for this machine's own where that is allowed."""
    if address.is_loopback:
        return allow_loopback
    if address.version == 6 and address not in PUBLIC_IPV6:
        return False
    return not any(address in network for network in SPECIAL if network.version == address.version)
