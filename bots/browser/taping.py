"""Recording what a web system answers, and playing it back to the browser without any network."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urljoin, urlsplit

from bots.browser.connection import BrowserConnection
from bots.browser.holding import UNSAFE, fields_of, masked
from bots.browser.tape import Asked, Exchange, Playing, Tape, named
from bots.browser.tape_file import read_tape, write_tape
from engine.context import Context
from engine.errors import BusinessException

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Request, Response, Route, WebSocketRoute

RESOURCE = "browser/tape"
"""The warm resource that a worker's steps work on; the command line puts it there."""
ORNAMENTS = frozenset({"image", "font", "media"})
"""What no verb needs: it is not kept, and answered with nothing."""
TEXT = re.compile(r"^(text/|application/(json|javascript|xml|xhtml\+xml|[\w.-]+\+json))", re.IGNORECASE)
HOPS = 10
ARRIVED = 2.0  # seconds: some pages ask for ever
Scrub = Callable[[str], str]


class Taping(Protocol):
    """What a new browser profile is given to work on instead of the bare network."""

    def attach(self, browser: BrowserContext, site: str, connection: BrowserConnection, scrub: Scrub) -> None: ...

    def problem(self) -> BusinessException | None:
        """The first request that could not be answered."""


def tape_of(context: Context) -> Taping | None:
    """The tape of this worker, if it has one."""
    return context.resource(RESOURCE, lambda: None)


def origin(url: str) -> str:
    place = urlsplit(url)
    return f"{place.scheme}://{place.netloc}"


@dataclass
class Recorder:
    """Listens; the browser works as ever. `write` makes the file of what was heard."""

    file: Path
    _origins: dict[str, str] = field(default_factory=dict)
    _heard: dict[Request, Exchange] = field(default_factory=dict)
    _changed: int = 0

    def attach(self, browser: BrowserContext, site: str, connection: BrowserConnection, scrub: Scrub) -> None:
        self._origins[site] = origin(connection.base_url)
        # A form with a file shows its fields only where requests are routed.
        browser.route("**/*", lambda route: route.fallback())
        browser.on("request", lambda request: self._asked(request, scrub))
        browser.on("requestfinished", lambda request: self._answered(request, scrub))

    def problem(self) -> BusinessException | None:
        return None

    def _asked(self, request: Request, scrub: Scrub) -> None:
        if request.resource_type in ORNAMENTS or not request.url.startswith("http"):
            return
        name, site = named(request.method, request.url, self._origins)
        exchange = Exchange(request=scrub(name), site=site, after=self._changed, status=0)
        if request.method in UNSAFE:
            exchange.fields = json.loads(json.dumps(masked(fields_of(request), scrub)))
            self._changed += 1
        self._heard[request] = exchange

    def _answered(self, request: Request, scrub: Scrub) -> None:
        exchange, response = self._heard.get(request), request.response()
        if exchange is None or response is None:
            return
        headers = response.headers
        exchange.status = response.status
        exchange.type = headers.get("content-type", "")
        exchange.disposition = headers.get("content-disposition")
        if "location" in headers:
            exchange.location = scrub(self._relative(urljoin(request.url, headers["location"])))
            return
        body = _body(response)
        if TEXT.match(exchange.type):
            exchange.body = scrub(self._tidy(body.decode(errors="replace"), exchange.type))
        elif body:
            exchange.base64 = base64.encodebytes(body).decode()

    def _relative(self, url: str) -> str:
        return url.removeprefix(origin(url)) if origin(url) in self._origins.values() else url

    def _tidy(self, text: str, kind: str) -> str:
        """Lines as they can be written in YAML as they stand."""
        text = text.replace("\r\n", "\n")
        if kind.startswith("text/html"):
            text = "\n".join(line.rstrip().replace("\t", "    ") for line in text.split("\n"))
        return text

    def write(self) -> int:
        """Write the file; how many exchanges it has."""
        answered = [exchange for exchange in self._heard.values() if exchange.status]
        write_tape(self.file, Tape(sites=self._origins, exchanges=answered))
        return len(answered)


def _body(response: Response) -> bytes:
    from playwright.sync_api import Error

    try:
        return response.body()
    except Error:
        return b""  # a page that was left at once, or a file that was saved, has none any more


