"""The second step of a sign-in: a code of the app, a recovery code, or a passkey; and a passkey alone."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from console.access import Open, Refused, services_of
from console.cookies import half_token, set_half
from console.half_sessions import Half, Purpose, half_of, open_half, tried, use
from console.passkeys import Site, keys_of, request_options, user_of
from console.routes.sign_in import enter, limit_of, own_place, refuse_unbound, with_token
from console.second_factor import codes_left, has_app, proves
from engine import audit
from engine.audit import Entry
from engine.store import tables
from engine.store.database import Transaction, find

router = APIRouter(prefix="/sign-in")
Anyone = Annotated[FormData, Depends(Open())]
STEPS = (Purpose.SECOND, Purpose.PASSKEY)


@router.post("/passkey")
def begin_passkey(request: Request, form: Anyone) -> Response:
    """Somebody wants to sign in with a passkey alone; which one says who it is."""
    refuse_unbound(request, form)
    services, place = services_of(request), own_place(str(form.get("next", "")))
    with services.database.write() as transaction:
        token = open_half(transaction, "", Purpose.PASSKEY, place, services.clock.now())
    answer = RedirectResponse("/sign-in/second", status_code=303)
    set_half(request, answer, token)
    return answer


@router.get("/second")
def second_page(request: Request, form: Anyone) -> Response:
    services = services_of(request)
    with services.database.read() as transaction:
        half = half_of(transaction, half_token(request), services.clock.now(), *STEPS)
        if half is None:
            return RedirectResponse("/sign-in", status_code=303)
        return _asked(request, transaction, half)


@router.post("/second")
def second(request: Request, form: Anyone) -> Response:
    """The code or the passkey's answer; right once, wrong a few times."""
    refuse_unbound(request, form)
    services, limit, now = services_of(request), limit_of(request), services_of(request).clock.now()
    address = request.client.host if request.client is not None else ""
    with services.database.write() as transaction:
        half = half_of(transaction, half_token(request), now, *STEPS)
        if half is None:
            return RedirectResponse("/sign-in", status_code=303)
        counted = f"second factor of {half.user}" if half.user else f"passkey from {address}"
        wait = limit.seconds_to_wait(counted, address, now)
        if wait:
            told = f"Too many attempts. Try again in {max(round(wait / 60), 1)} min."
            return _asked(request, transaction, half, told, 429, wait)
        user, by = _who(request, transaction, half, form)
        if user is None or (half.user and user != half.user):
            tried(transaction, half)
            limit.failed(counted, address, now)
            told = f"a wrong second factor, from {address}"
            audit.note(transaction, Entry(half.user or "somebody", "refused", half.user or "somebody", now, told))
            return _asked(request, transaction, half, "This is not right, or it was used already.", 403)
        if not use(transaction, half):
            raise Refused("this sign-in was used already", "begin it anew")
        limit.succeeded(counted)
        return enter(request, transaction, user, own_place(half.place), by=by, proved=True)


def site_of(request: Request) -> Site:
    """This console as the browser names it; a passkey holds for no other."""
    parts = urlsplit(str(request.base_url))
    return Site(f"{parts.scheme}://{parts.netloc}", parts.hostname or "")


def _who(request: Request, transaction: Transaction, half: Half, form: FormData) -> tuple[str | None, str]:
    """The user whom this answer proves, and by what."""
    services = services_of(request)
    answer, code, now = form.get("passkey"), form.get("code"), services.clock.now()
    if isinstance(answer, str) and answer:
        user = user_of(transaction, site_of(request), half.challenge, answer, now)
        shut_out = user is None or not _may_come_in(transaction, user)
        return (None if shut_out else user), "passkey"
    if half.user and isinstance(code, str) and proves(transaction, services.the_sealing, half.user, code, now):
        return half.user, "password"
    return None, "password"


def _may_come_in(transaction: Transaction, user: str) -> bool:
    row = find(transaction, tables.users, name=user)
    return row is not None and not row["disabled"]


def _asked(
    request: Request, transaction: Transaction, half: Half, error: str = "", status: int = 200, wait: int = 0
) -> Response:
    keys = keys_of(transaction, half.user) if half.user else []
    options = request_options(site_of(request), keys, half.challenge) if keys or not half.user else ""
    return with_token(
        request,
        "second_factor.html",
        status,
        wait,
        has_app=bool(half.user) and has_app(transaction, half.user),
        recovery=bool(half.user) and codes_left(transaction, half.user) > 0,
        options=options,
        error=error,
    )
