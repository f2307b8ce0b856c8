"""Bulk: what was picked in the queue is shown with what would come of it, then done, then it can be taken back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from console import bulk, triage
from console.access import Needs, posted, services_of
from console.bulk import ACTIONS, Order
from console.case import read_case
from console.pages import pages_of
from console.queue_filter import QueueFilter
from console.sessions import Viewer
from console.subject import subjects
from console.views.case_page import case_page, empty_form
from console.zone import zone_of
from engine.errors import UsageError
from engine.store.database import Row

router = APIRouter(prefix="/queue/bulk")
Hands = Annotated[Viewer, Depends(Needs(*triage.HANDS))]
Posted = Annotated[FormData, Depends(posted)]
SHOWN = 12
CAUSES = 5


@router.post("")
def preview(request: Request, viewer: Hands, form: Posted) -> Response:
    """What would come of it; nothing is done yet."""
    return _preview(request, viewer, form)


@router.post("/do")
def do(request: Request, viewer: Hands, form: Posted) -> Response:
    """Do it with exactly what was shown. What changed meanwhile is left out and told."""
    services, filter_ = services_of(request), QueueFilter.of(request.query_params)
    now = services.clock.now()
    try:
        order = _order(request, form)
        if order.action == "reject" and not order.note:
            raise UsageError("a rejection needs a reason", advice="say why in a few words")
        with services.database.read() as transaction:
            found = bulk.chosen(transaction, filter_, viewer, now, _picks(form), every=False)
        act = bulk.carry_out(services.database, viewer, order, found, now)
    except UsageError as refused:
        return _preview(request, viewer, form, refused)
    if services.on_decision is not None and order.action == "retry":
        for row in found:
            services.on_decision(str(row["item"]))
    return _to_queue(filter_, f"bulk={act}")


@router.post("/undo")
def undo(request: Request, viewer: Hands, form: Posted) -> Response:
    services, filter_ = services_of(request), QueueFilter.of(request.query_params)
    act = _text(form, "act")
    outcome = bulk.undo(services.database, viewer, act, services.clock.now())
    return _to_queue(filter_, f"bulk={act}&kept={sum(outcome.left.values())}")


def _to_queue(filter_: QueueFilter, told: str) -> Response:
    place = filter_.but()
    return RedirectResponse(f"{place}{'&' if '?' in place else '?'}{told}", status_code=303)


def _preview(request: Request, viewer: Viewer, form: FormData, refused: UsageError | None = None) -> Response:
    services, filter_ = services_of(request), QueueFilter.of(request.query_params)
    now = services.clock.now()
    order = _order(request, form)
    with services.database.read() as transaction:
        found = bulk.chosen(transaction, filter_, viewer, now, _picks(form), every=_text(form, "every") == "yes")
    # What a reason is needed for is judged as if there were one: it is asked for on this page.
    judged = order if order.note or order.action != "reject" else Order(order.action, note="to be said")
    outcome = bulk.rehearse(services.database, viewer, judged, found, now)
    fine = [row for row in found if str(row["id"]) in set(outcome.done)]
    with services.database.read() as transaction:
        shown = list(zip(fine[:SHOWN], subjects(transaction, fine[:SHOWN]), strict=True))
        effects = []
        if order.action == "retry":
            for row in _one_of_each_cause(fine):
                case = read_case(transaction, services, str(row["id"]))
                effects.append((row, case_page(case, viewer, empty_form(case)).after_retry))
    return pages_of(request).show(
        request,
        viewer,
        "bulk.html",
        status=200 if refused is None else 409,
        order=order,
        words=ACTIONS[order.action],
        fine=fine,
        shown=shown,
        left=outcome.left,
        effects=effects,
        form={name: _text(form, name) for name in ("to", "rest", "until", "note")},
        rests=triage.RESTS,
        filter=filter_,
        error=refused,
        here="exceptions",
    )


def _one_of_each_cause(found: list[Row]) -> list[Row]:
    return list({str(row["fingerprint"]): row for row in reversed(found)}.values())[:CAUSES]


def _order(request: Request, form: FormData) -> Order:
    action = _text(form, "action")
    if action not in ACTIONS:
        raise UsageError(f"{action!r} is nothing that can be done with many", advice="choose one of the buttons")
    services = services_of(request)
    until = None
    if action == "snooze":
        zone = zone_of(request, services.timezone)
        until = triage.rest_until(_text(form, "rest"), _text(form, "until"), services.clock.now(), zone)
    return Order(action, _text(form, "to") if action == "assign" else "", _text(form, "note"), until)


def _picks(form: FormData) -> list[str]:
    """The lines that were picked: one field each from the list, all in one from the preview."""
    return [name for given in form.getlist("pick") if isinstance(given, str) for name in given.split()]


def _text(form: FormData, name: str) -> str:
    given = form.get(name)
    return given.strip() if isinstance(given, str) else ""
