"""The functions of expressions: what each gives and what each refuses."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ExpressionError
from engine.expressions import compile_expression
from engine.functions import FUNCTIONS, SYNONYMS

NAMES: dict[str, Any] = {
    "today": date(2026, 3, 31),
    "now": datetime(2026, 3, 31, 17, 30, 5, tzinfo=UTC),
    "rows": [{"n": "b", "v": Decimal(2)}, {"n": "a", "v": Decimal(10)}, {"n": "b", "v": Decimal(1)}],
    "nothing": None,
    "empty": [],
}


def value(text: str, **names: Any) -> Any:
    return compile_expression(text).evaluate(NAMES | names)


def refusal(text: str, **names: Any) -> str:
    with pytest.raises(ExpressionError) as caught:
        value(text, **names)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("upper('müller')", "MÜLLER"),
        ("lower('ABC')", "abc"),
        ("title('acme gmbh')", "Acme Gmbh"),
        ("trim('  a \n b ')", "a b"),
        ("replace('1.234,50', '.', '')", "1234,50"),
        ("split('a;b;c', ';')", ["a", "b", "c"]),
        ("split(' a  b ')", ["a", "b"]),
        ("join(['a', 1, 2.50])", "a, 1, 2.50"),
        ("join(['a', 'b'], '-')", "a-b"),
        ("contains('invoice', 'voice')", True),
        ("contains([1, 2], 2)", True),
        ("startswith('RE-1', 'RE')", True),
        ("endswith('a.pdf', '.pdf')", True),
        ("length('abc')", 3),
        ("len(rows)", 3),
        ("len({'a': 1})", 1),
        ("left('abcdef', 2)", "ab"),
        ("left('abc', -1)", ""),
        ("right('abcdef', 2)", "ef"),
        ("right('abc', 0)", ""),
        ("pad(7, 4)", "0007"),
        ("pad('ab', 4, ' ')", "  ab"),
        ("slug('Müller & Söhne GmbH')", "mueller-soehne-gmbh"),
        ("text(1.50)", "1.50"),
        ("text(today)", "2026-03-31"),
        ("text(now)", "2026-03-31T17:30:05+00:00"),
        ("text(true)", "true"),
        ("text(100 * 1e3)", "100000"),
        ("regex('Invoice No. 4711', 'No\\\\. (\\\\d+)')", "4711"),
        ("regex('a1', '\\\\d')", "1"),
        ("regex('abc', '\\\\d')", None),
        ("regex('ab', 'a(x)?b')", None),
        ("match('DE123456789', 'DE\\\\d{9}')", True),
        ("match('DE12', 'DE\\\\d{9}')", False),
        ("date('2026-03-31')", date(2026, 3, 31)),
        ("date('2026-03-31T10:00:00')", date(2026, 3, 31)),
        ("date(2026, 3, 31)", date(2026, 3, 31)),
        ("date(now)", date(2026, 3, 31)),
        ("parse_date('31.03.2026', '%d.%m.%Y')", date(2026, 3, 31)),
        ("format_date(today, '%d.%m.%Y')", "31.03.2026"),
        ("format_date(today)", "2026-03-31"),
        ("format_date(now, '%H:%M')", "17:30"),
        ("add_days(today, 1)", date(2026, 4, 1)),
        ("add_days(today, -31)", date(2026, 2, 28)),
        ("add_months(today, 1)", date(2026, 4, 30)),
        ("add_months(date('2024-01-31'), 1)", date(2024, 2, 29)),
        ("add_months(today, -13)", date(2025, 2, 28)),
        ("days_between(date('2026-01-01'), today)", 89),
        ("business_days(date('2026-03-27'), today)", 2),
        ("business_days(today, date('2026-03-27'))", -2),
        ("business_days(date('2026-03-27'), today, [date('2026-03-30')])", 1),
        ("add_business_days(date('2026-03-27'), 1)", date(2026, 3, 30)),
        ("add_business_days(date('2026-03-30'), -1)", date(2026, 3, 27)),
        ("add_business_days(date('2026-03-27'), 1, [date('2026-03-30')])", date(2026, 3, 31)),
        ("month_start(today)", date(2026, 3, 1)),
        ("month_end(date('2026-02-03'))", date(2026, 2, 28)),
        ("is_business_day(date('2026-03-28'))", False),
        ("is_date('2026-02-30')", False),
        ("is_date('2026-02-28')", True),
        ("is_date(today)", True),
        ("is_date(5)", False),
        ("number(' 12.50 ')", Decimal("12.50")),
        ("number(5)", Decimal(5)),
        ("integer('12')", 12),
        ("integer(12.0)", 12),
        ("is_number('12,5')", False),
        ("is_number('-12.5')", True),
        ("round(2.675, 2)", Decimal("2.68")),
        ("round(-2.5)", Decimal(-3)),
        ("round(1250, -2)", Decimal(1300)),
        ("floor(-1.5)", Decimal(-2)),
        ("ceil(1.2)", Decimal(2)),
        ("money('12.345')", Decimal("12.35")),
        ("format_money(1234567.891, 'EUR')", "1,234,567.89 EUR"),
        ("format_money(1234.5, 'EUR', 'de')", "1.234,50 EUR"),
        ("format_money(-0.5)", "-0.50"),
        ("sum([1, 2.5])", Decimal("3.5")),
        ("sum([])", Decimal(0)),
        ("abs(-5)", Decimal(5)),
        ("min(3, 1, 2)", Decimal(1)),
        ("max([x.v for x in rows])", Decimal(10)),
        ("max('a', 'b')", "b"),
        ("min(today, date('2026-01-01'))", date(2026, 1, 1)),
        ("first(rows).n", "b"),
        ("first(empty)", None),
        ("last([1, 2])", Decimal(2)),
        ("last(empty)", None),
        ("sorted([3, 1, 2])", [Decimal(1), Decimal(2), Decimal(3)]),
        ("[x.v for x in sorted(rows, 'n')]", [Decimal(10), Decimal(2), Decimal(1)]),
        ("[x.v for x in sorted(rows, by='v', descending=true)]", [Decimal(10), Decimal(2), Decimal(1)]),
        ("sorted(empty)", []),
        ("unique(['a', 'b', 'a'])", ["a", "b"]),
        ("unique([1, true, 1.0])", [Decimal(1), True]),
        ("unique([[1], [1]])", [[Decimal(1)]]),
        ("any([x.v > 5 for x in rows])", True),
        ("all(x.v > 5 for x in rows)", False),
        ("all(empty)", True),
        ("range(3)", [0, 1, 2]),
        ("range(1, 3)", [1, 2]),
        ("reverse([1, 2])", [Decimal(2), Decimal(1)]),
        ("flatten([[1], [2]])", [Decimal(1), Decimal(2)]),
        ("keys({'a': 1})", ["a"]),
        ("values({'a': 1})", [Decimal(1)]),
        ("get({'a': 1}, 'b', 0)", Decimal(0)),
        ("default(nothing, 'x')", "x"),
        ("default('', 'x')", "x"),
        ("default(0, 'x')", Decimal(0)),
        ("[g.key for g in group_by(rows, 'n')]", ["b", "a"]),
        ("[len(g.items) for g in group_by(rows, 'n')]", [2, 1]),
        ("sha256('abc')", hashlib.sha256(b"abc").hexdigest()),
        ("sha256({'path': '/nowhere', 'sha256': 'ab'})", "ab"),
    ],
)
def test_a_function_gives(text: str, expected: Any) -> None:
    found = value(text)
    assert found == expected and type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("upper(nothing)", "upper(...) expects text and was given nothing (none); ask first whether the value is there: `x is not none`"),
        ("upper(5)", "upper(...) expects text and was given the number 5; turn it into text with text(...)"),
        ("upper(rows)", "upper(...) expects text and was given a list of 3; check where the value comes from"),
        ("replace('a', '', 'b')", "replace(...) expects a text to replace that is not empty and was given the text ''; check where the value comes from"),
        ("split('a', '')", "split(...) expects a separator that is not empty and was given the text ''; check where the value comes from"),
        ("join('abc')", "join(...) expects a list and was given the text 'abc'; check where the value comes from"),
        ("join([nothing])", "the value is nothing (none) and cannot stand inside text; give another value for that case: `x if x is not none else 'unknown'`"),
        ("text(rows)", "a list of 3 cannot stand inside text; name one entry or field of it, or use join(...)"),
        ("pad('a', 3, 'xy')", "pad(...) expects one character to fill with and was given the text 'xy'; check where the value comes from"),
        ("pad('a', 10001)", "the text would be longer than 10,000 characters; work on smaller values"),
        ("left('abc', 1.5)", "left(...) expects a whole number and was given the number 1.5; check where the value comes from"),
        ("date('31.03.2026')", "date(...) was given '31.03.2026', which is not a date; write it as 2026-03-31, or read another form with parse_date(text, '%d.%m.%Y')"),
        ("date(2026, 2, 30)", "there is no date 2026-2-30; check year, month and day"),
        ("date(2026, 2)", "date(...) expects a number and was given nothing (none); ask first whether the value is there: `x is not none`"),
        ("parse_date('2026', '%d.%m.%Y')", "parse_date(...) was given '2026', which does not have the form %d.%m.%Y; correct one of them"),
        ("format_date('2026-01-01')", "format_date(...) expects a date and was given the text '2026-01-01'; turn text into a date with date(...)"),
        ("format_date(today, '%99999999Y')", "format_date(...) expects a form made of %Y %m %d %H %M %S %y %B %b %A %a %j %U %V %G %u and was given the text '%99999999Y'; check where the value comes from"),
        ("add_days('x', 1)", "add_days(...) expects a date and was given the text 'x'; turn text into a date with date(...)"),
        ("add_days(today, 99999999)", "the date would lie outside the years 1 to 9999; check the number"),
        ("add_months(today, 999999)", "the date would lie outside the years 1 to 9999; check the number"),
        ("month_end(5)", "month_end(...) expects a date and was given the number 5; check where the value comes from"),
        ("days_between(today, 5)", "days_between(...) expects two dates and was given the number 5; turn text into a date with date(...)"),
        ("days_between(today, now)", "the date 2026-03-31 cannot be set against the time 2026-03-31T17:30:05+00:00; use two dates: `.date` of a time is its date"),
        ("add_business_days(today, 100001)", "add_business_days(...) expects at most 100,000 days and was given the number 100001; check where the value comes from"),
        ("number('12,50')", "number(...) expects digits with a dot for the fraction and was given the text '12,50'; take other signs out with replace(...)"),
        ("number(rows)", "number(...) expects text and was given a list of 3; check where the value comes from"),
        ("integer('1.5')", "integer(...) expects a whole number and was given the number 1.5; check where the value comes from"),
        ("round('1')", "round(...) expects a number and was given the text '1'; turn text into a number with number(...)"),
        ("round(1, 13)", "round(...) expects at most 12 places and was given the number 13; check where the value comes from"),
        ("round(1e300, 2)", "round(...) was given a number that is too large; check the number"),
        ("format_money(1, 'EUR', 'uk')", "format_money(...) expects a style out of en, de, fr, ch and was given the text 'uk'; check where the value comes from"),
        ("sum(['1'])", "sum(...) expects a number and was given the text '1'; turn text into a number with number(...)"),
        ("min([])", "min(...) was given an empty list; ask first: `len(...) > 0`"),
        ("max(1, 'a')", "the number 1 cannot be compared with the text 'a' by <; turn text into a number with number(...)"),
        ("len(5)", "len(...) expects text, a list or a mapping and was given the number 5; check where the value comes from"),
        ("sorted([1, 'a'])", "the number 1 cannot be compared with the text 'a' by <; turn text into a number with number(...)"),
        ("sorted(rows, 'x')", "an entry of the list has no field x; it has n, v; write one of those"),
        ("any([1])", "any(...) expects a list of true and false and was given the number 1; compare each: `any([x.total > 0 for x in lines])`"),
        ("keys(5)", "keys(...) expects a mapping and was given the number 5; check where the value comes from"),
        ("group_by([{'a': []}], 'a')", "group_by(...) cannot group by a, a list or mapping; name another field"),
        ("regex('a', '(')", "regex(...) was given the pattern '(', which is not a regular expression: missing ) at position 1; correct the pattern; `\\\\.` stands for a dot"),
        ("sha256(nothing)", "sha256(...) expects a file or text and was given nothing (none); ask first whether the value is there: `x is not none`"),
        ("sha256({'path': '/nowhere'})", "sha256(...): there is no file /nowhere; check that the file is still there"),
    ],
)  # fmt: skip
def test_a_function_says_what_it_expects(text: str, message: str) -> None:
    assert refusal(text) == message


def test_the_fingerprint_of_a_file_without_one_is_worked_out(tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(b"content")
    carried = {"path": str(file), "name": "a.pdf", "sha256": ""}
    assert value("sha256(file)", file=carried) == hashlib.sha256(b"content").hexdigest()


def test_a_date_with_no_zone_is_not_set_against_one_with() -> None:
    message = refusal("a < b", a=datetime(2026, 1, 1), b=datetime(2026, 1, 1, tzinfo=UTC))
    assert message.endswith("one of them has no time zone; write the offset too, for example 2026-03-31T17:00+02:00")


@given(st.dates(date(2000, 1, 1), date(2050, 1, 1)), st.integers(-400, 400))
def test_business_days_are_what_adding_them_says(start: date, days: int) -> None:
    end = value("add_business_days(start, days)", start=start, days=days)
    if start.weekday() < 5:
        assert value("business_days(start, end)", start=start, end=end) == days


@given(st.decimals(-(10**9), 10**9, places=2))
def test_money_as_text_and_back(amount: Decimal) -> None:
    assert value("number(replace(format_money(amount), ',', ''))", amount=amount) == amount


def test_every_function_is_described_and_every_synonym_leads_to_one() -> None:
    assert all(function.summary.endswith(".") or ":" in function.summary for function in FUNCTIONS.values())
    assert set(SYNONYMS.values()) <= set(FUNCTIONS)
    assert not set(SYNONYMS) & set(FUNCTIONS)
    assert FUNCTIONS["min"].usage == "min(values, ...)"
