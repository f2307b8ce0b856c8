"""Items, runs, effects, vendors and kept files, for programs."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import FileResponse

from console.access import services_of
from console.api import models
from console.api.cursor import cursor, place
from console.api.door import JsonRoute, Scope
from console.api.tokens import TokenViewer
from console.api.words import Name, Word
from console.effect_list import EffectFilter, read_effects
from console.item_list import ItemFilter, read_items
from console.permissions import Permission
from console.routes.artifacts import artifact as kept_file
from console.timeline import StepView, read_timeline
from console.vendor_list import KnownVendor, read_vendor, read_vendors
from engine import acts, exceptions, items, ledger
from engine.store import tables
from engine.store.database import rows

router = APIRouter(route_class=JsonRoute)
See = Annotated[TokenViewer, Depends(Scope(Permission.SEE))]
After = Annotated[str, Query(description="`next` of the page before.", pattern=r"^[A-Za-z0-9_-]{0,100}$")]


@router.get("/items", response_model=models.ItemPage, tags=["items"])
def item_list(request: Request, viewer: See, state: Word = "", workflow: Word = "", after: After = "") -> Any:
    """Work items, the newest first."""
    with services_of(request).database.read() as transaction:
        page = read_items(transaction, ItemFilter(state, workflow), place(after))
    return models.ItemPage(
        items=[models.ItemLine.of(row) for row in page.items],
        next=cursor(page.before),
        by_state=page.by_state,
        by_workflow=page.by_workflow,
    )


@router.get("/items/{name}", response_model=models.ItemWhole, tags=["items"])
def item(request: Request, viewer: See, name: Name) -> Any:
    """One work item with its runs, decisions and effects."""
    runs, raised = tables.runs, tables.exceptions
    with services_of(request).database.read() as transaction:
        row = items.get(transaction, name)
        own = rows(transaction, runs.select().where(runs.c.item == name).order_by(runs.c.id.desc()))
        stopped = rows(transaction, raised.select().where(raised.c.item == name).order_by(raised.c.id.desc()))
        return models.ItemWhole.of(
            row,
            runs=[models.RunLine.of(one) for one in own],
            exceptions=[str(one["id"]) for one in stopped],
            decisions=[models.Decision.of(one) for one in exceptions.decisions(transaction, name)],
            acts=[models.Act.of(one) for one in acts.of_item(transaction, name)],
            effects=[models.EffectLine.of(one) for one in ledger.effects(transaction, item=name)],
        )


@router.get("/runs/{name}", response_model=models.RunWhole, tags=["runs"])
def run(request: Request, viewer: See, name: Name) -> Any:
    """One run: the workflow as it was, and every step with what it gave."""
    services = services_of(request)
    with services.database.read() as transaction:
        timeline = read_timeline(transaction, name, services.clock.now())
    return models.RunWhole.of(
        timeline.run, file=timeline.file, source=timeline.source, steps=[_step(step) for step in timeline.steps]
    )


@router.get("/runs/{name}/steps", response_model=list[models.StepLine], tags=["runs"])
def steps(request: Request, viewer: See, name: Name) -> Any:
    """The steps of a run alone, in the order they were done."""
    services = services_of(request)
    with services.database.read() as transaction:
        timeline = read_timeline(transaction, name, services.clock.now())
    return [_step(step) for step in timeline.steps]


@router.get("/effects", response_model=models.EffectPage, tags=["effects"])
def effect_list(request: Request, viewer: See, status: Word = "", workflow: Word = "", after: After = "") -> Any:
    """What was done outside, the newest first."""
    with services_of(request).database.read() as transaction:
        page = read_effects(transaction, EffectFilter(status, workflow), place(after))
    effects = [models.EffectLine.of(row) for row in page.effects]
    return models.EffectPage(effects=effects, next=cursor(page.before), by_status=page.by_status)


@router.get("/artifacts/{name}", response_class=FileResponse, tags=["artifacts"])
def artifact(request: Request, viewer: See, name: Name) -> FileResponse:
    """The bytes of a kept file."""
    return kept_file(request, viewer, name)


@router.get("/vendors", response_model=models.Vendors, tags=["vendors"])
def vendor_list(request: Request, viewer: See) -> Any:
    """The vendors that people taught something about."""
    with services_of(request).database.read() as transaction:
        return models.Vendors(vendors=[models.VendorLine(**_vendor(known)) for known in read_vendors(transaction)])


@router.get("/vendors/{name}", response_model=models.VendorWhole, tags=["vendors"])
def vendor(request: Request, viewer: See, name: Name) -> Any:
    """One vendor with what was drawn from corrections."""
    with services_of(request).database.read() as transaction:
        known = read_vendor(transaction, name)
    templates = [
        models.TemplateLine(id=one.id, name=one.name, state=one.state, reason=one.reason, changed=one.changed)
        for one in known.templates
    ]
    return models.VendorWhole(**_vendor(known), templates=templates)


def _vendor(known: KnownVendor) -> dict[str, Any]:
    told = {"id": known.vendor.id, "name": known.vendor.name, "keys": list(known.keys), "used": known.used}
    return told | {"examples": len(known.examples), "corrected": known.corrected, "outlook": known.outlook}


def _step(step: StepView) -> models.StepLine:
    entry = step.entry
    return models.StepLine(
        path=entry.path,
        kind=entry.kind,
        title=entry.title,
        status=entry.status,
        result=entry.result,
        started=entry.started,
        finished=entry.finished,
        attempts=len(step.attempts),
        artifacts=[models.ArtifactLine.of(row) for row in step.artifacts],
        effects=[str(row["id"]) for row in step.effects],
        exceptions=[str(row["id"]) for row in step.raised],
    )
