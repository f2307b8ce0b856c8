"""The exception queue."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse
from starlette.datastructures import FormData

from console.access import Needs, posted, seen_by, services_of
from console.bulk import told
from console.outcome import outcome_of
from console.pages import pages_of
from console.permissions import Permission, allows
from console.pulse import Pulse
from console.queue import read_queue
from console.queue_filter import QueueFilter
from console.saved_views import filter_in, forget_view, save_view, saved_views
from console.sessions import Viewer
from console.triage import HANDS, RESTS
from console.users import list_users

router = APIRouter()
See = Annotated[Viewer, Depends(Needs(Permission.SEE))]
Hands = Annotated[Viewer, Depends(Needs(*HANDS))]
Posted = Annotated[FormData, Depends(posted)]


@router.get("/")
def queue(
    request: Request, viewer: See, after: str = "", decided: str = "", bulk: str = "", kept: str = ""
) -> HTMLResponse:
    filter_ = QueueFilter.of(request.query_params)
    now = services_of(request).clock.now()
    with services_of(request).database.read() as transaction:
        page = read_queue(transaction, filter_, viewer, services_of(request).clock.now(), after)
        outcome = outcome_of(transaction, decided)
        done = told(transaction, viewer, bulk, now) if bulk else None
        views = [(row, filter_in(row["query"])) for row in saved_views(transaction)]
        users = [user for user in list_users(transaction) if not user["disabled"]]
    return pages_of(request).show(
        request,
        viewer,
        "queue.html",
        page=page,
        filter=filter_,
        start=after,
        outcome=outcome,
        done=done,
        views=views,
        kept=int(kept) if kept.isdigit() else 0,
        rests=RESTS,
        people=[user["name"] for user in users if any(allows(str(user["role"]), one) for one in HANDS)],
        has_hands=any(viewer.may(one) for one in HANDS),
        here="exceptions",
    )


@router.get("/queue/events")
async def events(request: Request, viewer: See) -> StreamingResponse:
    """Tells the open page when the queue changed; what changed it then asks for as anybody does."""
    pulse: Pulse = request.app.state.pulse
    told = pulse.stream(seen_by(request))
    return StreamingResponse(told, media_type="text/event-stream", headers={"x-accel-buffering": "no"})


@router.post("/queue/views")
def keep_view(request: Request, viewer: Hands, form: Posted) -> Response:
    """Keep the view of this address under a name."""
    services, filter_ = services_of(request), QueueFilter.of(request.query_params)
    with services.database.write() as transaction:
        save_view(transaction, viewer, _text(form, "name"), filter_, services.clock.now())
    return RedirectResponse(filter_.but(), status_code=303)


@router.post("/queue/views/forget")
def drop_view(request: Request, viewer: Hands, form: Posted) -> Response:
    filter_ = QueueFilter.of(request.query_params)
    with services_of(request).database.write() as transaction:
        forget_view(transaction, viewer, _text(form, "name"))
    return RedirectResponse(filter_.but(), status_code=303)


def _text(form: FormData, name: str) -> str:
    given = form.get(name)
    return given.strip() if isinstance(given, str) else ""


@router.get("/queue/rows")
def queue_rows(request: Request, viewer: See, after: str = "", mark: str = "") -> Response:
    """The rows anew, for the page that is open; nothing while they are the same."""
    filter_ = QueueFilter.of(request.query_params)
    with services_of(request).database.read() as transaction:
        page = read_queue(transaction, filter_, viewer, services_of(request).clock.now(), after)
    if page.mark == mark:
        return Response(status_code=204)
    return pages_of(request).show(
        request,
        viewer,
        "queue_rows.html",
        page=page,
        filter=filter_,
        start=after,
        has_hands=any(viewer.may(one) for one in HANDS),
    )
