"""Whether the triggers of a workflow can make its items: their inputs exist, fit and are all given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.errors import Location, Problems
from engine.inputs import EXPECTED, fits
from engine.language import TriggerSpec, Workflow
from engine.nearest import listed, suggestion
from engine.scope_check import check_template, first_names
from engine.template import ParsedTemplate
from engine.trigger_file import TRIGGER_NAMES
from engine.values import described
from engine.workflow_file import has_expression

FROM_OUTSIDE = ("webhook", "spreadsheet", "queue")
"""Triggers whose items take what came in by its names, where `inputs` says nothing else."""
TIMED = ("schedule", "every", "at")


def check_triggers(workflow: Workflow, problems: Problems) -> None:
    """Every problem of the triggers that can be known from this file alone."""
    names: dict[str, Location] = {}
    for trigger in workflow.triggers:
        before = len(problems.found)
        given = _given(workflow, trigger, problems)
        if len(problems.found) > before:
            continue  # what is missing besides shows once this is right
        if trigger.kind in FROM_OUTSIDE and trigger.inputs is None and trigger.options.get("input") is None:
            continue
        if trigger.kind == "manual":
            _asked(workflow, trigger, problems)
            continue
        for name, spec in workflow.inputs.items():
            if spec.required and name not in given:
                found = f"the trigger {trigger.kind} gives no input {name}, which every item must have"
                expected = f"expected {name}, {spec.type}{': ' + spec.description if spec.description else ''}"
                advice = f"add `inputs: {{{name}: ...}}` to it, or no item can be made"
                problems.add(trigger.location, found, expected, advice, "warning")
    for trigger in workflow.triggers:
        called = trigger.options.get("name")
        if trigger.kind not in TIMED or not isinstance(called, str):
            continue
        if called in names:
            found = f"a second schedule with the name {called} (first in line {names[called].line})"
            problems.add(trigger.location, found, "expected each name once in a workflow", "give it another name")
        names.setdefault(called, trigger.location)


def _given(workflow: Workflow, trigger: TriggerSpec, problems: Problems) -> set[str]:
    """The inputs that the trigger gives to each item."""
    given = _written(workflow, trigger, problems)
    name = trigger.options.get("input")
    if name is None and trigger.kind in ("folder", "mail"):
        name = file_input(workflow)
        if name is None and (trigger.kind == "folder" or trigger.options.get("attachment") is not None):
            files = [spec.name for spec in workflow.inputs.values() if spec.type == "file"]
            found = f"the trigger {trigger.kind} does not say which input takes the file"
            expected = f"expected one of {listed(files)}" if files else "expected an input of type file"
            advice = "add `input:`, or no item can be made" if files else "add it to `inputs`, or no item can be made"
            problems.add(trigger.location, found, expected, advice, "warning")
            return given
    elif isinstance(name, str):
        _takes(workflow, trigger, name, problems)
    return given | {name} if isinstance(name, str) else given


def _written(workflow: Workflow, trigger: TriggerSpec, problems: Problems) -> set[str]:
    template = trigger.inputs
    if not isinstance(template, ParsedTemplate) or not isinstance(template.raw, Mapping):
        return set()
    first = first_names(workflow)
    names = {**TRIGGER_NAMES[trigger.kind], "today": first["today"], "now": first["now"]}
    check_template(workflow, template, names, problems)
    for name, value in template.raw.items():
        place = template.location_of((name,), 0)
        spec = workflow.inputs.get(name)
        if spec is None:
            advice = suggestion(name, workflow.inputs, "remove it, or declare it under `inputs`")
            expected = f"expected {listed(workflow.inputs)}" if workflow.inputs else "expected no inputs"
            problems.add(place, f"{workflow.id} has no input {name}", expected, advice)
        elif not has_expression(value) and value is not None and not fits(spec.type, value):
            found = f"the input {name} is {described(value)}"
            problems.add(place, found, f"expected {EXPECTED.get(spec.type, spec.type)}", "correct the value")
    return {str(name) for name in template.raw}


def _takes(workflow: Workflow, trigger: TriggerSpec, name: str, problems: Problems) -> None:
    spec = workflow.inputs.get(name)
    wanted = ("file",) if trigger.kind in ("folder", "mail") else ("mapping", "text", "list")
    fitting = [one.name for one in workflow.inputs.values() if one.type in wanted]
    expected = f"expected one of {listed(fitting)}" if fitting else f"expected an input of type {' or '.join(wanted)}"
    if spec is None:
        advice = suggestion(name, fitting, "declare it under `inputs`")
        problems.add(trigger.location, f"{workflow.id} has no input {name}", expected, advice)
    elif spec.type not in wanted:
        found = f"the input {name} is of type {spec.type}, which the trigger {trigger.kind} cannot fill"
        problems.add(trigger.location, found, expected, "name another input")


def _asked(workflow: Workflow, trigger: TriggerSpec, problems: Problems) -> None:
    asked: Any = trigger.settings.ask if trigger.settings is not None else []
    for name in asked:
        if name not in workflow.inputs:
            advice = suggestion(name, workflow.inputs, "declare it under `inputs`")
            found = f"the form asks for {name}, which is no input of {workflow.id}"
            problems.add(trigger.location, found, f"expected one of {listed(workflow.inputs)}", advice)
    given = {*asked, *(trigger.inputs.raw if isinstance(trigger.inputs, ParsedTemplate) else ())}
    for name, spec in workflow.inputs.items():
        if asked and spec.required and name not in given:
            found = f"the form does not ask for {name}, which every item must have"
            problems.add(trigger.location, found, f"expected {name} under `ask` or `inputs`", f"add {name}")


def check_around(
    workflow: Workflow,
    others: Sequence[Workflow],
    problems: Problems,
    calendar_problem: Callable[[str], str | None] | None,
    *,
    whole_project: bool,
) -> None:
    """What the triggers name outside of their file: calendars, other workflows, addresses of web hooks.

    `calendar_problem` says what is wrong with a calendar of this name, None if nothing is.
    """
    for trigger in workflow.triggers:
        calendar = trigger.options.get("calendar")
        if isinstance(calendar, str) and calendar_problem is not None and (told := calendar_problem(calendar)):
            found, _, advice = told.partition("; ")
            problems.add(trigger.location, found, "expected the name of a calendar", advice or "correct it")
        if trigger.kind == "queue":
            _followed(workflow, trigger, others, problems, whole_project=whole_project)
        if trigger.kind == "webhook":
            _address(workflow, trigger, others, problems)


def _followed(
    workflow: Workflow, trigger: TriggerSpec, others: Sequence[Workflow], problems: Problems, *, whole_project: bool
) -> None:
    name, known = trigger.settings.workflow, [one.id for one in others]
    if name == workflow.id:
        found = f"{name} waits for its own items, and would make items for ever"
        problems.add(trigger.location, found, "expected another workflow", "name the workflow it follows")
    elif name not in known and whole_project:
        advice = suggestion(name, known, "write the id of a workflow of this project")
        problems.add(trigger.location, f"unknown workflow {name}", f"expected one of {listed(known)}", advice)


def _address(workflow: Workflow, trigger: TriggerSpec, others: Sequence[Workflow], problems: Problems) -> None:
    """An address has one owner: the first workflow that has it, in the order of the files."""
    path = trigger.settings.path
    for other in others:
        for hook in (one for one in other.triggers if one.kind == "webhook" and one.settings.path == path):
            if hook.location != trigger.location:
                found = f"the address /hooks/{path} a second time (first in {hook.location})"
                problems.add(trigger.location, found, "expected each address once in a project", "give it another path")
            return


def file_input(workflow: Workflow) -> str | None:
    """The input that takes a file where the trigger does not name it: the only one of type file."""
    files = [spec.name for spec in workflow.inputs.values() if spec.type == "file"]
    return files[0] if len(files) == 1 else None
