"""A small web site for each test: pages given as HTML, what was posted noted, forms answered as the test says."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from bots.browser.actions import BrowserStep, browser
from tests.fakes.context import PlainContext

Answer = tuple[int, dict[str, str], bytes]


class Site:
    """`site.page("/", html)`; `site.on_post("/save", lambda form: html)`; `site.posts` lists `(path, form)`."""

    def __init__(self) -> None:
        self.pages: dict[str, Callable[[Any], Answer]] = {}
        self.posts: list[tuple[str, dict[str, str]]] = []
        self.answers: dict[str, Callable[[dict[str, str]], str]] = {}
        self.url = ""

    def page(self, path: str, html: str, status: int = 200) -> None:
        self.pages[path] = lambda _request: (status, {"Content-Type": "text/html; charset=utf-8"}, html.encode())

    def dynamic(self, path: str, answer: Callable[[Any], Answer]) -> None:
        self.pages[path] = answer

    def on_post(self, path: str, answer: Callable[[dict[str, str]], str]) -> None:
        self.answers[path] = answer


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = site.pages.get(urlsplit(self.path).path)
            self.reply(*(answer(self) if answer else (404, {"Content-Type": "text/plain"}, b"not here")))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode(errors="replace")
            form = {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}
            path = urlsplit(self.path).path
            site.posts.append((path, form))
            html = site.answers[path](form) if path in site.answers else "<p>Saved</p>"
            self.reply(200, {"Content-Type": "text/html; charset=utf-8"}, html.encode())

        def reply(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(site))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    site.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield site
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module", autouse=True)
def no_driver_left() -> Iterator[None]:
    """A thread has one Playwright: one that a file leaves behind would fail the next file of the same worker."""
    yield
    assert asyncio._get_running_loop() is None, "a test of this file started Playwright and did not stop it"


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The resources of one worker, kept between the tests of a file."""
    with PlainContext(tmp_path_factory.mktemp("worker")) as worker:
        yield worker.resources


class Bot:
    """Runs steps as the engine would: each against the site, in a run of its own unless told otherwise."""

    def __init__(self, site: Site, folder: Path, resources: dict[str, Any], run: str) -> None:
        self.site = site
        self.folder = folder
        self.resources = resources
        self.run = run
        self.context = self.fresh()

    def fresh(self, **settings: Any) -> PlainContext:
        self.context = PlainContext(self.folder, **settings)
        self.context.resources = self.resources
        self.context.topic, self.context.workflow = "browser", self.run
        self.context.run = self.run
        return self.context

    def do(self, *lines: Any, context: PlainContext | None = None, **step: Any) -> dict[str, Any]:
        place = {} if "connection" in step else {"base_url": self.site.url}
        given = BrowserStep.model_validate({**place, "do": list(lines), **step})
        return dict(browser(given, context or self.context).model_dump())


@pytest.fixture
def bot(site: Site, tmp_path: Path, warm: dict[str, Any], request: pytest.FixtureRequest) -> Bot:
    return Bot(site, tmp_path, warm, request.node.nodeid)


@pytest.fixture
def quick(bot: Bot, site: Site) -> Callable[..., dict[str, Any]]:
    """`bot.do` with a connection that gives up after a second: for the tests of what goes wrong."""

    def do(*lines: Any, seconds: float = 2.5, **settings: Any) -> dict[str, Any]:
        bot.fresh(connections={"portal": {"base_url": site.url, "timeout": seconds, **settings}})
        return bot.do(*lines, connection="portal")

    return do
