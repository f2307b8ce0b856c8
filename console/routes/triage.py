"""Who works on an exception, until when it rests, and what people write about it. Each is a plain form."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from console import triage
from console.access import Needs, posted, services_of
from console.pages import pages_of
from console.permissions import Permission
from console.queue_filter import QueueFilter
from console.routes.exceptions import refused_page
from console.sessions import Viewer
from console.zone import zone_of
from engine import comments
from engine.errors import UsageError
from engine.exceptions import find
from engine.store.database import Transaction

router = APIRouter()
See = Annotated[Viewer, Depends(Needs(Permission.SEE))]
Hands = Annotated[Viewer, Depends(Needs(*triage.HANDS))]
Posted = Annotated[FormData, Depends(posted)]
Do = Callable[[Transaction, datetime], object]


@router.get("/calls")
def calls(request: Request, viewer: See) -> Response:
    """What colleagues wrote to this person."""
    with services_of(request).database.read() as transaction:
        found = comments.unread(transaction, viewer.name)
    return pages_of(request).show(request, viewer, "calls.html", calls=found, here="calls")


@router.post("/exceptions/{name}/claim")
def claim(request: Request, viewer: Hands, name: str, form: Posted) -> Response:
    return _do(request, viewer, name, form, lambda at, now: triage.claim(at, viewer, name, now, _text(form, "note")))


@router.post("/exceptions/{name}/release")
def release(request: Request, viewer: Hands, name: str, form: Posted) -> Response:
    return _do(request, viewer, name, form, lambda at, now: triage.release(at, viewer, name, now))


@router.post("/exceptions/{name}/assign")
def assign(request: Request, viewer: Hands, name: str, form: Posted) -> Response:
    to, note = _text(form, "to"), _text(form, "note")
    return _do(request, viewer, name, form, lambda at, now: triage.assign(at, viewer, name, to, now, note))


@router.post("/exceptions/{name}/snooze")
def snooze(request: Request, viewer: Hands, name: str, form: Posted) -> Response:
    zone = zone_of(request, services_of(request).timezone)

    def rest(at: Transaction, now: datetime) -> None:
        until = triage.rest_until(_text(form, "rest"), _text(form, "until"), now, zone)
        triage.snooze(at, viewer, name, until, now, _text(form, "note"))

    return _do(request, viewer, name, form, rest)


@router.post("/exceptions/{name}/wake")
def wake(request: Request, viewer: Hands, name: str, form: Posted) -> Response:
    return _do(request, viewer, name, form, lambda at, now: triage.wake(at, viewer, name, now))


@router.post("/exceptions/{name}/comment")
def comment(request: Request, viewer: Hands, name: str, form: Posted) -> Response:
    text = _text(form, "text")
    return _do(request, viewer, name, form, lambda at, now: triage.comment(at, viewer, name, text, now), at="#history")


def _do(request: Request, viewer: Viewer, name: str, form: FormData, do: Do, at: str = "") -> Response:
    """Do it and show the exception again; a refusal is told there, with what was typed."""
    services = services_of(request)
    filter_ = QueueFilter.of(request.query_params)
    try:
        with services.database.write() as transaction:
            exception = find(transaction, name)
            do(transaction, services.clock.now())
    except UsageError as refused:
        return refused_page(request, viewer, name, form, refused)
    return RedirectResponse(filter_.at(str(exception["id"])) + at, status_code=303)


def _text(form: FormData, name: str) -> str:
    given = form.get(name)
    return given.strip() if isinstance(given, str) else ""
