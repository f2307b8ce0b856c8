"""Workflows for programs: their queues and triggers, starting an item, and what it would do."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request

from console import operating, starting
from console.access import services_of
from console.api import bodies, models
from console.api.door import JsonRoute, Scope
from console.api.problems import ApiProblem, Wrong
from console.api.tokens import TokenViewer
from console.api.words import Key, Name
from console.permissions import Permission
from console.start_form import asked
from console.starting import Start
from console.workflow_list import WorkflowLine, read_workflow, read_workflows
from engine import acts
from engine.acts import Did
from engine.artifacts import Artifacts
from engine.errors import ItemError, UsageError
from engine.inputs import WrongInputs
from engine.language import Workflow

router = APIRouter(prefix="/workflows", route_class=JsonRoute, tags=["workflows"])
See = Annotated[TokenViewer, Depends(Scope(Permission.SEE))]
Runs = Annotated[TokenViewer, Depends(Scope(Permission.RUN))]
Operates = Annotated[TokenViewer, Depends(Scope(Permission.OPERATE))]
IdempotencyKey = Annotated[
    Key, Header(alias="Idempotency-Key", description="The same key sent twice is one item.", examples=["order-4711"])
]


@router.get("", response_model=models.Workflows)
def workflow_list(request: Request, viewer: See) -> Any:
    """The workflows with their queues."""
    services = services_of(request)
    services.library.refresh()
    with services.database.read() as transaction:
        lines = read_workflows(transaction, services.library)
    return models.Workflows(
        workflows=[models.WorkflowLine(**_told(viewer, line)) for line in lines],
        problems=[str(problem) for problem in services.library.problems],
    )


@router.get("/{name}", response_model=models.WorkflowWhole)
def workflow(request: Request, viewer: See, name: Name) -> Any:
    """One workflow with its inputs and triggers."""
    services = services_of(request)
    services.library.refresh()
    flow = services.library.get(name)
    with services.database.read() as transaction:
        line = read_workflow(transaction, flow)
    triggers = services.desk.triggers(flow) if services.desk is not None else []
    return models.WorkflowWhole(
        **_told(viewer, line),
        inputs=[models.Input(name=one.name, type=one.type, required=one.required) for one in asked(flow)],
        triggers=[
            models.TriggerLine(
                name=one.name,
                kind=one.kind,
                when=one.when,
                zone=one.zone,
                paused=one.paused,
                next=one.coming[0].at if one.coming else None,
            )
            for one in triggers
        ],
    )


@router.post("/{name}/run", response_model=models.Started)
def start(request: Request, viewer: Runs, name: Name, body: bodies.Start, key: IdempotencyKey) -> Any:
    """Queue an item. The same key from the same token's owner is the same item, however often it is sent."""
    services = services_of(request)
    flow = services.library.get(name)
    token = hashlib.sha256(f"{viewer.name}\n{flow.id}\n{key}".encode()).hexdigest()[:32]
    given = _given(flow, body, services.artifacts, token)
    try:
        item, is_new = starting.start(services, viewer, flow, given)
    except (UsageError, ItemError) as wrong:
        raise _wrong(wrong) from wrong
    if is_new and not viewer.is_machine:
        with services.database.write() as transaction:
            did = Did(viewer.name, "by token", item, workflow=flow.id, text=viewer.token)
            acts.note(transaction, did, services.clock.now())
    return models.Started(item=item, new=is_new)


@router.post("/{name}/try", response_model=models.Tried)
def try_out(request: Request, viewer: Runs, name: Name, body: bodies.Start) -> Any:
    """What it would do; nothing is posted."""
    services = services_of(request)
    flow = services.library.get(name)
    try:
        trial = starting.try_out(services, viewer, flow, _given(flow, body, services.artifacts, ""))
    except (UsageError, ItemError) as wrong:
        raise _wrong(wrong) from wrong
    would = [
        models.WouldDo(
            step=one.step, action=one.action, target=one.target, changes=dict(one.changes), already=one.already
        )
        for one in trial.would
    ]
    return models.Tried(
        outcome=trial.outcome,
        code=trial.code,
        message=trial.message,
        step=trial.step,
        outputs=dict(trial.outputs),
        would=would,
    )


@router.post("/{name}/pause", response_model=models.Done)
def pause(request: Request, viewer: Operates, name: Name, body: bodies.Reason) -> Any:
    """Begin no further item of it."""
    services = services_of(request)
    operating.pause_queue(services, viewer, services.library.get(name), body.reason)
    return models.Done()


@router.post("/{name}/resume", response_model=models.Done)
def resume(request: Request, viewer: Operates, name: Name, body: bodies.Nothing) -> Any:
    """Let its queue go on."""
    services = services_of(request)
    operating.resume_queue(services, viewer, services.library.get(name))
    return models.Done()


@router.post("/{name}/triggers/pause", response_model=models.Done)
def pause_trigger(request: Request, viewer: Operates, name: Name, body: bodies.TriggerPause) -> Any:
    """Let a trigger make no item."""
    services = services_of(request)
    operating.pause_trigger(services, viewer, services.library.get(name), body.trigger, body.reason)
    return models.Done()


@router.post("/{name}/triggers/resume", response_model=models.Resumed)
def resume_trigger(request: Request, viewer: Operates, name: Name, body: bodies.TriggerResume) -> Any:
    """Let a trigger go on; how many items were made for what it missed."""
    services = services_of(request)
    flow = services.library.get(name)
    return models.Resumed(made=operating.resume_trigger(services, viewer, flow, body.trigger, missed=body.missed))


def _given(flow: Workflow, body: bodies.Start, kept: Artifacts, token: str) -> Start:
    """The inputs as the form of the workflow takes them; what it does not ask for is refused."""
    asked_for = {one.name: one for one in asked(flow)}
    wrong = [
        Wrong(where=f"body.inputs.{name}", expected=f"one of {', '.join(asked_for) or 'no inputs'}")
        for name in (*body.inputs, *body.files)
        if name not in asked_for or (asked_for[name].type == "file") is (name in body.inputs)
    ]
    files = {}
    for name, file in body.files.items():
        try:
            content = base64.b64decode(file.content, validate=True)
        except (binascii.Error, ValueError):
            wrong.append(Wrong(where=f"body.files.{name}.content", expected="base64"))
        else:
            files[name] = content
    if wrong:
        raise ApiProblem(422, "the inputs are not those of the workflow", "see the workflow's inputs", errors=wrong)
    places = {name: f"{kept.put(content)}/{body.files[name].name}" for name, content in files.items()}
    return Start({name: _text(value) for name, value in body.inputs.items()}, places, token)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def _wrong(error: UsageError | ItemError) -> ApiProblem:
    problems = error.problems if isinstance(error, WrongInputs) else {}
    errors = [Wrong(where=f"body.inputs.{name}", expected=text) for name, text in problems.items()]
    return ApiProblem(422, error.message, error.advice or "mend the inputs", errors=errors)


def _told(viewer: TokenViewer, line: WorkflowLine) -> dict[str, Any]:
    flow = line.workflow
    told = {"id": flow.id, "title": flow.title, "paused": line.paused, "by_state": dict(line.by_state)}
    return told | {"may_start": starting.may_start(viewer, flow)}
