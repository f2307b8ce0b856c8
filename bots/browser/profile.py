"""A browser profile of one run in one web system: its windows, its cookies, and the log of what happened there."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from bots.browser.connection import BrowserConnection
from bots.browser.holding import UNSAFE, Held, Holding
from engine.scrub import Scrubber

if TYPE_CHECKING:
    from playwright.sync_api import (
        Browser,
        BrowserContext,
        ConsoleMessage,
        Dialog,
        Download,
        Page,
        Request,
        Response,
    )

Equip: TypeAlias = "Callable[[BrowserContext], None]"
"""What is done to the context of a fresh profile before it opens a page."""

_PARTS = (
    "text",
    "names",
    "beside",
    "locate",
    "errors",
    "fill",
    "tables",
    "aim",
    "modal",
    "keys",
    "suggest",
    "inspect",
    "snapshot",
    "page",
    "record",
    "fingerprint",
    "calendar",
    "grid",
)


@cache
def page_script() -> str:
    """What is installed in each document, once: how things are found and filled there."""
    parts = [(Path(__file__).parent / "page" / f"{name}.js").read_text(encoding="utf-8") for name in _PARTS]
    once = "const KEY = Symbol.for('clerkwork.page');\nif (globalThis[KEY]) return;"
    return "\n".join(["(() => {", once, *parts, "})();"])


@dataclass(frozen=True, slots=True)
class Answer:
    """What to do with the native dialog that the next verb opens."""

    accept: bool
    says: str | None
    text: str | None


@dataclass
class Dialogs:
    """Native dialogs. One that nobody expected is dismissed, and told as an exception."""

    expected: list[Answer] = field(default_factory=list)  # in the order in which one verb opens them
    answered: list[str] = field(default_factory=list)
    surprises: list[str] = field(default_factory=list)

    def meet(self, dialog: Dialog) -> None:
        answer = self.expected.pop(0) if self.expected else None
        if answer is None or (answer.says is not None and answer.says.lower() not in dialog.message.lower()):
            self.surprises.append(f"{dialog.type} {dialog.message!r}")
            dialog.dismiss()
        elif answer.accept:
            self.answered.append(dialog.message)
            dialog.accept(answer.text) if answer.text is not None else dialog.accept()
        else:
            self.answered.append(dialog.message)
            dialog.dismiss()


@dataclass
class Traffic:
    """The requests of a profile: the last of them, those under way, and whether any could have changed data."""

    held_back: bool = False  # requests that change data are stopped at the network
    letting: bool = False  # except while signing in
    last: deque[str] = field(default_factory=lambda: deque(maxlen=20))
    refused: list[str] = field(default_factory=list)
    under_way: set[Request] = field(default_factory=set)
    asked: dict[Request, float] = field(default_factory=dict)  # by scripts, and when
    unsafe: int = 0
    quiet_since: float = field(default_factory=time.monotonic)

    def begin(self, request: Request) -> None:
        self.under_way.add(request)
        if request.resource_type in ("xhr", "fetch"):
            self.asked[request] = time.monotonic()
        if request.method in UNSAFE and not self.letting:
            self.unsafe += 1

    def answer(self, response: Response) -> None:
        self.last.append(f"{response.status} {response.request.method} {response.url}")

    def fail(self, request: Request) -> None:
        self.last.append(f"failed ({request.failure}) {request.method} {request.url}")
        self.end(request)

    def end(self, request: Request) -> None:
        self.under_way.discard(request)
        self.asked.pop(request, None)
        self.quiet_since = time.monotonic()

    def hold(self, held: Held) -> None:
        """A request was stopped at the network: it never left."""
        self.refused.append(str(held))
        if held.method in UNSAFE:
            self.unsafe -= 1

    def asks(self, since: float) -> bool:
        """Whether a script of the page awaits an answer to what it asked since then: it may draw the page anew."""
        return any(began >= since for began in self.asked.values())

    def quiet_for(self) -> float:
        """Seconds since the last answer; nought while one is awaited."""
        return 0.0 if self.under_way else time.monotonic() - self.quiet_since


class Profile:
    """Cookies, windows and logs, apart from every other run. `hold_back` stops requests that change data."""

    def __init__(
        self,
        browser: Browser,
        connection: BrowserConnection,
        options: Mapping[str, Any],
        hold_back: bool,
        equip: Equip | None = None,
    ) -> None:
        self.dialogs = Dialogs()
        self.traffic = Traffic(held_back=hold_back)
        self.console: deque[str] = deque(maxlen=200)
        self.downloads: list[Download] = []
        self.shown_files: list[str] = []  # addresses of PDFs that a window went to: a viewer may show them
        self.crashed = False
        self.touched = False  # something was filled in or clicked since the last `open`
        self.hidden = Scrubber()  # what was typed into secret fields
        self.holding = Holding(connection, lambda: self.traffic.letting, self.traffic.hold)
        self.context = browser.new_context(**options)
        self.context.add_init_script(page_script())
        self.context.on("dialog", self.dialogs.meet)
        self.context.on("request", self.traffic.begin)
        self.context.on("response", self.traffic.answer)
        self.context.on("response", self._shown)
        self.context.on("requestfinished", self.traffic.end)
        self.context.on("requestfailed", self.traffic.fail)
        self.context.on("console", self._console)
        self.context.on("page", self._window)
        if equip is not None:
            equip(self.context)
        if hold_back:  # asked first, as it came last
            self.holding.attach(self.context)
        self.context.tracing.start(screenshots=False, snapshots=False, sources=False)
        self.context.tracing.stop_chunk()  # each step has a part of its own
        self.page: Page = self.context.new_page()

    def windows(self) -> list[Page]:
        """The open windows, the oldest first."""
        return [page for page in self.context.pages if not page.is_closed()]

    def is_gone(self) -> bool:
        """The browser has ended."""
        return self.context.browser is None or not self.context.browser.is_connected()

    def close(self) -> None:
        self.context.tracing.stop()  # else its temporary folder stays behind
        self.context.close()

    def _window(self, page: Page) -> None:
        page.on("crash", self._crash)
        page.on("download", self._download)  # often in a window of its own, opened for it

    def _crash(self, _page: Page) -> None:
        self.crashed = True

    def _download(self, download: Download) -> None:
        self.downloads.append(download)

    def _shown(self, response: Response) -> None:
        request = response.request
        is_file = response.headers.get("content-type", "").startswith("application/pdf")
        if is_file and request.method == "GET" and request.is_navigation_request():
            self.shown_files.append(response.url)

    def _console(self, message: ConsoleMessage) -> None:
        self.console.append(f"{message.type}: {message.text}")
