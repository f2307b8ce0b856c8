"""The cookies: the session's, and those that bind a sign-in to the browser it was begun in."""

from __future__ import annotations

from fastapi import Request, Response

_SESSION = "clerkwork"
_FORM = "clerkwork_form"
_JOURNEY = "clerkwork_company"
_HALF = "clerkwork_half"
JOURNEY_SECONDS = 600


def _named(request: Request, name: str) -> str:
    # A __Host- cookie cannot be set by a neighbouring host or over plain http; browsers take it over https only.
    return f"__Host-{name}" if request.url.scheme == "https" else name


def _set(request: Request, response: Response, name: str, value: str) -> None:
    response.set_cookie(
        _named(request, name),
        value,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


def session_token(request: Request) -> str | None:
    return request.cookies.get(_named(request, _SESSION))


def set_session(request: Request, response: Response, token: str) -> None:
    _set(request, response, _SESSION, token)


def form_token(request: Request) -> str | None:
    return request.cookies.get(_named(request, _FORM))


def set_form(request: Request, response: Response, token: str) -> None:
    _set(request, response, _FORM, token)


def half_token(request: Request) -> str | None:
    return request.cookies.get(_named(request, _HALF))


def set_half(request: Request, response: Response, token: str) -> None:
    _set(request, response, _HALF, token)


def journey_cookie(request: Request) -> str | None:
    return request.cookies.get(_named(request, _JOURNEY))


def set_journey(request: Request, response: Response, value: str) -> None:
    """The way to the company's provider and back. It has to be there when another site leads the person back to us."""
    secure = request.url.scheme == "https"
    name = _named(request, _JOURNEY)
    response.set_cookie(name, value, JOURNEY_SECONDS, path="/", secure=secure, httponly=True, samesite="lax")


def forget_journey(request: Request, response: Response) -> None:
    secure = request.url.scheme == "https"
    response.delete_cookie(_named(request, _JOURNEY), path="/", secure=secure, httponly=True, samesite="lax")


def forget(request: Request, response: Response) -> None:
    for name in (_SESSION, _FORM, _HALF):
        response.delete_cookie(
            _named(request, name), path="/", secure=request.url.scheme == "https", httponly=True, samesite="strict"
        )
