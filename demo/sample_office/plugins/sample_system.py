"""The old system of the sample office: a file with what was entered, and the cost centres that it knows.

A made-up system, so that a newcomer sees a living console; it goes wrong in the ways that real ones do.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from engine.action import Done, Effect, NotDone, Preview, Settlement, action
from engine.context import Context
from engine.errors import ApplicationException, BusinessException, Outcome

FOLDER = Path(__file__).resolve().parents[1] / "sample"


class Form(BaseModel):
    """What a form says. `doubt` names the field that could not be read well."""

    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)

    sender: str
    subject: str
    amount: Decimal = Decimal(0)
    cost_centre: str = ""
    doubt: str = ""


class Reading(BaseModel):
    sender: str
    subject: str
    amount: Decimal
    cost_centre: str
    confidence: float
    problems: list[dict[str, object]] = []


class Line(BaseModel):
    """A line to be entered. `trouble` is how the system takes it: away, silent (its answer is lost), or well."""

    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)

    book: str
    text: str
    amount: Decimal = Decimal(0)
    cost_centre: str = ""
    trouble: str = ""


class Entered(BaseModel):
    number: str


def _system() -> sqlite3.Connection:
    FOLDER.mkdir(parents=True, exist_ok=True)
    system = sqlite3.connect(FOLDER / "system.sqlite", timeout=30, isolation_level=None)
    system.execute("CREATE TABLE IF NOT EXISTS lines (number INTEGER PRIMARY KEY, key TEXT, book TEXT, text TEXT)")
    return system


def _correct(result: dict[str, object], corrections: dict[str, object]) -> dict[str, object]:
    right: dict[str, object] = {"confidence": 1.0, "problems": []}
    return result | corrections | right


@action("sample.read_form", correct=_correct)
def read_form(input: Form, context: Context) -> Reading:
    """Read a form of the sample office."""
    problems: list[dict[str, object]] = []
    if input.doubt:
        told = f"{input.doubt} could not be read well"
        problems.append({"code": "HARD_TO_READ", "message": told, "fields": [input.doubt]})
    plain = input.model_dump(exclude={"doubt"})
    return Reading(**plain, confidence=0.55 if input.doubt else 0.98, problems=problems)


def _find(input: Line, context: Context) -> Settlement:
    with closing(_system()) as system:
        row = system.execute("SELECT number FROM lines WHERE key = ?", (context.key,)).fetchone()
    return Done(Entered(number=f"{input.book}-{row[0]:05}")) if row else NotDone()


def _preview(input: Line, context: Context) -> Preview:
    return Preview(f"a line in {input.book}", {"text": (None, input.text), "amount": (None, str(input.amount))})


@action("sample.enter", effect=Effect.SEARCHABLE, verify=_find, preview=_preview)
def enter(input: Line, context: Context) -> Entered:
    """Enter a line into a book of the old system, which can be looked up by its key."""
    return _enter(input, context.key)


@action("sample.order", effect=Effect.MANUAL)
def order(input: Line, context: Context) -> Entered:
    """Order something of somebody who has no list of orders: it cannot be looked up."""
    return _enter(input, context.key)


def _enter(input: Line, key: str) -> Entered:
    if input.trouble == "away" and not (FOLDER / "system-is-back").exists():
        raise ApplicationException(
            "SYSTEM_AWAY", "the warehouse system does not answer", outcome=Outcome.NOT_DONE, advice="ask the warehouse"
        )
    if input.cost_centre and input.cost_centre not in _cost_centres():
        raise BusinessException(
            "COST_CENTRE_UNKNOWN",
            f"the cost centre {input.cost_centre} is not known",
            advice=f"add it to {FOLDER / 'cost_centres.txt'}, or correct it",
        )
    with closing(_system()) as system:
        number = system.execute(
            "INSERT INTO lines (key, book, text) VALUES (?, ?, ?)", (key, input.book, input.text)
        ).lastrowid
    if input.trouble == "silent":
        raise ApplicationException("NO_ANSWER", "the order was sent, and its confirmation never came")
    return Entered(number=f"{input.book}-{number:05}")


def _cost_centres() -> set[str]:
    file = FOLDER / "cost_centres.txt"
    return set(file.read_text().split()) if file.exists() else set()
