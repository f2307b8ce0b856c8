"""One cause: what those that stopped for it share, and retrying all of them with one that goes first."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from console import bulk, cause
from console.access import Needs, posted, services_of
from console.bulk import Outcome
from console.case import read_case
from console.pages import pages_of
from console.permissions import Permission
from console.sessions import Viewer
from console.subject import subjects
from console.views.case_page import case_page, empty_form
from engine.errors import UsageError
from engine.retrials import OPEN

router = APIRouter(prefix="/causes/{fingerprint}")
See = Annotated[Viewer, Depends(Needs(Permission.SEE))]
Retries = Annotated[Viewer, Depends(Needs(Permission.RETRY))]
Posted = Annotated[FormData, Depends(posted)]
SHOWN = 8


@router.get("")
def show(request: Request, viewer: See, fingerprint: str) -> Response:
    return _page(request, viewer, fingerprint)


@router.get("/progress")
def progress(request: Request, viewer: See, fingerprint: str) -> Response:
    """How far the retrial is, for the page that is open."""
    with services_of(request).database.read() as transaction:
        page = cause.read_cause(transaction, fingerprint, 1)
    return pages_of(request).show(request, viewer, "retrial.html", page=page, is_open=_is_open(page))


@router.post("/retry")
def retry_all(request: Request, viewer: Retries, fingerprint: str) -> Response:
    services = services_of(request)
    try:
        with services.database.write() as transaction:
            page = cause.read_cause(transaction, fingerprint, bulk.MOST)
            names = [str(row["id"]) for row in page.found]
            cause.retry_all(transaction, viewer, fingerprint, names, services.clock.now())
    except UsageError as refused:
        return _page(request, viewer, fingerprint, refused)
    if services.on_decision is not None:
        services.on_decision(str(page.first["item"]))
    return RedirectResponse(f"/causes/{fingerprint}", status_code=303)


@router.post("/stop")
def stop(request: Request, viewer: Retries, fingerprint: str, form: Posted) -> Response:
    services = services_of(request)
    retrial = form.get("retrial")
    try:
        with services.database.write() as transaction:
            cause.stop(transaction, viewer, retrial if isinstance(retrial, str) else "", services.clock.now())
    except UsageError as refused:
        return _page(request, viewer, fingerprint, refused)
    return RedirectResponse(f"/causes/{fingerprint}", status_code=303)


def _page(request: Request, viewer: Viewer, fingerprint: str, error: UsageError | None = None) -> Response:
    services = services_of(request)
    with services.database.read() as transaction:
        page = cause.read_cause(transaction, fingerprint, bulk.MOST)
    outcome = Outcome([], {})
    if page.found and viewer.may(Permission.RETRY) and not _is_open(page):
        outcome = cause.judged(viewer, page.found)
    with services.database.read() as transaction:
        shown = list(zip(page.found[:SHOWN], subjects(transaction, page.found[:SHOWN]), strict=True))
        cases = [read_case(transaction, services, str(row["id"])) for row in page.found[:1]]
        about = page.first if page.found else cause.of_cause(transaction, fingerprint)
    return pages_of(request).show(
        request,
        viewer,
        "cause.html",
        status=200 if error is None else 409,
        page=page,
        about=about,
        shown=shown,
        effects=case_page(cases[0], viewer, empty_form(cases[0])).after_retry if cases else [],
        outcome=outcome,
        is_open=_is_open(page),
        error=error,
        here="exceptions",
    )


def _is_open(page: cause.CausePage) -> bool:
    return page.retrial is not None and page.retrial["state"] in OPEN
