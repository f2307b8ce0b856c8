"""The users of the console, for admins: who may come in, as what, and in which teams."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from console import staff
from console.access import Needs, posted, services_of
from console.pages import pages_of
from console.permissions import ABILITIES, GRANTS, Permission, Role
from console.sessions import Viewer
from engine.errors import UsageError

router = APIRouter(prefix="/users")
Administers = Annotated[Viewer, Depends(Needs(Permission.ADMINISTER))]
Posted = Annotated[FormData, Depends(posted)]


@router.get("")
def user_list(request: Request, viewer: Administers) -> Response:
    return _list(request, viewer)


@router.post("")
def add(request: Request, viewer: Administers, form: Posted) -> Response:
    """Add a user and show the link once: it stands in no address and in no log."""
    services, name = services_of(request), _text(form, "name")
    try:
        teams = staff.teams_of(_text(form, "teams"))
        with services.database.write() as transaction:
            token = staff.hire(transaction, viewer, name, _text(form, "role"), teams, services.clock.now())
    except UsageError as refused:
        typed = {field: _text(form, field) for field in ("name", "role", "teams")}
        return _list(request, viewer, refused=refused, typed=typed)
    return _one(request, viewer, name, link=_link(request, token))


@router.get("/{name}")
def user(request: Request, viewer: Administers, name: str, done: str = "") -> Response:
    return _one(request, viewer, name, done=done)


@router.post("/{name}")
def change(request: Request, viewer: Administers, name: str, form: Posted) -> Response:
    services = services_of(request)
    try:
        teams = staff.teams_of(_text(form, "teams"))
        with services.database.write() as transaction:
            staff.change(transaction, viewer, name, _text(form, "role"), teams, services.clock.now())
    except UsageError as refused:
        return _one(request, viewer, name, refused=refused)
    return _back(name, "changed")


@router.post("/{name}/disable")
def disable(request: Request, viewer: Administers, name: str, form: Posted) -> Response:
    services = services_of(request)
    try:
        with services.database.write() as transaction:
            staff.shut_out(transaction, viewer, name, services.clock.now())
    except UsageError as refused:
        return _one(request, viewer, name, refused=refused)
    return _back(name, "disabled")


@router.post("/{name}/enable")
def enable(request: Request, viewer: Administers, name: str, form: Posted) -> Response:
    services = services_of(request)
    with services.database.write() as transaction:
        staff.let_in(transaction, viewer, name, services.clock.now())
    return _back(name, "enabled")


@router.post("/{name}/link")
def link(request: Request, viewer: Administers, name: str, form: Posted) -> Response:
    services = services_of(request)
    try:
        with services.database.write() as transaction:
            token = staff.new_link(transaction, viewer, name, services.clock.now())
    except UsageError as refused:
        return _one(request, viewer, name, refused=refused)
    return _one(request, viewer, name, link=_link(request, token))


@router.post("/{name}/sessions/end")
def end_sessions(request: Request, viewer: Administers, name: str, form: Posted) -> Response:
    services = services_of(request)
    with services.database.write() as transaction:
        staff.end_sessions(transaction, viewer, name, services.clock.now())
    return _back(name, "signed-out")


@router.post("/{name}/second-factor/reset")
def reset_second_factor(request: Request, viewer: Administers, name: str, form: Posted) -> Response:
    services = services_of(request)
    with services.database.write() as transaction:
        staff.reset_second_factor(transaction, viewer, name, services.clock.now())
    return _back(name, "reset")


def _list(
    request: Request, viewer: Viewer, refused: UsageError | None = None, typed: dict[str, str] | None = None
) -> Response:
    services = services_of(request)
    with services.database.read() as transaction:
        found = staff.read_staff(transaction, services.clock.now())
        tokens = staff.tokens_of(transaction, None)
    return pages_of(request).show(
        request,
        viewer,
        "users.html",
        status=200 if refused is None else 422,
        staff=found,
        tokens=tokens,
        now=services.clock.now(),
        teams=sorted({team for one in found for team in one.teams}),
        roles=_roles(),
        typed=typed or {"name": "", "role": Role.VIEWER, "teams": ""},
        error=refused,
        here="users",
    )


def _one(
    request: Request, viewer: Viewer, name: str, *, done: str = "", link: str = "", refused: UsageError | None = None
) -> Response:
    """The page of a user; UsageError, which is a 404, if there is none of that name."""
    services = services_of(request)
    with services.database.read() as transaction:
        known = staff.read_colleague(transaction, name, services.clock.now())
        history = staff.history(transaction, name)
        tokens = staff.tokens_of(transaction, name)
    return pages_of(request).show(
        request,
        viewer,
        "user.html",
        status=200 if refused is None else 409,
        known=known,
        history=history,
        tokens=tokens,
        now=services.clock.now(),
        roles=_roles(),
        link=link,
        done=DONE.get(done, ""),
        error=refused,
        here="users",
    )


DONE = {
    "changed": "Saved. It holds from their next page on.",
    "disabled": "They cannot come in any more, and are signed out everywhere.",
    "enabled": "They may come in again.",
    "signed-out": "They are signed out everywhere.",
    "reset": "They sign in with the password alone now, and can add another second factor.",
}


def _roles() -> list[tuple[str, str]]:
    """Each role with what it may do."""
    return [
        (role, ", ".join(ABILITIES[one] for one in Permission if one in GRANTS[role]))
        for role in sorted(Role, key=lambda role: (len(GRANTS[role]), role))
    ]


def _link(request: Request, token: str) -> str:
    return f"{str(request.base_url).rstrip('/')}/set-up/{token}"


def _back(name: str, done: str) -> Response:
    return RedirectResponse(f"/users/{quote(name, safe='')}?done={done}", status_code=303)


def _text(form: FormData, name: str) -> str:
    given = form.get(name)
    return given.strip() if isinstance(given, str) else ""