@dataclass
class Player:
    """Answers every request from the tape; none reaches the network."""

    playing: Playing
    _problem: BusinessException | None = None
    _browsers: list[BrowserContext] = field(default_factory=list)
    _under_way: set[Request] = field(default_factory=set)

    @classmethod
    def of(cls, file: Path, name: str | None = None) -> Player:
        return cls(Playing(read_tape(file), name or str(file)))

    def attach(self, browser: BrowserContext, site: str, connection: BrowserConnection, scrub: Scrub) -> None:
        sites = self.playing.tape.sites
        # A tape of one system plays for whatever the connection is called in this project.
        if site not in sites and len(sites) == 1:
            site = next(iter(sites))
        origins = {site: origin(connection.base_url)}
        self._browsers.append(browser)
        browser.on("request", self._begun)
        browser.on("requestfinished", self._over)
        browser.on("requestfailed", self._over)
        browser.route("**/*", lambda route: self._play(route, origins, scrub))
        browser.route_web_socket("**/*", self._no_socket)

    def problem(self) -> BusinessException | None:
        return self._problem

    def arrive(self) -> None:
        """Wait until the pages have asked for what they were about to, and have it: a script asks a moment later."""
        pages = [page for browser in self._browsers for page in browser.pages if not page.is_closed()]
        quiet, until = 0, time.monotonic() + ARRIVED
        while pages and quiet < 3 and time.monotonic() < until:
            pages[-1].wait_for_timeout(50)
            quiet = 0 if self._under_way else quiet + 1

    def _begun(self, request: Request) -> None:
        self._under_way.add(request)

    def _over(self, request: Request) -> None:
        self._under_way.discard(request)

    def _no_socket(self, socket: WebSocketRoute) -> None:
        """Left open and silent: a tape has no conversations."""

    def _play(self, route: Route, origins: dict[str, str], scrub: Scrub) -> None:
        request = route.request
        fields = json.loads(json.dumps(masked(fields_of(request), scrub))) if request.method in UNSAFE else None
        name, site = named(request.method, request.url, origins)
        asked = Asked(scrub(name), site, fields)
        try:
            exchange, url = self._followed(asked, request.url, origins, scrub)
        except BusinessException as error:
            if request.resource_type in ORNAMENTS:
                route.fulfill(status=404, body="")
                return
            self._problem = self._problem or error
            route.abort("aborted")
            return
        route.fulfill(
            status=exchange.status, headers=_headers(exchange), body=self._content(exchange, request, url, origins)
        )

    def _followed(self, asked: Asked, url: str, origins: dict[str, str], scrub: Scrub) -> tuple[Exchange, str]:
        """The answer at the end of all redirections: the browser would follow them past the tape."""
        exchange = self.playing.answer(asked)
        for _ in range(HOPS):
            if exchange.location is None or not 300 <= exchange.status < 400:
                break
            url = urljoin(url, self.playing.text(exchange.location))
            name, site = named("GET", url, origins)
            exchange = self.playing.answer(Asked(scrub(name), site, None))
        return exchange, url

    def _content(self, exchange: Exchange, request: Request, url: str, origins: dict[str, str]) -> bytes:
        if exchange.base64 is not None:
            return base64.b64decode(exchange.base64)
        text = self.playing.text(exchange.body)
        for site, recorded in self.playing.tape.sites.items():
            text = text.replace(recorded, origins.get(site, recorded))
        if url != request.url and "html" in exchange.type:
            text = _at(text, url, request.url)
        return text.encode()


def _headers(exchange: Exchange) -> dict[str, str]:
    headers = {"Content-Type": exchange.type} if exchange.type else {}
    if TEXT.match(exchange.type):
        headers["Content-Type"] = f"{exchange.type.partition(';')[0]}; charset=utf-8"
    if exchange.disposition:
        headers["Content-Disposition"] = exchange.disposition
    return headers


def _at(text: str, url: str, asked: str) -> str:
    """The page, which takes on the address it was led to."""
    there = json.dumps(url).replace("<", "\\u003c")
    same = origin(url) == origin(asked)
    go = f"history.replaceState(null, '', {there})" if same else f"location.replace({there})"
    head = re.search(r"<head[^>]*>|<html[^>]*>|<!doctype[^>]*>", text, re.IGNORECASE)
    place = head.end() if head else 0
    return text[:place] + f"<script>{go}</script>" + text[place:]
