"""Exceptions for programs: the queue, one of them, and every decision a person can take, by the same rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from console import deciding
from console.access import services_of
from console.api import bodies, models
from console.api.cursor import cursor, place
from console.api.door import JsonRoute, Scope
from console.api.problems import ApiProblem, Wrong
from console.api.tokens import TokenViewer
from console.api.words import Name, Word
from console.case import Case, read_case
from console.deciding import Form, StillWrong
from console.outcome import outcome_of
from console.permissions import Permission
from console.queue import read_queue
from console.queue_filter import ALL, QueueFilter
from console.routes.sign_in import limit_of
from console.step_up import SecondFactorAsked
from console.subject import Subject
from console.views.fields import fields_of
from engine import acts
from engine.acts import Did
from engine.errors import ItemError, UsageError
from engine.exceptions import find
from engine.store.database import Row, Transaction

router = APIRouter(prefix="/exceptions", route_class=JsonRoute, tags=["exceptions"])
See = Annotated[TokenViewer, Depends(Scope(Permission.SEE))]
Decides = Annotated[TokenViewer, Depends(Scope(Permission.DECIDE))]
DecidesOrApproves = Annotated[TokenViewer, Depends(Scope(Permission.DECIDE, Permission.APPROVE))]
Retries = Annotated[TokenViewer, Depends(Scope(Permission.RETRY))]
Do = Callable[[Transaction, Case, datetime], None]


@router.get("", response_model=models.ExceptionPage)
def exception_list(
    request: Request,
    viewer: See,
    assigned: Word = ALL,
    kind: Word = "",
    workflow: Word = "",
    code: Word = "",
    step: Word = "",
    cause: Word = "",
    rest: Annotated[bool, Query(description="Show what was put aside.")] = False,
    after: Annotated[str, Query(description="`next` of the page before.", pattern=r"^[A-Za-z0-9_-]{0,100}$")] = "",
) -> Any:
    """What stands in the queue, the next deadline first: 'mine', 'held', 'all', 'nobody', or whom it is assigned to."""
    filter_ = QueueFilter(assigned or ALL, kind, workflow, code, step, cause, "yes" if rest else "")
    services = services_of(request)
    with services.database.read() as transaction:
        page = read_queue(transaction, filter_, viewer, services.clock.now(), place(after))
    return models.ExceptionPage(
        exceptions=[_line(entry.exception, entry.subject) for entry in page.entries],
        next=cursor(page.after),
        total=page.total,
        by_kind=page.by_kind,
        resting=page.resting,
        causes=[
            models.CauseLine(
                fingerprint=one.fingerprint, code=one.code, workflow=one.workflow, step=one.step, number=one.number
            )
            for one in page.causes
        ],
    )


@router.get("/{name}", response_model=models.ExceptionWhole)
def exception(request: Request, viewer: See, name: Name) -> Any:
    """One exception with all that is kept of it, and `seen`, which an approval of it gives back."""
    with services_of(request).database.read() as transaction:
        case = read_case(transaction, services_of(request), name)
    line = _line(case.exception, case.subject)
    return models.ExceptionWhole(
        **line.model_dump(),
        seen=case.seen,
        details=dict(case.details),
        result=case.result,
        fields=_fields(case),
        decisions=[models.Decision.of(row) for row in case.decisions],
        acts=[models.Act.of(row) for row in case.acts],
        effects=[models.EffectLine.of(row) for row in case.effects],
        artifacts=[models.ArtifactLine.of(row) for row in case.artifacts],
    )


@router.post("/{name}/approve", response_model=models.Decided)
def approve(request: Request, viewer: DecidesOrApproves, name: Name, body: bodies.Approve) -> Any:
    """Say yes to exactly what was shown. Only the token of a person may: the four eyes are people's."""
    _demand_person(viewer, "approves")
    form = Form.of({"seen": body.seen, "reason": body.reason, "code": body.code})
    return _decide(
        request, viewer, name, lambda at, case, now: deciding.approve(at, case, viewer, form, now), form.code
    )


@router.post("/{name}/correct", response_model=models.Decided)
def correct(request: Request, viewer: Decides, name: Name, body: bodies.Correct) -> Any:
    """Change values and let the item go on; 409 with `errors` where rules would still not hold."""
    _demand_person(viewer, "corrects")
    form = replace(Form.of({"seen": body.seen, "accept": "yes" if body.accept else ""}), fields=dict(body.fields))

    def do(at: Transaction, case: Case, now: datetime) -> None:
        unknown = sorted(set(body.fields) - set(_fields(case)))
        if unknown:
            raise UsageError(f"{unknown[0]} is no field here", advice="see `fields` of the exception")
        deciding.correct(at, case, viewer, form, now)

    return _decide(request, viewer, name, do)


