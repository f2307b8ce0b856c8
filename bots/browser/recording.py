"""What a person does in a browser, as verbs: each thing named by the words that name just it on its page."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bots.browser.find_chromium import find_executable, launch_arguments
from bots.browser.finding import PAGE, gone
from bots.browser.profile import page_script
from engine.errors import UsageError

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Dialog, Frame, Page

_SINK = "clerkworkRecord"
_TICK = 250  # milliseconds between two looks at the page
_READABLE = 200  # texts of a page that are looked at for one to see
_SIGNED_IN = (  # what a page shows those who are signed in, in a few languages
    "() => [...document.querySelectorAll('a,button,input[type=submit],[role=button],[role=menuitem]')]"
    ".filter(one => one.getClientRects().length).map(one => (one.innerText || one.value || '').trim())"
    ".find(text => /^(log|sign) ?(off|out)$|^(abmelden|ausloggen|d.connexion|se d.connecter|cerrar sesi.n|esci)$/i"
    ".test(text)) || ''"
)


@dataclass(slots=True)
class Act:
    """One thing that was done. `write` is the target; `name` what a person calls it; `window` counts from nought.

    `at` is milliseconds since 1970; `path` the address of the page, without its host.
    """

    verb: str
    write: str = ""
    name: str = ""
    value: Any = None
    window: int = 0
    at: float = 0
    path: str = ""


@dataclass(slots=True)
class Recording:
    """All that was done, in order, from the address on."""

    url: str
    heading: str = ""
    acts: list[Act] = field(default_factory=list)
    ended: str = ""  # a text of the page at the end that was not there at the beginning
    signed_in: str = ""  # what only a signed-in person sees, where that is plain


def record(url: str, headless: bool, accept: bool | None, going_on: Callable[[], bool]) -> Recording:
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
    by the very code that names them. `accept` answers native dialogs; None leaves them to the person at the window.
    Either way the answer is recorded.
    """

    def __init__(self, browser: Browser, url: str, *, accept: bool | None = True, self_signed: bool = False) -> None:
        self._accept = accept
        self.recording = Recording(url)
        # In a window of its own size, as a person has it; without one, the usual size.
        size: dict[str, Any] = {"no_viewport": True} if accept is None else {}
        self.context: BrowserContext = browser.new_context(ignore_https_errors=self_signed, **size)
        self._windows: list[Page] = []
        self.context.expose_binding(_SINK, self._done)
        self.context.add_init_script(page_script())
        self.context.on("page", self._opened)
        self.page = self.context.new_page()
        self.page.goto(url, wait_until="domcontentloaded")
        self.recording.heading = next(iter(self._headings()), "")

    def _opened(self, page: Page) -> None:
        self._windows.append(page)
        page.on("dialog", self._asked)
        if self._accept is None:
            protocol = self.context.new_cdp_session(page)
            protocol.on("Page.javascriptDialogOpening", self._dialog_opened)
            protocol.on("Page.javascriptDialogClosed", self._dialog_closed)
            protocol.send("Page.enable")

    def _asked(self, dialog: Dialog) -> None:
        if self._accept is None:
            return  # the person answers; without a listener Playwright would
        if dialog.type != "beforeunload":
            self._answered(dialog.type, dialog.message, self._accept, dialog.default_value)
        if self._accept:
            dialog.accept(dialog.default_value)
        else:
            dialog.dismiss()

    def _dialog_opened(self, told: dict[str, Any]) -> None:
        if told["type"] != "beforeunload":
            self._answered(told["type"], told["message"], True, told.get("defaultPrompt", ""))

    def _dialog_closed(self, told: dict[str, Any]) -> None:
        asked = [act for act in self.recording.acts if act.verb == "dialog"]
        if not asked:
            return  # that the page is left is asked by the browser itself
        value = asked[-1].value
        value["answer"] = "accept" if told["result"] else "dismiss"
        if not told["result"]:
            value.pop("text", None)
        elif "text" in value:
            value["text"] = told.get("userInput", "")

    def _answered(self, kind: str, message: str, accept: bool, text: str) -> None:
        (line, *_rest) = message.strip().splitlines() or [""]
        told = {"answer": "accept" if accept else "dismiss", "says": " ".join(line.split())[:80]}
        if kind == "prompt" and accept:
            told["text"] = text
        self.recording.acts.append(Act("dialog", value=told, at=time.time() * 1000))

    def _done(self, source: Any, told: dict[str, Any]) -> None:
        page, frame = source["page"], source["frame"]
        others = told.pop("others", 0)
        path = str(frame.url).partition("://")[2].partition("/")[2]
        act = Act(**told, window=self._windows.index(page), path=f"/{path}")
        name = _frame_name(frame)
        if name and others != 0:  # another frame has these words too, or cannot be asked
            act.write = f"frame={name} >> {act.write}"
        acts = self.recording.acts
        if act.verb == "double_click":
            while acts and acts[-1].verb == "click" and acts[-1].write == act.write:
                acts.pop()
        if acts and acts[-1].verb in ("fill", "date", "password", "slider") and _same(acts[-1], act):
            acts.pop()  # typed again into the same field: the last is what counts
        acts.append(act)

    def watch(self, going_on: Callable[[], bool]) -> Recording:
        """Until the person closes the last window, or `going_on` says no."""
        from playwright.sync_api import Error

        while going_on() and (windows := [page for page in self._windows if not page.is_closed()]):
            try:
                windows[0].wait_for_timeout(_TICK)
            except Error:
                if not windows[0].is_closed():
                    raise
            self._look()  # the window may be closed any time
        return self.end()

    def end(self) -> Recording:
        """What was recorded; a text that is new on the page proves the last thing done."""
        for page in self._windows:
            for frame in [] if page.is_closed() else page.frames:
                self._asked_of(frame, f"() => {PAGE}?.flush?.()")
        self._look()
        self.context.close()
        self.recording.acts.sort(key=lambda act: act.at)
        return self.recording

    def _look(self) -> None:
        if headings := self._headings():  # none, or the window is gone: what was seen last counts
            self.recording.ended = next((text for text in headings if text != self.recording.heading), "")
        if not self.recording.signed_in and any(act.verb == "password" for act in self.recording.acts):
            frames = [] if self.page.is_closed() else self.page.frames
            told = [self._asked_of(frame, _SIGNED_IN) for frame in frames]
            self.recording.signed_in = next((text for text in told if text), "")

    def _headings(self) -> list[str]:
        script = (
            "most => [...document.querySelectorAll('h1,h2,h3,[role=status],[role=alert],p')]"
            ".filter(one => one.getClientRects().length).map(one => one.innerText.trim())"
            ".filter(text => text && text.length < 60 && !text.includes('\\n')).slice(0, most)"
        )
        found: list[str] = []
        for frame in [] if self.page.is_closed() else self.page.frames:
            found += self._asked_of(frame, script, _READABLE) or []
        return found

    def _asked_of(self, frame: Frame, script: str, given: Any = None) -> Any:
        """What the frame's document says; None where it went away meanwhile."""
        from playwright.sync_api import Error

        try:
            return frame.evaluate(script, given)
        except Error as error:
            if gone(error) or frame.page.is_closed() or frame.is_detached():
                return None
            raise


def _same(one: Act, other: Act) -> bool:
    return (one.verb, one.write, one.window) == (other.verb, other.write, other.window)


def _frame_name(frame: Frame) -> str:
    return "" if frame.parent_frame is None else frame.name or frame.url.rsplit("/", 1)[-1]
