"""Everything that can be known about workflow files before a run, for all files in one go."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.action import Action, Effect
from engine.errors import Location, Problem, Problems, UsageError, WorkflowError
from engine.language import Step, Workflow
from engine.loader import every_step, read_workflow
from engine.nearest import listed, suggestion
from engine.template import ParsedTemplate
from engine.trigger_check import check_around
from engine.workflow_file import has_expression
from engine.workflows import workflow_files
from engine.yaml_source import read_yaml

PROOF = frozenset({"see", "url", "count", "read", "table", "download"})
"""Browser verbs that show that what was done before them took."""
NO_EFFECT = frozenset(
    ("open", "wait", "frame", "tab", "scroll", "hover", "screenshot", "see_not", "pdf", "login", "logout")
)


def check_files(
    paths: Sequence[Path],
    registry: Mapping[str, Action],
    connections: Collection[str] | None = None,
    calendar_problem: Callable[[str], str | None] | None = None,
) -> list[Problem]:
    """All errors and warnings of these files, and of the workflow files in these folders, by file and line.

    `connections` are the names of those that are configured; without them, none is called unknown, and no calendar
    without `calendar_problem`, which says what is wrong with one. UsageError for a path that does not exist.
    """
    checked = [_Checked(file, registry, named=named) for file, named in _files(paths)]
    workflows = [one.workflow for one in checked if one.workflow is not None]
    _same_ids(checked)
    whole_project = any(path.is_dir() for path in paths)
    for one in checked:
        if one.workflow is not None:
            _warn(one.workflow, one.problems)
            if connections is not None:
                _connections(one, one.workflow, connections)
            _other_workflows(one.workflow, workflows, one.problems, whole_project=whole_project)
            check_around(one.workflow, workflows, one.problems, calendar_problem, whole_project=whole_project)
    found = [problem for one in checked for problem in sorted(one.problems.found, key=_by_place)]
    return list(dict.fromkeys(found))


def _files(paths: Sequence[Path]) -> Iterator[tuple[Path, bool]]:
    """Every file once, and whether it was named itself. Hidden folders are not looked into."""
    seen: set[Path] = set()
    for path in paths:
        if not path.exists():
            raise UsageError(f"there is no file or folder {path}", advice="check the path")
        for file in workflow_files([path]):
            inside = file.relative_to(path).parts if path.is_dir() else ()
            if file not in seen and not any(part.startswith(".") for part in inside):
                seen.add(file)
                yield file, not path.is_dir()


class _Checked:
    """One file, read. In a folder, YAML with neither `workflow` nor `steps` is something else, such as settings."""

    def __init__(self, file: Path, registry: Mapping[str, Action], *, named: bool) -> None:
        self.problems = Problems()
        self.workflow: Workflow | None = None
        try:
            source = read_yaml(file)
        except WorkflowError as error:
            self.problems.found.extend(error.problems)
            return
        if not named and isinstance(source.value, dict) and not source.value.keys() & {"workflow", "steps"}:
            return
        self.workflow = read_workflow(source, registry, self.problems)
        self.id_at = source.entry(source.value, "workflow")
        self.notify_at = source.at(source.value, source.mark, ("on_exception", "notify"))


def _by_place(problem: Problem) -> tuple[str, int, int]:
    return problem.location.file, problem.location.line, problem.location.column


def _same_ids(checked: list[_Checked]) -> None:
    first: dict[str, _Checked] = {}
    for one in checked:
        if one.workflow is None or one.workflow.id == "None":
            continue
        other = first.setdefault(one.workflow.id, one)
        if other is not one:
            found = f"the workflow id {one.workflow.id} a second time (first in {other.id_at})"
            one.problems.add(one.id_at, found, "expected each id once in a project", "give one of them another id")


# -- other files ------------------------------------------------------------------------------------------------------


def _connections(one: _Checked, workflow: Workflow, known: Collection[str]) -> None:
    for step in _all_steps(workflow):
        raw = raw_input(step)
        name = raw.get("connection") if isinstance(raw, Mapping) else None
        if step.action is not None and isinstance(name, str) and not has_expression(name):
            _connection(name, known, place_in(step, "connection"), one.problems)
    for trigger in workflow.triggers:
        if isinstance(name := trigger.options.get("connection"), str):
            _connection(name, known, trigger.location, one.problems)
    for name in workflow.on_exception.notify:
        _connection(name, known, one.notify_at, one.problems)


def _connection(name: str, known: Collection[str], location: Location, problems: Problems) -> None:
    if name not in known:
        advice = suggestion(name, known, f"configure {name}, or name another one")
        problems.add(location, f"unknown connection {name}", f"expected one of {listed(known)}", advice)


def _other_workflows(
    workflow: Workflow, all_of_them: list[Workflow], problems: Problems, *, whole_project: bool
) -> None:
    """The workflows that `call` and `queue.add` name exist and take these inputs."""
    known = {one.id: one for one in all_of_them}
    for step in _all_steps(workflow):
        raw = raw_input(step)
        if step.kind not in ("call", "queue.add") or not isinstance(raw, Mapping):
            continue
        name = raw.get("workflow")
        if not isinstance(name, str) or has_expression(name):
            continue
        if name in known:
            _inputs_of(step, raw, known[name], problems)
        elif whole_project:
            advice = suggestion(name, known, "write the id of a workflow of this project")
            expected = f"expected one of {listed(known)}"
            problems.add(place_in(step, "workflow"), f"unknown workflow {name}", expected, advice)


def _inputs_of(step: Step, raw: Mapping[str, Any], called: Workflow, problems: Problems) -> None:
    given: list[tuple[tuple[str | int, ...], Any]] = []
    if step.kind == "call":
        given = [(("inputs",), raw.get("inputs") or {})]
    elif isinstance(items := raw.get("items"), list):
        given = [(("items", n), entry) for n, entry in enumerate(items)]
    for path, inputs in given:
        if not isinstance(inputs, Mapping):
            continue
        for name in inputs:
            if name not in called.inputs:
                advice = suggestion(name, called.inputs, "remove it, or declare it there")
                found = f"{called.id} has no input {name}"
                expected = f"expected one of {listed(called.inputs)}"
                problems.add(place_in(step, *path, name), found, expected, advice)
        for name, spec in called.inputs.items():
            if spec.required and name not in inputs:
                told = f": {spec.description}" if spec.description else ""
                found = f"{called.id} is called without its input {name}"
                problems.add(place_in(step, *path), found, f"expected {name}, {spec.type}{told}", f"add `{name}:`")


# -- warnings ---------------------------------------------------------------------------------------------------------


def _warn(workflow: Workflow, problems: Problems) -> None:
    for step in every_step(workflow.steps):
        looked_up = step.effect is not None and step.effect.verify is not None
        if step.effect_kind is Effect.MANUAL and not looked_up:
            found = f"after a crash nobody can look up whether {step.kind} was done, so a person is asked"
            advice = "name a section of `verify` under `effect`, or leave it to the person"
            problems.add(step.location, found, "expected effect with verify", advice, "warning")
        if step.kind == "browser" and step.effect_kind is not Effect.NONE and not _proven(step):
            found = "the browser changes something and does not look whether that took"
            advice = "end with `- see: ...` and the text that the page shows then"
            problems.add(step.location, found, "expected see, url, count or read at the end", advice, "warning")


def _proven(step: Step) -> bool:
    """Whether something is looked at after the last verb that changes something."""
    raw = raw_input(step)
    lines = raw.get("do") if isinstance(raw, Mapping) else None
    verbs = [name for line in lines for name in line] if isinstance(lines, list) else []
    for verb in reversed(verbs):
        if verb in PROOF:
            return True
        if verb not in NO_EFFECT:
            return False
    return True


# -- places -----------------------------------------------------------------------------------------------------------


def _all_steps(workflow: Workflow) -> list[Step]:
    return every_step((*workflow.steps, *(step for steps in workflow.verify.values() for step in steps)))


def raw_input(step: Step) -> Any:
    """The input of a step as written."""
    return step.input.raw if isinstance(step.input, ParsedTemplate) else None


def place_in(step: Step, *path: str | int) -> Location:
    """Where a value of the step's input stands."""
    return step.input.location_of(tuple(path), 0) if isinstance(step.input, ParsedTemplate) else step.location
