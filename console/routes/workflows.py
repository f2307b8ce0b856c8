"""The workflows of the project with their queues: how much waits, what is paused, and the brake itself."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from console.access import Needs, posted, services_of
from console.pages import pages_of
from console.permissions import Permission
from console.sessions import Viewer
from console.workflow_list import read_workflows
from engine import items

router = APIRouter(prefix="/workflows")
See = Annotated[Viewer, Depends(Needs(Permission.SEE))]
Operates = Annotated[Viewer, Depends(Needs(Permission.OPERATE))]


@router.get("")
def workflow_list(request: Request, viewer: See) -> Response:
    services = services_of(request)
    services.library.refresh()
    with services.database.read() as transaction:
        lines = read_workflows(transaction, services.library)
    problems = services.library.problems
    return pages_of(request).show(request, viewer, "workflows.html", lines=lines, problems=problems, here="workflows")


@router.post("/{name}/pause")
def pause(request: Request, viewer: Operates, name: str, form: Annotated[FormData, Depends(posted)]) -> Response:
    services = services_of(request)
    services.library.get(name)
    given = form.get("reason")
    reason = given.strip()[:200] if isinstance(given, str) else ""
    with services.database.write() as transaction:
        items.pause(transaction, name, f"paused by {viewer.name}" + (f": {reason}" if reason else ""))
    return RedirectResponse("/workflows", status_code=303)


@router.post("/{name}/resume")
def resume(request: Request, viewer: Operates, name: str) -> Response:
    services = services_of(request)
    services.library.get(name)
    with services.database.write() as transaction:
        items.resume(transaction, name)
    return RedirectResponse("/workflows", status_code=303)
