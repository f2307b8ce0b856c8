"""Sign-in with the company's account: to the provider, and back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from connectors.openid.provider import refused
from console.access import Open, services_of
from console.company import Company, Journey, person_of
from console.cookies import forget_journey, journey_cookie, set_journey, set_session
from console.pages import pages_of
from console.routes.sign_in import own_place
from console.sessions import open_session
from engine import audit
from engine.audit import Entry
from engine.errors import ApplicationException, BusinessException, ItemError, UsageError

router = APIRouter(prefix="/sign-in/company")
Anyone = Annotated[FormData, Depends(Open())]


@router.get("")
def to_provider(request: Request, form: Anyone, next: str = "/") -> Response:
    """Send the person to the provider; what comes back has to come to this browser."""
    services, journey = services_of(request), Journey.to(own_place(next))
    company = _company(request)
    try:
        place = company.provider.way_to(
            _back(request), journey.state, journey.nonce, journey.verifier, services.clock.now()
        )
    except ApplicationException as error:
        return _not_in(request, error)
    answer = RedirectResponse(place, status_code=303)
    set_journey(request, answer, journey.cookie)
    return answer


@router.get("/back")
def company_back(
    request: Request, form: Anyone, code: str = "", state: str = "", error: str = "", iss: str | None = None
) -> Response:
    """The person is back, with a code of the provider's or with its refusal."""
    services, company = services_of(request), _company(request)
    journey = Journey.of(journey_cookie(request))
    now = services.clock.now()
    try:
        if journey is None or not journey.comes_back_with(state) or not company.provider.comes_from_it(iss):
            raise refused("this sign-in was not begun in this browser, or too long ago")
        if error or not code:
            raise refused(f"{company.label} did not sign you in ({error[:80] or 'no code'})")
        claims = company.provider.claims(code, _back(request), journey.nonce, journey.verifier, now)
        with services.database.write() as transaction:
            name = person_of(transaction, company, claims, now)
            agent = request.headers.get("user-agent", "")
            token = open_session(transaction, name, now, by="company", agent=agent)
            audit.note(transaction, Entry(name, "signed-in", name, now, "by the company's account"))
    except (BusinessException, ApplicationException) as failed:
        return _not_in(request, failed)
    # A page of our own, and no redirect: a browser does not send a strict cookie on a way that began at another site.
    answer = pages_of(request).show(request, None, "company_back.html", place=own_place(journey.place), name=name)
    set_session(request, answer, token)
    forget_journey(request, answer)
    return answer


def _not_in(request: Request, error: ItemError) -> Response:
    status = 403 if isinstance(error, BusinessException) else 502
    told = error.message[:1].upper() + error.message[1:] + "."
    answer = pages_of(request).show(request, None, "error.html", status, message=told, advice=error.advice)
    forget_journey(request, answer)
    return answer


def _company(request: Request) -> Company:
    company = services_of(request).company
    if company is None:
        raise UsageError("there is no company account to sign in with", advice="sign in with name and password")
    return company


def _back(request: Request) -> str:
    return str(request.url_for("company_back"))
