"""The console as a web application."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from console.access import Refused, SecondFactorMissing, SignedOut, refuse_open_routes, viewer_of
from console.api import document
from console.api.door import RateLimit
from console.api.problems import ApiProblem, is_api, not_valid
from console.api.problems import told as told_in_json
from console.headers import HEADERS, SecurityHeaders
from console.keeping import Keeping
from console.pages import Pages, pages_of
from console.pulse import Pulse
from console.routes import (
    account,
    alerts,
    artifacts,
    audit,
    bulk,
    causes,
    company,
    dashboard,
    effects,
    exceptions,
    health,
    hooks,
    items,
    paper,
    queue,
    runs,
    second_factor,
    sign_in,
    starting,
    triage,
    users,
    vendors,
    workflows,
)
from console.services import ConsoleServices
from console.sign_in_limit import SignInLimit
from console.teams import Teams
from console.words import sentence
from engine.errors import ApplicationException, UsageError

STATIC = Path(__file__).parent / "static"


def create_app(services: ConsoleServices) -> FastAPI:
    """The application; UsageError if one of its routes has no door."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.services = services
    app.state.pages = Pages(services)
    app.state.teams = Teams(services.library, services.database)
    app.state.keeping = Keeping(services.database, services.clock, services.timezone)
    app.state.pulse = Pulse(services.database)
    app.state.sign_in_limit = SignInLimit()
    app.state.api_limit = RateLimit()
    for routes in (
        queue,
        dashboard,
        bulk,
        causes,
        exceptions,
        paper,
        triage,
        items,
        runs,
        effects,
        workflows,
        starting,
        vendors,
        users,
        artifacts,
        alerts,
        health,
        hooks,
    ):
        app.include_router(routes.router)
    app.include_router(sign_in.router)
    app.include_router(second_factor.router)
    app.include_router(company.router)
    app.include_router(account.router)
    app.include_router(audit.router)
    app.include_router(document.router)
    app.include_router(document.pages)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    refuse_open_routes(app)
    app.add_middleware(SecurityHeaders)
    app.add_exception_handler(Exception, _broken)
    app.add_exception_handler(SignedOut, _to_sign_in)
    app.add_exception_handler(SecondFactorMissing, _to_account)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(ApiProblem, _api_problem)
    app.add_exception_handler(UsageError, _not_there)
    app.add_exception_handler(ApplicationException, _away)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _bad_request)
    return app


def _to_sign_in(request: Request, _error: Exception) -> Response:
    if request.headers.get("hx-request"):
        return Response(status_code=403, headers={"hx-redirect": "/sign-in"})
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    back = f"?next={quote(here, safe='')}" if request.method == "GET" and here != "/" else ""
    return RedirectResponse(f"/sign-in{back}", status_code=303)


def _to_account(request: Request, _error: Exception) -> Response:
    if request.headers.get("hx-request"):
        return Response(status_code=403, headers={"hx-redirect": "/account"})
    return RedirectResponse("/account", status_code=303)


def _api_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiProblem)
    return told_in_json(request, error)


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return _told(request, 403, sentence(error.message), error.advice)


def _not_there(request: Request, error: Exception) -> Response:
    assert isinstance(error, UsageError)
    return _told(request, 404, sentence(error.message), error.advice)


def _away(request: Request, error: Exception) -> Response:
    """A system that the page needs does not answer, as a bucket with kept files may."""
    assert isinstance(error, ApplicationException)
    return _told(request, 503, sentence(error.message), "nothing was decided; try again in a while")


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if is_api(request):
        do = "see /api/v1/docs"
        return told_in_json(
            request, ApiProblem(error.status_code, str(error.detail).lower(), do, headers=error.headers)
        )
    texts = {404: "There is no such page.", 405: "This page cannot be used that way."}
    return _told(request, error.status_code, texts.get(error.status_code, str(error.detail)), "go back to the queue")


def _broken(request: Request, _error: Exception) -> Response:
    """Nothing of the error itself is shown; the log has it. This answer is made outside of the other middleware."""
    answer = _told(
        request, 500, "The console failed on this page.", "nothing was decided; the log says what went wrong"
    )
    for name, value in HEADERS.items():
        answer.headers[name] = value
    return answer


def _bad_request(request: Request, error: Exception) -> Response:
    if is_api(request):
        assert isinstance(error, RequestValidationError)
        return told_in_json(request, not_valid(error))
    return _told(request, 422, "This address or form is not complete.", "go back and try again")


def _told(request: Request, status: int, message: str, advice: str) -> Response:
    if is_api(request):
        return told_in_json(request, ApiProblem(status, message.rstrip("."), advice))
    try:
        viewer = viewer_of(request)
    except SignedOut:
        viewer = None
    return pages_of(request).show(request, viewer, "error.html", status, message=message, advice=advice)
