"""Finding a target on the page: every frame is asked, one element must fit, and what is not there yet is awaited."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

from bots.browser import failures
from bots.browser.profile import page_script
from bots.browser.targets import Target, Want, parse

if TYPE_CHECKING:
    from playwright.sync_api import ElementHandle, Frame

    from bots.browser.session import Session

PAGE = "globalThis[Symbol.for('clerkwork.page')]"
_WAYS = (
    "role and name",
    "label",
    "placeholder",
    "title or alt",
    "test id",
    "visible text",
    "the text after",
    "the cell left",
    "the cell above",
    "the text before",
    "the column's header",
    "the text beside or above",
    "the value beside its label",
)
AMBIGUOUS_AFTER = 1.0  # seconds: a page that is still building may show two for a moment


@dataclass(frozen=True, slots=True)
class Found:
    """One element, and how it was found. `box` is left, top, width, height in the window."""

    handle: ElementHandle
    frame: Frame
    how: str
    name: str
    role: str
    box: list[int]
    value: str | None


@dataclass(frozen=True, slots=True)
class Match:
    """What the page's script tells of an element, and where to fetch it."""

    frame: Frame
    task: int
    place: int
    told: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Aim:
    """A place in the window at which the mouse will click, and what the page's script tells of the element there."""

    frame: Frame
    x: float
    y: float
    told: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Landing:
    """Whether a click reached its element, and whether the page is on its way to another one."""

    hit: bool
    leaving: bool
    lost: list[str] = field(default_factory=list)  # fields that were found put back when the mouse came


@dataclass(frozen=True, slots=True)
class Result:
    """What fits one target in all frames together."""

    matches: list[Match]
    total: int
    hidden: int


