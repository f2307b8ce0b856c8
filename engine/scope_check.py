"""Which names a step may use: what is bound before it, and which fields that has."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.action import Shape
from engine.errors import Location, Problems
from engine.expression_names import Reference
from engine.functions import FUNCTIONS
from engine.language import Span, Step, Workflow
from engine.nearest import listed, suggestion
from engine.template import ParsedTemplate
from engine.values import FIELDS, MOMENT_FIELDS
from engine.workflow_file import has_expression, is_expression
from engine.yaml_source import ValuePath

_NAMED = re.compile(r"(?:\$?\{{1,2}\s*)?([^\W\d]\w*(?:\.\w+)+)(?:\s*\}{1,2})?")
"""A dotted name, bare or in some other language's braces: item.file, {{ item.file }}, ${item.file}."""
FILE_SHAPE: Shape = {"path": None, "name": None, "sha256": None}
ERROR_SHAPE: Shape = {"code": None, "message": None, "step": None}
CONTROL_SHAPES: Mapping[str, Shape] = {
    "approve": {"approved": None, "by": None, "at": None},
    "review": {"approved": None, "by": None, "at": None},
    "wait": {"waited_until": None},
    "queue.add": {"items": None, "added": None},
    "call": None,
    "set": None,
    "fail": None,
    "group": {},
    "parallel": {},
    "settle": {},
}


@dataclass
class Scope:
    """`known` names have a shape; `perhaps` are bound only if something happens, told in words."""

    known: dict[str, Shape] = field(default_factory=dict)
    perhaps: dict[str, str] = field(default_factory=dict)

    def inner(self) -> Scope:
        return Scope(dict(self.known), dict(self.perhaps))

    def bind(self, name: str, shape: Shape) -> None:
        self.known[name] = shape
        self.perhaps.pop(name, None)

    def leave(self, inner: Scope, why: str) -> None:
        """What was bound inside a branch that may not be gone through is not known after it."""
        for name in inner.known.keys() - self.known.keys():
            self.perhaps[name] = why
        for name, reason in inner.perhaps.items():
            if name not in self.known:
                self.perhaps.setdefault(name, reason)


def check_names(workflow: Workflow, problems: Problems, unsound: Collection[str] = ()) -> None:
    """Every name that an expression uses is bound before it, and has the field it names.

    What the steps at the `unsound` paths give is not known: their input is wrong.
    """
    _NameCheck(workflow, problems, unsound).run()


def check_template(workflow: Workflow, template: Any, names: Mapping[str, Shape], problems: Problems) -> None:
    """Every name in a template outside of the steps is one of these."""
    _NameCheck(workflow, problems, ()).use(template, Scope(dict(names)))


def first_names(workflow: Workflow) -> dict[str, Shape]:
    """The names that every step has."""
    moment: Shape = dict.fromkeys(MOMENT_FIELDS)
    day: Shape = dict.fromkeys(next(iter(FIELDS.values())))
    inputs: Shape = {name: FILE_SHAPE if spec.type == "file" else None for name, spec in workflow.inputs.items()}
    return {"item": inputs, "run": {"id": None, "workflow": None}, "today": day, "now": moment}


