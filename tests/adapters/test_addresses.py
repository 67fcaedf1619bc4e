"""Where a download may lead and for how long: addresses, names that change their mind, hops, the clock."""

from __future__ import annotations

import dataclasses
import ipaddress
import socket
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from adapters.data.base import DataError, LoadOptions, RemoteRules, Watch
from adapters.data.duck import DuckData
from adapters.data.remote.addresses import is_allowed
from adapters.records import Dataset
from evals.world.files import watch
from evals.world.pace import is_within
from evals.world.web import web_server

LOCAL = RemoteRules(max_bytes=2**22, allow_loopback=True)
PUBLIC = "93.184.216.34"

# The blocks of IANA's registries of special-purpose addresses (iana-ipv4-special-registry, iana-ipv6-special-registry)
# and multicast (RFC 5771, RFC 4291); each is tried at both ends and in the middle.
SPECIAL_IPV4 = """
    0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24
    192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24
    203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 255.255.255.255/32
""".split()
SPECIAL_IPV6 = """
    ::1/128 ::/128 ::ffff:0:0/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 100:0:0:1::/64 2001::/23 2001::/32 2001:1::1/128
    2001:2::/48 2001:3::/32 2001:4:112::/48 2001:10::/28 2001:20::/28 2001:30::/28 2001:db8::/32 2002::/16
    2620:4f:8000::/48 3fff::/20 5f00::/16 fc00::/7 fe80::/10 ff00::/8
""".split()


@pytest.mark.parametrize("network", [*SPECIAL_IPV4, *SPECIAL_IPV6, "168.63.129.16/32"])
def test_no_special_purpose_address_is_public(network: str) -> None:
    block = ipaddress.ip_network(network)
    for address in (block[0], block[-1], block[block.num_addresses // 2]):
        assert not is_allowed(address, allow_loopback=False), address


@pytest.mark.parametrize(
    "address",
    [
        "::93.184.216.34", "::ffff:93.184.216.34", "::2", "1::1", "200::1", "1fff:ffff::1", "4000::1", "6000::1",
        "8000::1", "c000::1", "e000::1", "f000::1", "fe00::1", "fec0::1", "64:ff9b::5db8:d822",
    ],
)  # fmt: skip
def test_what_no_registry_gives_out_is_not_public(address: str) -> None:
    assert not is_allowed(ipaddress.ip_address(address), allow_loopback=False)


@pytest.mark.parametrize(
    "address",
    [
        PUBLIC, "8.8.8.8", "1.1.1.1", "100.63.255.255", "100.128.0.0", "172.32.0.0", "192.0.1.0", "192.88.98.255",
        "192.88.100.0", "198.20.0.0", "223.255.255.255", "168.63.129.15", "2600:1901::1", "2a00:1450:4001::1",
        "2001:200::1", "2001:db7:ffff::1", "2001:db9::1", "2003::1", "2620:4f:8001::1", "3ffe:ffff::1",
    ],
)  # fmt: skip
def test_the_neighbours_of_a_special_block_are_public(address: str) -> None:
    assert is_allowed(ipaddress.ip_address(address), allow_loopback=False)


class Network:
    """The names and wires of the outside, on loopback: a name answers in turn, a public address leads to a server.

    Replaces the two functions of Python's socket module through which every look-up and every connection goes.
    """

    def __init__(self, patch: pytest.MonkeyPatch, answers: list[str], servers: dict[str, str]) -> None:
        self.answers = answers
        self.asked: list[str] = []
        self.connected: list[str] = []
        self._servers = servers
        self._look_up, self._connect = socket.getaddrinfo, socket.create_connection
        patch.setattr(socket, "getaddrinfo", self.getaddrinfo)
        patch.setattr(socket, "create_connection", self.create_connection)

    def getaddrinfo(self, host: str, *more: object, **options: object) -> object:
        if host != "rebind.example":
            return self._look_up(host, *more, **options)  # type: ignore[arg-type]  # handed through as it came
        address = self.answers[min(len(self.asked), len(self.answers) - 1)]
        self.asked.append(address)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80))]

    def create_connection(self, address: tuple[str, int], *more: object, **options: object) -> socket.socket:
        # A name that comes here is looked up once more, as the system does.
        host = self.answers[-1] if address[0] == "rebind.example" else address[0]
        self.connected.append(host)
        port = urlsplit(self._servers[host]).port or 0
        return self._connect(("127.0.0.1", port), *more, **options)  # type: ignore[arg-type]  # handed through


