"""The door of every route: who asks, from where, with which permission. A route without a door is refused at start."""

from __future__ import annotations

import hmac
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Protocol, cast
from urllib.parse import urlsplit

from fastapi import Depends, FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import FormData
from starlette.routing import BaseRoute, Mount

from console.cookies import session_token
from console.permissions import Permission
from console.services import ConsoleServices
from console.sessions import Viewer, find_viewer, unseen_calls
from console.teams import Sight, Teams
from engine.errors import UsageError

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
LARGEST_FORM = 1_000_000
LARGEST_UPLOAD = 50_000_000
MOST_FILES = 20
_UPLOADS = re.compile(r"(/api/v1)?/workflows/[^/]+/(run|try)")


class SignedOut(Exception):
    """Nobody is signed in; the answer is the way to the sign-in page."""


class SecondFactorMissing(Exception):
    """The person's role needs a second factor and they have none yet; the answer is the way to their account."""


class Refused(Exception):
    """The request is not allowed; the message says why in plain words."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message)
        self.message, self.advice = message, advice


def services_of(request: Request) -> ConsoleServices:
    """Those of the person who asks, once they are past the door: cut down to what they see."""
    theirs: ConsoleServices | None = getattr(request.state, "services", None)
    whole: ConsoleServices = request.app.state.services
    return theirs or whole


def enter(request: Request, viewer: Viewer) -> Viewer:
    """Let a person in: from here on the request sees of the store and of the workflows what that person sees."""
    whole: ConsoleServices = request.app.state.services
    teams: Teams = request.app.state.teams
    sight = teams.sight(viewer)
    theirs = teams.services_for(whole, viewer, sight)
    request.state.services, request.state.sight = theirs, sight
    if sight.whole or not viewer.calls:
        return viewer
    with theirs.database.read() as transaction:
        return replace(viewer, calls=unseen_calls(transaction, viewer.name))


def seen_by(request: Request) -> frozenset[str] | None:
    """The workflows that are there for the person who asks, None where all are."""
    sight: Sight = request.state.sight
    return None if sight.whole else sight.workflows


def takes_files(path: str) -> bool:
    """Whether a form at this address may carry files."""
    return _UPLOADS.fullmatch(path) is not None


async def posted(request: Request) -> AsyncIterator[FormData]:
    """The form of a POST, empty for a GET. Only a form that comes from our own pages is read at all.

    Files are read from people who are signed in, at the addresses that take some, and are gone with the answer.
    """
    if request.method in ("GET", "HEAD"):
        yield FormData()
        return
    refuse_cross_site(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in FORMS:
        raise Refused(f"a form cannot come as {kind or 'nothing'}", "send it from the page")
    files = 0
    if takes_files(request.url.path):
        await run_in_threadpool(viewer_of, request)
        files = MOST_FILES
    async with request.form(max_files=files, max_fields=500) as form:
        if any("\0" in part for pair in form.multi_items() for part in pair if isinstance(part, str)):
            raise Refused("a form cannot hold the character NUL", "take it out; no store keeps it")
        yield form


def refuse_cross_site(request: Request) -> None:
    """A page of another site may not act with a person's session, whatever token it may have come by."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.headers.get("host")
    if foreign or site not in (None, "same-origin"):
        raise Refused("this form came from another site", "open the console itself and do it there")


def viewer_of(request: Request) -> Viewer:
    """Who is signed in; SignedOut if nobody is."""
    token = session_token(request)
    services = services_of(request)
    if token is not None:
        with services.database.read() as transaction:
            viewer = find_viewer(transaction, token, services.clock.now())
        if viewer is not None:
            return viewer
    raise SignedOut


class Needs:
    """A route's door: the signed-in person must have one of these permissions, and a POST carry their token."""

    asks_for_second_factor = True

    def __init__(self, *permissions: Permission) -> None:
        self.permissions = permissions

    def __call__(self, request: Request, form: Annotated[FormData, Depends(posted)]) -> Viewer:
        viewer = viewer_of(request)
        demand(viewer, *self.permissions)
        if request.method not in ("GET", "HEAD") and not _same(form.get("csrf"), viewer.csrf):
            raise Refused("this form is too old or was not made by the console", "reload the page and do it again")
        if self.asks_for_second_factor and lacks_second_factor(services_of(request), viewer):
            raise SecondFactorMissing
        return enter(request, viewer)


class OwnAccount(Needs):
    """The door to what is a person's own: also for who has to add a second factor first."""

    asks_for_second_factor = False

    def __init__(self) -> None:
        super().__init__(Permission.SEE)


def lacks_second_factor(services: ConsoleServices, viewer: Viewer) -> bool:
    """Whether this role may do nothing without a second factor, and none was shown in this session.

    Who signs in with the company's account has shown it there.
    """
    return viewer.role in services.second_factor.roles and viewer.proved is None and viewer.by != "company"


def demand(viewer: Viewer, *permissions: Permission) -> None:
    """Refused unless the person has one of them; what decides something asks, whichever route it came by."""
    if not any(viewer.may(permission) for permission in permissions):
        raise Refused(
            f"the role {viewer.role} may not do this",
            f"it needs the permission to {' or '.join(permissions)}; an admin can give it",
        )


class Open:
    """The door of a route for people who are not signed in; it still reads no form of another site."""

    def __call__(self, form: Annotated[FormData, Depends(posted)]) -> FormData:
        return form


class Signed:
    """The door of a route for machines: what takes the call verifies its signature. No session counts here."""

    async def __call__(self, request: Request, path: str) -> tuple[int, Mapping[str, Any]]:
        take = services_of(request).on_hook
        if take is None:
            return 404, {"error": "there is no web hook at this address"}
        body = await request.body()
        return await run_in_threadpool(take, path, dict(request.headers), body)


class ByToken:
    """The door of a route of the interface for programs: only a token opens it, never a session."""


class Anyone:
    """The door of a route that tells a state and nothing else, to machines that watch the process."""

    def __call__(self) -> None:
        return None


def _same(given: object, expected: str) -> bool:
    return isinstance(given, str) and hmac.compare_digest(given.encode(), expected.encode())


class Door(Protocol):
    """A route as the application answers it; `dependant` has what is asked before it."""

    path: str
    methods: set[str]
    dependant: Dependant


def door_of(route: Door) -> Needs | Open | Signed | ByToken | Anyone | None:
    """The door of a route, None if somebody forgot it."""
    doors = [dependency.call for dependency in route.dependant.dependencies]
    return next((door for door in doors if isinstance(door, (Needs, Open, Signed, ByToken, Anyone))), None)


def refuse_open_routes(app: FastAPI) -> None:
    """Deny by default: an application with a route that has no door does not start."""
    for route in api_routes(app.routes):
        if door_of(route) is None:
            raise UsageError(f"the route {route.path} has no door", advice="give it Depends(Needs(...))")
    for other in iter_route_contexts(app.routes):
        kind = other.original_route
        if not isinstance(kind, APIRoute) and not (isinstance(kind, Mount) and isinstance(kind.app, StaticFiles)):
            raise UsageError(f"the route {other.path} can have no door", advice="make it a route of a router")


def api_routes(routes: Sequence[BaseRoute]) -> list[Door]:
    """All routes that answer with more than a file of ours, those of included routers too."""
    return [cast(Door, route) for route in iter_route_contexts(routes) if isinstance(route.original_route, APIRoute)]
