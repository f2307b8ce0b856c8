"""One's own account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from console import account
from console.access import OwnAccount, posted, services_of
from console.cookies import half_token, set_half
from console.half_sessions import Purpose, half_of, open_half, tried, use
from console.pages import pages_of
from console.passkeys import add_key, creation_options, keys_of, request_options, user_of
from console.routes.second_factor import site_of
from console.routes.sign_in import limit_of, own_place
from console.second_factor import (
    address_of,
    begin,
    codes_left,
    has_app,
    has_second_factor,
    proves,
    waiting_secret,
)
from console.sessions import Viewer, prove, sessions_of
from engine.errors import UsageError
from engine.store.database import Transaction

router = APIRouter(prefix="/account")
Own = Annotated[Viewer, Depends(OwnAccount())]
Posted = Annotated[FormData, Depends(posted)]
DONE = {
    "password": "The password is changed; what else was open with the old one is signed out.",
    "app-gone": "The authenticator app is not asked for any more.",
    "key": "The passkey is kept.",
    "key-gone": "The passkey is not good any more.",
    "session": "That session is signed out.",
    "sessions": "All other sessions are signed out.",
}
Act = Callable[[Transaction], Any]


@router.get("")
def own_account(request: Request, viewer: Own, done: str = "") -> Response:
    return _shown(request, viewer, done=DONE.get(done, ""))


@router.post("/password")
def change_password(request: Request, viewer: Own, form: Posted) -> Response:
    new, again, now = _text(form, "new"), _text(form, "again"), services_of(request).clock.now()
    return _surely(
        request,
        viewer,
        form,
        lambda transaction: account.change_password(transaction, viewer, new, again, now),
        "password",
    )


@router.post("/app")
def begin_app(request: Request, viewer: Own, form: Posted) -> Response:
    """Show a new secret for the authenticator app; it counts once a code of it was typed."""
    services = services_of(request)
    try:
        with services.database.write() as transaction:
            _be_sure(request, transaction, viewer, form)
            begin(transaction, services.the_sealing, viewer.name, services.clock.now())
    except UsageError as refused:
        return _wrong(request, viewer, refused)
    return RedirectResponse("/account#app", status_code=303)


@router.post("/app/confirm")
def confirm_app(request: Request, viewer: Own, form: Posted) -> Response:
    services, now = services_of(request), services_of(request).clock.now()
    try:
        with services.database.write() as transaction:
            codes = account.confirm_app(transaction, services.the_sealing, viewer, _text(form, "code"), now)
            prove(transaction, viewer.session, now)
    except UsageError as refused:
        return _wrong(request, viewer, refused)
    return _shown(request, viewer, codes=codes)


@router.post("/app/remove")
def remove_app(request: Request, viewer: Own, form: Posted) -> Response:
    now = services_of(request).clock.now()
    return _surely(request, viewer, form, lambda transaction: account.remove_app(transaction, viewer, now), "app-gone")


@router.post("/codes")
def new_codes(request: Request, viewer: Own, form: Posted) -> Response:
    services, now = services_of(request), services_of(request).clock.now()
    try:
        with services.database.write() as transaction:
            _be_sure(request, transaction, viewer, form)
            codes = account.new_codes(transaction, viewer, now)
    except UsageError as refused:
        return _wrong(request, viewer, refused)
    return _shown(request, viewer, codes=codes)


@router.post("/passkeys/begin")
def begin_key(request: Request, viewer: Own, form: Posted) -> Response:
    """A page on which the browser makes a passkey."""
    services, now = services_of(request), services_of(request).clock.now()
    try:
        with services.database.write() as transaction:
            _be_sure(request, transaction, viewer, form)
            token = open_half(transaction, viewer.name, Purpose.REGISTER, _text(form, "name"), now)
            half = half_of(transaction, token, now, Purpose.REGISTER)
            known = keys_of(transaction, viewer.name)
    except UsageError as refused:
        return _wrong(request, viewer, refused)
    assert half is not None
    options = creation_options(site_of(request), viewer.name, known, half.challenge)
    answer = pages_of(request).show(request, viewer, "passkey.html", options=options, name=half.place, here="account")
    set_half(request, answer, token)
    return answer


@router.post("/passkeys")
def keep_key(request: Request, viewer: Own, form: Posted) -> Response:
    services, now = services_of(request), services_of(request).clock.now()
    try:
        with services.database.write() as transaction:
            half = half_of(transaction, half_token(request), now, Purpose.REGISTER)
            if half is None or half.user != viewer.name or not use(transaction, half):
                raise UsageError("this took too long", advice="add the passkey anew")
            name, answer = half.place, _text(form, "passkey")
            add_key(transaction, site_of(request), viewer.name, name, half.challenge, answer, now)
            account.note_key(transaction, viewer, now)
    except UsageError as refused:
        return _wrong(request, viewer, refused)
    return _back("key")


@router.post("/passkeys/remove")
def remove_key(request: Request, viewer: Own, form: Posted) -> Response:
    key, now = _text(form, "key"), services_of(request).clock.now()
    return _surely(
        request, viewer, form, lambda transaction: account.remove_key(transaction, viewer, key, now), "key-gone"
    )


@router.post("/sessions/end")
def end_session(request: Request, viewer: Own, form: Posted) -> Response:
    try:
        with services_of(request).database.write() as transaction:
            account.end_one(transaction, viewer, _text(form, "session"), services_of(request).clock.now())
    except UsageError as refused:
        return _wrong(request, viewer, refused)
    return _back("session")


@router.post("/sessions/end-others")
def end_others(request: Request, viewer: Own, form: Posted) -> Response:
    with services_of(request).database.write() as transaction:
        account.end_others(transaction, viewer, services_of(request).clock.now())
    return _back("sessions")


@router.get("/prove")
def prove_page(request: Request, viewer: Own, next: str = "/") -> Response:
    """Show the second factor again, for what asks for it."""
    return _prove(request, viewer, own_place(next))


@router.post("/prove")
def prove_again(request: Request, viewer: Own, form: Posted) -> Response:
    services, limit, now = services_of(request), limit_of(request), services_of(request).clock.now()
    place, counted = own_place(_text(form, "next")), f"second factor of {viewer.name}"
    address = request.client.host if request.client is not None else ""
    if limit.seconds_to_wait(counted, address, now):
        return _prove(request, viewer, place, "Too many attempts. Try again in some minutes.", 429)
    with services.database.write() as transaction:
        half = half_of(transaction, half_token(request), now, Purpose.PROVE)
        if half is None or half.user != viewer.name:
            return _prove(request, viewer, place, "This took too long. Try again.", 422)
        answer = _text(form, "passkey")
        if answer:
            right = user_of(transaction, site_of(request), half.challenge, answer, now) == viewer.name
        else:
            right = proves(transaction, services.the_sealing, viewer.name, _text(form, "code"), now)
        if right and use(transaction, half):
            prove(transaction, viewer.session, now)
            limit.succeeded(counted)
            return RedirectResponse(place, status_code=303)
        tried(transaction, half)
    limit.failed(counted, address, now)
    return _prove(request, viewer, place, "This is not right, or it was used already.", 422)


def _prove(request: Request, viewer: Viewer, place: str, error: str = "", status: int = 200) -> Response:
    services, now = services_of(request), services_of(request).clock.now()
    with services.database.write() as transaction:
        token = open_half(transaction, viewer.name, Purpose.PROVE, place, now)
        half = half_of(transaction, token, now, Purpose.PROVE)
        keys, app = keys_of(transaction, viewer.name), has_app(transaction, viewer.name)
        recovery = codes_left(transaction, viewer.name) > 0
    assert half is not None
    options = request_options(site_of(request), keys, half.challenge) if keys else ""
    answer = pages_of(request).show(
        request,
        viewer,
        "prove.html",
        status,
        has_app=app,
        recovery=recovery,
        options=options,
        place=place,
        error=error,
        here="account",
    )
    set_half(request, answer, token)
    return answer


def _be_sure(request: Request, transaction: Transaction, viewer: Viewer, form: FormData) -> None:
    """The password again; wrong a few times, it has to wait, as at the sign-in."""
    services, limit, now = services_of(request), limit_of(request), services_of(request).clock.now()
    counted = f"account of {viewer.name}", request.client.host if request.client is not None else ""
    if limit.seconds_to_wait(*counted, now):
        raise UsageError("it was wrong too many times", advice="wait ten minutes")
    try:
        account.be_sure(transaction, services.the_sealing, viewer, _text(form, "sure"), now)
    except UsageError:
        limit.failed(*counted, now)
        raise


def _surely(request: Request, viewer: Viewer, form: FormData, act: Act, done: str) -> Response:
    """Do it once the password was given again."""
    services = services_of(request)
    try:
        with services.database.write() as transaction:
            _be_sure(request, transaction, viewer, form)
            act(transaction)
    except UsageError as refused:
        return _wrong(request, viewer, refused)
    return _back(done)


def _wrong(request: Request, viewer: Viewer, refused: UsageError) -> Response:
    return _shown(request, viewer, 422, error=refused)


def _back(done: str) -> Response:
    return RedirectResponse(f"/account?done={quote(done)}", status_code=303)


def _shown(request: Request, viewer: Viewer, status: int = 200, **told: Any) -> Response:
    services, now = services_of(request), services_of(request).clock.now()
    with services.database.read() as transaction:
        secret = None
        if services.sealing is not None:
            secret = waiting_secret(transaction, services.sealing, viewer.name)
        given = {
            "has_password": account.has_password(transaction, viewer.name),
            "has_app": has_app(transaction, viewer.name),
            "must": viewer.role in services.second_factor.roles and not has_second_factor(transaction, viewer.name),
            "left": codes_left(transaction, viewer.name),
            "keys": keys_of(transaction, viewer.name),
            "sessions": sessions_of(transaction, viewer.name, now),
        }
    given |= {"secret": secret, "qr": _qr(address_of(secret, viewer.name)) if secret else ""}
    values = {"error": None, "done": "", "codes": [], **told}
    return pages_of(request).show(request, viewer, "account.html", status, **given, **values, here="account")


def _qr(text: str) -> str:
    """The QR code as an SVG that the page holds itself."""
    import segno

    code = segno.make(text, error="m")
    return code.svg_inline(scale=5, border=3, dark="#000", light="#fff", omitsize=True)


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""
