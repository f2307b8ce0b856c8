"""The country of a receipt, by its words, its address and its money: it decides how a date is written."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bots.documents.pages.page import Page
from bots.documents.receipts.words import Country, countries, place_words, vocabulary

_MONEY = {
    "MY": re.compile(r"\bRM\b|\bRM\s?\d|\bMYR\b"),
    "SG": re.compile(r"\bSGD\b|\bS\$"),
    "US": re.compile(r"\bUSD\b|\bUS\$|\(\d{3}\)\s?\d{3}-\d{4}|(?<!\d)\d{3}-\d{3}-\d{4}(?!\d)"),
    "GB": re.compile(r"£|\bGBP\b"),
    "PL": re.compile(r"\bPLN\b|zł"),
}
_EURO = re.compile(r"€|\bEUR\b")
_EURO_LANDS = ("DE", "FR", "ES", "IT", "NL", "PT")
_OWN_POSTCODES = frozenset({"US", "GB", "PL", "PT", "NL"})  # written as in no other of these countries
LEAST = 3.0


def country_of(pages: Sequence[Page]) -> Country | None:
    """The country most signs speak for; None where too few do."""
    lines = [line.text for page in pages for line in page.lines]
    text = "\n".join(lines)
    points: dict[str, float] = dict.fromkeys(countries(), 0.0)
    for code, pattern in _MONEY.items():
        points[code] += min(len(pattern.findall(text)), 3)
    if _EURO.search(text):
        for code in _EURO_LANDS:
            points[code] += 1
    signs = vocabulary("signs")
    seen = {spoken.letters: spoken.meanings for line in lines for spoken in signs.find(line, forgiving=False)}
    for meanings in seen.values():
        for code in meanings:
            points[code] += 2 / len(meanings)
    top = lines[: max(len(lines) // 2, 8)]
    for code, country in countries().items():
        words = place_words(code)
        points[code] += 0.5 * min(sum(bool(words.said(line, forgiving=False)) for line in top), 4)
        telling = 2.0 if code in _OWN_POSTCODES else 0.5
        points[code] += telling * any(country.postcode.search(line) for line in top)
    (best, most), *rest = sorted(points.items(), key=lambda one: -one[1])
    if most < LEAST or (rest and rest[0][1] > 0.8 * most):
        return None
    return countries()[best]


def writes_day_first(pages: Sequence[Page]) -> bool | None:
    """Whether dates start with the day; None where the country is not clear and the choices differ."""
    country = country_of(pages)
    return None if country is None else country.day_first
