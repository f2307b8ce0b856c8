"""Pages as JSON: nothing is lost on the way, and nothing is taken for a page that is none."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bots.documents.document import LineItem
from bots.documents.invoices.einvoice import EInvoice
from bots.documents.opening.stretch import Stretch
from bots.documents.pages.codec import from_plain, to_plain
from bots.documents.pages.page import Code, Page, Word

BOX = (1.0, 2.5, 3.0, 4.0)
PAGE = Page(
    3, 595.3, 841.9, [Word("Größe", BOX, 0.91)], "ocr",
    turned=0.01, unread=True, codes=[Code("qr", "SPC\n", BOX)], rulings=(BOX, BOX),
)  # fmt: skip
EINVOICE = EInvoice(
    {"number": "R-77", "total": Decimal("119.00"), "issue_date": date(2026, 2, 1)},
    [LineItem("Regal", Decimal(4), None, Decimal("100.00"))],
    "credit_note",
    frozenset([Decimal("-1.50")]),
)


def test_what_is_sent_arrives() -> None:
    stretch = Stretch(7, [PAGE], EINVOICE, "broken")
    back = from_plain(Stretch, json.loads(json.dumps(to_plain(stretch))))
    assert back == stretch
    assert back.pages[0].lines[0].text == "Größe"
    assert [type(value) for value in back.einvoice.fields.values()] == [str, Decimal, date]


def changed(place: list[int], value: Any) -> Any:
    """The page as JSON values, one of them another one."""
    plain = json.loads(json.dumps(to_plain(PAGE)))
    target = plain
    for step in place[:-1]:
        target = target[step]
    target[place[-1]] = value
    return plain


@pytest.mark.parametrize(
    ("plain", "message"),
    [
        ("a page", "Page: found 'a page'; expected a list of its fields"),
        ([1], r"Page: found \[1\]; expected a list of its fields"),
        (changed([0], "1"), "found '1'; expected a whole number"),
        (changed([0], True), "found True; expected a whole number"),
        (changed([1], float("nan")), "found nan; expected a number"),
        (changed([1], 10**400), "found 1000.*; expected a number"),
        (changed([3, 0, 0], 7), "found 7; expected text"),
        (changed([3, 0, 1], [1.0, 2.0]), r"found \[1.0, 2.0\]; expected 4 values"),
        (changed([3], {}), "found {}; expected a list"),
        (changed([4], "dream"), "found 'dream'; expected one of einvoice, text, ocr"),
        ([*to_plain(PAGE), 1, 2], "Page: found .*; expected a list of its fields"),
    ],
)
def test_what_is_no_page_is_refused(plain: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        from_plain(Page, plain)


@pytest.mark.parametrize(
    "value", [["decimal", "NaN"], ["decimal", "x"], ["date", "2026-13-01"], ["float", "1"], 1.5, None]
)
def test_what_is_no_value_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"found|month|isoformat"):
        from_plain(EInvoice, [{"total": value}, [], "invoice", []])


def test_half_a_letter_is_shown_as_one_that_is_missing() -> None:
    plain = changed([3, 0, 0], "\ud83d")
    assert from_plain(Page, plain).words[0].text == "?"
