"""A person's corrections applied to a journalled result: the values parsed, the rules asked again. Pure."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from bots.documents.deciding.rules import COMPUTED, check, document_confidence
from bots.documents.document import FATAL, DocumentProblem, Finding, LineItem, Value, problem_data
from bots.documents.invoices.atoms import tax_id
from bots.documents.schemas import FieldSpec, FieldType, Schema, title
from bots.documents.statements.balance import balance_problems, bookings_of
from bots.documents.words.amounts import CODES, parse_amount
from bots.documents.words.dates import parse_date
from engine.errors import BusinessException

FARTHEST = 100_000  # points: no page is wider or higher
_PROBLEM_ADVICE = "enter the value again"


def correct(schema: Schema, result: Mapping[str, Any], corrections: Mapping[str, Any]) -> dict[str, Any]:
    """The result with the corrected fields, which then are sure, and with its problems as they now stand.

    Corrections are flat names to text, or to `{value, page, box}` where a person showed on a page where it stands; no
    text says that the field is not on the document. Raises BusinessException UNKNOWN_FIELD, BAD_VALUE or BAD_PLACE,
    saying what was expected.
    """
    changed = copy.deepcopy(dict(result))
    for name, given in corrections.items():
        text, place = given_at(given)
        if name not in schema.names:
            raise BusinessException(
                "UNKNOWN_FIELD",
                f"The document has no field {name!r}; its fields are {', '.join(schema.names)}",
                advice="choose one of them",
            )
        value = parsed(schema[name], text) if str(text).strip() else None
        known = changed["fields"].get(name, {})
        page, box = place or (known.get("page"), known.get("box"))
        changed["fields"][name] = {
            "value": value,
            "confidence": Decimal(1),
            "page": page if value is not None else None,
            "box": box if value is not None else None,
            "source": "person",
        }
        put(changed, name, value)
    _refuse_gaps(schema, changed)
    fields = {name: _finding(data) for name, data in changed["fields"].items() if data["value"] is not None}
    settled = {name for name, data in changed["fields"].items() if data["source"] == "person"}
    problems = [
        *_rules(schema, fields, changed),
        *(_kept(changed["problems"], settled) if corrections else _others(changed["problems"])),
    ]
    changed["problems"] = [problem_data(problem) for problem in problems]
    changed["confidence"] = Decimal(str(document_confidence(schema, fields, problems)))
    return changed


def given_at(given: Any) -> tuple[Any, tuple[int, list[Decimal]] | None]:
    """A correction as its text and, where a person showed it, its page and box. Raises BusinessException BAD_PLACE."""
    if not isinstance(given, Mapping):
        return given, None
    try:
        page, edges = int(given["page"]), [round(Decimal(str(edge)), 1) for edge in given["box"]]
        ordered = len(edges) == 4 and edges[0] < edges[2] and edges[1] < edges[3]
        sound = ordered and page > 0 and all(edge.is_finite() and abs(edge) < FARTHEST for edge in edges)
    except (KeyError, TypeError, ValueError, ArithmeticError):
        sound = False
    if not sound:
        raise BusinessException(
            "BAD_PLACE",
            f"{str(dict(given))[:80]} is no place on a page; expected a page and a box x0, y0, x1, y1 in points",
            advice="draw the box again, or give the text alone",
        )
    return given.get("value", ""), (page, edges)


def _rules(schema: Schema, fields: Mapping[str, Finding], result: Mapping[str, Any]) -> list[DocumentProblem]:
    """The rules that follow from the values: of a bank statement its balances, of anything else totals and rows."""
    if schema.kind != "bank_statement":
        return check(schema, fields, [LineItem(**line) for line in result["lines"]], frozenset(result["adjustments"]))
    told = [fields[name].value if name in fields else None for name in ("opening_balance", "closing_balance")]
    opening, closing = (value if isinstance(value, Decimal) else None for value in told)
    problems = balance_problems(bookings_of(result["lines"]), opening, closing)
    return [*check(schema, fields, [], frozenset()), *problems]


def _refuse_gaps(schema: Schema, result: Mapping[str, Any]) -> None:
    """Where nothing could be read, the values are entered together: later steps rely on those that are required."""
    entered = {name for name, told in result["fields"].items() if told["value"] is not None}
    missing = [title(name) for name in schema.required if name not in entered]
    if missing and any(problem["code"] in FATAL for problem in result["problems"]):
        raise BusinessException(
            "MISSING_FIELD",
            f"Nothing could be read from this document, and there is no {', no '.join(missing)} yet",
            advice="enter these too",
        )


def put(result: dict[str, Any], name: str, value: Value | None) -> None:
    """Set a field where later steps read it: `seller.name` under `seller`."""
    head, _, rest = name.partition(".")
    if rest:
        result.setdefault(head, {})[rest] = value
    else:
        result[head] = value


def parsed(spec: FieldSpec, text: Any) -> Value:
    """A person's text as the field's type. Raises BusinessException BAD_VALUE with the format expected."""
    if isinstance(text, (Decimal, date)):
        text = str(text)
    text = str(text).strip()
    parse, expected = _PARSERS.get(spec.type, (_text, "some text"))
    value = parse(text)
    if value is None or (spec.pattern and not re.search(spec.pattern, text)):
        wanted = f"text like {spec.pattern}" if value is not None else expected
        raise BusinessException(
            "BAD_VALUE", f"{text!r} is no {title(spec.name)}; expected {wanted}", advice=_PROBLEM_ADVICE
        )
    return value


def _text(text: str) -> str | None:
    return text or None


def _currency(text: str) -> str | None:
    return text.upper() if text.upper() in CODES else None


def _iban(text: str) -> str | None:
    from stdnum import iban

    return iban.compact(text) if iban.is_valid(text) else None


def _mark(text: str) -> bool | None:
    return {"true": True, "yes": True, "false": False, "no": False}.get(text.lower())


_PARSERS: Mapping[FieldType, tuple[Callable[[str], Value | None], str]] = {
    "money": (parse_amount, "an amount such as 1234.56"),
    "number": (parse_amount, "a number such as 12 or 12.5"),
    "date": (parse_date, "a date such as 2026-03-31"),
    "tax_id": (tax_id, "a VAT id such as DE136695976"),
    "iban": (_iban, "an IBAN whose checksum holds, such as DE89370400440532013000"),
    "mark": (_mark, "yes or no"),
    "currency": (_currency, "a currency code such as EUR"),
}


def _finding(data: Mapping[str, Any]) -> Finding:
    return Finding(data["value"], float(data["confidence"]), data["page"], data["box"], data["source"])


def _others(problems: list[dict[str, Any]]) -> list[DocumentProblem]:
    return [
        DocumentProblem(problem["code"], problem["message"], tuple(problem["fields"]))
        for problem in problems
        if problem["code"] not in COMPUTED
    ]


def _kept(problems: list[dict[str, Any]], settled: Collection[str]) -> list[DocumentProblem]:
    """What the reader noted and a person has not yet settled; about the page as a whole they have, by looking at it."""
    return [problem for problem in _others(problems) if any(name not in settled for name in problem.fields)]
