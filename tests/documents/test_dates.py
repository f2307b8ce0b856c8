"""Dates in eight languages; day or month first is left open where the text leaves it open."""

from __future__ import annotations

from datetime import date

import pytest

from bots.documents.words.dates import find_dates, parse_date


@pytest.mark.parametrize(
    "text",
    [
        "2025-02-18",
        "18.02.2025",
        "18.2.25",
        "18/02/2025",
        "02/18/2025",
        "18. Februar 2025",
        "February 18, 2025",
        "Feb 18, 2025",
        "18th of February 2025",
        "18-Feb-2025",
        "18 février 2025",
        "18 de febrero de 2025",
        "18 febbraio 2025",
        "18 februari 2025",
        "18 de fevereiro de 2025",
        "18 lutego 2025",
        "20250218",
        "Feb18/25",
        "February 18 , 2025",
    ],
)
def test_one_day_in_many_spellings(text: str) -> None:
    (found,) = find_dates(text)
    assert not found.ambiguous
    assert found.value(day_first=True) == date(2025, 2, 18)


def test_two_readings_are_kept_apart() -> None:
    (found,) = find_dates("03/04/2026")
    assert found.ambiguous
    assert (found.value(day_first=True), found.value(day_first=False)) == (date(2026, 4, 3), date(2026, 3, 4))


@pytest.mark.parametrize("text", ["31.02.2025", "1.234,56", "12/2025", "99.99.9999", "+49 30 1234567"])
def test_what_is_no_date(text: str) -> None:
    assert list(find_dates(text)) == []


def test_a_person_types_a_date_that_can_only_be_one() -> None:
    assert parse_date("31.03.2026") == date(2026, 3, 31)
    assert parse_date("03/04/2026") is None
    assert parse_date("soon") is None
