"""The workflows of the project: their queues, triggers and steps, and the brake."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from console import operating, starting
from console.access import Needs, posted, services_of
from console.pages import pages_of
from console.permissions import Permission
from console.sessions import Viewer
from console.start_form import form_title, who_may
from console.views.diagram import diagram
from console.workflow_list import WORKFLOW_ACTS, read_standing, read_workflow, read_workflows
from engine import acts
from engine.language import Workflow

router = APIRouter(prefix="/workflows")
See = Annotated[Viewer, Depends(Needs(Permission.SEE))]
Operates = Annotated[Viewer, Depends(Needs(Permission.OPERATE))]
Posted = Annotated[FormData, Depends(posted)]
LATEST_ACTS = 8


@router.get("")
def workflow_list(request: Request, viewer: See) -> Response:
    services = services_of(request)
    services.library.refresh()
    with services.database.read() as transaction:
        lines = read_workflows(transaction, services.library)
    startable = {line.workflow.id for line in lines if starting.may_start(viewer, line.workflow)}
    return pages_of(request).show(
        request,
        viewer,
        "workflows.html",
        lines=lines,
        startable=startable,
        problems=services.library.problems,
        here="workflows",
    )


@router.get("/{name}")
def workflow(request: Request, viewer: See, name: str, resumed: str = "") -> Response:
    services = services_of(request)
    services.library.refresh()
    flow = services.library.get(name)
    with services.database.read() as transaction:
        line = read_workflow(transaction, flow)
        standing = read_standing(transaction, flow)
        latest = acts.of_workflow(transaction, flow.id, WORKFLOW_ACTS, LATEST_ACTS)
    triggers = services.desk.triggers(flow) if services.desk is not None else []
    return pages_of(request).show(
        request,
        viewer,
        "workflow.html",
        workflow=flow,
        line=line,
        title=form_title(flow),
        may_start=starting.may_start(viewer, flow),
        who=who_may(flow),
        schedules=[one for one in triggers if one.zone],
        others=[one for one in triggers if not one.zone],
        nodes=diagram(flow.steps, standing),
        latest=latest,
        made_up=int(resumed) if resumed.isdigit() else None,
        here="workflows",
    )


@router.post("/{name}/pause")
def pause(request: Request, viewer: Operates, name: str, form: Posted) -> Response:
    operating.pause_queue(services_of(request), viewer, _workflow(request, name), _text(form, "reason"))
    return _back(name, form)


@router.post("/{name}/resume")
def resume(request: Request, viewer: Operates, name: str, form: Posted) -> Response:
    operating.resume_queue(services_of(request), viewer, _workflow(request, name))
    return _back(name, form)


@router.post("/{name}/triggers/pause")
def pause_trigger(request: Request, viewer: Operates, name: str, form: Posted) -> Response:
    services, flow = services_of(request), _workflow(request, name)
    operating.pause_trigger(services, viewer, flow, _text(form, "trigger"), _text(form, "reason"))
    return RedirectResponse(f"/workflows/{quote(name)}#triggers", status_code=303)


@router.post("/{name}/triggers/resume")
def resume_trigger(request: Request, viewer: Operates, name: str, form: Posted) -> Response:
    services, flow = services_of(request), _workflow(request, name)
    missed = _text(form, "missed") == "yes"
    made = operating.resume_trigger(services, viewer, flow, _text(form, "trigger"), missed=missed)
    told = f"?resumed={made}" if missed else ""
    return RedirectResponse(f"/workflows/{quote(name)}{told}#triggers", status_code=303)


def _workflow(request: Request, name: str) -> Workflow:
    return services_of(request).library.get(name)


def _text(form: FormData, name: str) -> str:
    given = form.get(name)
    return given.strip() if isinstance(given, str) else ""


def _back(name: str, form: FormData) -> Response:
    place = f"/workflows/{quote(name)}" if _text(form, "from") == "page" else "/workflows"
    return RedirectResponse(place, status_code=303)
