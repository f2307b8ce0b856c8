"""The dry run inside the browser: what would change data is held back at the network, against a server that counts."""

from __future__ import annotations

import base64
import hashlib
import re
import socketserver
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from bots.browser import actions
from engine.action import Preview

OPEN = {"open": "/"}
FORM = """<form method=post action=/save><label>Vendor <input name=vendor></label>
<label>Password <input type=password name=password></label><button>Save</button></form>
<table id=t><tr><th>No<th>Name<tr><td>1<td>ACME</table>"""


@pytest.fixture
def rehearse(site: Any, bot: Any) -> Any:
    def rehearse(*lines: Any, secrets: Any = None, **settings: Any) -> Preview:
        connections = {"portal": {"base_url": site.url, "timeout": 2, **settings}}
        context = bot.fresh(dry_run=True, connections=connections, secrets=secrets or {})
        step = actions.BrowserStep.model_validate({"connection": "portal", "do": list(lines)})
        return actions.preview(step, context)

    return rehearse


def sent(told: Preview) -> dict[str, Any]:
    return {name: after for name, (_, after) in told.changes.items() if name.startswith("would send")}


def test_a_form_is_held_back_and_told_and_what_follows_is_not_run(site: Any, rehearse: Any) -> None:
    site.page("/", FORM)
    told = rehearse(
        OPEN,
        {"table": {"rows": "css=#t"}},
        {"fill": {"Vendor": "ACME s3cr", "Password": "x"}},
        {"click": "Save"},
        {"see": "Saved"},
        {"read": {"number": {"from": "Entry number", "as": "number"}}},
        secrets={"key": "s3cr"},
    )
    assert site.posts == []
    assert told.changes == {
        "fill Vendor": (None, "ACME ***"),
        "fill Password": (None, "••••••"),
        "click Save": (None, "clicked"),
        f"would send POST {site.url}/save": (None, {"vendor": "ACME ***", "password": "••••••"}),
        "not run: see Saved": (None, None),
        "not run: read number": (None, None),
    }
    assert told.result == {"rows": [{"No": "1", "Name": "ACME"}], "number": 0}


@pytest.mark.parametrize(
    ("script", "method", "fields"),
    [
        (
            "fetch('/a', {method: 'PUT', body: JSON.stringify({n: 1, token: 'abc'})})",
            "PUT",
            {"n": 1, "token": "••••••"},
        ),
        ("fetch('/a', {method: 'PATCH', body: 'text'})", "PATCH", "text"),
        ("fetch('/a', {method: 'DELETE'})", "DELETE", {}),
        ("navigator.sendBeacon('/a', new URLSearchParams({n: 1}))", "POST", {"n": "1"}),
        ("let f = new FormData(); f.append('n', '1'); fetch('/a', {method: 'POST', body: f})", "POST", {"n": "1"}),
        ("setTimeout(() => { let x = new XMLHttpRequest(); x.open('POST', '/a'); x.send('q'); }, 200)", "POST", "q"),
    ],
)
def test_nothing_a_click_sends_reaches_the_server(
    site: Any, rehearse: Any, script: str, method: str, fields: Any
) -> None:
    reached: list[str] = []
    site.dynamic("/a", lambda request: reached.append(request.command) or (200, {}, b""))
    site.page("/", f'<button onclick="{script}">Go</button>')
    told = rehearse(OPEN, {"click": "Go"})
    assert sent(told) == {f"would send {method} {site.url}/a": fields}
    assert (site.posts, reached) == ([], [])


@pytest.fixture
def socket_server() -> Iterator[tuple[int, list[bytes]]]:
    """The port of a web socket's server, and the frames that reached it."""
    frames: list[bytes] = []

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            head = b""
            while b"\r\n\r\n" not in head:
                head += self.request.recv(4096)
            key = re.search(rb"Sec-WebSocket-Key: *(\S+)", head, re.IGNORECASE)
            assert key is not None
            mark = base64.b64encode(hashlib.sha1(key[1] + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
            self.request.sendall(
                b"HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
            )
            self.request.sendall(mark + b"\r\n\r\n")
            while frame := self.request.recv(4096):
                if frame[0] & 15 == 1:  # a text; not the frame that closes
                    frames.append(frame)

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server.server_address[1], frames
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_message_of_a_web_socket_is_held_back(site: Any, rehearse: Any, socket_server: Any) -> None:
    port, frames = socket_server
    script = (
        f"let s = new WebSocket('ws://127.0.0.1:{port}/ws'); s.onopen = () => {{ s.send('pay'); p.innerText = 'Said' }}"
    )
    site.page("/", f'<p id=p></p><button onclick="{script}">Go</button>')
    told = rehearse(OPEN, {"click": "Go"}, {"see": "Said"})
    assert sent(told) == {f"would send WebSocket ws://127.0.0.1:{port}/ws": "pay"}
    assert frames == []


def test_an_address_that_only_reads_by_post_is_let_through(site: Any, rehearse: Any) -> None:
    site.page(
        "/", "<p id=p></p><script>fetch('/rpc/search', {method: 'POST'}).then(() => p.innerText = 'Found')</script>"
    )
    told = rehearse(OPEN, {"see": "Found"}, {"click": "Found"}, reads_by_post=["/rpc/*"])
    assert [path for path, _ in site.posts] == ["/rpc/search"]
    assert sent(told) == {}


def test_an_address_that_changes_data_when_opened_is_held_back(site: Any, rehearse: Any) -> None:
    opened: list[str] = []
    site.dynamic("/delete", lambda request: opened.append(request.path) or (200, {}, b"gone"))
    site.page("/", "<a href='/delete?id=7'>Delete</a>")
    told = rehearse(OPEN, {"click": "Delete"}, {"see": "gone"}, changes_by_get=["/delete*"])
    assert opened == []
    assert sent(told) == {f"would send GET {site.url}/delete?id=7": {}}
    assert "not run: see gone" in told.changes


def test_only_the_log_in_of_the_connection_is_sent(site: Any, bot: Any, rehearse: Any) -> None:
    site.page("/", "<form method=post action=/save><button>Save</button></form>")
    site.page("/login", "<form method=post action=/in><input name=user aria-label=User><input type=password name=pw><button>Sign in</button></form>")  # fmt: skip
    login = {"url": "/login"}
    told = rehearse({"login": {}}, OPEN, {"click": "Save"}, username="ann", password="s3cret", login=login)
    assert [path for path, _ in site.posts] == ["/in"]
    assert [name for name in told.changes if name.startswith("would send")] == [f"would send POST {site.url}/save"]


def test_a_page_that_is_wrong_before_anything_is_sent_is_a_failure(site: Any, rehearse: Any) -> None:
    site.page("/", FORM)
    with pytest.raises(Exception, match="Sav it"):
        rehearse(OPEN, {"click": "Sav it"}, {"see": "Saved"})