class _NameCheck:
    def __init__(self, workflow: Workflow, problems: Problems, unsound: Collection[str]) -> None:
        self.workflow = workflow
        self.unsound = unsound
        self.problems = problems
        self.later: dict[str, Location] = {}
        self.told: set[tuple[Location, str]] = set()

    def run(self) -> None:
        workflow = self.workflow
        for step in workflow.steps:
            self._collect(step)
        scope = Scope(first_names(workflow))
        self.use(workflow.queue.key, scope)
        if not isinstance(workflow.queue.priority, str):
            self.use(workflow.queue.priority, scope)
        for when in (workflow.queue.due, workflow.queue.not_before):
            if when is not None and not isinstance(when, Span):
                self.use(when, scope)
        self.steps(workflow.steps, scope)
        for template in workflow.outputs.values():
            self.use(template, scope)
            self.forgotten(template, scope)
        self._unused_look_ups()

    def _collect(self, step: Step) -> None:
        for name in bound_by(step):
            self.later.setdefault(name, step.location)
        for inner in (*step.children, *step.final, *(step.on_error or ())):
            self._collect(inner)

    def _unused_look_ups(self) -> None:
        """A section that no step names is checked with what the steps bind, so that its own mistakes are found."""
        used = {name for step in _all(self.workflow.steps) if step.effect and (name := step.effect.verify)}
        for name, steps in self.workflow.verify.items():
            if name not in used:
                self._look_up(steps, Scope(first_names(self.workflow) | dict.fromkeys(self.later)))

    # -- steps --------------------------------------------------------------------------------------------------------

    def steps(self, steps: tuple[Step, ...], scope: Scope) -> None:
        for step in steps:
            self.step(step, scope)

    def step(self, step: Step, scope: Scope) -> None:
        self.use(step.condition, scope)
        self.use(step.for_each, scope)
        inner = scope
        if step.for_each is not None or step.condition is not None or step.on_error is not None:
            inner = scope.inner()
        if step.for_each is not None:
            inner.bind(step.each, None)
        self.use(step.input, inner)
        self.forgotten(step.input, inner, but="show" if step.kind in ("approve", "review") else "")
        if step.kind in ("approve", "review"):
            self._shown(step, inner)
        if step.effect is not None:
            self.use(step.effect.key, inner)
            self._look_up(self.workflow.verify.get(step.effect.verify or "", ()), inner)
        self._inside(step, scope, inner)
        self._bind(step, scope)

    def _inside(self, step: Step, scope: Scope, inner: Scope) -> None:
        self.steps(step.children, inner)
        self.steps(step.final, inner)
        if step.review is not None:
            seen = inner.inner()
            if step.bind is not None:
                seen.bind(step.bind, self._shape(step))
            self.use(step.review.when, seen)
        if step.on_error is not None:
            handled = scope.inner()
            handled.bind("error", ERROR_SHAPE)
            if step.for_each is not None:
                handled.bind(step.each, None)
            self.steps(step.on_error, handled)
            handled.known.pop("error")
            if step.for_each is not None:
                handled.known.pop(step.each, None)
            scope.leave(handled, f"only if the step in line {step.location.line} fails")
        if inner is not scope:
            if step.for_each is not None:
                inner.known.pop(step.each, None)
                scope.leave(inner, f"only inside the loop in line {step.location.line}")
            else:
                scope.leave(inner, f"only if the step in line {step.location.line} runs to its end")

    def _bind(self, step: Step, scope: Scope) -> None:
        if step.kind == "set":
            sure = step.condition is None and step.on_error is None
            for name in bound_by(step) - {step.bind}:
                if sure or name in scope.known:
                    scope.bind(name, shape_of_value(_entry(step, name)) if sure else None)
                else:
                    scope.perhaps[name] = f"only if the step in line {step.location.line} runs to its end"
        if step.bind is not None:
            scope.bind(step.bind, self._shape(step))

    def _shape(self, step: Step) -> Shape:
        """The fields of what the step binds; a loop binds a list."""
        return None if step.for_each is not None or step.path in self.unsound else shape_of(step)

    def _look_up(self, steps: tuple[Step, ...], scope: Scope) -> None:
        self.steps(steps, scope.inner())

    def _shown(self, step: Step, scope: Scope) -> None:
        """The names under `show` are names too, without ${{ }}."""
        raw = _raw(step)
        shown = raw.get("show") if isinstance(raw, Mapping) else None
        names = [shown] if isinstance(shown, str) else shown
        for number, name in enumerate(names if isinstance(names, list) else []):
            if isinstance(name, str) and not is_expression(name) and isinstance(step.input, ParsedTemplate):
                place = step.input.location_of(("show", number), 0)
                self.name(Reference(tuple(name.split(".")), 1), place, scope)

    def forgotten(self, template: Any, scope: Scope, *, but: str = "") -> None:
        """Texts that are the name of a value to the letter: somebody forgot the ${{ }} around it."""
        if not isinstance(template, ParsedTemplate):
            return
        for path, text in _texts(template.raw, ()):
            found = None if has_expression(text) or path[:1] == (but,) else _NAMED.fullmatch(text.strip())
            if found is not None and _has(scope.known, found.group(1).split(".")):
                expected = f"expected ${{{{ {found.group(1)} }}}} for its value"
                advice = "write it so if the value is meant"
                place = template.location_of(path, 0)
                self.problems.add(place, f"{text.strip()} is plain text here", expected, advice, "warning")

    # -- names --------------------------------------------------------------------------------------------------------

    def use(self, template: Any, scope: Scope) -> None:
        """Check every name in a template."""
        if isinstance(template, ParsedTemplate):
            for reference, location in template.references():
                self.name(reference, location or template.location, scope)

    def name(self, reference: Reference, location: Location, scope: Scope) -> None:
        first, *fields = reference.path
        if first not in scope.known:
            self._unknown(first, location, scope)
            return
        shape, so_far = scope.known[first], first
        for name in fields:
            if shape is None:
                return
            if name not in shape:
                self._no_field(so_far, name, shape, location)
                return
            shape, so_far = shape[name], f"{so_far}.{name}"

    def _unknown(self, name: str, location: Location, scope: Scope) -> None:
        if name in scope.perhaps:
            advice = "bind it in every case, for example by `set` before it"
            self._tell(
                location, f"{name} is bound {scope.perhaps[name]}", "expected a name that is always bound", advice
            )
            return
        if name in self.later and name not in scope.known:
            found = f"{name} is bound only later, in line {self.later[name].line}"
            self._tell(location, found, "expected a name bound before this step", "move that step before this one")
            return
        if name in self.workflow.inputs:
            found, expected = f"there is no name {name}", f"expected one of {listed(scope.known)}"
            self._tell(location, found, expected, f"the item's own is item.{name}")
            return
        if name in FUNCTIONS:
            advice = f"write {FUNCTIONS[name].usage}"
            self._tell(location, f"{name} is a function", "expected the name of a value", advice)
            return
        known = listed(scope.known)
        advice = suggestion(name, scope.known, "bind it with `as` or `set` in a step before")
        self._tell(location, f"there is no name {name}", f"expected one of {known}", advice)

    def _no_field(self, so_far: str, name: str, shape: Mapping[str, Any], location: Location) -> None:
        if not shape:
            found = f"{so_far} has no field {name}; it gives nothing"
            if so_far == "item":
                self._tell(
                    location, "the workflow declares no inputs", f"expected an input {name}", "add it to `inputs`"
                )
                return
            self._tell(location, found, "expected a step with a result", "name another step's result")
            return
        what = f"there is no input {name}" if so_far == "item" else f"{so_far} has no field {name}"
        otherwise = "add it to `inputs`" if so_far == "item" else "write one of those"
        self._tell(location, what, f"expected one of {listed(shape)}", suggestion(name, shape, otherwise))

    def _tell(self, location: Location, found: str, expected: str, advice: str) -> None:
        if (location, found) not in self.told:
            self.told.add((location, found))
            self.problems.add(location, found, expected, advice)


