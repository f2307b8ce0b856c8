"""One run as a timeline."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse

from console.access import Needs, services_of
from console.pages import pages_of
from console.permissions import Permission
from console.replay import POLICY, has_pages, replay_of
from console.sessions import Viewer
from console.timeline import read_timeline

router = APIRouter(prefix="/runs")
See = Annotated[Viewer, Depends(Needs(Permission.SEE))]


@router.get("/{name}")
def run(request: Request, viewer: See, name: str) -> Response:
    services = services_of(request)
    with services.database.read() as transaction:
        timeline = read_timeline(transaction, name, services.clock.now())
    return pages_of(request).show(
        request, viewer, "run.html", timeline=timeline, replay=has_pages(timeline), here="items"
    )


@router.get("/{name}/replay")
def replay(request: Request, viewer: See, name: str) -> Response:
    """What the bot did and saw, verb by verb; pages of other systems, so without access to the console."""
    services = services_of(request)
    with services.database.read() as transaction:
        timeline = read_timeline(transaction, name, services.clock.now())
    page, _steps = replay_of(timeline, services.artifacts)
    return HTMLResponse(page, headers={"content-security-policy": POLICY})
