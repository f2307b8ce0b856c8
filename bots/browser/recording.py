"""What a person does in a browser, as verbs: each thing named by the words that name just it on its page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bots.browser.find_chromium import find_executable, launch_arguments
from bots.browser.profile import page_script
from engine.errors import UsageError

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Dialog, Frame, Page

_SINK = "clerkworkRecord"
_READABLE = 200  # characters of a page that are looked at for a first text to see


@dataclass(slots=True)
class Act:
    """One thing that was done. `write` is the target; `name` what a person calls it; `window` counts from nought."""

    verb: str
    write: str = ""
    name: str = ""
    value: Any = None
    window: int = 0


@dataclass(slots=True)
class Recording:
    """All that was done, in order, from the address on."""

    url: str
    heading: str = ""
    acts: list[Act] = field(default_factory=list)
    ended: str = ""  # a text of the page at the end that was not there at the beginning


def record(url: str, headless: bool, accept: bool, going_on: Callable[[], bool]) -> Recording:
    """Open a browser at `url` and record until its windows are closed. UsageError where that cannot be."""
    from playwright.sync_api import Error, sync_playwright

    try:
        with sync_playwright() as driver:
            browser = driver.chromium.launch(
                executable_path=find_executable(headless), headless=headless, args=launch_arguments()
            )
            recording = Recorder(browser, url, accept=accept).watch(going_on)
            browser.close()
            return recording
    except Error as error:
        raise UsageError(
            f"{url} cannot be recorded: {error.message.splitlines()[0]}",
            advice="look whether the address answers, and whether this machine can open a window",
        ) from error


class Recorder:
    """Listens in every window and frame of one context.

    Our own listener and not Playwright's: its locators are made for its own engine, while these words are found again
    by the very code that names them. `accept` answers native dialogs, and the answer is recorded.
    """

    def __init__(self, browser: Browser, url: str, *, accept: bool = True, self_signed: bool = False) -> None:
        self._accept = accept
        self.recording = Recording(url)
        self.context: BrowserContext = browser.new_context(ignore_https_errors=self_signed)
        self._windows: list[Page] = []
        self.context.expose_binding(_SINK, self._done)
        self.context.add_init_script(page_script())
        self.context.on("page", self._opened)
        self.page = self.context.new_page()
        self.page.goto(url, wait_until="domcontentloaded")
        self.recording.heading = self._headings()[0] if self._headings() else ""

    def _opened(self, page: Page) -> None:
        self._windows.append(page)
        page.on("dialog", self._asked)

    def _asked(self, dialog: Dialog) -> None:
        answer = "accept" if self._accept else "dismiss"
        told = {"answer": answer, "says": dialog.message[:80]}
        if dialog.type == "prompt" and self._accept:
            told["text"] = dialog.default_value
        # The click that opened it is told only when the dialog is closed: it is put in order there.
        self.recording.acts.append(Act("dialog", value=told))
        if self._accept:
            dialog.accept(dialog.default_value)
        else:
            dialog.dismiss()

    def _done(self, source: Any, told: dict[str, Any]) -> None:
        page, frame = source["page"], source["frame"]
        act = Act(**told, window=self._windows.index(page))
        name = _frame_name(frame)
        if name and act.verb != "press":  # it was named among what this frame shows, and another may show the same
            act.write = f"frame={name} >> {act.write}"
        acts = self.recording.acts
        if acts and acts[-1].verb in ("fill", "date") and acts[-1].verb == act.verb and acts[-1].write == act.write:
            acts.pop()  # typed again into the same field: the last is what counts
        acts.append(act)

    def watch(self, going_on: Callable[[], bool]) -> Recording:
        """Until the person closes the last window, or `going_on` says no."""
        while going_on() and any(not page.is_closed() for page in self._windows):
            next(page for page in self._windows if not page.is_closed()).wait_for_timeout(100)
        return self.end()

    def end(self) -> Recording:
        """What was recorded; a text that is new on the page proves the last thing done."""
        if not self.page.is_closed():
            new = [text for text in self._headings() if text != self.recording.heading]
            self.recording.ended = new[0] if new else ""
        self.context.close()
        return self.recording

    def _headings(self) -> list[str]:
        script = (
            "most => [...document.querySelectorAll('h1,h2,h3,[role=status],[role=alert],p')]"
            ".filter(one => one.getClientRects().length).map(one => one.innerText.trim())"
            ".filter(text => text && text.length < 60).slice(0, most)"
        )
        found: list[str] = []
        for frame in self.page.frames:
            found += frame.evaluate(script, _READABLE)
        return found


def _frame_name(frame: Frame) -> str:
    return "" if frame.parent_frame is None else frame.name or frame.url.rsplit("/", 1)[-1]
