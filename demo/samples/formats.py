"""How countries write amounts, quantities and dates on paper."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

ENGLISH = "January February March April May June July August September October November December"
GERMAN = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember"
NO_BREAK = "\u00a0"


def point(amount: Decimal) -> str:
    """1,234.56"""
    return f"{amount:,.2f}"


def comma(amount: Decimal) -> str:
    """1.234,56"""
    return point(amount).translate(str.maketrans(",.", ".,"))


def blank(amount: Decimal) -> str:
    """1 234,56"""
    return point(amount).replace(",", NO_BREAK).replace(".", ",")


def number(quantity: Decimal, decimal_mark: str = ",") -> str:
    """A quantity or a rate without idle zeros: 12, 2,5."""
    return f"{quantity.normalize():f}".replace(".", decimal_mark)


def dots(day: date) -> str:
    """14.03.2026"""
    return day.strftime("%d.%m.%Y")


def slashes(day: date) -> str:
    """14/03/2026"""
    return day.strftime("%d/%m/%Y")


def long_english(day: date) -> str:
    """14 March 2026"""
    return f"{day.day} {_month(day, ENGLISH)} {day.year}"


def long_german(day: date) -> str:
    """14. März 2026"""
    return f"{day.day}. {_month(day, GERMAN)} {day.year}"


def american(day: date) -> str:
    """Mar 14, 2026"""
    return f"{_month(day, ENGLISH)[:3]} {day.day}, {day.year}"


def _month(day: date, names: str) -> str:
    return names.split()[day.month - 1]
