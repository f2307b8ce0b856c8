"""Taking, handing on, putting aside and commenting, many at once, and causes, for programs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from console import bulk, cause, triage
from console.access import services_of
from console.api import bodies, models
from console.api.deciding import note_token
from console.api.door import JsonRoute, Scope
from console.api.problems import ApiProblem
from console.api.tokens import TokenViewer
from console.api.words import Name
from console.bulk import Order
from console.permissions import Permission
from console.queue_filter import QueueFilter
from console.saved_views import forget_view, save_view, saved_views
from engine.errors import UsageError
from engine.exceptions import find
from engine.store.database import Row, Transaction

router = APIRouter(route_class=JsonRoute, tags=["queue"])
See = Annotated[TokenViewer, Depends(Scope(Permission.SEE))]
Hands = Annotated[TokenViewer, Depends(Scope(*triage.HANDS))]
Retries = Annotated[TokenViewer, Depends(Scope(Permission.RETRY))]
Do = Callable[[Transaction, str, datetime], object]


@router.post("/exceptions/{name}/claim", response_model=models.Done)
def claim(request: Request, viewer: Hands, name: Name, body: bodies.Note) -> Any:
    """Take it, so that nobody else does."""
    return _do(request, viewer, name, lambda at, one, now: triage.claim(at, viewer, one, now, body.note))


@router.post("/exceptions/{name}/release", response_model=models.Done)
def release(request: Request, viewer: Hands, name: Name, body: bodies.Nothing) -> Any:
    """Let it go again."""
    return _do(request, viewer, name, lambda at, one, now: triage.release(at, viewer, one, now))


@router.post("/exceptions/{name}/assign", response_model=models.Done)
def assign(request: Request, viewer: Hands, name: Name, body: bodies.Assign) -> Any:
    """Give it to a colleague."""
    return _do(request, viewer, name, lambda at, one, now: triage.assign(at, viewer, one, body.to, now, body.note))


@router.post("/exceptions/{name}/snooze", response_model=models.Done)
def snooze(request: Request, viewer: Hands, name: Name, body: bodies.Until) -> Any:
    """Put it aside until then."""
    return _do(request, viewer, name, lambda at, one, now: triage.snooze(at, viewer, one, body.until, now, body.note))


@router.post("/exceptions/{name}/wake", response_model=models.Done)
def wake(request: Request, viewer: Hands, name: Name, body: bodies.Nothing) -> Any:
    """Bring back what was put aside."""
    return _do(request, viewer, name, lambda at, one, now: triage.wake(at, viewer, one, now))


@router.post("/exceptions/{name}/comment", response_model=models.Done)
def comment(request: Request, viewer: Hands, name: Name, body: bodies.Comment) -> Any:
    """Write something about it."""
    return _do(request, viewer, name, lambda at, one, now: triage.comment(at, viewer, one, body.text, now))


@router.post("/bulk/preview", response_model=models.BulkPreview)
def preview(request: Request, viewer: Hands, body: bodies.Bulk) -> Any:
    """What would come of it; nothing is done."""
    services = services_of(request)
    order, found = _ordered(request, viewer, body)
    outcome = bulk.rehearse(services.database, viewer, order, found, services.clock.now())
    return models.BulkPreview(fine=outcome.done, left=outcome.left)


@router.post("/bulk", response_model=models.BulkDone)
def carry_out(request: Request, viewer: Hands, body: bodies.Bulk) -> Any:
    """Do it with each; what is refused is left out and told."""
    services = services_of(request)
    now = services.clock.now()
    order, found = _ordered(request, viewer, body)
    act = bulk.carry_out(services.database, viewer, order, found, now)
    if services.on_decision is not None and order.action == "retry":
        for row in found:
            services.on_decision(str(row["item"]))
    with services.database.read() as transaction:
        told = bulk.told(transaction, viewer, act, now)
    assert told is not None
    return models.BulkDone(act=act, told=told.text, left=dict(told.left))


@router.post("/bulk/{name}/undo", response_model=models.BulkUndone)
def undo(request: Request, viewer: Hands, name: Name, body: bodies.Nothing) -> Any:
    """Take a bulk back, as far as nothing came of it: for who did it, within the hour."""
    services = services_of(request)
    try:
        outcome = bulk.undo(services.database, viewer, name, services.clock.now())
    except UsageError as refused:
        raise ApiProblem(409, refused.message, refused.advice) from refused
    return models.BulkUndone(undone=outcome.done, left=outcome.left)


@router.get("/causes/{name}", response_model=models.CauseWhole, tags=["causes"])
def one_cause(request: Request, viewer: See, name: Name) -> Any:
    """All that stopped for one cause, what they share, and the last retrial of it."""
    with services_of(request).database.read() as transaction:
        page = cause.read_cause(transaction, name, bulk.MOST)
        about = page.first if page.found else cause.of_cause(transaction, name)
    traits = [
        models.TraitLine(name=one.name, value=one.value, among_standing=one.among_standing, among_good=one.among_good)
        for one in page.traits
    ]
    retrial = page.retrial
    shown = ("id", "person", "state", "first", "retried", "note", "made", "changed")
    return models.CauseWhole.of(
        about,
        fingerprint=str(about["fingerprint"]),
        exceptions=[str(row["id"]) for row in page.found],
        messages=dict(page.messages),
        traits=traits,
        retrial={column: retrial[column] for column in shown} if retrial is not None else None,
    )


@router.post("/causes/{name}/retry", response_model=models.RetrialBegun, tags=["causes"])
def retry_cause(request: Request, viewer: Retries, name: Name, body: bodies.Nothing) -> Any:
    """Retry one first, and the others once it got past the cause."""
    services = services_of(request)
    with services.database.read() as transaction:
        cause.of_cause(transaction, name)
    try:
        with services.database.write() as transaction:
            page = cause.read_cause(transaction, name, bulk.MOST)
            names = [str(row["id"]) for row in page.found]
            retrial = cause.retry_all(transaction, viewer, name, names, services.clock.now())
            if page.found:
                note_token(transaction, viewer, page.first, services.clock.now())
    except UsageError as refused:
        raise ApiProblem(409, refused.message, refused.advice) from refused
    if services.on_decision is not None and page.found:
        services.on_decision(str(page.first["item"]))
    return models.RetrialBegun(retrial=retrial)


@router.post("/retrials/{name}/stop", response_model=models.Done, tags=["causes"])
def stop(request: Request, viewer: Retries, name: Name, body: bodies.Nothing) -> Any:
    """Retry no further of a cause."""
    services = services_of(request)
    try:
        with services.database.write() as transaction:
            cause.stop(transaction, viewer, name, services.clock.now())
    except UsageError as refused:
        raise ApiProblem(409, refused.message, refused.advice) from refused
    return models.Done()


@router.get("/views", response_model=models.Views, tags=["views"])
def views(request: Request, viewer: See) -> Any:
    """The views of the queue that somebody kept."""
    with services_of(request).database.read() as transaction:
        return models.Views(views=[models.ViewLine.of(row) for row in saved_views(transaction)])


@router.post("/views", response_model=models.Done, tags=["views"])
def keep_view(request: Request, viewer: Hands, body: bodies.View) -> Any:
    """Keep a view under a name; one's own of that name is replaced."""
    now, filter_ = services_of(request).clock.now(), QueueFilter.of(dict(body.filter.items()))
    return _view(request, lambda at: save_view(at, viewer, body.name, filter_, now))


