"""Reads the steps of a file: one action each, its input checked, everything around it understood."""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from typing import Any, TypeAlias

from engine.action import Action, Effect
from engine.control_inputs import CONTROLS
from engine.errors import Location, Problems, UsageError
from engine.expression_names import CONSTANTS
from engine.language import EffectSpec, RetryPolicy, ReviewSpec, Step
from engine.model_problems import checked, is_sound
from engine.nearest import nearest, suggestion
from engine.place import Place
from engine.spans import EXAMPLES, parse_span
from engine.template import ParsedTemplate, parse_condition, parse_template
from engine.values import described
from engine.workflow_file import EffectOptions, Retry, Review, has_expression, is_expression

STEP_KEYS: Mapping[str, str] = {
    "name": "what people call the step",
    "as": "the name under which later steps find its result",
    "if": "a condition; the step is left out where it is false",
    "for_each": "a list; the step runs once for each entry",
    "each": "what the entry is called, `each` if left out",
    "max_parallel": "how many entries at the same time, for steps that only read",
    "retry": "how often and when an application exception is tried again",
    "timeout": "how long the step may take",
    "review": "when a person looks at the result before the item goes on",
    "effect": "what makes its effect unique and how it is looked up; `none` if it only reads",
    "on_error": "steps that take over if it fails, or `continue`",
    "finally": "for a group: steps that run at the end in any case",
    "secrets": "names of secrets that it uses",
}
Steps: TypeAlias = tuple[Step, ...]
RESERVED = frozenset({"item", "today", "now", "run", "error"})


