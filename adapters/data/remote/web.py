"""A file from a web address: each hop checked, connected to the very address that was checked, and measured."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

import httpx

from adapters.data.base import DataError, RemoteRules, Watch
from adapters.data.remote.addresses import resolve_public
from adapters.data.remote.saving import file_name, save

MAX_REDIRECTS = 3
CONNECT_S = 10.0
SILENCE_S = 20.0
REDIRECTS = frozenset([301, 302, 303, 307, 308])


def fetch(url: str, folder: Path, rules: RemoteRules, watch: Watch) -> Path:
    """Download what is at the address into the folder; gives the new file, named as in the address.

    Raises
    ------
    DataError
        If the address is malformed, is not http(s), leads inside, redirects too often or down to http, answers with an
        error, is too large, or is slower than anybody would wait for.
    Cancelled
        The user stopped it.
    """
    current = _parse(url)
    for _ in range(MAX_REDIRECTS + 1):
        try:
            with _answer(current, rules) as response:
                if response.status_code not in REDIRECTS:
                    return _save(response, current, folder, rules, watch)
                following = _parse(str(current.join(response.headers.get("location", ""))))
        except httpx.HTTPError as error:
            raise DataError(f"{current.host!r} could not be fetched from: {_words(error)}") from error
        if current.scheme == "https" and following.scheme != "https":
            raise DataError(f"{current.host!r} redirects from https to {following.scheme}: not followed")
        current = following
    raise DataError(f"{current.host!r} redirects more than {MAX_REDIRECTS} times")


def _parse(url: str) -> httpx.URL:
    if re.search(r"[\x00-\x20\x7f\\]", url):
        raise DataError("the address holds a space, a backslash or a control character")
    try:
        parsed = httpx.URL(url)
        host = parsed.host  # decodes it
    except (httpx.InvalidURL, ValueError) as error:
        raise DataError("that is no web address") from error
    if parsed.scheme not in ("http", "https") or not host:
        raise DataError(f"only http and https addresses are fetched, not {parsed.scheme[:20]!r}")
    if parsed.userinfo:
        raise DataError("the address holds a user name or password: write it without")
    return parsed


@contextmanager
def _answer(url: httpx.URL, rules: RemoteRules) -> Iterator[httpx.Response]:
    """The response, its body unread, from the address that was checked: the name is not looked up again."""
    port = url.port or (443 if url.scheme == "https" else 80)
    address = resolve_public(url.host, port, rules.allow_loopback)
    headers = {"Host": url.netloc.decode("ascii"), "Accept-Encoding": "identity", "User-Agent": "statagent"}
    timeout = httpx.Timeout(SILENCE_S, connect=CONNECT_S)
    with httpx.Client(timeout=timeout, follow_redirects=False, trust_env=False) as client:
        request = client.build_request(
            "GET", url.copy_with(host=address), headers=headers, extensions={"sni_hostname": url.host}
        )
        response = client.send(request, stream=True)
        try:
            yield response
        finally:
            response.close()


def _save(response: httpx.Response, url: httpx.URL, folder: Path, rules: RemoteRules, watch: Watch) -> Path:
    if response.status_code != 200:
        raise DataError(f"{url.host!r} answered {response.status_code} {response.reason_phrase[:40]}")
    declared = response.headers.get("content-length", "")
    path = folder / file_name(unquote(url.path))
    save(response.iter_raw(), path, int(declared) if declared.isdecimal() else None, rules.max_bytes, watch)
    return path


def _words(error: httpx.HTTPError) -> str:
    return str(error).partition("\n")[0][:120] or type(error).__name__
