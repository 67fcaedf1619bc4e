"""Files from elsewhere: web addresses, S3, RunPod's volumes, uploads; and the ways in that lead inside."""

from __future__ import annotations

import dataclasses
import ipaddress
import os
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import boto3
import pytest
from moto.server import ThreadedMotoServer

from adapters.data.base import Cancelled, DataError, LoadOptions, RemoteRules, Watch
from adapters.data.duck import DuckData
from adapters.data.remote import saving
from adapters.data.remote.addresses import is_allowed
from adapters.records import Dataset
from evals.world.files import stored_files, watch
from evals.world.pace import is_within
from evals.world.web import CSV, web_server

RULES = RemoteRules(max_bytes=2**20, allow_loopback=True)


@pytest.fixture
def rules() -> RemoteRules:
    return RULES


@pytest.fixture
def web() -> Iterator[str]:
    with web_server() as url:
        yield url


def fetch(data: DuckData, source: str, rules: RemoteRules = RULES) -> Dataset:
    data._sources._rules = rules
    return data.load(source, None, LoadOptions(), watch())


def test_a_web_address_becomes_a_table(data: DuckData, web: str, tmp_path: Path) -> None:
    dataset = fetch(data, f"{web}/table.csv?signature=hush#part")
    assert (dataset.name, dataset.rows, dataset.source) == ("table", 3, f"{web}/table.csv")
    assert stored_files(tmp_path / "home") == [".duckdb"]


def test_a_redirect_is_followed(data: DuckData, web: str) -> None:
    assert fetch(data, f"{web}/redirect?/table.csv").rows == 3


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/nothing.csv", "answered 404 Not Found"),
        ("/page", "a web page, not a table"),
        ("/cut.csv", "bytes"),
        ("/huge.csv", "the file has 953674 MiB; at most 1 MiB are taken"),
        ("/long.csv", "the file is too large: at most 1 MiB are taken"),
        ("/redirect?file:///etc/passwd", "only http and https addresses are fetched"),
        ("/redirect?http://169.254.169.254/latest/meta-data/", "not public"),
        ("/redirect?http://10.0.0.1/x.csv", "not public"),
        ("/redirect?/redirect?/redirect?/redirect?/table.csv", "redirects more than 3 times"),
    ],
)
def test_what_cannot_be_fetched_is_one_sentence(
    data: DuckData, web: str, tmp_path: Path, path: str, words: str
) -> None:
    with pytest.raises(DataError) as caught:
        fetch(data, web + path)
    assert words in str(caught.value)
    assert stored_files(tmp_path / "home") == []


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/x.csv", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/", "http://127.1/",
        "http://0/", "http://[::1]/", "http://[::ffff:169.254.169.254]/", "http://localhost/", "http://localhost./",
        "http://①②⑦.⓪.⓪.①/", "http://2852039166/", "http://[64:ff9b::a9fe:a9fe]/", "http://169.254.169.254/",
        "http://192.168.1.1/", "http://[fe80::1]/", "http://100.100.100.200/",
    ],
)  # fmt: skip
def test_no_spelling_of_an_inner_address_is_fetched(data: DuckData, url: str) -> None:
    with pytest.raises(DataError, match=r"not public|no host|no web address"):
        fetch(data, url, RemoteRules())


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "0.0.0.0", "224.0.0.1", "192.0.0.192",
        "168.63.129.16", "100.64.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254",
        "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001:0:1::", "ff02::1", "::ffff:127.0.0.1", "::7f00:1",
    ],
)  # fmt: skip
def test_an_inner_address_is_known(address: str) -> None:
    assert not is_allowed(ipaddress.ip_address(address), allow_loopback=False)


