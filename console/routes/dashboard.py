"""The dashboard: its tiles, the lines that each adds up from, and samples that a person checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from console.access import Needs, posted, seen_by, services_of
from console.dashboard import PERIODS, Board, DashboardFilter, filter_of, read_board, teams_of
from console.keeping import Keeping
from console.pages import pages_of
from console.permissions import Permission
from console.services import ConsoleServices
from console.sessions import Viewer
from engine import items
from engine.errors import UsageError
from engine.language import Workflow
from engine.measures import dashboard
from engine.measures.attention import beat
from engine.measures.samples import Checked, checked, keep_check, next_sample, values_of
from engine.measures.scope import Figures, Scope, vendors
from engine.store.database import Transaction

router = APIRouter()
See = Annotated[Viewer, Depends(Needs(Permission.SEE))]
Decides = Annotated[Viewer, Depends(Needs(Permission.DECIDE))]
HasHands = Annotated[Viewer, Depends(Needs(Permission.DECIDE, Permission.APPROVE, Permission.RETRY))]
Posted = Annotated[FormData, Depends(posted)]
SAMPLED = ("accuracy", "silent", "doubled")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request to the dashboard is about."""

    services: ConsoleServices
    filter: DashboardFilter
    scope: Scope
    flows: Sequence[Workflow]


def asked(request: Request) -> Asked:
    keeping: Keeping = request.app.state.keeping
    keeping.look()
    services = services_of(request)
    flows = services.library.all()
    filter_ = filter_of(request.query_params)
    return Asked(services, filter_, filter_.scope(services.clock.now(), services.timezone, flows), flows)


def read(request: Request, told: Asked) -> Board:
    """The tiles as this person sees them."""
    keeping: Keeping = request.app.state.keeping
    services = told.services

    def now() -> Board:
        with services.database.read() as transaction:
            return read_board(transaction, told.scope, services.timezone, services.given)

    return keeping.board((seen_by(request), told.scope), now)


def _vendors(told: Asked) -> list[str]:
    with told.services.database.read() as transaction:
        return vendors(transaction, told.scope.workflows)


@router.get("/dashboard")
def board(request: Request, viewer: See) -> Response:
    """All tiles of a period, a workflow, a team, a vendor."""
    told = asked(request)
    services = told.services
    shown = read(request, told)
    keeping: Keeping = request.app.state.keeping
    known = keeping.vendors((seen_by(request), told.scope.workflows), lambda: _vendors(told))
    return pages_of(request).show(
        request,
        viewer,
        "dashboard.html",
        board=shown,
        filter=told.filter,
        scope=told.scope,
        periods=PERIODS,
        workflows=sorted({flow.id for flow in told.flows} | set(shown.found.workflows)),
        teams=teams_of(told.flows),
        vendors=known,
        office=str(services.timezone),
        may_check=viewer.may(Permission.DECIDE),
        here="dashboard",
    )


@router.get("/dashboard/sample")
def sample(request: Request, viewer: Decides) -> Response:
    """The next item of the draw, with its fields to be compared with the paper."""
    told = asked(request)
    with told.services.database.read() as transaction:
        name = next_sample(transaction, told.scope)
        item = items.get(transaction, name) if name is not None else None
        fields = values_of(transaction, item) if item is not None else {}
        done = checked(transaction, told.scope)
    return pages_of(request).show(
        request,
        viewer,
        "sample.html",
        item=item,
        fields=fields,
        done=done,
        filter=told.filter,
        scope=told.scope,
        here="dashboard",
    )


@router.post("/dashboard/sample/{name}")
def check(request: Request, viewer: Decides, form: Posted, name: str) -> Response:
    """Keep what a person found. Every field has to be answered: one that was left out says nothing."""
    services, now = services_of(request), services_of(request).clock.now()
    with services.database.write() as transaction:
        fields = values_of(transaction, items.get(transaction, name))
        answers = {field: form.get(f"field.{field}") for field in fields}
        if any(answer not in ("right", "wrong") for answer in answers.values()):
            raise UsageError("a field was not answered", advice="go back and say of each field whether it is right")
        found = {field: answer == "right" for field, answer in answers.items()}
        keep_check(transaction, name, viewer.name, found, now, doubled=form.get("doubled") == "yes")
    back = filter_of({key: str(value) for key, value in form.items() if isinstance(value, str)})
    return RedirectResponse(back.place("sample"), status_code=303)


@router.get("/dashboard/{key}")
def drill(request: Request, viewer: See, key: str, after: str = "") -> Response:
    """The lines that a tile adds up from."""
    told = asked(request)
    services = told.services
    whole = read(request, told)
    found, tile = whole.found, whole.tile(key)
    with services.database.read() as transaction:
        behind = _behind(transaction, found, services, key, after)
    shown: dict[str, Any] = {"tile": tile, "filter": told.filter, "scope": told.scope, "found": found, "start": after}
    return pages_of(request).show(
        request, viewer, "tile.html", **shown, **behind, office=str(services.timezone), here="dashboard"
    )


def _behind(
    transaction: Transaction, found: Figures, services: ConsoleServices, key: str, after: str
) -> dict[str, Any]:
    empty: dict[str, Any] = {"sheet": None, "controls": [], "told": None, "samples": []}
    if key == "compliance":
        return empty | {"controls": dashboard.tried(transaction, found)}
    if key in SAMPLED:
        told: Checked = checked(transaction, found.scope)
        return empty | {"told": told, "samples": dashboard.sampled(transaction, found.scope)}
    return empty | {"sheet": dashboard.sheet(transaction, key, found, services.given, after)}


@router.post("/items/{name}/focus")
def attention(request: Request, viewer: HasHands, name: str) -> Response:
    """A beat of the item's page: somebody is at it now."""
    services = services_of(request)
    now: datetime = services.clock.now()
    with services.database.write() as transaction:
        items.get(transaction, name)
        beat(transaction, name, viewer.name, now)
    return Response(status_code=204)
