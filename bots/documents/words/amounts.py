"""Numbers as documents write them: `1.234,56`, `1,234.56`, `1 234,56`, `1'234.50`, `(12.00)`, `12,00-`, `€ 5`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

CURRENCIES = {
    "€": "EUR",
    "$": "USD",
    "US$": "USD",
    "£": "GBP",
    "zł": "PLN",
    "RM": "MYR",
    "Fr.": "CHF",
    "SFr.": "CHF",
    "¥": "JPY",
    "Kč": "CZK",
}
CODES = [
    "EUR",
    "USD",
    "GBP",
    "CHF",
    "PLN",
    "CZK",
    "SEK",
    "NOK",
    "DKK",
    "HUF",
    "RON",
    "BGN",
    "JPY",
    "CNY",
    "CAD",
    "AUD",
    "NZD",
    "SGD",
    "MYR",
    "INR",
    "BRL",
    "MXN",
    "ZAR",
    "TRY",
    "AED",
    "HKD",
]
_MARK = r"(?:US\$|S?Fr\.|[€$£¥]|zł|Kč|RM(?=\s?\d)|RM\b|(?:" + "|".join(CODES) + r")\b)"
_DIGITS = r"\d{1,3}(?:(?P<sep>[.,'’\u00a0\u202f%s])\d{3}(?:(?P=sep)\d{3})*)?(?:[.,]\d{1,4})?(?!\d)|\d+(?:[.,]\d{1,4})?"
_INDIAN = r"\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d{1,2})?|"


def _pattern(space: str) -> re.Pattern[str]:
    number = _INDIAN + _DIGITS % space
    return re.compile(
        rf"(?<![\w.,/'’])(?P<open>\()?(?P<sign>[-−–+]\s?)?(?P<before>{_MARK})?\s?(?P<minus>[-−–]\s?)?"
        rf"(?P<number>{number})(?P<after>\s?{_MARK})?(?P<trail>-(?!\w)|\)|\s?(?:CR|DR)\b)?(?P<percent>\s?%)?"
        r"(?![\w]|[.,/:'-]\w)"
    )


_PLAIN = _pattern("")
_SPACED = _pattern(" ")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number in a text. `decimal` is its sign for decimals, as `decimal_sign` gives it."""

    start: int
    end: int
    digits: str  # the number without sign and currency, as printed
    negative: bool
    currency: str
    percent: bool
    decimal: str

    def value(self, decimal: str) -> Decimal:
        """The value, `decimal` ("." or ",") deciding where the shape of the number does not."""
        point = self.decimal if self.decimal in (".", ",") else decimal
        text = re.sub(rf"[^\d{re.escape(point)}]", "", self.digits).replace(point, ".")
        number = Decimal(text)
        return -number if self.negative else number

    @property
    def ambiguous(self) -> bool:
        """Whether the document's other numbers must decide (`1.234` is a thousand or one and a bit)."""
        return self.decimal == "?"

    @property
    def money(self) -> bool:
        """Whether it is written as money: two decimals, or a currency beside it."""
        return not self.percent and (bool(self.currency) or bool(re.search(r"[.,]\d\d$", self.digits)))


def find_amounts(text: str, *, spaced: bool = False) -> Iterator[Amount]:
    """The numbers of a line. `spaced` says that a space may group thousands, as in French or Polish."""
    for match in (_SPACED if spaced else _PLAIN).finditer(text):
        mark = (match["before"] or match["after"] or "").strip()
        trail = (match["trail"] or "").strip()
        yield Amount(
            start=match.start(),
            end=match.end(),
            digits=match["number"],
            negative=bool(match["sign"] and match["sign"].strip() != "+")
            or bool(match["minus"])
            or trail in ("-", "CR")
            or bool(match["open"] and trail == ")"),
            currency=CURRENCIES.get(mark, mark if mark in CODES else ""),
            percent=bool(match["percent"]),
            decimal=decimal_sign(match["number"]),
        )


def decimal_sign(digits: str) -> str:
    """`.` or `,` where the shape of a number settles it, `?` where it does not, empty where it does not matter."""
    points, commas = digits.count("."), digits.count(",")
    if points and commas:
        return "." if digits.rindex(".") > digits.rindex(",") else ","
    if not points and not commas:
        return ""
    sign, other = (".", ",") if points else (",", ".")
    if digits.count(sign) > 1:
        return other
    head, _, tail = digits.partition(sign)
    if len(tail) != 3 or len(head) > 3 or not head.isdigit() or head.startswith("0"):
        return sign
    return "?"


def parse_amount(text: str) -> Decimal | None:
    """A number that a person typed: plain (`1234.56`), or with either grouping where that is clear; else None."""
    found = next(find_amounts(text.strip(), spaced=True), None)
    if found is None or found.ambiguous or found.percent or (found.start, found.end) != (0, len(text.strip())):
        return None
    return found.value(".")