def test_a_public_address_is_known() -> None:
    for address in ("93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"):
        assert is_allowed(ipaddress.ip_address(address), allow_loopback=False)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://good.org\\@127.0.0.1/", "backslash"),
        ("http://127.0.0.1\t/", "control character"),
        ("http://user:pass@example.org/x.csv", "write it without"),
        ("ftp://example.org/x.csv", "no kind of address"),
        ("file:///etc/passwd", "no kind of address"),
        ("gopher://example.org/", "no kind of address"),
        ("http:///x.csv", "only http and https|no web address"),
        ("http://host.invalid/x.csv", "no host"),
    ],
)
def test_a_twisted_address_is_refused(data: DuckData, url: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        fetch(data, url)


def test_a_server_that_drips_is_given_up(data: DuckData, web: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Twenty seconds in earnest; a test need not wait for them.
    monkeypatch.setattr(saving, "PATIENCE_S", 0.5)
    with pytest.raises(DataError, match="too slow to wait for"):
        fetch(data, f"{web}/slow.csv")


@pytest.mark.parametrize("path", ["/silent.csv", "/slow.csv"])
def test_a_download_stops_within_a_second(data: DuckData, web: str, tmp_path: Path, path: str) -> None:
    data._sources._rules = RULES
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    started = time.monotonic()
    with pytest.raises(Cancelled):
        data.load(web + path, None, LoadOptions(), Watch(stop, lambda sentence, fraction: None))
    assert is_within(1.3, since=started)
    assert stored_files(tmp_path / "home") == []


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    endpoint = "http://{}:{}".format(*server.get_host_and_port())
    client = boto3.client("s3", endpoint_url=endpoint)
    client.create_bucket(Bucket="tables")
    client.put_object(Bucket="tables", Key="folder/table.csv", Body=CSV)
    client.put_object(Bucket="tables", Key="large.csv", Body=CSV * 100_000)
    client.close()
    yield endpoint
    server.stop()


def test_an_object_becomes_a_table(data: DuckData, bucket: str) -> None:
    dataset = fetch(data, "s3://tables/folder/table.csv", dataclasses.replace(RULES, s3_endpoint=bucket))
    assert (dataset.name, dataset.rows, dataset.source) == ("table", 3, "s3://tables/folder/table.csv")


def test_a_volume_is_read_with_its_own_keys(data: DuckData, bucket: str) -> None:
    rules = dataclasses.replace(
        RULES, runpod_endpoint=bucket, runpod_region="EU-RO-1", runpod_access_key="user_x", runpod_secret_key="rps_x"
    )
    assert fetch(data, "runpod://tables/folder/table.csv", rules).rows == 3
    assert "rps_x" not in repr(rules)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("s3://tables/none.csv", "there is no such object"),
        ("s3://other/none.csv", "there is no such bucket"),
        ("s3://tables", "names no object; write s3://bucket/key"),
        ("s3://tables/large.csv", "the file has 2 MiB; at most 1 MiB are taken"),
        ("runpod://tables/table.csv", "needs STATAGENT_RUNPOD_S3_ENDPOINT"),
    ],
)
def test_an_object_that_cannot_be_read_is_one_sentence(data: DuckData, bucket: str, source: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        fetch(data, source, dataclasses.replace(RULES, s3_endpoint=bucket))


def test_an_upload_is_its_owners(data: DuckData, tmp_path: Path) -> None:
    source = data.receive("../../my table?.csv", [CSV[:5], CSV[5:]], watch())
    assert source.endswith("/my table_.csv")
    dataset = data.load(source, None, LoadOptions(), watch())
    assert (dataset.name, dataset.rows, dataset.source) == ("my_table", 3, "my table_.csv")
    other = DuckData(data._rows, "bob", tmp_path / "home", [], data._clock)
    for wrong in (source, "upload:../x", "upload:0123456789abcdef/x.csv"):
        with pytest.raises(DataError, match="there is no upload"):
            other.load(wrong, None, LoadOptions(), watch())
    data._sources._rules = RULES
    with pytest.raises(DataError, match="the file is too large"):
        data.receive("big.csv", [b"x" * 2**21], watch())


class _Hears(BaseHTTPRequestHandler):
    heard: ClassVar[list[str | None]] = []

    def do_GET(self) -> None:
        self.heard.append(self.headers.get("Authorization"))
        self.send_response(403)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the signature of http.server
        return


@pytest.mark.parametrize(("has_keys", "is_signed"), [(True, True), (False, False)])
def test_who_may_not_use_this_machines_keys_asks_without_them(
    data: DuckData, bucket: str, has_keys: bool, is_signed: bool
) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Hears)
    thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
    thread.start()
    rules = dataclasses.replace(
        RULES, s3_endpoint=f"http://127.0.0.1:{server.server_port}", has_keys=has_keys, runpod_endpoint=bucket
    )
    _Hears.heard.clear()
    try:
        with pytest.raises(DataError, match="may not read it" if has_keys else "only objects that anybody may read"):
            fetch(data, "s3://private/t.csv", rules)
        assert [one is not None for one in _Hears.heard] == [is_signed]
        if not has_keys:
            with pytest.raises(DataError, match="its keys are the operator's"):
                fetch(data, "runpod://volume/t.csv", rules)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
