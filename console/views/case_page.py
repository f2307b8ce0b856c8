"""What the page of one exception shows, put together from its case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from console.case import Case
from console.deciding import Form, permission_for
from console.permissions import Permission
from console.sessions import Viewer
from console.step_up import is_fresh
from console.subject import is_file
from console.views.fields import FieldView, PageView, fields_of, pages_of
from console.views.lines import LineTable, line_table
from console.views.result_form import ResultField, result_fields
from console.views.steps import ComingEffect, coming_effects
from console.views.why import Why, problems_of, shown, why
from console.words import number
from engine.exceptions import Kind
from engine.store.database import Row


@dataclass(frozen=True)
class Offers:
    """Which decisions this person is offered here. The server asks again when one is made."""

    correct: bool
    approve: bool
    reject: bool
    retry: bool
    settle: bool

    @property
    def any(self) -> bool:
        return self.correct or self.approve or self.reject or self.retry or self.settle


@dataclass(frozen=True)
class CasePage:
    why: Why
    problems: Sequence[Mapping[str, Any]]
    fields: list[FieldView]
    pages: list[PageView]
    lines: LineTable | None
    shown: list[tuple[str, str]]
    pictures: list[Row]
    offers: Offers
    refusal: str
    after_yes: list[ComingEffect]
    after_retry: list[ComingEffect]
    result_fields: list[ResultField]
    files: list[tuple[str, str]]
    decision: Row | None
    form: Form
    asks_for_code: str  # the amount for which a yes asks for the second factor, empty where it does not

    read_back: str = ""

    @property
    def doubtful(self) -> int:
        return sum(field.needs_a_look for field in self.fields)


def case_page(case: Case, viewer: Viewer, form: Form, problems: Sequence[Mapping[str, Any]] | None = None) -> CasePage:
    """`form` is what the person has typed so far; `problems` replaces what the rules said when it was raised."""
    told = problems_of(case) if problems is None else problems
    result = case.result or {}
    fields = fields_of(result, told, form.fields, form.places) if case.result is not None else []
    offers = _offers(case, viewer)
    return CasePage(
        why=why(case),
        problems=told,
        fields=fields,
        pages=pages_of(result, fields),
        lines=line_table(result.get("lines") or []),
        shown=shown(case),
        pictures=[row for row in case.artifacts if str(row["media_type"]).startswith("image/")],
        offers=offers,
        refusal=_refusal(case, viewer, offers),
        after_yes=_coming(case, str(case.exception["path"]), including=False),
        after_retry=_coming(case, str(case.exception["path"]), including=True),
        result_fields=result_fields(case.output_of(case.uncertain), form.result),
        files=[(name, str(told["name"])) for name, told in case.item["inputs"].items() if is_file(told)],
        decision=next((row for row in reversed(case.decisions) if row["exception"] == case.exception["id"]), None),
        form=form,
        asks_for_code=_asks_for_code(case, viewer) if offers.approve else "",
        read_back=_read_back(case),
    )


def _read_back(case: Case) -> str:
    """What a look-up found of an effect whose outcome is not known."""
    effect = case.uncertain
    note = str(effect["note"] or "") if effect is not None else ""
    return note.partition(" and its outcome is unknown: ")[2] or note or "nothing was read back"


def empty_form(case: Case) -> Form:
    """The form before anybody has typed."""
    return replace(Form.of({}), seen=case.seen)


def _asks_for_code(case: Case, viewer: Viewer) -> str:
    asked, services = case.asks_for_second_factor, case.services
    if asked is None or is_fresh(viewer.proved, services.second_factor, services.clock.now()):
        return ""
    return number(asked.amount) if asked.amount is not None else "what shows no amount"


def _offers(case: Case, viewer: Viewer) -> Offers:
    answers = case.is_open and viewer.person.answers_for(case.exception["assigned"])
    answers = answers and case.exception["holder"] in (None, viewer.name)
    decides = answers and viewer.may(Permission.DECIDE)
    says = answers and viewer.may(permission_for(case.kind))
    return Offers(
        correct=decides and case.result is not None and not case.lasting and case.kind is not Kind.UNCERTAIN,
        approve=says and case.kind in (Kind.REVIEW, Kind.APPROVAL),
        reject=says and case.kind is not Kind.UNCERTAIN,
        retry=answers and viewer.may(Permission.RETRY) and case.kind in (Kind.BUSINESS, Kind.APPLICATION),
        settle=decides and case.kind is Kind.UNCERTAIN and case.uncertain is not None,
    )


def _refusal(case: Case, viewer: Viewer, offers: Offers) -> str:
    """Why a person can only look."""
    if offers.any or not case.is_open:
        return ""
    if not viewer.person.answers_for(case.exception["assigned"]):
        return f"This is assigned to {case.exception['assigned']}. You can look at it; a member of that team decides."
    if case.exception["holder"] not in (None, viewer.name):
        return f"{case.exception['holder']} is at this. Take it over with a note, or leave it to them."
    return f"Your role ({viewer.role}) lets you look at this, not decide it."


def _coming(case: Case, path: str, *, including: bool) -> list[ComingEffect]:
    if case.workflow is None:
        return []
    return coming_effects(case.workflow, path, including=including, ledger=case.effects)
