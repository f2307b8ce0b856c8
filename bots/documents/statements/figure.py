"""Amounts of a statement: always with two decimals, and with the mark that says whether money came or went."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from bots.documents.document import Box
from bots.documents.pages.page import Line
from bots.documents.words.amounts import CODES, CURRENCIES

_CURRENCY = r"(?:US\$|S\$|RM|[€$£]|(?:" + "|".join(CODES) + r")\b)"
_LAKHS = r"\d{1,2}(?:,\d\d)+,\d{3}\.\d\d"  # as India groups them
_IN = frozenset({"+", "CR", "H", "C", "K"})  # credit, Haben, crédito
_OUT = frozenset({"-", "DR", "S", "D", "("})  # debit, Soll


def _pattern(space: str) -> re.Pattern[str]:
    grouped = rf"\d{{1,3}}(?:[.,'’\u00a0\u202f{space}]\d{{3}})+[.,]\d\d|{_LAKHS}|\d+[.,]\d\d|[.,]\d\d"
    return re.compile(
        rf"(?<![\w.,/'’])(?P<open>\()?\s?(?P<lead>[-−–+])?\s?(?P<before>{_CURRENCY})?\s?(?P<sign>[-−–+])?\s?"
        rf"(?P<number>{grouped})(?![\d,/:]|\.\d|\s?%)(?P<trail>\s?\)|\s?[-−–+](?![\w.,])|\s?(?:CR|Cr|DR|Dr)\b|\s?[SHDCK](?=\s*$|\s\s))?"
        rf"(?:\s?(?P<after>{_CURRENCY}))?(?P<last>\s?[-−–+](?![\w.,])|\s?(?:CR|DR)\b)?(?![\w])"
    )


_PLAIN, _SPACED = _pattern(""), _pattern(" ")


@dataclass(frozen=True)
class Figure:
    """An amount in a line: its size, and its sign where a mark tells it: 1, -1, or 0 for none. `mark` is `+ - CR`…"""

    size: Decimal
    sign: int
    mark: str
    currency: str
    line: Line
    start: int
    end: int

    @property
    def box(self) -> Box:
        return self.line.box_of(self.start, self.end)

    @property
    def right(self) -> float:
        """Where its last digit ends: what amounts of one column share."""
        return self.box[2]

    @property
    def confidence(self) -> float:
        return self.line.confidence_of(self.start, self.end)

    @property
    def value(self) -> Decimal:
        """The amount as printed: without a mark it is positive."""
        return -self.size if self.sign < 0 else self.size


def figures_of(line: Line, spaced: bool) -> Iterator[Figure]:
    """The amounts of a line from left to right; `spaced` says that a space may part thousands."""
    for match in (_SPACED if spaced else _PLAIN).finditer(line.text):
        mark = _mark(match)
        named = (match["before"] or match["after"] or "").strip()
        yield Figure(
            size=_size(match["number"]),
            sign=1 if mark in _IN else -1 if mark in _OUT else 0,
            mark=mark,
            currency=CURRENCIES.get(named, named if named in CODES else "SGD" if named == "S$" else ""),
            line=line,
            start=match.end() - len(match[0].lstrip()),
            end=match.end(),
        )


def _size(printed: str) -> Decimal:
    digits = re.sub(r"\D", "", printed)
    return Decimal(f"{digits[:-2] or '0'}.{digits[-2:]}")


def _mark(match: re.Match[str]) -> str:
    if match["open"] and (match["trail"] or "").strip() == ")":
        return "("
    found = next((match[name] for name in ("lead", "sign", "trail", "last") if match[name]), "").strip().upper()
    return "" if found == ")" else "-" if found in ("−", "–") else found
