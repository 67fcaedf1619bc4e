"""The Bot API as a server: requests read as Telegram reads them, faults on the way, webhooks called."""

from __future__ import annotations

import email.parser
import email.policy
import json
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from evals.world.bot_api.chats import Chats, User
from evals.world.bot_api.faults import Faults
from evals.world.bot_api.methods import Methods
from evals.world.bot_api.refusals import Refused
from evals.world.bot_api.request import Request, read
from evals.world.bot_api.updates import Updates

TOKEN = "7000000001:AAtest-token-of-the-double-0123456789"


@dataclass(frozen=True)
class Call:
    """One request as it was answered: `status` 0 where the answer was lost."""

    method: str
    values: dict[str, Any]
    status: int
    at: float


@dataclass
class BotApi:
    """One bot's Telegram."""

    token: str = TOKEN
    chats: Chats = field(default_factory=lambda: Chats(User(7_000_000_001, "Statagent", is_bot=True)))
    updates: Updates = field(default_factory=Updates)
    faults: Faults = field(default_factory=Faults)
    calls: list[Call] = field(default_factory=list)
    least_gap_s: float = 0.0
    """Seconds between two messages to one chat, below which the third in a row is a flood; 0: no limit."""
    folder: Path | None = None
    """Of a Bot API server of one's own (`--local`): where it keeps its files."""
    lacks: frozenset[str] = frozenset()
    """Methods that an older server does not know."""
    url: str = ""
    methods: Methods = field(init=False)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _sent: dict[str, list[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.chats.folder = self.folder
        self.methods = Methods(self.chats, self.updates)

    def answer(self, request: Request) -> tuple[int, dict[str, Any]]:
        """Status and body; `request` has its parameters as they came."""
        try:
            if request.method in self.lacks:
                raise Refused(404, "Not Found: method not found")
            request = read(request.method, request.values, request.files)
            if request.method == "getUpdates":
                return 200, {"ok": True, "result": self.methods.call(request)}
            with self._lock:
                self._check_flood(request)
                return 200, {"ok": True, "result": self.methods.call(request)}
        except Refused as refusal:
            more = {"parameters": refusal.parameters} if refusal.parameters else {}
            return refusal.status, {
                "ok": False,
                "error_code": refusal.status,
                "description": refusal.description,
                **more,
            }
        except (KeyError, ValueError, TypeError, AttributeError) as error:  # a part of a parameter is of another kind
            return 400, {"ok": False, "error_code": 400, "description": f"Bad Request: {error!r}"}

    def _check_flood(self, request: Request) -> None:
        if self.least_gap_s <= 0 or not request.method.startswith(("send", "edit")):
            return
        chat, now = str(request.values.get("chat_id")), time.monotonic()
        recent = [at for at in self._sent.get(chat, []) if now - at < 3 * self.least_gap_s]
        if len(recent) >= 3:
            raise Refused(429, "Too Many Requests: retry after 2", retry_after=2)
        self._sent[chat] = [*recent, now]

    def called(self, method: str) -> list[Call]:
        """All calls of a method, in order."""
        return [call for call in self.calls if call.method == method]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else an answer, written in two parts, is 40 ms late

    def do_POST(self) -> None:  # the name that http.server calls
        assert isinstance(self.server, _Server)
        api = self.server.api
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        _, bot, method = [*self.path.partition("?")[0].split("/"), "", ""][:3]
        if bot != f"bot{api.token}":
            self._say(401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
            return
        request = Request(method, *_read(self.headers.get("Content-Type", ""), body))
        fault = api.faults.take(method)
        kind = None if fault is None else fault.kind
        if fault is not None and kind == "slow":
            time.sleep(fault.seconds)
        if kind == "lost_before":
            self._lose(api, request)
        elif fault is not None and kind == "flood":
            text = f"Too Many Requests: retry after {fault.retry_after}"
            wait = {"retry_after": fault.retry_after}
            self._end(api, request, 429, {"ok": False, "error_code": 429, "description": text, "parameters": wait})
        elif kind == "error":
            self._end(api, request, 502, {"ok": False, "error_code": 502, "description": "Bad Gateway"})
        else:
            status, answer = api.answer(request)
            if kind == "lost_after":
                self._lose(api, request)
            else:
                self._end(api, request, status, answer)

    do_GET = do_POST  # noqa: N815 - the name that http.server calls; files are asked for so

    def _end(self, api: BotApi, request: Request, status: int, answer: dict[str, Any]) -> None:
        api.calls.append(Call(request.method, _values(request), status, time.monotonic()))
        self._say(status, answer)

    def _lose(self, api: BotApi, request: Request) -> None:
        api.calls.append(Call(request.method, _values(request), 0, time.monotonic()))
        self.close_connection = True

    def _say(self, status: int, answer: dict[str, Any]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(OSError):  # whoever asked may be gone
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the signature of http.server
        return


class _FileHandler(_Handler):
    def do_GET(self) -> None:  # the name that http.server calls
        assert isinstance(self.server, _Server)
        api = self.server.api
        prefix = f"/file/bot{api.token}/"
        path = urllib.parse.unquote(self.path)
        by_path = {place: file_id for file_id, place in api.chats.paths.items()}
        file_id = by_path.get(path.removeprefix(prefix)) if path.startswith(prefix) else None
        # A server of one's own gives no file over HTTP: its path on disk is all that it tells.
        content = None if file_id is None or api.chats.folder is not None else api.chats.files[file_id]
        if content is None:
            super().do_POST()
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(content)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, api: BotApi, port: int) -> None:
        super().__init__(("127.0.0.1", port), _FileHandler)
        self.api = api

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A bot that was killed has left its connections behind."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def _read(content_type: str, body: bytes) -> tuple[dict[str, Any], dict[str, tuple[str, bytes]]]:
    """The parameters, and the files by name."""
    values: dict[str, Any] = {}
    files: dict[str, tuple[str, bytes]] = {}
    if content_type.startswith("application/json"):
        found = json.loads(body or b"{}")
        return found if isinstance(found, dict) else {}, files
    if content_type.startswith("multipart/form-data"):
        head = f"Content-Type: {content_type}\r\n\r\n".encode()
        whole = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
        for part in whole.iter_parts():
            name = str(part.get_param("name", header="content-disposition"))
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            if part.get_filename() is not None:
                files[name] = (str(part.get_filename()), content)
            else:
                values[name] = content.decode()
    else:
        values = dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))
    return values, files


def _values(request: Request) -> dict[str, Any]:
    """The parameters as they are read, or as they came where they can't be."""
    try:
        return dict(read(request.method, request.values, request.files).values)
    except Refused:
        return dict(request.values)


def _call_webhook(api: BotApi, ended: threading.Event) -> None:
    """Give each update to the webhook until it says 200."""
    while not ended.is_set():
        hook = api.methods.webhook
        if hook is None or not hook["url"]:
            ended.wait(0.05)
            continue
        update = api.updates.take()
        if update is None:
            continue
        headers = {"Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": hook["secret"]}
        asked = urllib.request.Request(hook["url"], json.dumps(update).encode(), headers)
        try:
            with urllib.request.urlopen(asked, timeout=10):
                api.updates.arrived(update)
        except OSError:
            ended.wait(0.2)


@contextmanager
def bot_api(api: BotApi | None = None, port: int = 0) -> Iterator[BotApi]:
    """The server, started; `url` is its address."""
    api = api or BotApi()
    server = _Server(api, port)
    api.url = f"http://127.0.0.1:{server.server_port}"
    ended = threading.Event()
    threads = [
        threading.Thread(target=server.serve_forever, args=[0.05], daemon=True),
        threading.Thread(target=_call_webhook, args=[api, ended], daemon=True),
    ]
    for thread in threads:
        thread.start()
    try:
        yield api
    finally:
        ended.set()
        server.shutdown()
        server.server_close()
        for thread in threads:
            thread.join()
