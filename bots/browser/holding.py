"""What a page would send while nothing may be changed: held back at the network, and kept to be told."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from bots.browser.preview import MASK, is_secret

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Request, Route, WebSocketRoute

    from bots.browser.connection import BrowserConnection

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
SHOWN = 200
"""Characters of a body without fields that are shown."""


@dataclass(frozen=True, slots=True)
class Held:
    """A request that did not leave: what it would have sent, fields by name, secrets masked."""

    method: str
    url: str
    fields: Any
    beside: bool  # a beacon or a message of a socket: pages send these by themselves

    def __str__(self) -> str:
        return f"{self.method} {self.url}"


@dataclass
class Holding:
    """Stops requests that change data. `letting()` is True while signing in, when they may pass."""

    connection: BrowserConnection
    letting: Callable[[], bool]
    stopped: Callable[[Held], None]
    held: list[Held] = field(default_factory=list)

    def attach(self, context: BrowserContext) -> None:
        context.route("**/*", self._request)
        context.route_web_socket("**/*", self._socket)

    def _request(self, route: Route) -> None:
        request = route.request
        if self.letting() or not self._changes(request):
            route.fallback()
            return
        self._keep(Held(request.method, request.url, fields_of(request), request.resource_type == "ping"))
        # A navigation that is aborted leaves the page as it is; any other end would show the browser's error page.
        route.abort("aborted" if request.is_navigation_request() else "failed")

    def _changes(self, request: Request) -> bool:
        place = urlsplit(request.url)
        address = place.path + (f"?{place.query}" if place.query else "")
        if request.method in UNSAFE:
            return not any(fnmatchcase(address, pattern) for pattern in self.connection.reads_by_post)
        return any(fnmatchcase(address, pattern) for pattern in self.connection.changes_by_get)

    def _socket(self, socket: WebSocketRoute) -> None:
        """What the server says reaches the page; what the page says is held back."""
        socket.connect_to_server()
        socket.on_message(lambda said: self._keep(Held("WebSocket", socket.url, _text(said), beside=True)))

    def _keep(self, held: Held) -> None:
        self.held.append(held)
        self.stopped(held)


def fields_of(request: Request) -> Any:
    """What a request carries: a form's or a JSON object's fields by name, else the beginning of its text."""
    body = request.post_data_buffer or b""
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/x-www-form-urlencoded"):
        return gathered(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    if kind.startswith("multipart/form-data"):
        return gathered(_parts(kind, body))
    try:
        return json.loads(body) if body else {}
    except ValueError:
        return _text(body)


def masked(value: Any, scrub: Callable[[str], str], name: str = "") -> Any:
    """The same, with every value masked whose name says that it is nobody's business, and every known secret."""
    if isinstance(value, dict):
        return {str(key): masked(inner, scrub, str(key)) for key, inner in value.items()}
    if isinstance(value, list):
        return [masked(inner, scrub, name) for inner in value]
    if name and is_secret(name) and value not in (None, ""):
        return MASK
    return scrub(value) if isinstance(value, str) else value


def gathered(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """Fields by name; a name that comes more than once has a list."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            before = found[name]
            found[name] = [*before, value] if isinstance(before, list) else [before, value]
        else:
            found[name] = value
    return found


def _parts(kind: str, body: bytes) -> list[tuple[str, str]]:
    message = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    payload = message.get_payload()
    parts = payload if isinstance(payload, list) else []
    return [_part(part) for part in parts if isinstance(part, Message)]


def _part(part: Message) -> tuple[str, str]:
    name = str(part.get_param("name", "", "content-disposition"))
    file = part.get_filename()
    if file is not None:
        return name, f"file {file}" if file else ""
    content = part.get_payload(decode=True)
    return name, content.decode(errors="replace").rstrip("\r\n") if isinstance(content, bytes) else ""


def _text(body: str | bytes) -> str:
    text = body.decode(errors="replace") if isinstance(body, bytes) else body
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}... ({len(text)} characters)"
