"""Reads a receipt: the shop from the head, the date of the sale, the total from the rows that prove it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bots.documents.document import Box, DocumentProblem, Finding
from bots.documents.pages.page import Line, Page
from bots.documents.receipts.country import country_of
from bots.documents.receipts.date import Day, days_of
from bots.documents.receipts.header import Head, head_of
from bots.documents.receipts.rows import rows_of
from bots.documents.receipts.total import Sum, disagreement, sums_of

MOST = 6  # possible values given for each field
BLURRED, CLEAR = 0.8, 0.96  # confidence of the worst word: below, a letter is often wrong; above, hardly ever
_ODD = re.compile(r"[^\W\d_]\d[a-zß-ÿ]|[a-zß-ÿ]\d[^\W\d_]|[~|^{}<>\\]")  # what stands in no name and no address
PROVEN = 2  # of the sum of the parts, the table of taxes and the items: as many outweigh a misread coin


@dataclass(frozen=True)
class ReceiptValue:
    """A possible value of a field with its place on the page, its score 0..1 and the measures behind the score."""

    field: str
    value: str | date | Decimal
    score: float
    line: Line
    span: tuple[int, int]
    box: Box
    reading: float
    certain: bool = True
    other: date | None = None
    label: str = ""
    measures: Mapping[str, float] = dataclasses.field(default_factory=dict, compare=False)


def receipt_values(pages: Sequence[Page]) -> Iterator[ReceiptValue]:
    """The possible values of `seller.name`, `seller.address`, `issue_date` and `total`, best first for each."""
    filled = [page for page in pages if page.lines]
    if not filled:
        return
    country = country_of(filled)
    names, addresses = head_of(filled[0], country)
    yield from (_from_head("seller.name", head) for head in names[:MOST])
    yield from (_from_head("seller.address", head) for head in addresses[:MOST])
    days = days_of(filled, country.day_first if country is not None else None)
    yield from (_from_day(day) for day in days[:MOST])
    yield from (_from_sum(one) for one in sums_of(rows_of(filled))[:MOST])


def _from_head(name: str, head: Head) -> ReceiptValue:
    line = head.lines[0]
    measures = {
        **head.measures,
        "clear": min(max((head.reading - BLURRED) / (CLEAR - BLURRED), 0.0), 1.0),
        "plain": 0.0 if _ODD.search(head.text) else 1.0,
    }
    return ReceiptValue(
        name, head.text, head.score, line, (0, len(line.text)), head.box, head.reading, measures=measures
    )


def _from_day(day: Day) -> ReceiptValue:
    return ReceiptValue(
        "issue_date",
        day.value,
        day.score,
        day.line,
        (day.start, day.end),
        day.line.box_of(day.start, day.end),
        day.line.confidence_of(day.start, day.end),
        certain=day.certain,
        other=day.other,
        label=day.label,
        measures=day.measures,
    )


def _from_sum(one: Sum) -> ReceiptValue:
    place = one.place
    return ReceiptValue(
        "total",
        one.value,
        one.score,
        place.line,
        (place.start, place.end),
        place.box,
        place.confidence,
        label=one.label,
        measures=one.measures,
    )


def receipt_problems(pages: Sequence[Page], fields: Mapping[str, Finding]) -> list[DocumentProblem]:
    """What the payment says against the total, where nothing else on the receipt proves it."""
    total = fields.get("total")
    if total is None or not isinstance(total.value, Decimal):
        return []
    if sum(total.features.get(name, 0.0) for name in ("adds_up", "taxes_fit", "items_fit")) >= PROVEN:
        return []
    paid = disagreement(total.value, rows_of(pages))
    if paid is None:
        return []
    given, back = paid
    message = (
        f"Paid {given} and given back {back} makes {given - back}, but the total says {total.value}; "
        "compare them with the page"
    )
    return [DocumentProblem("TOTALS_DISAGREE", message, ("total",))]