@pytest.fixture
def outside() -> Iterator[str]:
    with web_server() as url:
        yield url


@pytest.fixture
def inside() -> Iterator[str]:
    with web_server() as url:
        yield url


def fetch(data: DuckData, source: str, rules: RemoteRules) -> Dataset:
    data._sources._rules = rules
    return data.load(source, None, LoadOptions(), watch())


def test_a_name_that_changes_its_mind_leads_nowhere_else(
    data: DuckData, monkeypatch: pytest.MonkeyPatch, outside: str, inside: str
) -> None:
    """DNS rebinding (threat 53): public when it is checked, this machine when it is connected to."""
    network = Network(monkeypatch, [PUBLIC, "127.0.0.1"], {PUBLIC: outside, "127.0.0.1": inside})
    assert fetch(data, "http://rebind.example/table.csv", RemoteRules()).rows == 3
    assert (network.asked, network.connected) == ([PUBLIC], [PUBLIC])


def test_each_hop_is_looked_up_and_checked_anew(
    data: DuckData, monkeypatch: pytest.MonkeyPatch, outside: str, inside: str
) -> None:
    network = Network(monkeypatch, [PUBLIC, "127.0.0.1"], {PUBLIC: outside, "127.0.0.1": inside})
    with pytest.raises(DataError, match="not public"):
        fetch(data, "http://rebind.example/redirect?http://rebind.example/table.csv", RemoteRules())
    assert (network.asked, network.connected) == ([PUBLIC, "127.0.0.1"], [PUBLIC])


def test_a_name_with_one_inner_address_among_public_ones_is_refused(
    data: DuckData, monkeypatch: pytest.MonkeyPatch, outside: str
) -> None:
    def both(host: str, port: int, **options: object) -> object:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in (PUBLIC, "192.88.99.1")]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    with pytest.raises(DataError, match="not public"):
        fetch(data, "http://rebind.example/table.csv", RemoteRules())


@pytest.mark.parametrize("path", ["/header.csv", "/slow.csv", "/silent.csv", "/redirect?/silent.csv"])
def test_a_download_has_so_many_seconds_whatever_drips(data: DuckData, outside: str, path: str) -> None:
    data._sources._rules = dataclasses.replace(LOCAL, max_seconds=0.5)
    # Without the limit it would go on for half a minute or for ever: then this stop comes first, with other words.
    stop, started = threading.Event(), time.monotonic()
    timer = threading.Timer(5, stop.set)
    timer.start()
    with pytest.raises(DataError, match=r"given up after \d s with 0.0 MiB"):
        data.load(outside + path, None, LoadOptions(), Watch(stop, lambda sentence, fraction: None))
    timer.cancel()
    assert is_within(2, since=started)


def test_a_large_file_has_a_second_more_for_each_mb(data: DuckData, outside: str) -> None:
    # 15 pieces of 0.2 MB, 50 ms apart: 0.75 s, 4 MB a second.
    assert fetch(data, f"{outside}/steady.csv?15", dataclasses.replace(LOCAL, max_seconds=0.4)).rows > 700_000


def test_a_download_that_was_given_up_leaves_no_file(data: DuckData, outside: str) -> None:
    with pytest.raises(DataError, match="STATAGENT_MAX_DOWNLOAD_S"):
        fetch(data, f"{outside}/slow.csv", dataclasses.replace(LOCAL, max_seconds=0.3))
    assert list(data._folder.glob("*.fetched")) == []