@router.post("/{name}/reject", response_model=models.Decided)
def reject(request: Request, viewer: DecidesOrApproves, name: Name, body: bodies.Reject) -> Any:
    """Say no; the item is closed."""
    form = Form.of({"reason": body.reason})
    return _decide(request, viewer, name, lambda at, case, now: deciding.reject(at, case, viewer, form, now))


@router.post("/{name}/retry", response_model=models.Decided)
def retry(request: Request, viewer: Retries, name: Name, body: bodies.Nothing) -> Any:
    """Go on from the step where the item stopped."""
    form = Form.of({})
    return _decide(request, viewer, name, lambda at, case, now: deciding.retry(at, case, viewer, form, now))


@router.post("/{name}/settle", response_model=models.Decided)
def settle(request: Request, viewer: Decides, name: Name, body: bodies.Settle) -> Any:
    """Say whether an effect of unknown outcome was done."""
    form = Form.of({"done": "yes" if body.done else "no", "reason": body.reason})
    form = replace(form, result=dict(body.result))
    return _decide(request, viewer, name, lambda at, case, now: deciding.settle(at, case, viewer, form, now))


@router.post("/{name}/look-up", response_model=models.Decided)
def look_up(request: Request, viewer: Decides, name: Name, body: bodies.Nothing) -> Any:
    """Have an effect of unknown outcome looked up again in the target system."""
    form = Form.of({})
    return _decide(request, viewer, name, lambda at, case, now: deciding.look_up(at, case, viewer, form, now))


def note_token(transaction: Transaction, viewer: TokenViewer, row: Row, now: datetime) -> None:
    """Beside what a person's token did stands which one it was; a machine's is its name already."""
    if not viewer.is_machine:
        about = str(row["item"]), str(row["id"]), str(row["workflow"])
        acts.note(transaction, Did(viewer.name, "by token", *about, text=viewer.token), now)


def _decide(request: Request, viewer: TokenViewer, name: str, do: Do, code: str = "") -> models.Decided:
    services = services_of(request)
    now = services.clock.now()
    counted = f"second factor of {viewer.name}", request.client.host if request.client is not None else ""
    wait = limit_of(request).seconds_to_wait(*counted, now) if code else 0
    if wait:
        raise ApiProblem(429, "too many codes were wrong", f"wait {wait} s", headers={"retry-after": str(wait)})
    with services.database.read() as transaction:
        find(transaction, name)
    try:
        with services.database.write() as transaction:
            case = read_case(transaction, services, name)
            do(transaction, case, now)
            note_token(transaction, viewer, case.exception, now)
    except StillWrong as wrong:
        errors = [
            Wrong(where=", ".join(one.get("fields") or ()), expected=str(one.get("message", "")))
            for one in wrong.problems
        ]
        raise ApiProblem(409, wrong.message, "correct these too, or send `accept`: true", errors=errors) from wrong
    except (UsageError, ItemError) as refused:
        if isinstance(refused, SecondFactorAsked) and code:
            limit_of(request).failed(*counted, now)
        raise ApiProblem(409, refused.message, refused.advice) from refused
    if services.on_decision is not None:
        services.on_decision(str(case.item["id"]))
    with services.database.read() as transaction:
        told = outcome_of(transaction, str(case.exception["id"]))
    return models.Decided(
        exception=str(case.exception["id"]),
        item=str(case.item["id"]),
        told=told.text if told is not None else "It is looked up again.",
    )


def _demand_person(viewer: TokenViewer, does: str) -> None:
    if viewer.is_machine:
        raise ApiProblem(
            403,
            f"the token {viewer.token} is a machine's",
            "use a token that belongs to a person: the four eyes are people's",
            expected=f"a person who {does}",
        )


def _fields(case: Case) -> dict[str, str]:
    if case.result is None:
        return {}
    return {field.name: field.text for field in fields_of(case.result, [], {})}


def _line(row: Row, subject: Subject) -> models.ExceptionLine:
    about = models.About(title=subject.title, number=subject.number, amount=subject.amount, file=subject.file)
    line: models.ExceptionLine = models.ExceptionLine.of(row, cause=str(row["fingerprint"]), about=about)
    return line
