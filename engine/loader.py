"""From a YAML file to a checked workflow. All problems of the file are told at once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.action import Action
from engine.errors import Problems
from engine.input_check import read_inputs
from engine.language import ExceptionSpec, QueueSpec, RetryPolicy, Span, Step, Template, TriggerSpec, Workflow
from engine.model_problems import checked
from engine.nearest import listed, suggestion
from engine.place import Place
from engine.scope_check import check_names
from engine.steps import StepReader
from engine.template import parse_template
from engine.trigger_check import check_triggers
from engine.trigger_file import SHORT_TRIGGERS, TRIGGERS
from engine.values import described
from engine.workflow_file import (
    OnException,
    Queue,
    WorkflowFile,
    has_expression,
    is_expression,
)
from engine.yaml_source import Source, parse_yaml, read_yaml


def load_workflow(path: Path, registry: Mapping[str, Action]) -> Workflow:
    """The workflow in a file; WorkflowError with all its problems."""
    return _loaded(read_yaml(path), registry)


def load_source(text: str, file: str, registry: Mapping[str, Action]) -> Workflow:
    """The workflow in a text; `file` is what messages call it."""
    return _loaded(parse_yaml(text, file), registry)


def _loaded(source: Source, registry: Mapping[str, Action]) -> Workflow:
    problems = Problems()
    workflow = read_workflow(source, registry, problems)
    problems.found.sort(key=lambda problem: (problem.location.line, problem.location.column))
    problems.refuse()
    assert workflow is not None, "a file without a workflow has a problem"
    return workflow


def read_workflow(source: Source, registry: Mapping[str, Action], problems: Problems) -> Workflow | None:
    """The workflow as far as it can be understood; None if it is not even a mapping. Problems are added."""
    top = Place.top(source)
    if not isinstance(top.value, dict):
        found = "the file is empty" if top.value is None else f"the file is {described(top.value)}"
        advice = "begin with `workflow: its-id` and `steps:`"
        problems.add(top.location, found, "expected a mapping with workflow and steps", advice)
        return None
    head = checked(WorkflowFile, top, "the file", problems, expressions=False)
    reader = StepReader(registry, problems)
    workflow = Workflow(
        id=str(top.value.get("workflow")),
        title=str(top.value.get("title") or top.value.get("workflow")),
        file=source.file,
        source=source.text,
        digest=hashlib.sha256(source.text.encode()).hexdigest(),
        steps=reader.steps(top.at("steps"), "steps", "steps") if top.has("steps") else (),
        owner=head.owner if head is not None else None,
        inputs=read_inputs(top.at("inputs"), problems),
        triggers=_triggers(top.at("triggers"), problems),
        queue=_queue(top.at("queue"), reader, problems),
        verify=_verify(top.at("verify"), reader),
        on_exception=_on_exception(top.at("on_exception"), problems),
        outputs={
            name: parse_template(place.value, place.location_of, problems) for name, place in top.at("outputs").items()
        },
    )
    _check_looked_up(workflow, problems)
    check_names(workflow, problems, reader.unsound)
    check_triggers(workflow, problems)
    return workflow


def _triggers(place: Place, problems: Problems) -> tuple[TriggerSpec, ...]:
    read = [_trigger(given, problems) for given in place.entries()]
    return tuple(trigger for trigger in read if trigger is not None)


def _trigger(place: Place, problems: Problems) -> TriggerSpec | None:
    if not isinstance(place.value, dict) or len(place.value) != 1:
        found = f"a trigger that is {described(place.value)}"
        advice = "write `- folder: {path: inbox}`"
        problems.add(place.location, found, "expected one kind of trigger with its options", advice)
        return None
    ((kind, given),) = place.items()
    if kind not in TRIGGERS:
        advice = suggestion(kind, TRIGGERS, "write one of those")
        problems.add(place.key(kind), f"unknown trigger {kind}", f"expected one of {listed(TRIGGERS)}", advice)
        return None
    plain = {name: value for name, value in given.items() if name != "inputs"} if given.has("inputs") else None
    if has_expression(given.value if plain is None else [value.value for value in plain.values()]):
        advice = "write the value itself; only `inputs` may work something out"
        problems.add(given.location, f"an expression in the trigger {kind}", "expected plain values", advice)
        return None
    short = SHORT_TRIGGERS.get(kind)
    if short is not None and not isinstance(given.value, dict) and (given.value is not None or kind == "manual"):
        given = given.under(short)
    settings = checked(TRIGGERS[kind], given, f"the trigger {kind}", problems, expressions=False)
    if settings is None:
        return None
    inputs = given.at("inputs")
    template = parse_template(inputs.value, inputs.location_of, problems) if inputs.value is not None else None
    return TriggerSpec(kind, dict(given.value), place.key(kind), settings, template)


def _queue(place: Place, reader: StepReader, problems: Problems) -> QueueSpec:
    if place.value is None:
        return QueueSpec()
    options = checked(Queue, place, "queue", problems, expressions=False)
    key, priority = place.at("key"), place.at("priority")
    key_template = parse_template(key.value, key.location_of, problems) if isinstance(key.value, str) else None
    chosen: Any = priority.value or "normal"
    if is_expression(chosen):
        chosen = parse_template(chosen, priority.location_of, problems)
    if options is None:
        return QueueSpec(key_template, priority=chosen)
    retry = reader.retry(place.at("retry"), "retry") if place.has("retry") else None
    return QueueSpec(
        key_template,
        _when(place.at("due"), options.due, problems),
        chosen,
        options.concurrency,
        retry or RetryPolicy(),
        options.stop_after,
        _when(place.at("not_before"), options.not_before, problems),
        options.again_after.length if options.again_after is not None else None,
        options.quarantine_after,
        options.rate,
        options.keep.length if options.keep is not None else None,
        tuple(options.needs),
    )


def _when(place: Place, value: Any, problems: Problems) -> Span | Template | None:
    return parse_template(place.value, place.location_of, problems) if is_expression(place.value) else value


def _verify(place: Place, reader: StepReader) -> dict[str, tuple[Step, ...]]:
    read: dict[str, tuple[Step, ...]] = {}
    for name, given in place.items():
        steps = reader.steps(given, f"verify.{name}", f"verify.{name}", look_up=True)
        read[name] = steps
        if steps and steps[-1].kind != "settle":
            advice = "end it with `- settle: {done: ..., not_done: ...}`"
            found = f"the look-up {name} does not end with settle"
            reader.problems.add(place.key(name), found, "expected settle as its last step", advice)
    return read


def _on_exception(place: Place, problems: Problems) -> ExceptionSpec:
    if place.value is None:
        return ExceptionSpec()
    options = checked(OnException, place, "on_exception", problems, expressions=False)
    return ExceptionSpec(options.assign, tuple(options.notify), options.due) if options is not None else ExceptionSpec()


def _check_looked_up(workflow: Workflow, problems: Problems) -> None:
    """Every `verify` that a step names exists."""
    for step in every_step(workflow.steps):
        name = step.effect.verify if step.effect is not None else None
        if name is not None and name not in workflow.verify:
            known = f"one of {listed(workflow.verify)}" if workflow.verify else "a section `verify`"
            advice = suggestion(name, workflow.verify, f"add `{name}:` under `verify`")
            found = f"{step.kind} is looked up by {name}, which does not exist"
            problems.add(step.location, found, f"expected {known}", advice)


def every_step(steps: tuple[Step, ...]) -> list[Step]:
    """The steps and all steps inside them, in the order of the file."""
    found: list[Step] = []
    for step in steps:
        found.append(step)
        found.extend(every_step(step.children))
        found.extend(every_step(step.final))
        found.extend(every_step(step.on_error or ()))
    return found
