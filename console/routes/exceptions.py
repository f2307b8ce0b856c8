"""One exception: looked at and decided. Every decision is a plain form; a refused one comes back as it was typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from console import ahead, deciding
from console.access import Needs, posted, services_of
from console.ahead import is_preload
from console.case import Case, read_case
from console.deciding import Decide, Form, StillWrong
from console.meanwhile import meanwhile
from console.outcome import outcome_of
from console.pages import pages_of
from console.permissions import Permission
from console.queue import first_of, neighbours
from console.queue_filter import QueueFilter
from console.routes.sign_in import limit_of
from console.services import ConsoleServices
from console.sessions import Viewer
from console.similar import similar
from console.step_up import SecondFactorAsked
from console.triage import HANDS, RESTS, colleagues
from console.users import list_users
from console.views.case_page import case_page, empty_form
from engine import comments, looking
from engine.errors import ClerkworkError, ItemError, UsageError
from engine.exceptions import find

router = APIRouter(prefix="/exceptions/{name}")
See = Annotated[Viewer, Depends(Needs(Permission.SEE))]
Decides = Annotated[Viewer, Depends(Needs(Permission.DECIDE))]
DecidesOrApproves = Annotated[Viewer, Depends(Needs(Permission.DECIDE, Permission.APPROVE))]
Hands = Annotated[Viewer, Depends(Needs(*HANDS))]
Retries = Annotated[Viewer, Depends(Needs(Permission.RETRY))]
Posted = Annotated[FormData, Depends(posted)]


@router.get("")
def show(request: Request, viewer: See, name: str, decided: str = "") -> Response:
    services = services_of(request)
    with services.database.read() as transaction:
        case = read_case(transaction, services, name)
    if viewer.calls:
        with services.database.write() as transaction:
            read = comments.seen(transaction, viewer.name, str(case.exception["id"]), services.clock.now())
        viewer = replace(viewer, calls=viewer.calls - read)
    if case.is_open and _has_hands(viewer) and not is_preload(request):
        _look(services, viewer, str(case.exception["id"]))
    return _page(request, viewer, case, empty_form(case), decided=decided)


@router.get("/lookers")
def lookers(request: Request, viewer: See, name: str) -> Response:
    """Who else has it open, for the page that is open already."""
    services = services_of(request)
    with services.database.read() as transaction:
        case = read_case(transaction, services, name)
        others = looking.at(transaction, [str(case.exception["id"])], viewer.name, services.clock.now())
    return pages_of(request).show(request, viewer, "case_lookers.html", case=case, lookers=others)


@router.post("/look")
def look(request: Request, viewer: Hands, name: str) -> Response:
    """The page was fetched before and is opened now; who else is there."""
    services = services_of(request)
    with services.database.read() as transaction:
        exception = find(transaction, name)
    if exception["closed"] is None:
        _look(services, viewer, str(exception["id"]))
    return lookers(request, viewer, name)


@router.post("/correct")
def correct(request: Request, viewer: Decides, name: str, form: Posted) -> Response:
    return _decide(request, viewer, name, form, deciding.correct)


@router.post("/approve")
def approve(request: Request, viewer: DecidesOrApproves, name: str, form: Posted) -> Response:
    return _decide(request, viewer, name, form, deciding.approve)


@router.post("/reject")
def reject(request: Request, viewer: DecidesOrApproves, name: str, form: Posted) -> Response:
    return _decide(request, viewer, name, form, deciding.reject)


@router.post("/retry")
def retry(request: Request, viewer: Retries, name: str, form: Posted) -> Response:
    return _decide(request, viewer, name, form, deciding.retry)


@router.post("/settle")
def settle(request: Request, viewer: Decides, name: str, form: Posted) -> Response:
    return _decide(request, viewer, name, form, deciding.settle)


@router.post("/look-up")
def look_up(request: Request, viewer: Decides, name: str, form: Posted) -> Response:
    return _decide(request, viewer, name, form, deciding.look_up)


@router.post("/check")
def check(request: Request, viewer: Decides, name: str, form: Posted) -> Response:
    """What the rules say of the values as they are typed; nothing is decided."""
    with services_of(request).database.read() as transaction:
        case = read_case(transaction, services_of(request), name)
    problems, error = None, ""
    corrections = deciding.corrections_of(case, Form.of(form))
    if corrections and case.action is not None and case.action.correct is not None:
        try:
            problems = case.action.correct(dict(case.result or {}), dict(corrections)).get("problems") or []
        except ItemError as refused:
            error = str(refused)
    page = case_page(case, viewer, Form.of(form), problems)
    return pages_of(request).show(
        request, viewer, "case_problems.html", page=page, changed=len(corrections), check_error=error
    )


def _has_hands(viewer: Viewer) -> bool:
    return any(viewer.may(one) for one in HANDS)


def _look(services: ConsoleServices, viewer: Viewer, exception: str) -> None:
    """Let colleagues see that this person has it open."""
    now = services.clock.now()
    with services.database.read() as transaction:
        if looking.is_fresh(transaction, exception, viewer.name, now):
            return
    with services.database.write() as transaction:
        looking.look(transaction, exception, viewer.name, now)


def _refuse_guessing(request: Request, viewer: Viewer, form: Form) -> None:
    """Codes of a second factor may be wrong a few times here as at the sign-in, counted together."""
    if form.code and limit_of(request).seconds_to_wait(*_counted(request, viewer), services_of(request).clock.now()):
        raise UsageError("too many codes were wrong", advice="wait ten minutes, then take the one the app shows")


def _counted(request: Request, viewer: Viewer) -> tuple[str, str]:
    return f"second factor of {viewer.name}", request.client.host if request.client is not None else ""


def _decide(request: Request, viewer: Viewer, name: str, given: FormData, decide: Decide) -> Response:
    """Make the decision and go to the next exception of the view; a refusal is told on the same page."""
    services, form = services_of(request), Form.of(given)
    filter_ = QueueFilter.of(request.query_params)
    try:
        _refuse_guessing(request, viewer, form)
        with services.database.write() as transaction:
            case = read_case(transaction, services, name)
            following = neighbours(transaction, filter_, viewer, case.exception, services.clock.now())[1]
            decide(transaction, case, viewer, form, services.clock.now())
            looking.leave(transaction, str(case.exception["id"]), viewer.name)
            goal = following or first_of(transaction, filter_, viewer, services.clock.now())
    except (UsageError, ItemError) as refused:
        if isinstance(refused, SecondFactorAsked) and form.code:
            limit_of(request).failed(*_counted(request, viewer), services.clock.now())
        return _refused(request, viewer, name, form, refused)
    if services.on_decision is not None:
        services.on_decision(str(case.item["id"]))
    place = filter_.at(goal) if goal is not None else filter_.but()
    place += f"{'&' if '?' in place else '?'}decided={case.exception['id']}"
    with services.database.read() as transaction:
        told = ahead.decided(request, viewer, transaction, str(case.exception["id"]), goal, place)
    return told or RedirectResponse(place, status_code=303)


def _refused(request: Request, viewer: Viewer, name: str, form: Form, refused: ClerkworkError) -> Response:
    with services_of(request).database.read() as transaction:
        case = read_case(transaction, services_of(request), name)
    problems = refused.problems if isinstance(refused, StillWrong) else None
    return _page(request, viewer, case, form, error=refused, problems=problems)


def refused_page(request: Request, viewer: Viewer, name: str, given: FormData, refused: ClerkworkError) -> Response:
    """The exception with why something about it was not done; nothing that was typed is lost."""
    with services_of(request).database.read() as transaction:
        case = read_case(transaction, services_of(request), name)
    note, text = given.get("note"), given.get("text")
    return _page(
        request,
        viewer,
        case,
        empty_form(case),
        error=refused,
        note=note if isinstance(note, str) else "",
        comment=text if isinstance(text, str) else "",
    )


def _page(
    request: Request,
    viewer: Viewer,
    case: Case,
    form: Form,
    *,
    decided: str = "",
    error: ClerkworkError | None = None,
    problems: list[Mapping[str, Any]] | None = None,
    note: str = "",
    comment: str = "",
) -> Response:
    services, filter_ = services_of(request), QueueFilter.of(request.query_params)
    with services.database.read() as transaction:
        before, after = neighbours(transaction, filter_, viewer, case.exception, services.clock.now())
        outcome = outcome_of(transaction, decided)
        known = {str(name) for user in list_users(transaction) for name in (user["name"], *(user["teams"] or ()))}
        others = colleagues(transaction, case.exception["assigned"]) if case.is_open else []
        page = case_page(case, viewer, form, problems)
        past = similar(transaction, case) if case.is_open else []
        mark = ahead.mark_of(transaction, case.exception)
        there = looking.at(transaction, [str(case.exception["id"])], viewer.name, services.clock.now())
        colleague = meanwhile(transaction, case, page.fields, form, viewer.name) if error is not None else None
    return pages_of(request).show(
        request,
        viewer,
        "case.html",
        status=200 if error is None else 409,
        case=case,
        page=page,
        similar=past,
        mark=mark,
        lookers=there if case.is_open else [],
        meanwhile=colleague,
        filter=filter_,
        before=before,
        after=after,
        outcome=outcome,
        colleagues=[name for name in others if name != case.exception["holder"]],
        rests=RESTS,
        may_take=case.is_open and _has_hands(viewer),
        answers=viewer.person.answers_for(case.exception["assigned"]),
        parts=lambda text: comments.parts(text, known),
        note=note,
        comment=comment,
        error=error,
        still_wrong=isinstance(error, StillWrong),
        here="exceptions",
    )
