"""One run as a timeline."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from console.access import Needs, services_of
from console.pages import pages_of
from console.permissions import Permission
from console.sessions import Viewer
from console.timeline import read_timeline

router = APIRouter(prefix="/runs")
See = Annotated[Viewer, Depends(Needs(Permission.SEE))]


@router.get("/{name}")
def run(request: Request, viewer: See, name: str) -> Response:
    services = services_of(request)
    with services.database.read() as transaction:
        timeline = read_timeline(transaction, name, services.clock.now())
    return pages_of(request).show(request, viewer, "run.html", timeline=timeline, here="items")
