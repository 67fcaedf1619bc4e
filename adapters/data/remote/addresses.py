"""Which addresses a file may be fetched from: public ones, whatever name or redirect leads there."""

from __future__ import annotations

import ipaddress
import socket

from adapters.data.base import DataError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

DENIED = tuple(
    ipaddress.ip_network(network)
    for network in (
        "64:ff9b::/96",  # NAT64: an IPv4 address inside
        "64:ff9b:1::/48",
        "2002::/16",  # 6to4: the same
        "2001::/32",  # Teredo: the same
        "::/96",  # IPv4-compatible: the same
        "192.0.0.0/24",
        "168.63.129.16/32",  # Azure's platform
        "100.64.0.0/10",  # carriers' own; Alibaba's metadata
        "fd00::/8",
    )
)
"""Networks that `is_global` of Python 3.11 lets through, although they lead inside (facts/security.md, 52)."""


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
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if address.is_loopback:
        return allow_loopback
    denied = any(address in network for network in DENIED if network.version == address.version)
    return address.is_global and not address.is_multicast and not denied
