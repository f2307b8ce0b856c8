"""Setting fields: in the page in one pass, read back, set once more by real keys where the page did not keep it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import groupby, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bots.browser.finding import PAGE, Found, Match, Result
from bots.browser.preview import MASK, is_secret
from bots.browser.targets import Target, parse
from bots.browser.values import Scalar, text_of
from engine.errors import ApplicationException, BusinessException

if TYPE_CHECKING:
    from playwright.sync_api import ElementHandle

    from bots.browser.session import Session

_CLOSED = {"disabled": "is disabled", "read only": "is read only"}


# The message is the browser's own for an element that the page drew anew: it is looked for again.
_CLICK_LABEL = """element => {
  if (!element.isConnected) throw new Error("Element is not attached to the DOM");
  (element.labels && element.labels[0] || element).click();
}"""


class Forms:
    def __init__(self, session: Session) -> None:
        self._session = session
        self._filled: dict[str, str] = {}

    def fill(self, values: Mapping[str, Scalar]) -> None:
        """Fill all fields, in as few passes as the page allows: usually one. What appears later is awaited."""
        waiting = {label: text_of(value) for label, value in values.items()}
        self._filled |= waiting
        for label in waiting:
            if self._session.healing.doubts(parse(label), "field"):
                self._session.finder.find(label, "field")
        for last in self._session.polls():
            results, outcomes = self._pass(waiting)
            for label, (match, _told) in outcomes.items():
                self._session.healing.saw(parse(label), "field", match.frame, match.told)
            for label, outcome in outcomes.items():
                self._settle(label, waiting[label], outcome)
            if outcomes:
                self._note(waiting, outcomes)
            waiting = {label: text for label, text in waiting.items() if label not in outcomes}
            if not waiting:
                return
            label = next(iter(waiting))
            if last or results[label].total > 1:
                self._session.finder.find(label, "field")  # tells what is wrong, or finds what came at the last moment
                self._session.more_time()
                self.fill({label: values[label] for label in waiting})
                return

    def _pass(self, values: Mapping[str, str]) -> tuple[dict[str, Result], dict[str, tuple[Match, dict[str, Any]]]]:
        """Fill the leading fields that are found; their outcomes as the page tells them."""
        labels = list(values)
        healing = self._session.healing
        targets = [healing.now(parse(label)) for label in labels]
        finder = self._session.finder
        frames = finder.frames(targets[0].frame if len({target.frame for target in targets}) == 1 else None)
        if len(frames) == 1:
            return self._pass_in_one(labels, targets, values)
        results = finder.ask(targets, "field")
        found = list(zip(labels, results, strict=True))
        leading = [(label, result.matches[0]) for label, result in takewhile(lambda one: one[1].total == 1, found)]
        outcomes: dict[str, tuple[Match, dict[str, Any]]] = {}
        for frame, group in groupby(leading, key=lambda one: one[1].frame):
            fields = list(group)
            given = {"tasks": [match.task for _, match in fields], "values": [values[label] for label, _ in fields]}
            told = finder.call(frame, "fillTaken", given)
            if told is None:
                break
            outcomes |= {label: (match, one) for (label, match), one in zip(fields, told, strict=True)}
        return dict(found), outcomes

    def _pass_in_one(
        self, labels: list[str], targets: list[Target], values: Mapping[str, str]
    ) -> tuple[dict[str, Result], dict[str, tuple[Match, dict[str, Any]]]]:
        """One round trip: resolve, fill, read back."""
        finder = self._session.finder
        (frame,) = finder.frames(targets[0].frame)
        following = None if self._session.next_click is None else parse(self._session.next_click)
        aims = following is not None and following.frame is None and frame.parent_frame is None
        request = {
            "tasks": [self._session.healing.task(target, "field") for target in targets],
            "errors": self._session.connection.error_texts,
            "values": [values[label] for label in labels],
            "labels": labels,
            "page": self._session.snapshots.wanted_of(frame),
            "then": finder.aim_request(following) if aims and following is not None else None,
        }
        answer = finder.call(frame, "fill", request) or {"results": [], "errors": [], "fields": [], "next": None}
        self._session.proofs.note_errors(answer["errors"])
        self._session.snapshots.hand(answer.get("page"))
        if answer["next"] is not None and following is not None:
            finder.aimed(following, frame, answer["next"])
        if answer.get("leaving"):
            self._session.leave(frame)
        results: dict[str, Result] = dict.fromkeys(labels, Result([], 0, 0))
        outcomes: dict[str, tuple[Match, dict[str, Any]]] = {}
        for index, result in enumerate(answer["results"]):
            matches = [Match(frame, index, place, told) for place, told in enumerate(result["matches"])]
            results[labels[index]] = Result(matches, result["total"], result["hidden"])
            if index < len(answer["fields"]):
                outcomes[labels[index]] = (matches[0], answer["fields"][index])
        return results, outcomes

    def _settle(self, label: str, text: str, outcome: tuple[Match, dict[str, Any]]) -> None:
        """A field that kept its value is done; one that did not is set once more, by real keys."""
        _match, told = outcome
        problem = told.get("problem")
        if told["kept"]:
            return
        if problem == "no option":
            raise self._no_option(label, told)
        if problem == "too long":
            raise self._refused(label, f"takes {told['limit']} characters, and the value has {len(text)}")
        if problem in _CLOSED:
            self._once_open(label, text)
        elif problem == "file":
            raise self._refused(label, "takes a file: use `upload`")
        else:
            self._by_keys(label, text)

    def _once_open(self, label: str, text: str) -> None:
        """A field that is closed may be opened by what was filled before it; one that stays so is refused."""
        self._session.next_click = None
        for last in self._session.polls():
            outcome = self._pass({label: text})[1].get(label)
            problem = outcome[1].get("problem") if outcome is not None else None
            if outcome is not None and problem not in _CLOSED:
                self._settle(label, text, outcome)
                return
            if last:
                if outcome is None:
                    self._session.finder.find(label, "field")
                raise self._closed(label, _CLOSED[problem or "disabled"])

    def _closed(self, label: str, why: str) -> ApplicationException:
        message = f"the field {label!r} {why} ({self._session.where()})"
        return self._session.failure("FIELD_CLOSED", message, "do first what opens it, or leave it out")

    def _really(self, handle: ElementHandle, text: str, ms: float) -> None:
        from playwright.sync_api import Error

        try:
            handle.fill(text, timeout=ms)
        except Error as error:
            if "Malformed value" in str(error) or "Cannot type text" in str(error):
                kind = handle.get_attribute("type") or "other"
                raise BusinessException(
                    "PAGE_REFUSED", f"a {kind} field does not take {text!r}", advice="give a value of that kind"
                ) from error
            raise

    def again(self, labels: list[str]) -> None:
        """Fields that the page put back after they were filled and read are set once more, by real keys."""
        for label in labels:
            self._by_keys(label, self._filled[label])

    def _by_keys(self, label: str, text: str) -> None:
        self._session.act(label, "field", lambda found, ms: self._really(found.handle, text, ms))
        self._must_show(label, text)

    def _must_show(self, label: str, text: str) -> None:
        found = self._session.finder.find(label, "field")
        shown, kept = self._read_back(found, text)
        if not kept:
            secret = is_secret(label) or found.handle.get_attribute("type") == "password"
            raise self._session.failure(
                "VALUE_NOT_KEPT",
                f"the field {label!r} shows {MASK if secret else repr(shown)} after {MASK if secret else repr(text)} "
                f"was filled in twice ({self._session.where()})",
                "type it key by key (`type:`), or look whether the page changes it",
            )

    def _read_back(self, found: Found, text: str) -> tuple[str, bool]:
        shown, kept = found.handle.evaluate(f"(element, text) => {PAGE}.shows(element, text)", text)
        return str(shown), bool(kept)

    def _refused(self, label: str, why: str) -> BusinessException:
        return BusinessException(
            "PAGE_REFUSED",
            f"the field {label!r} {why} ({self._session.where()})",
            advice="correct the value or the step",
        )

    def _no_option(self, label: str, told: dict[str, Any]) -> BusinessException:
        options = ", ".join(repr(option) for option in told["options"] if option)
        return BusinessException(
            "PAGE_REFUSED",
            f"the list {label!r} has no option {told['missing']!r}; it has {options or 'none'} "
            f"({self._session.where()})",
            advice="correct the value, or write the option as the list shows it",
        )

    def _note(self, values: Mapping[str, str], outcomes: Mapping[str, tuple[Match, dict[str, Any]]]) -> None:
        for label, (match, told) in outcomes.items():
            self._session.note(label, match.told, self._told(label, values[label], told["secret"]))

    def _told(self, label: str, text: str, secret: bool) -> str:
        if secret or is_secret(label):
            self._session.evidence.hide(text)
            return MASK
        return MASK if self._session.context.scrub(text) != text else text

    def type_keys(self, label: str, text: str) -> None:
        """Empty the field, then type key by key."""

        def keys(found: Found, ms: float) -> None:
            while True:
                found.handle.fill("", timeout=ms)
                found.handle.evaluate(f"field => {PAGE}.keysFor(field)")
                found.handle.type(text, timeout=ms)
                if not self._session.finder.call(found.frame, "keysDone", None):  # None: the keys sent the form
                    break
                if self._session.ms() <= 1:
                    raise self._focus_moved(label)
            secret = found.handle.get_attribute("type") == "password"
            self._session.note(label, {"how": found.how, "box": found.box}, self._told(label, text, secret))

        self._session.act(label, "field", keys)

    def _focus_moved(self, label: str) -> ApplicationException:
        message = f"the page moves the focus to another field while {label!r} is typed ({self._session.where()})"
        return self._session.failure("VALUE_NOT_KEPT", message, "use `fill`, or wait for what the page is still doing")

    def select(self, label: str, options: list[str]) -> None:
        """Select in a native list, or in one that is drawn by the page: open it, click the option."""
        for last in self._session.polls():
            found = self._session.finder.find(label, "field")
            told = found.handle.evaluate(f"(element, options) => {PAGE}.select(element, options)", options)
            if told.get("problem") == "no list":
                self._pick(label, found, options)
                return
            if told.get("done"):
                self._session.note(label, {"how": found.how, "box": found.box}, ", ".join(options))
                return
            if last and told["problem"] in _CLOSED:
                raise self._closed(label, _CLOSED[told["problem"]])
            if last and told["problem"] != "gone":  # a list is often filled by a request after another field was set
                raise self._no_option(label, told)

    def _pick(self, label: str, found: Found, options: list[str]) -> None:
        """Open the list, click the option: one that says it is an option, else an entry of what opened."""
        for option in options:
            found.handle.evaluate(f"field => {PAGE}.typing(field)")
            found.handle.click(timeout=self._session.ms())
            self._pick_one(label, found, option)

    def _pick_one(self, label: str, found: Found, option: str) -> None:
        named = f"role=option[name={option!r}]"
        for last in self._session.polls():
            if self._session.finder.ask([parse(named)], "any")[0].total == 1:
                self._session.act(named, "any", lambda one, ms: one.handle.click(timeout=ms))
                return
            told = found.handle.evaluate(f"(field, option) => {PAGE}.suggest(field, option)", option)
            entry = found.handle.evaluate_handle(f"() => {PAGE}.suggested()").as_element() if told["found"] else None
            if entry is not None:
                entry.click(timeout=self._session.ms())
                self._session.note(label, {"how": found.how, "box": found.box}, option)
                return
            if last:
                raise self._no_option(label, {"options": told["offered"], "missing": option})

    def tick(self, label: str, on: bool) -> None:
        """Tick or untick a box or a radio button, and see that it stayed so."""

        wanted = "yes" if on else "no"

        def set_it(found: Found, ms: float) -> None:
            if found.handle.is_visible() and found.handle.evaluate("element => element.tagName === 'INPUT'"):
                found.handle.set_checked(on, timeout=ms)
            elif self._read_back(found, wanted)[0] != wanted:
                found.handle.evaluate(_CLICK_LABEL)
            if not found.handle.evaluate("element => element.isConnected"):  # drawn anew by its own click
                found = self._session.finder.find(label, "tick")
            if self._read_back(found, wanted)[0] != wanted:
                advice = "look whether the page allows it at this point"
                raise self._session.failure("VALUE_NOT_KEPT", f"{label!r} did not stay {'on' if on else 'off'}", advice)

        self._session.act(label, "tick", set_it)

    def date(self, label: str, value: date, form: str | None) -> None:
        """A date field gets its ISO form, a text field the page's own."""
        found = self._session.finder.find(label, "field")
        native = found.handle.get_attribute("type") == "date"
        text = value.isoformat() if native or form is None else value.strftime(form)
        self.fill({label: text})

    def upload(self, label: str, files: list[tuple[str, Path]]) -> None:
        """Give files to a file field, under their own names."""

        def give(found: Found, ms: float) -> None:
            payload = [{"name": name, "mimeType": "", "buffer": path.read_bytes()} for name, path in files]
            found.handle.set_input_files(payload, timeout=ms)  # type: ignore[arg-type]

        self._session.act(label, "file", give)
