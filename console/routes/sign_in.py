"""Sign-in, sign-out, and the one-time link with which a person chooses a password."""

from __future__ import annotations

import hmac
import secrets
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from console.access import Open, OwnAccount, Refused, services_of
from console.cookies import forget, form_token, set_form, set_half, set_session
from console.half_sessions import Purpose, open_half
from console.pages import pages_of
from console.second_factor import has_second_factor
from console.sessions import Viewer, end_session, open_session
from console.sign_in_limit import SignInLimit
from console.users import choose_password, link_user, signed_in
from engine import audit
from engine.audit import Entry
from engine.errors import UsageError
from engine.store.database import Transaction

router = APIRouter()
Anyone = Annotated[FormData, Depends(Open())]
Own = Annotated[Viewer, Depends(OwnAccount())]


@router.get("/sign-in")
def sign_in_page(request: Request, form: Anyone, next: str = "/") -> Response:
    return with_token(request, "sign_in.html", next=own_place(next), name="", error="")


@router.post("/sign-in")
def sign_in(request: Request, form: Anyone) -> Response:
    refuse_unbound(request, form)
    services, limit = services_of(request), limit_of(request)
    name, password = _text(form, "name"), _text(form, "password")
    place, now = own_place(_text(form, "next")), services.clock.now()
    address = request.client.host if request.client is not None else ""
    wait = limit.seconds_to_wait(name, address, now)
    if wait:
        minutes = max(round(wait / 60), 1)
        text = f"Too many attempts. Try again in {minutes} minute{'s' if minutes > 1 else ''}."
        return with_token(request, "sign_in.html", 429, next=place, name=name, error=text, wait=wait)
    with services.database.read() as transaction:
        right = signed_in(transaction, name, password)
    if not right:
        limit.failed(name, address, now)
        with services.database.write() as transaction:
            audit.note(transaction, Entry(name, "refused", name, now, f"a wrong password, from {address}"))
        text = "This name and password do not belong together."
        return with_token(request, "sign_in.html", 403, next=place, name=name, error=text)
    limit.succeeded(name)
    return enter_or_ask(request, name, place)


@router.post("/sign-out")
def sign_out(request: Request, viewer: Own) -> Response:
    with services_of(request).database.write() as transaction:
        end_session(transaction, viewer.session)
        audit.note(transaction, Entry(viewer.name, "signed-out", viewer.name, services_of(request).clock.now()))
    answer = RedirectResponse("/sign-in", status_code=303)
    forget(request, answer)
    return answer


@router.get("/set-up/{token}")
def set_up_page(request: Request, form: Anyone, token: str) -> Response:
    services = services_of(request)
    with services.database.read() as transaction:
        name = link_user(transaction, token, services.clock.now())
    if name is None:
        return pages_of(request).show(
            request,
            None,
            "error.html",
            410,
            message="This link was used already or is too old.",
            advice="Ask an admin for a new one, or start the console again if nobody has signed in yet.",
        )
    return with_token(request, "set_up.html", name=name, token=token, error="")


@router.post("/set-up/{token}")
def set_up(request: Request, form: Anyone, token: str) -> Response:
    refuse_unbound(request, form)
    services, password = services_of(request), _text(form, "password")
    now = services.clock.now()
    try:
        if password != _text(form, "again"):
            raise UsageError("the two passwords differ", advice="type the same one twice")
        with services.database.write() as transaction:
            name = choose_password(transaction, token, password, now)
            audit.note(transaction, Entry(name, "user", name, now, "chose a password by the link"))
    except UsageError as error:
        with services.database.read() as transaction:
            known = link_user(transaction, token, now)
        if known is None:
            return set_up_page(request, form, token)
        return with_token(request, "set_up.html", 422, name=known, token=token, error=str(error))
    return enter_or_ask(request, name, "/")


def own_place(given: str) -> str:
    """A place of this console to go to after sign-in; anything that leads elsewhere becomes the first page."""
    parts = urlsplit(given)
    safe = given.startswith("/") and not given.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return given if safe and given.isprintable() and "\\" not in given else "/"


def enter_or_ask(request: Request, name: str, place: str) -> Response:
    """Whose password is right comes in; who has a second factor is asked for it first."""
    services = services_of(request)
    with services.database.write() as transaction:
        if not has_second_factor(transaction, name):
            return enter(request, transaction, name, place, by="password")
        token = open_half(transaction, name, Purpose.SECOND, place, services.clock.now())
    answer = RedirectResponse("/sign-in/second", status_code=303)
    set_half(request, answer, token)
    return answer


def enter(
    request: Request, transaction: Transaction, name: str, place: str, *, by: str, proved: bool = False
) -> Response:
    """A session under a new token, whatever token the browser brought."""
    now, agent = services_of(request).clock.now(), request.headers.get("user-agent", "")
    token = open_session(transaction, name, now, by=by, agent=agent, proved=proved)
    audit.note(transaction, Entry(name, "signed-in", name, now, f"by {by}{' and second factor' * proved}"))
    answer = RedirectResponse(place, status_code=303)
    forget(request, answer)
    set_session(request, answer, token)
    return answer


def with_token(request: Request, template: str, status: int = 200, wait: int = 0, **values: object) -> Response:
    """A page for nobody yet: its form carries a token that is also in a cookie of this browser."""
    token = form_token(request) or secrets.token_urlsafe(32)
    answer = pages_of(request).show(request, None, template, status, form_token=token, **values)
    set_form(request, answer, token)
    if wait:
        answer.headers["retry-after"] = str(wait)
    return answer


def refuse_unbound(request: Request, form: FormData) -> None:
    kept, given = form_token(request), _text(form, "csrf")
    if not kept or not hmac.compare_digest(kept.encode(), given.encode()):
        raise Refused("this form is too old or was not made by the console", "open the sign-in page again")


def limit_of(request: Request) -> SignInLimit:
    limit: SignInLimit = request.app.state.sign_in_limit
    return limit


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""
