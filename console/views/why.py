"""Why an item stands here, in plain words: rule, expected, found, where, and what would mend it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from console.case import Case
from console.views.steps import find_step, written
from console.words import label, value
from engine.exceptions import Kind


@dataclass(frozen=True, slots=True)
class Why:
    """`facts` are pairs of a word and its text, in the order they are read."""

    headline: str
    facts: tuple[tuple[str, str], ...]


HEADLINES: Mapping[Kind, str] = {
    Kind.REVIEW: "The workflow wants a person to look at these values.",
    Kind.APPROVAL: "The workflow goes on once somebody approves it.",
    Kind.BUSINESS: "The data or a rule stops this item. Trying again without a change ends the same way.",
    Kind.APPLICATION: "A system did not do what was asked, and the attempts are used up.",
    Kind.UNCERTAIN: "Something was begun outside and its answer never came. It may have happened.",
}
WHAT_HELPS: Mapping[Kind, str] = {
    Kind.REVIEW: "Correct the marked fields, or approve them as they are.",
    Kind.APPROVAL: "Look at what is shown, then approve or reject it.",
    Kind.BUSINESS: "Correct a field, mend the data where it comes from and retry, or reject the item.",
    Kind.APPLICATION: "Retry it once the system answers again.",
    Kind.UNCERTAIN: "Look in the target system, then say whether it was done.",
}


def why(case: Case) -> Why:
    """What the page says above the fields."""
    exception = case.exception
    facts = [("Rule", _rule(case)), ("Found", _found(case)), ("Where", _where(case))]
    expected = case.details.get("expected")
    if expected is not None:
        facts.insert(1, ("Expected", value(expected)))
    if len(case.attempts) > 1:
        last = case.attempts[-1]
        facts.append(("Attempts", f"{len(case.attempts)}, the last one ended with {last['code'] or 'no error'}"))
    helps = WHAT_HELPS[case.kind]
    if case.lasting and case.kind in (Kind.BUSINESS, Kind.APPLICATION):
        helps = f"{case.lasting[0]['action']} was done already, so no value can be changed here. Retry or reject it."
    facts.append(("What helps", helps))
    if exception["code"] == "DUPLICATE_EFFECT" and case.details.get("item"):
        facts.append(("Done for", f"item {case.details['item']}"))
    return Why(HEADLINES[case.kind], tuple((word, text) for word, text in facts if text))


def problems_of(case: Case) -> list[Mapping[str, Any]]:
    """What the rules say of the values, as the exception recorded it, else as the result has it."""
    told = case.details.get("problems")
    if told is None and case.result is not None:
        told = case.result.get("problems")
    return [problem for problem in told or () if isinstance(problem, Mapping)]


def shown(case: Case) -> list[tuple[str, str]]:
    """What an approval asks a person to look at."""
    told = case.details.get("show")
    return [(label(name), value(thing)) for name, thing in told.items()] if isinstance(told, Mapping) else []


def _rule(case: Case) -> str:
    step = find_step(case.workflow, str(case.exception["path"])) if case.workflow is not None else None
    if step is None or step.review is None:
        return ""
    return f"review when {written(step.review.when)}"


def _found(case: Case) -> str:
    # The problems stand beneath, each with its fields; the message would only repeat them.
    return "" if case.kind is Kind.REVIEW and problems_of(case) else str(case.exception["message"])


def _where(case: Case) -> str:
    step = find_step(case.workflow, str(case.exception["path"])) if case.workflow is not None else None
    told = f"step “{case.exception['step']}”"
    if step is None:
        return f"{told} of {case.exception['workflow']}"
    return f"{told}, {Path(step.location.file).name} line {step.location.line}"