@router.post("/views/forget", response_model=models.Done, tags=["views"])
def drop_view(request: Request, viewer: Hands, body: bodies.ViewName) -> Any:
    """Remove a view of one's own."""
    return _view(request, lambda at: forget_view(at, viewer, body.name))


def _view(request: Request, do: Callable[[Transaction], None]) -> models.Done:
    try:
        with services_of(request).database.write() as transaction:
            do(transaction)
    except UsageError as refused:
        raise ApiProblem(409, refused.message, refused.advice) from refused
    return models.Done()


def _do(request: Request, viewer: TokenViewer, name: str, do: Do) -> models.Done:
    services = services_of(request)
    now = services.clock.now()
    with services.database.read() as transaction:
        find(transaction, name)
    try:
        with services.database.write() as transaction:
            row = find(transaction, name)
            do(transaction, str(row["id"]), now)
            note_token(transaction, viewer, row, now)
    except UsageError as refused:
        raise ApiProblem(409, refused.message, refused.advice) from refused
    return models.Done()


def _ordered(request: Request, viewer: TokenViewer, body: bodies.Bulk) -> tuple[Order, list[Row]]:
    lacks = {"assign": not body.to, "snooze": body.until is None, "reject": not body.note.strip()}
    if lacks.get(body.action):
        name = {"assign": "to", "snooze": "until", "reject": "note"}[body.action]
        raise ApiProblem(422, f"{body.action} needs `{name}`", f"send `{name}`")
    services = services_of(request)
    order = Order(body.action, body.to, body.note, body.until)
    try:
        with services.database.read() as transaction:
            found = bulk.chosen(transaction, QueueFilter(), viewer, services.clock.now(), body.exceptions, every=False)
    except UsageError as refused:
        raise ApiProblem(409, "none of these stands in the queue", "list the exceptions anew") from refused
    return order, found