class StepReader:
    """Makes steps and notes every problem. `unsound` holds the paths of those whose input cannot be relied on."""

    def __init__(self, registry: Mapping[str, Action], problems: Problems) -> None:
        self.registry = registry
        self.problems = problems
        self.unsound: set[str] = set()

    def steps(self, place: Place, path: str, what: str, *, look_up: bool = False) -> tuple[Step, ...]:
        """The steps of a list. `look_up`: they are a section of `verify`."""
        if not isinstance(place.value, list) or not place.value:
            self._problem(place, f"{what} is {described(place.value)}", "a list of steps", "begin each with `- `")
            return ()
        read = [self.step(entry, f"{path}.{n}", look_up=look_up) for n, entry in enumerate(place.entries())]
        return tuple(step for step in read if step is not None)

    def step(self, place: Place, path: str, *, look_up: bool = False) -> Step | None:
        if not isinstance(place.value, dict):
            found = f"a step that is {described(place.value)}"
            self._problem(place, found, "a mapping with one action", "write `action: {...}` after the dash")
            return None
        kind = self._kind(place)
        if kind is None:
            return None
        action = self.registry.get(kind)
        given = place.at(kind)
        children, final = self._children(kind, place, path, look_up=look_up)
        sound = self._check_input(kind, action, given, place)
        if not sound:
            self.unsound.add(path)
        raw = given.value if given.value is not None else {}
        review = self._review(place) if kind != "review" else None
        effect, effect_kind = self._effect(place, kind, action, raw, sound=sound)
        self._refuse_misplaced(place, kind, effect_kind, look_up=look_up)
        template = self._input_template(kind, given, place)
        return Step(
            path=path,
            kind=kind,
            location=place.key(kind),
            input=template,
            action=action,
            name=self._text(place, "name"),
            bind=self._bound_name(place, "as"),
            condition=self.condition(place, "if"),
            for_each=self._list_template(place),
            each=self._bound_name(place, "each") or "each",
            max_parallel=self._max_parallel(place, effect_kind),
            retry=self.retry(place.at("retry"), "retry") if place.has("retry") else None,
            timeout=self._timeout(place),
            review=review,
            effect=effect,
            effect_kind=effect_kind,
            on_error=self._on_error(place, path, look_up=look_up),
            secrets=self._secrets(place),
            children=children,
            final=final,
        )

    # -- the action ---------------------------------------------------------------------------------------------------

    def _kind(self, place: Place) -> str | None:
        """The one action of a step; every other key that is not a step's own is a problem."""
        others = [name for name in place.value if name not in STEP_KEYS]
        known = [name for name in others if name in self.registry or name in CONTROLS]
        if not others and place.has("review"):
            return "review"
        if len(known) > 1:
            found = f"a step with {len(known)} actions: {' and '.join(known)}"
            self.problems.add(place.key(known[1]), found, "expected one action in a step", "make a step of each")
            return None
        if not others:
            advice = "write what it does, for example `set: {total: 5}`"
            self._problem(place, "a step without an action", "one action", advice)
            return None
        for name in others:
            if name not in known:
                self._unknown(place, name, known)
        return known[0] if known else None

    def _unknown(self, place: Place, name: str, known: list[str]) -> None:
        if known:
            advice = suggestion(name, STEP_KEYS, f"{known[0]} is its action; remove {name} or make a step of it")
            expected = f"expected one action and {', '.join(STEP_KEYS)}"
            self.problems.add(place.key(name), f"unknown key {name} in a step", expected, advice)
            return
        near = nearest(name, [*self.registry, *CONTROLS, *STEP_KEYS])
        advice = f"did you mean {near}?" if near is not None else "`actions` lists them all"
        self.problems.add(place.key(name), f"unknown action {name}", "expected the name of an action", advice)

    def _check_input(self, kind: str, action: Action | None, given: Place, step: Place) -> bool:
        if kind in ("group", "parallel"):
            return True
        model = action.input if action is not None else CONTROLS[kind]
        if given.value is None:
            given = Place(given.source, {}, step.value.keys_at[kind])
        if kind == "set":
            return self._check_names(given)
        return is_sound(model, given, kind, self.problems)

    def _check_names(self, given: Place) -> bool:
        if not isinstance(given.value, dict):
            self._problem(
                given, f"set was given {described(given.value)}", "names and values", "write `set: {name: value}`"
            )
            return False
        for name in given.value:
            self._check_name(name, given.key(name))
        return True

    def _children(
        self, kind: str, place: Place, path: str, *, look_up: bool
    ) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
        final = place.at("finally") if place.has("finally") else None
        if kind == "parallel":
            return self.steps(place.at(kind), f"{path}.{kind}", kind, look_up=look_up), ()
        if kind != "group":
            return (), ()
        inner = place.at(kind)
        if isinstance(inner.value, dict):
            if checked(CONTROLS["group"], inner, "group", self.problems, expressions=False) is None:
                return (), ()
            final = inner.at("finally") if inner.has("finally") else final
            inner = inner.at("steps")
        children = self.steps(inner, f"{path}.group", "group", look_up=look_up)
        return children, self.steps(final, f"{path}.finally", "finally", look_up=look_up) if final is not None else ()

    def _input_template(self, kind: str, given: Place, step: Place) -> ParsedTemplate:
        if kind in ("group", "parallel") or given.value is None:
            location = step.key(kind)
            return parse_template({}, lambda path, offset: location, self.problems)
        if kind in ("settle", "review"):
            # Conditions among other values: each is parsed on its own terms, so that `or` gives true or false.
            parse = parse_condition
        else:
            parse = parse_template
        return parse(given.value, given.location_of, self.problems)

    # -- what stands beside it ----------------------------------------------------------------------------------------

    def _effect(
        self, place: Place, kind: str, action: Action | None, raw: Any, *, sound: bool
    ) -> tuple[EffectSpec | None, Effect]:
        effect_kind = _effect_kind(action, raw) if action is not None and sound else Effect.NONE
        if not place.has("effect"):
            return None, effect_kind
        given = place.at("effect")
        if given.value == "none":
            if action is not None and action.effect is not Effect.NONE and not callable(action.effect):
                # Believing it would post outside the ledger, and in a dry run.
                found = f"effect: none on {kind}, which always changes something"
                self.problems.add(place.key("effect"), found, "expected it where it depends on the input", "remove it")
            return None, effect_kind if action is not None and not callable(action.effect) else Effect.NONE
        if isinstance(given.value, str):
            advice = "write `effect: none`, or `effect: {key: ...}`"
            self._problem(given, f"effect is {described(given.value)}", "none, or a key and verify", advice)
            return None, effect_kind
        options = checked(EffectOptions, given, "effect", self.problems, expressions=False)
        if options is None:
            return None, effect_kind
        if effect_kind is Effect.NONE and (sound or action is None):
            found = f"effect on {kind}, which changes nothing outside"
            self.problems.add(place.key("effect"), found, "expected it on a step with an effect", "remove it")
        key = parse_template(given.value["key"], given.at("key").location_of, self.problems) if options.key else None
        return EffectSpec(key, options.verify), effect_kind

    def _refuse_misplaced(self, place: Place, kind: str, effect_kind: Effect, *, look_up: bool) -> None:
        if kind == "settle" and not look_up:
            advice = "move it to the end of a section under `verify`"
            self.problems.add(place.key(kind), "settle among the steps", "expected it under `verify` only", advice)
        if look_up and effect_kind is not Effect.NONE:
            advice = "use an action that reads; write `effect: none` on a step that you know only reads"
            found = f"{kind} in a look-up has an effect"
            self.problems.add(place.key(kind), found, "expected steps that only read", advice)
        if place.has("finally") and kind != "group":
            found = f"finally beside {kind}"
            self.problems.add(place.key("finally"), found, "expected it beside a group", "put the steps into a group")

    def _review(self, place: Place) -> ReviewSpec | None:
        if not place.has("review"):
            return None
        given = place.at("review")
        options = checked(Review, given, "review", self.problems, expressions=False)
        when = self.condition(given, "when") if isinstance(given.value, dict) else None
        return ReviewSpec(when, options.assign) if options is not None and when is not None else None

    def condition(self, place: Place, name: str) -> ParsedTemplate | None:
        """A template that gives true or false."""
        if not place.has(name):
            return None
        given = place.at(name)
        if not isinstance(given.value, bool) and not is_expression(given.value):
            advice = "write it as ${{ ... }}" if isinstance(given.value, str) else "write true, false or ${{ ... }}"
            self._problem(given, f"{name} is {described(given.value)}", "true, false or one whole expression", advice)
            return None
        return parse_condition(given.value, given.location_of, self.problems)

    def _list_template(self, place: Place) -> ParsedTemplate | None:
        if not place.has("for_each"):
            return None
        given = place.at("for_each")
        if not isinstance(given.value, list) and not is_expression(given.value):
            found = f"for_each is {described(given.value)}"
            self._problem(given, found, "a list or one whole expression", "write it as ${{ rows }}")
            return None
        return parse_template(given.value, given.location_of, self.problems)

    def _max_parallel(self, place: Place, effect_kind: Effect) -> int:
        if not place.has("max_parallel"):
            return 1
        given = place.at("max_parallel")
        if not isinstance(given.value, int) or isinstance(given.value, bool) or given.value < 1:
            found = f"max_parallel is {described(given.value)}"
            self._problem(given, found, "a whole number from 1 up", "correct the value")
            return 1
        if given.value > 1 and effect_kind is not Effect.NONE:
            advice = "remove it: effects are done one after the other"
            self._problem(given, "max_parallel on a step with an effect", "it on steps that only read", advice)
        return given.value

    def retry(self, given: Place, what: str) -> RetryPolicy | None:
        """The policy; a number alone is `attempts`."""
        if isinstance(given.value, int) and not isinstance(given.value, bool):
            given = given.under("attempts")
        options = checked(Retry, given, what, self.problems, expressions=False)
        if options is None:
            return None
        wait = options.wait.length.total_seconds() if not isinstance(options.wait, str) else 1.0
        on = tuple(options.on) if options.on is not None else None
        return RetryPolicy(options.attempts, wait, options.factor, options.jitter, on, tuple(options.never))

    def _timeout(self, place: Place) -> float | None:
        if not place.has("timeout"):
            return None
        given = place.at("timeout")
        try:
            if not isinstance(given.value, str):
                raise UsageError("not text")
            span = parse_span(given.value)
        except UsageError:
            self._problem(given, f"timeout is {described(given.value)}", EXAMPLES, "write for example 30s")
            return None
        if span.business:
            self._problem(
                given, f"timeout is {described(given.value)}", "a time in seconds, minutes or hours", "write 30s"
            )
            return None
        return span.length.total_seconds()

    def _on_error(self, place: Place, path: str, *, look_up: bool) -> tuple[Step, ...] | None:
        if not place.has("on_error"):
            return None
        given = place.at("on_error")
        if given.value == "continue":
            return ()
        if not isinstance(given.value, list):
            found = f"on_error is {described(given.value)}"
            self._problem(given, found, "`continue` or a list of steps", "begin each step with `- `")
            return None
        return self.steps(given, f"{path}.on_error", "on_error", look_up=look_up)

    def _secrets(self, place: Place) -> tuple[str, ...]:
        if not place.has("secrets"):
            return ()
        given = place.at("secrets")
        names = [given.value] if isinstance(given.value, str) else given.value
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            self._problem(given, f"secrets is {described(given.value)}", "a list of names", "write [name, name]")
            return ()
        return tuple(names)

    def _text(self, place: Place, name: str) -> str | None:
        if not place.has(name):
            return None
        given = place.at(name)
        if not isinstance(given.value, str) or has_expression(given.value):
            expected = "text without expressions" if isinstance(given.value, str) else "text"
            self._problem(given, f"{name} is {described(given.value)}", expected, "put it in quotes")
            return None
        return given.value

    def _bound_name(self, place: Place, key: str) -> str | None:
        if not place.has(key):
            return None
        given = place.at(key)
        if not isinstance(given.value, str):
            self._problem(given, f"{key} is {described(given.value)}", "a name", "write letters, digits and _")
            return None
        return given.value if self._check_name(given.value, given.location) else None

    def _check_name(self, name: str, location: Location) -> bool:
        """Whether expressions can use the name."""
        if name in RESERVED:
            found, advice = f"the name {name} is taken: every step has it", "use another name"
        elif keyword.iskeyword(name) or name in CONSTANTS:
            found, advice = f"the name {name} is a word of the expression language", "use another name"
        elif not name.isidentifier():
            plain = "".join(letter if letter.isalnum() else "_" for letter in name)
            found, advice = f"{name!r} is not a name", f"write {plain}" if plain.isidentifier() else "use another name"
        else:
            return True
        self.problems.add(location, found, "expected letters, digits and _", advice)
        return False

    def _problem(self, place: Place, found: str, expected: str, advice: str) -> None:
        self.problems.add(place.location, found, f"expected {expected}", advice)


def _effect_kind(action: Action, raw: Any) -> Effect:
    """The effect of a sound input, which may wait for the run's values: then its effect is an effect all the same.

    (An input that is not sound is a problem, and a workflow with problems never runs.)
    """
    if isinstance(raw, Mapping):
        return action.effect_of(raw)
    return action.effect if isinstance(action.effect, Effect) else Effect.MANUAL