class Finder:
    def __init__(self, session: Session) -> None:
        self._session = session
        self._ready: tuple[str, Frame, dict[str, Any]] | None = None

    def call(self, frame: Frame, method: str, argument: Any) -> Any:
        """Ask the page's script; None where the frame went away or on to another page meanwhile."""
        from playwright.sync_api import Error

        expression = f"given => {PAGE} ? {PAGE}.{method}(given) : '(none)'"
        try:
            answer = frame.evaluate(expression, argument)
            if answer == "(none)":  # a document that came to be without a navigation
                frame.evaluate(page_script())
                answer = frame.evaluate(expression, argument)
        except Error as error:
            if gone(error):
                return None
            failures.check_selector(error, argument)
            raise
        return answer

    def frames(self, name: str | None = None) -> list[Frame]:
        """The frames to look in: all of the window, or one and what it contains."""
        frames = [frame for frame in self._session.page.frames if not frame.is_detached()]
        wanted = name or self._session.windows.frame_name
        if wanted is None:
            return frames
        inside = [frame for frame in frames if _is_called(frame, wanted)]
        return [frame for frame in frames if any(one in inside for one in _upwards(frame))]

    def ask(self, targets: Sequence[Target], want: Want) -> list[Result]:
        """One pass over all frames for several targets at once. Errors that the page shows are noted on the way."""
        healing = self._session.healing
        targets = [healing.now(target) for target in targets]
        request = {
            "tasks": [healing.task(target, want) for target in targets],
            "errors": self._session.connection.error_texts,
        }
        found: list[list[Match]] = [[] for _target in targets]
        totals, hiddens, shown = [0] * len(targets), [0] * len(targets), []
        names = {target.frame for target in targets}
        for frame in self.frames(names.pop() if len(names) == 1 else None):
            answer = self.call(frame, "ask", request)
            if answer is None:
                continue
            shown += answer["errors"]
            for task, result in enumerate(answer["results"]):
                found[task] += [Match(frame, task, place, told) for place, told in enumerate(result["matches"])]
                totals[task] += result["total"]
                hiddens[task] += result["hidden"]
        self._session.proofs.note_errors(shown)
        return [_best(matches, total, hidden) for matches, total, hidden in zip(found, totals, hiddens, strict=True)]

    def aim(self, target: Target) -> Aim | None:
        """Where to click on the one element that fits, watched from now on; None where it takes more than one look."""
        ready, self._ready = self._ready, None
        target = self._session.healing.now(target)
        if ready is not None and ready[0] == target.text:
            _text, frame, answer = ready
        else:
            frames = self.frames(target.frame)
            if len(frames) != 1 or frames[0].parent_frame is not None:
                return None  # a place in a frame is not one of the window
            (frame,) = frames
            answer = self.call(frame, "aim", self.aim_request(target))
        if answer is None:
            return None
        self._session.proofs.note_errors(answer["errors"])
        if answer["place"] is None:
            return None
        self._session.healing.saw(target, "click", frame, answer["results"][0]["matches"][0])
        return Aim(frame, answer["place"]["x"], answer["place"]["y"], answer["results"][0]["matches"][0])

    def aim_request(self, target: Target) -> dict[str, Any]:
        """What the page is asked to aim at something to click."""
        tasks = [self._session.healing.task(target, "click")]
        return {"tasks": tasks, "errors": self._session.connection.error_texts}

    def aimed(self, target: Target, frame: Frame, answer: dict[str, Any]) -> None:
        """The verb before the click has aimed already, in its own round trip."""
        self._ready = (target.text, frame, answer)

    def landed(self, aim: Aim) -> Landing:
        """What became of the click. A page that is gone, or a window that closed itself, was hit."""
        from playwright.sync_api import Error

        try:
            told = self.call(aim.frame, "landed", self._session.snapshots.wanted_of(aim.frame))
        except Error:
            if not self._session.profile.page.is_closed():
                raise
            told = None
        if told is None:
            return Landing(True, True)
        self._session.snapshots.hand(told["page"])
        return Landing(told["hit"] or not told["missed"], told["leaving"], told["lost"])

    def is_marked(self, frame: Frame) -> bool:
        """Whether the frame still shows the document that a click made it leave."""
        from playwright.sync_api import Error

        try:
            return bool(frame.evaluate("() => globalThis[Symbol.for('clerkwork.left')] === true"))
        except Error as error:
            if gone(error):
                return True  # between the two
            if frame.page.is_closed():
                return False
            raise

    def take(self, match: Match) -> ElementHandle | None:
        """The element itself; None if the page went on meanwhile."""
        from playwright.sync_api import Error

        try:
            handle = match.frame.evaluate_handle(
                f"([task, place]) => {PAGE}.take(task, place)", [match.task, match.place]
            )
        except Error as error:
            if gone(error):
                return None
            raise
        return handle.as_element()

    def find(self, text: str, want: Want) -> Found:
        """The one element that fits. Waits for it; fails with what is there instead, or with all that fit."""
        target = parse(text)
        began = time.monotonic()
        for last in self._session.polls():
            result = self.ask([target], want)[0]
            if result.total == 1:
                self._session.healing.saw(target, want, result.matches[0].frame, result.matches[0].told)
                found = self._fetched(result.matches[0])
                if found is not None:
                    return found
            if result.total > 1 and (last or time.monotonic() - began > AMBIGUOUS_AFTER):
                self.refuse(target, want, result)
            if last:
                return self._healed(target, want, result)
        raise AssertionError("polls end with a last one")

    def _fetched(self, match: Match) -> Found | None:
        """With its element; None where the page went on meanwhile."""
        handle = self.take(match)
        if handle is None:
            return None
        told = match.told
        return Found(handle, match.frame, told["how"], told["name"], told["role"], told["box"], told["value"])

    def _healed(self, target: Target, want: Want, result: Result) -> Found:
        """What stands in for a target that the page shows no more; else what is to be told of that."""
        if result.total or result.hidden:
            self.refuse(target, want, result)
        self._session.door.check_expired()
        heals, told = self._session.healing.heal(target, want)
        if not heals:
            self.refuse(target, want, result, told)
        self._session.more_time()
        return self.find(target.text, want)

    def refuse(self, target: Target, want: Want, result: Result, likest: str = "") -> NoReturn:
        """Raise what is to be told of a target that does not fit exactly one element; `likest` of one that might."""
        session = self._session
        session.door.check_expired()
        if result.total > 1:
            text = failures.ambiguous(target.text, session.where(), result.total, _in_frames(target, result.matches))
            raise session.failure("ELEMENT_AMBIGUOUS", *text)
        if result.hidden:
            text = failures.hidden(target.text, want, session.where(), result.hidden)
            raise session.failure("ELEMENT_NOT_FOUND", *text)
        names, lines = self.inventory(want)
        message, advice = failures.not_found(target.text, want, session.where(), names, lines)
        raise session.failure("ELEMENT_NOT_FOUND", message + likest, advice)

    def inventory(self, want: Want) -> tuple[list[dict[str, Any]], list[str]]:
        """What can be named in the frames, and the texts seen there."""
        names: list[dict[str, Any]] = []
        lines: list[str] = []
        kind = "click" if want == "click" else "field" if want in ("field", "file", "tick") else "text"
        for frame in self.frames():
            answer = self.call(frame, "inventory", kind) or {"names": [], "lines": []}
            names += answer["names"]
            lines += answer["lines"]
        return names, lines


def gone(error: Exception) -> bool:
    """The document was left while it was asked: not an error, it is asked again."""
    text = str(error)
    return any(
        sign in text
        for sign in (
            "Execution context was destroyed",
            "Frame was detached",
            "frame got detached",
            "Cannot find context",
            "because of a navigation",
            "Unable to adopt element handle",
            "JSHandle is disposed",
        )
    )


def _best(matches: list[Match], total: int, hidden: int) -> Result:
    """The frames each answer in the best way they know; the best way of all decides."""
    ranks = [_WAYS.index(one.told["how"]) if one.told["how"] in _WAYS else 0 for one in matches]
    if len({one.frame for one in matches}) < 2 or len(set(ranks)) < 2:
        return Result(matches, total, hidden)
    kept = [one for one, rank in zip(matches, ranks, strict=True) if rank == min(ranks)]
    return Result(kept, len(kept), hidden)


def _in_frames(target: Target, matches: list[Match]) -> list[dict[str, Any]]:
    """What is told of each. Where it is the only one in its frame, the frame's name tells it apart."""
    frames = [one.frame for one in matches]
    return [
        {**one.told, "locator": f"frame={one.frame.name} >> {target.text}"}
        if frames.count(one.frame) == 1 < len(frames) and one.frame.name and target.frame is None
        else one.told
        for one in matches
    ]


def _is_called(frame: Frame, name: str) -> bool:
    if name in (frame.name, frame.url):
        return True
    return name.lower() in frame.url.rsplit("/", 1)[-1].lower()


def _upwards(frame: Frame) -> Iterator[Frame]:
    up: Frame | None = frame
    while up is not None:
        yield up
        up = up.parent_frame