def _texts(value: Any, path: ValuePath) -> Iterator[tuple[ValuePath, str]]:
    """Every text in a value as written, with its place."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for name, entry in value.items():
            yield from _texts(entry, (*path, name))
    elif isinstance(value, list):
        for number, entry in enumerate(value):
            yield from _texts(entry, (*path, number))


def _has(shape: Shape, fields: Sequence[str]) -> bool:
    """Whether the shape certainly has the field: `invoice.pdf` is a file where the invoice has no `pdf`."""
    for name in fields:
        if shape is None or name not in shape:
            return False
        shape = shape[name]
    return True


def bound_by(step: Step) -> set[str]:
    """The names that a step itself binds."""
    names = {step.bind} if step.bind is not None else set()
    if step.kind == "set":
        raw = _raw(step)
        if isinstance(raw, Mapping):
            names |= set(raw)
    return names


def shape_of(step: Step) -> Shape:
    """The fields of a step's result; None if it can have any."""
    if step.action is None:
        return CONTROL_SHAPES.get(step.kind)
    raw = _raw(step)
    if not isinstance(raw, Mapping):
        return None if step.action.shape is not None else step.action.shape_of({})
    return step.action.shape_of(raw)


def shape_of_value(value: Any) -> Shape:
    """The fields of a value as written in `set`; an expression can give any."""
    if isinstance(value, Mapping):
        return {str(name): shape_of_value(entry) for name, entry in value.items()}
    return None


def _entry(step: Step, name: str) -> Any:
    return _raw(step).get(name)


def _raw(step: Step) -> Any:
    return step.input.raw if isinstance(step.input, ParsedTemplate) else None


def _all(steps: tuple[Step, ...]) -> list[Step]:
    return [one for step in steps for one in (step, *_all((*step.children, *step.final, *(step.on_error or ()))))]
