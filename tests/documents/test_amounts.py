"""Numbers are read by their own shape; what the shape leaves open is left open."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.documents.words.amounts import find_amounts, parse_amount


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("1.234,56 €", "1234.56", "EUR"),
        ("€1,234.56", "1234.56", "EUR"),
        ("1'234.50", "1234.50", ""),
        ("Fr. 1’234.50", "1234.50", "CHF"),
        ("12,34,567.00", "1234567.00", ""),
        ("(12.00)", "-12.00", ""),
        ("12,00-", "-12.00", ""),
        ("- €13.50", "-13.50", "EUR"),
        ("USD 7.5", "7.5", "USD"),
        ("RM 9.00", "9.00", "MYR"),
        ("0.125", "0.125", ""),
    ],
)
def test_one_number(text: str, value: str, currency: str) -> None:
    (found,) = find_amounts(text)
    assert (found.value("."), found.currency) == (Decimal(value), currency)
    assert not found.ambiguous


def test_spaces_group_thousands_only_where_the_language_does() -> None:
    assert [one.value(",") for one in find_amounts("1 234,56", spaced=True)] == [Decimal("1234.56")]
    assert [one.value(",") for one in find_amounts("2 500,00")] == [Decimal(2), Decimal("500.00")]


def test_a_thousand_or_one_and_a_bit_is_left_open() -> None:
    (found,) = find_amounts("1.234")
    assert found.ambiguous
    assert (found.value(","), found.value(".")) == (Decimal(1234), Decimal("1.234"))


@pytest.mark.parametrize("text", ["DE123456789", "12:30", "192.168.0.1", "A4", "v1.2.3", "05.03.2018"])
def test_what_is_no_number(text: str) -> None:
    assert [one for one in find_amounts(text) if one.money] == []


def test_percentages_are_no_money() -> None:
    rate, base, tax = find_amounts("19,00% auf 804,35 € 152,83 €")
    assert (rate.percent, base.money, tax.money) == (True, True, True)


@given(st.decimals(min_value=0, max_value=10**9, places=2), st.sampled_from([(",", "."), (".", ","), ("'", ".")]))
def test_every_way_of_grouping_reads_back(value: Decimal, signs: tuple[str, str]) -> None:
    group, point = signs
    text = f"{value:,.2f}".replace(",", "_").replace(".", point).replace("_", group)
    (found,) = find_amounts(text)
    assert found.value(".") == value


@pytest.mark.parametrize(
    ("text", "value"), [("1.234,50", "1234.50"), ("1234.5", "1234.5"), ("1.234", None), ("about 5", None), ("", None)]
)
def test_what_a_person_types(text: str, value: str | None) -> None:
    assert parse_amount(text) == (Decimal(value) if value else None)
