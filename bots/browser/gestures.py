"""What takes more than a click: dragging, sliding, taking a suggestion, a script of the author's."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from bots.browser.finding import PAGE, Found, gone
from engine.errors import BusinessException

if TYPE_CHECKING:
    from playwright.sync_api import Frame

    from bots.browser.session import Session

_ENTRY_OF_ONE_LIST = (
    "(target, what) => target.matches('li,tr,[role=listitem],[role=row],[role=option],[class*=sortable]') "
    "&& target.parentElement.contains(what) && !target.contains(what)"
)
STEPS = 12  # moves of the mouse on its way: pages start a drag only after some
_KNOB = (
    "element => element.matches('[tabindex],input') ? element : element.querySelector('[role=slider],[tabindex],input')"
)
PRESSES = 2_000  # keys at most to bring a slider to its value


class Gestures:
    def __init__(self, session: Session) -> None:
        self._session = session

    # ---- by position

    def click_at(
        self, what: str, right: int, down: int, *, times: int = 1, button: Literal["left", "right"] = "left"
    ) -> None:
        """Click on a place of an element, in CSS pixels from its upper left corner: the last resort, for a canvas."""

        def there(found: Found, ms: float) -> None:
            self._must_lie_on(found, what, right, down)
            found.handle.click(timeout=ms, position={"x": right, "y": down}, click_count=times, button=button)

        self._session.act(what, "any", there)

    def hover_at(self, what: str, right: int, down: int) -> None:
        """Move the mouse to a place of an element: a point of a chart tells of itself."""

        def there(found: Found, ms: float) -> None:
            self._must_lie_on(found, what, right, down)
            found.handle.hover(timeout=ms, position={"x": right, "y": down})

        self._session.act(what, "any", there)

    def _must_lie_on(self, found: Found, what: str, right: int, down: int) -> None:
        width, height = found.box[2:]
        if not (0 <= right < width and 0 <= down < height):
            raise self._session.failure(
                "ELEMENT_NOT_FOUND",
                f"the place {right}, {down} lies outside {what!r}, which is {width} x {height} pixels large "
                f"({self._session.where()})",
                "count from its upper left corner",
            )

    # ---- dragging

    def drag_onto(self, what: str, where: str) -> None:
        """Press the mouse on one element, let it go on another."""
        target = self._session.finder.find(where, "any")
        target.handle.scroll_into_view_if_needed(timeout=self._session.ms())

        def onto(found: Found, _ms: float) -> None:
            start, end = self._middle(found, what), self._middle(target, where)
            if target.handle.evaluate(_ENTRY_OF_ONE_LIST, found.handle):
                end = self._past_the_middle(start, target.box, end)
            self._move(start, end)

        self._session.act(what, "any", onto)

    def _past_the_middle(
        self, start: tuple[float, float], box: list[int], end: tuple[float, float]
    ) -> tuple[float, float]:
        """In a list that is sorted by hand an entry gives way once one is dragged past its middle."""
        right, down = (
            0.3 * size * (0 if abs(to - at) < size / 2 else 1 if to > at else -1)
            for at, to, size in zip(start, end, box[2:], strict=True)
        )
        return end[0] + right, end[1] + down

    def drag_by(self, what: str, right: int, down: int) -> None:
        """Press the mouse on an element, let it go some way off."""

        def along(found: Found, _ms: float) -> None:
            found.handle.scroll_into_view_if_needed(timeout=self._session.ms())
            x, y = self._middle(found, what)
            self._move((x, y), (x + right, y + down))

        self._session.act(what, "any", along)

    def _middle(self, found: Found, what: str) -> tuple[float, float]:
        box = found.handle.bounding_box()
        if box is None:
            raise self._session.failure(
                "ELEMENT_NOT_FOUND",
                f"{what!r} cannot be seen on {self._session.where()}, so it cannot be dragged",
                "open what hides it first",
            )
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def _move(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        mouse = self._session.page.mouse
        mouse.move(*start)
        mouse.down()
        try:
            mouse.move(start[0] + (end[0] - start[0]) / STEPS, start[1] + (end[1] - start[1]) / STEPS)
            mouse.move(*end, steps=STEPS)
            mouse.move(*end)  # some pages take the second move over a target for the first that counts
        finally:
            mouse.up()

    # ---- sliding

    def slide(self, label: str, value: Decimal, shown: str | None = None) -> None:
        """A native range takes its value; one that the page draws is moved by keys, as for people without a mouse.

        `shown` names where the page shows the value of a slider that does not tell it itself.
        """
        found = self._session.finder.find(label, "field")
        if shown is not None:
            self._press_to(found, label, value, lambda: Decimal(self._session.reading.value(shown, "number")))
            self._session.note(label, {"how": found.how, "box": found.box}, str(value))
            return
        told = self._slider(found, label)
        if not told["low"] <= value <= told["high"]:
            raise BusinessException(
                "PAGE_REFUSED",
                f"the slider {label!r} goes from {told['low']} to {told['high']}, and the value is {value} "
                f"({self._session.where()})",
                advice="correct the value",
            )
        if told["native"]:
            self._session.forms.fill({label: str(value)})
            return
        self._press_to(found, label, value, lambda: Decimal(self._slider(found, label)["now"]))
        self._session.note(label, {"how": found.how, "box": found.box}, str(value))

    def _slider(self, found: Found, label: str) -> dict[str, Any]:
        told = found.handle.evaluate(f"element => {PAGE}.slider(element)")
        if told is None:
            raise self._session.failure(
                "ELEMENT_NOT_FOUND",
                f"{label!r} is no slider that tells its value on {self._session.where()}",
                "say where the page shows it (`{to: 40, shown: css=#value}`), or move it with `drag:` or `press:`",
            )
        return {**told, **{name: Decimal(str(told[name])) for name in ("now", "low", "high")}}

    def _press_to(self, found: Found, label: str, value: Decimal, read: Callable[[], Decimal]) -> None:
        knob = found.handle.evaluate_handle(_KNOB).as_element() or found.handle
        knob.focus()
        now = before = read()
        for _ in range(PRESSES):
            if now == value:
                return
            self._session.more_time()
            knob.press("ArrowRight" if now < value else "ArrowLeft", timeout=self._session.ms())
            last, now = now, read()
            if now == last or (last < value < now) or (now < value < last):
                break
            before = last
        raise self._session.failure(
            "VALUE_NOT_KEPT",
            f"the slider {label!r} stands at {now} and cannot be brought to {value} by its keys (it was at {before}) "
            f"({self._session.where()})",
            "give a value that it stops at, or drag it",
        )

    # ---- suggestions

    def complete(self, label: str, typed: str, choice: str) -> None:
        """Type, wait for the suggestion, take it, and see that the field took it over."""
        found = self._typed(label, typed)
        field = found.handle
        for last in self._session.polls():
            told = field.evaluate(f"(field, choice) => {PAGE}.suggest(field, choice)", choice)
            if told["found"] and self._take(found.frame):
                break
            if not last and not told["offered"] and told["emptied"]:  # the page drew the form anew under the keys
                found = self._typed(label, typed)
                field = found.handle
            if last:
                offered = ", ".join(map(repr, told["offered"])) or "nothing"
                raise BusinessException(
                    "PAGE_REFUSED",
                    f"the field {label!r} does not suggest {choice!r}; it suggests {offered} ({self._session.where()})",
                    advice="write the suggestion as the page shows it, or type more of it (`{type: ..., choose: ...}`)",
                )
        for last in self._session.polls():
            if field.evaluate(f"(field, choice) => {PAGE}.completed(field, choice)", choice):
                return
            if last:
                raise self._session.failure(
                    "VALUE_NOT_KEPT",
                    f"the field {label!r} does not show {choice!r} after it was taken from the suggestions "
                    f"({self._session.where()})",
                    "look at the screenshot among the evidence",
                )

    def _typed(self, label: str, text: str) -> Found:
        """The field, with the text typed into it; what it offered before is known."""
        self._session.finder.find(label, "field").handle.evaluate(f"field => {PAGE}.typing(field)")
        self._session.forms.type_keys(label, text)
        return self._session.finder.find(label, "field")

    def _take(self, frame: Frame) -> bool:
        """Click the suggestion found last; False where the page has drawn its list anew since."""
        from playwright.sync_api import Error

        option = frame.evaluate_handle(f"() => {PAGE}.suggested()").as_element()
        if option is None:
            return False
        try:
            option.click(timeout=self._session.ms())
        except Error as error:
            if gone(error) or "not attached to the DOM" in error.message:
                return False
            raise
        return True

    # ---- scripts

    def script(self, code: str) -> Any:
        """The value of an author's JavaScript. The connection must allow scripts."""
        if not self._session.connection.scripts:
            raise BusinessException(
                "SCRIPT_NOT_ALLOWED",
                f"the step runs a script, and {self._session.place} does not allow scripts",
                advice="use verbs, or set `scripts: true` on the connection",
            )
        self._session.mark_sent()
        body = code if _returns(code) else f"return ({code.strip().rstrip(';')});"
        return self._session.page.evaluate(f"async () => {{ {body}\n }}")


def _returns(code: str) -> bool:
    return "return" in code or ";" in code.strip().rstrip(";")
