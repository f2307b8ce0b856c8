"""What a person decided on a page, handed to the engine. The engine's rules hold; here only a form becomes a call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from console.access import demand
from console.case import Case
from console.permissions import Permission
from console.places import place_of
from console.sessions import Viewer, prove
from console.step_up import demand_code, is_fresh
from console.views.fields import changed, fields_of
from console.views.result_form import PREFIX, read_result
from console.views.why import problems_of
from console.words import count
from engine import exceptions
from engine.errors import UsageError
from engine.exceptions import Kind
from engine.store.database import Transaction

FIELD = "field."
PLACE = "place."


class StillWrong(UsageError):
    """The corrected values break rules; `problems` are those. The person may go on all the same, knowingly."""

    def __init__(self, problems: list[Mapping[str, Any]]) -> None:
        super().__init__(f"{count(len(problems), 'rule')} would still not hold", advice="see beside the fields")
        self.problems = problems


@dataclass(frozen=True)
class Form:
    """A decision's form. `fields` and `result` are what was typed, `places` where it was taken from, by name."""

    seen: str
    reason: str
    code: str
    done: str
    accept: bool
    fields: Mapping[str, str]
    result: Mapping[str, str]
    places: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Form:
        texts = {name: text for name, text in given.items() if isinstance(text, str)}
        return cls(
            seen=texts.get("seen", ""),
            reason=texts.get("reason", ""),
            code=texts.get("code", ""),
            done=texts.get("done", ""),
            accept=texts.get("accept") == "yes",
            fields={name.removeprefix(FIELD): text for name, text in texts.items() if name.startswith(FIELD)},
            result={name.removeprefix(PREFIX): text for name, text in texts.items() if name.startswith(PREFIX)},
            places={name.removeprefix(PLACE): text for name, text in texts.items() if name.startswith(PLACE) and text},
        )


Decide = Callable[[Transaction, Case, Viewer, Form, datetime], None]


def permission_for(kind: Kind) -> Permission:
    """Who may say yes or no: an approval is for approvers, the rest for supervisors."""
    return Permission.APPROVE if kind is Kind.APPROVAL else Permission.DECIDE


def corrections_of(case: Case, form: Form) -> dict[str, Any]:
    """Only what a person changed; with its place where they took it from the page."""
    if case.result is None:
        return {}
    typed = changed(fields_of(case.result, problems_of(case), form.fields))
    return {name: _placed(text, form.places.get(name)) for name, text in typed.items()}


def _placed(text: str, place: str | None) -> Any:
    if place is None or not text:
        return text
    page, box = place_of(place)
    return {"value": text, "page": page, "box": list(box)}


def correct(transaction: Transaction, case: Case, viewer: Viewer, form: Form, now: datetime) -> None:
    corrections = corrections_of(case, form)
    if not corrections:
        raise UsageError("no field was changed", advice="correct one, or approve the values as they are")
    if case.is_open and case.action is not None and case.action.correct is not None and not form.accept:
        left = case.action.correct(dict(case.result or {}), dict(corrections)).get("problems") or []
        if left:
            raise StillWrong(left)
    exceptions.correct(
        transaction, case.exception["id"], viewer.person, corrections, now, seen=form.seen, artifacts=case.folder
    )


def approve(transaction: Transaction, case: Case, viewer: Viewer, form: Form, now: datetime) -> None:
    demand(viewer, permission_for(case.kind))
    corrections = corrections_of(case, form)
    if corrections:
        raise UsageError(
            f"you changed {count(len(corrections), 'field')}, and an approval takes the values as they were",
            advice="choose “Save and continue”, or put the old values back",
        )
    asked, rule = case.asks_for_second_factor, case.services.second_factor
    if asked is not None and not is_fresh(viewer.proved, rule, now):
        demand_code(transaction, case.services.the_sealing, viewer.name, form.code, asked, now)
        prove(transaction, viewer.session, now)
    exceptions.approve(
        transaction,
        case.exception["id"],
        viewer.person,
        now,
        seen=form.seen,
        reason=form.reason,
        artifacts=case.folder,
    )


def reject(transaction: Transaction, case: Case, viewer: Viewer, form: Form, now: datetime) -> None:
    demand(viewer, permission_for(case.kind))
    exceptions.reject(transaction, case.exception["id"], viewer.person, now, reason=form.reason)


def retry(transaction: Transaction, case: Case, viewer: Viewer, form: Form, now: datetime) -> None:
    exceptions.retry(transaction, case.exception["id"], viewer.person, now)


def settle(transaction: Transaction, case: Case, viewer: Viewer, form: Form, now: datetime) -> None:
    if form.done not in ("yes", "no"):
        raise UsageError("say whether it was done", advice="choose “It was done” or “It was not done”")
    done = form.done == "yes"
    effect = case.uncertain
    result = read_result(case.output_of(effect), form.result) if done and effect is not None else {}
    exceptions.settle(
        transaction, case.exception["id"], viewer.person, now, done=done, result=result, reason=form.reason
    )


def look_up(transaction: Transaction, case: Case, viewer: Viewer, form: Form, now: datetime) -> None:
    exceptions.look_up_again(transaction, case.exception["id"], viewer.person, now)
