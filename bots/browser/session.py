"""One browser step at work: its page, its verbs one after another, its deadline, what may have left the machine."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from bots.browser import failures
from bots.browser.calendars import Calendars
from bots.browser.connection import BrowserConnection
from bots.browser.do import Do
from bots.browser.door import Door
from bots.browser.downloads import Downloads
from bots.browser.evidence import Evidence
from bots.browser.finding import Finder, Found
from bots.browser.forms import Forms
from bots.browser.gestures import Gestures
from bots.browser.grids import Grids
from bots.browser.handlers import Handler, Handlers
from bots.browser.healing.healing import Healing
from bots.browser.pool import Pool
from bots.browser.profile import Answer, Profile
from bots.browser.proof import Proofs
from bots.browser.reading import Reading
from bots.browser.snapshots import Snapshots
from bots.browser.targets import Want, parse
from bots.browser.windows import Windows
from engine.context import Context
from engine.errors import ApplicationException, Outcome

if TYPE_CHECKING:
    from playwright.sync_api import Frame, Page


LEFT = 0.25  # seconds without a request after which a page that wanted to leave stays: it was a file, or no answer

AT_ONCE = ("read", "table", "count")  # verbs that take what stands there at the first look
SETTLED = 2.0  # seconds that a verb waits for answers to what the page asked before; some pages ask for ever


class Session:
    """What verbs work with. `sent` is True once something may have left the machine."""

    def __init__(
        self,
        pool: Pool,
        profile: Profile,
        connection: BrowserConnection,
        place: tuple[str, str],
        context: Context,
        fresh: bool,
    ) -> None:
        self.profile = profile
        self.connection = connection
        self.place, self._kept_as = place
        self.context = context
        self.sent_before = False  # something may have changed data before the last verb that sends
        self.next_click: str | None = None  # what is clicked right after the `fill` under way
        self._pool = pool
        self._fresh = fresh
        self._sent = False
        self._sends = False
        self._unsafe = profile.traffic.unsafe
        self._end = time.monotonic() + context.remaining()
        self._verb_began = time.monotonic()
        self._verb_end = self._end
        self._stirred = time.monotonic()  # when the last verb that may change the page began
        self._notes: list[dict[str, Any]] = []
        self.watches: list[Callable[[], None]] = []  # asked after each verb and at each look: may end the step
        self.windows = Windows(self)
        self.healing = Healing(self)
        self.finder = Finder(self)
        self.proofs = Proofs(self)
        self.evidence = Evidence(self)
        self.forms = Forms(self)
        self.reading = Reading(self)
        self.snapshots = Snapshots(self)
        self.gestures = Gestures(self)
        self.calendars = Calendars(self)
        self.grids = Grids(self)
        self.downloads = Downloads(self)
        self.handlers = Handlers(self, [Handler.model_validate(one) for one in connection.handlers])
        self.door = Door(self)

    # ---- the verbs

    def run(self, lines: Sequence[Do]) -> dict[str, Any]:
        """All verbs of the step. A session that ended before anything was sent is renewed once, from the start."""
        opens = lines[0].verb.name in ("open", "login")
        if self._fresh and not opens and lines[0].verb.name not in ("if", "wait"):
            raise self.failure("PAGE_NOT_FOUND", "no page is open when this step begins", "begin it with `open:`")
        # A step that goes on with a page begins there again, unless steps before it have filled in something.
        at = None if opens or self.profile.touched else self.page.url
        try:
            return self._all(lines)
        except ApplicationException as error:
            if error.code != "SESSION_EXPIRED" or self.sent or not (opens or at):
                raise
            self.context.event("browser.session_expired", place=self.place)
            self.more_time()
            self.door.sign_in()
            if at is not None:
                self.windows.go(at)
            return self._all(lines)

    def _all(self, lines: Sequence[Do]) -> dict[str, Any]:
        sending = [number for number, line in enumerate(lines) if line.verb.sends]
        result = self.perform(lines, picture_before=sending[-1] if sending else None)
        self.more_time()
        self._look_around()
        if self.sent:
            self.proofs.rest()
        self.evidence.screenshot("after")
        return result

    def perform(self, lines: Sequence[Do], picture_before: int | None = None) -> dict[str, Any]:
        """Verbs one after another; what they read, by name."""
        result: dict[str, Any] = {}
        for number, line in enumerate(lines):
            if number == picture_before:
                self.evidence.screenshot("before")
            following = lines[number + 1] if number + 1 < len(lines) else None
            answers = [one.input for one in takewhile(lambda one: one.verb.name == "dialog", lines[number + 1 :])]
            if answers and line.verb.name != "dialog":
                self.profile.dialogs.expected = [Answer(one.answer == "accept", one.says, one.text) for one in answers]
            then_clicks = (
                line.verb.name == "fill"
                and following is not None
                and following.verb.name == "click"
                and following.input.at is None
            )
            self.next_click = following.input.target if then_clicks and following is not None else None
            with self.healing.verb(line, lines[number + 1 :]):
                result |= self._one(line)
        return result

    def _one(self, line: Do) -> dict[str, Any]:
        verb = line.verb
        self.more_time()
        self.handlers.before_verb()
        self._sends = verb.sends
        self._notes = []
        self.snapshots.hand(None)
        began = self._verb_began
        if not verb.reads or verb.name in AT_ONCE:
            self._let_settle()
            self._stirred = began
        read = verb.function(line.input, self) or {}
        self._look_around()
        self.profile.touched = verb.name != "open" and (self.profile.touched or not verb.reads)
        if verb.name not in ("repeat", "if"):
            self._tell(verb.name, line.input, began)
            self.snapshots.take(look=verb.name == "open" or not verb.reads)
        return read

    def _let_settle(self) -> None:
        """What a verb made the page ask its server may draw a form anew: what is filled in meanwhile would be lost."""
        traffic, still = self.profile.traffic, 0
        if not traffic.asks(self._stirred):
            return
        for last in self.polls(timeout=SETTLED):
            still = 0 if traffic.asks(self._stirred) else still + 1
            if last or still > 2:  # looks: one answer is often the reason for the next question
                return

    def _tell(self, verb: str, given: Any, began: float) -> None:
        data: dict[str, Any] = {"duration_ms": round((time.monotonic() - began) * 1000, 1)}
        data["url"] = self.evidence.scrub(self.page.url)
        if len(self._notes) == 1:
            data |= self._notes[0]
        elif self._notes:
            data["fields"] = self._notes
        else:
            data["target"] = self.evidence.scrub(" ".join(str(one) for one in _arguments(given)))
        self.context.event(f"browser.{verb}", **data)

    def note(self, target: str, told: dict[str, Any], value: str | None = None) -> None:
        """What a verb did, for its event: the target as written and as found, and a value that may be shown."""
        noted = {"target": target, "found": told.get("how"), "called": told.get("name"), "box": told.get("box")}
        if value is not None:
            noted["value"] = self.evidence.scrub(value)
        self._notes.append({key: one for key, one in noted.items() if one})

    # ---- time

    def more_time(self) -> None:
        """A verb begins: it has the connection's timeout, within the step's."""
        self._verb_began = time.monotonic()
        self._verb_end = min(self._verb_began + self.connection.timeout, self._end)
        self._pool.watchdog.until(self._verb_end)

    def steps_time(self) -> None:
        """What follows may take as long as the step has: a large file takes longer than a page may."""
        self._pool.watchdog.until(self._end)

    def waited(self) -> float:
        return time.monotonic() - self._verb_began

    def ms(self) -> float:
        """Milliseconds left for the verb under way; never nought, which Playwright takes for `for ever`."""
        return max((self._verb_end - time.monotonic()) * 1000, 1.0)

    def polls(self, timeout: float | None = None) -> Iterator[bool]:
        """Look, wait a little, look again; yields True for the last look."""
        end = self._verb_end if timeout is None else min(time.monotonic() + timeout, self._end)
        pause = 0.015
        while True:
            now = time.monotonic()
            last = now >= end
            # One look has as long as a verb has, and past the verb's end it must be answered at once.
            look = self._verb_end if timeout is None else min(now + self.connection.timeout, self._end)
            self._pool.watchdog.until(max(look, now))
            yield last
            if last:
                return
            self._look_around()
            end += self.handlers.while_waiting()
            self.page.wait_for_timeout(pause * 1000)
            pause = min(pause * 1.6, 0.15)

    def pause(self, seconds: float) -> None:
        self._pool.watchdog.until(min(time.monotonic() + seconds, self._end))
        self.context.sleep(min(seconds, max(self._end - time.monotonic(), 0)))
        self.page.wait_for_timeout(1)  # what happened meanwhile is noted

    # ---- where

    @property
    def page(self) -> Page:
        """The window at work; when it was closed, the last one that is open."""
        return self.windows.current

    def where(self) -> str:
        """The address, for a message, and the frame if the author chose one."""
        frame = f", frame {self.windows.frame_name}" if self.windows.frame_name else ""
        return self.evidence.scrub(self.page.url) + frame

    # ---- what can send

    @property
    def sent(self) -> bool:
        return self._sent or self.profile.traffic.unsafe > self._unsafe

    def mark_sent(self) -> None:
        """From here on nobody can say for certain that nothing left."""
        self.proofs.sent()
        self.sent_before = self.profile.traffic.unsafe > self._unsafe
        self._sent = True

    def act(self, target: str, want: Want, do: Callable[[Found, float], None]) -> None:
        """Find it and do this with it; again if the page drew it anew before anything was done to it."""
        from playwright.sync_api import Error
        from playwright.sync_api import TimeoutError as TookTooLong

        anew = ""
        while True:
            found = self.finder.find(target, want)
            self.snapshots.hand(None)
            if self._sends:
                self.mark_sent()
            noted = len(self._notes)
            try:
                do(found, self.handlers.patience(self.ms()))
            except TookTooLong as error:
                self._look_around()
                if self.handlers.goes_on(error.message):
                    continue
                log = anew or error.message
                raise self.failure("PAGE_TIMEOUT", *failures.blocked(target, log, self.waited())) from error
            except Error as error:
                if "not attached to the DOM" in error.message:
                    anew = error.message
                    if self.ms() > 1:
                        continue
                    raise self.failure("PAGE_TIMEOUT", *failures.blocked(target, anew, self.waited())) from error
                if not (self.profile.page.is_closed() and self.profile.windows()):
                    raise  # else the click closed its own window, as it should
            if len(self._notes) == noted:
                self.note(target, {"how": found.how, "name": found.name, "box": found.box})
            return

    def click(self, target: str) -> None:
        """Click by the mouse: at once where the page is still and shows just one such element, else with patience.

        The page watches the click. Where another element came under the mouse meanwhile nobody gets it, and it is
        looked for anew.
        """
        aim = self.finder.aim(parse(target))
        if aim is not None:
            if self._sends:
                self.mark_sent()
            self.page.mouse.click(aim.x, aim.y)
            landing = self.finder.landed(aim)
            if landing.hit:
                self.note(target, aim.told)
                if landing.leaving:
                    self.leave(aim.frame)
                return
            self.forms.again(landing.lost)
        self.act(target, "click", lambda found, ms: found.handle.click(timeout=ms))

    def leave(self, frame: Frame) -> None:
        """A verb made the page go elsewhere: what follows is meant for the page that comes."""
        traffic, began = self.profile.traffic, time.monotonic()
        for last in self.polls():
            if frame.is_detached() or frame.page.is_closed() or not self.finder.is_marked(frame):
                return
            if last or min(traffic.quiet_for(), time.monotonic() - began) > LEFT:
                return

    def keyboard(self, key: str) -> None:
        self.mark_sent()
        self.page.keyboard.press(key)

    def await_dialog(self) -> None:
        """The verb before opened a native dialog, and it was answered."""
        dialogs = self.profile.dialogs
        for last in self.polls():
            if dialogs.answered:
                self.note("dialog", {}, dialogs.answered.pop(0))
                return
            if last:
                dialogs.expected.clear()
                message = f"no dialog opened on {self.where()}"
                raise self.failure("DIALOG_MISSING", message, "write `dialog:` right after the verb that opens it")

    def _look_around(self) -> None:
        """A dialog nobody expected, or a page that crashed, ends the step."""
        if self.profile.crashed:
            raise self.failure("BROWSER_CRASHED", f"the page crashed ({self.place})", "it was replaced; retry")
        for watch in self.watches:
            watch()
        surprises = self.profile.dialogs.surprises
        if surprises:
            told = "; ".join(surprises)
            surprises.clear()
            raise self.failure(
                "DIALOG_UNEXPECTED",
                f"the page opened a dialog that the step does not expect; it was dismissed: {told} ({self.where()})",
                "write `dialog: accept` or `dialog: dismiss` after the verb that opens it",
            )

    # ---- signing in

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Signing in sends, but is no effect of the step."""
        before = (self._sent, self._sends, self.sent_before, self._notes, self.proofs, self.windows.frame_name)
        touched = self.profile.touched
        self.proofs = Proofs(self)
        self.profile.traffic.letting = True
        try:
            with self.healing.away():
                yield
        finally:
            self._sent, self._sends, self.sent_before, self._notes, self.proofs, self.windows.frame_name = before
            self.profile.traffic.letting, self.profile.touched = False, touched

    @property
    def codes_used(self) -> set[tuple[bytes, int]]:
        """The one-time codes that this worker has used: key and window."""
        return self._pool.codes_used

    @contextmanager
    def aside(self) -> Iterator[None]:
        """What closes an overlay takes no time from the verb under way, and is no effect of the step by itself."""
        began, before = time.monotonic(), (self._sent, self._sends, self.sent_before, self._notes, self.next_click)
        verb_began, verb_end, touched = self._verb_began, self._verb_end, self.profile.touched
        try:
            with self.healing.away():
                yield
        finally:
            self._sent, self._sends, self.sent_before, self._notes, self.next_click = before
            self.profile.touched = touched
            took = time.monotonic() - began
            self._verb_began, self._verb_end = verb_began + took, min(verb_end + took, self._end)
            self._pool.watchdog.until(self._verb_end)

    def remember(self) -> None:
        """Stay signed in from one item to the next."""
        if self.connection.keep_session:
            self.context.keep(self._kept_as, json.dumps(self.profile.context.storage_state()))

    def forget(self) -> None:
        self.context.keep(self._kept_as, None)

    # ---- what goes wrong

    def failure(self, code: str, message: str, advice: str) -> ApplicationException:
        """An application exception that says whether the effect may have happened."""
        held = self.profile.traffic.refused
        if held:
            message += f" (held back, as this step only reads: {', '.join(held[-3:])})"
        outcome = Outcome.UNKNOWN if self.sent else Outcome.NOT_DONE
        return ApplicationException(code, self.evidence.scrub(message), advice=advice, outcome=outcome)


def _arguments(given: Any) -> list[Any]:
    root = getattr(given, "root", None)
    if root is not None:
        return list(root) if isinstance(root, dict) else [root]
    return [value for value in given.model_dump(exclude_none=True).values()]
