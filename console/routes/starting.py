"""Run now: the form of a workflow's inputs, what a dry run of it says, and the item it becomes."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from console import starting
from console.access import Needs, posted, services_of
from console.desk import Trial
from console.pages import pages_of
from console.permissions import Permission
from console.sessions import Viewer
from console.start_form import form_title, start_fields, who_may
from console.starting import Start
from engine.errors import ClerkworkError, ItemError, UsageError
from engine.inputs import WrongInputs
from engine.language import Workflow

router = APIRouter(prefix="/workflows/{name}")
Runs = Annotated[Viewer, Depends(Needs(Permission.RUN))]
Posted = Annotated[FormData, Depends(posted)]


@router.get("/run")
def form(request: Request, viewer: Runs, name: str) -> Response:
    workflow = services_of(request).library.get(name)
    return _page(request, viewer, workflow, Start({}, {}, secrets.token_hex(16)), is_new=True)


@router.post("/run")
def start(request: Request, viewer: Runs, name: str, form: Posted) -> Response:
    """Queue the item; a form with a mistake comes back as it was."""
    services = services_of(request)
    workflow = services.library.get(name)
    given = Start.of(workflow, form, services.artifacts)
    try:
        item, is_new = starting.start(services, viewer, workflow, given)
    except (UsageError, ItemError) as wrong:
        return _page(request, viewer, workflow, given, wrong=wrong)
    return RedirectResponse(f"/items/{item}?queued={'new' if is_new else 'before'}", status_code=303)


@router.post("/try")
def try_out(request: Request, viewer: Runs, name: str, form: Posted) -> Response:
    """What it would do; nothing is posted, and the form stays as it is."""
    services = services_of(request)
    workflow = services.library.get(name)
    given = Start.of(workflow, form, services.artifacts)
    try:
        trial = starting.try_out(services, viewer, workflow, given)
    except (UsageError, ItemError) as wrong:
        return _page(request, viewer, workflow, given, wrong=wrong)
    return _page(request, viewer, workflow, given, trial=trial)


def _page(
    request: Request,
    viewer: Viewer,
    workflow: Workflow,
    given: Start,
    *,
    is_new: bool = False,
    wrong: ClerkworkError | None = None,
    trial: Trial | None = None,
) -> Response:
    errors: Mapping[str, str] = wrong.problems if isinstance(wrong, WrongInputs) else {}
    fields = start_fields(workflow, {} if is_new else given.typed, given.files, errors)
    return pages_of(request).show(
        request,
        viewer,
        "start.html",
        status=200 if wrong is None else 422,
        workflow=workflow,
        title=form_title(workflow),
        fields=fields,
        token=given.token,
        wrong=wrong,
        # What the form does not ask for can be wrong too; it has no field to stand beside.
        others=[text for name, text in errors.items() if name not in {field.name for field in fields}],
        trial=trial,
        may_start=starting.may_start(viewer, workflow),
        who=who_may(workflow),
        here="workflows",
    )
