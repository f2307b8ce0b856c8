"""How this document writes numbers and dates, decided from all of them together; open where they do not tell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from bots.documents.pages.page import Page
from bots.documents.words.amounts import CODES, find_amounts
from bots.documents.words.dates import find_dates
from bots.documents.words.lexicon import words

_DECIMAL = {"en": ".", "de": ",", "fr": ",", "es": ",", "it": ",", "nl": ",", "pt": ",", "pl": ","}
_SPACED = frozenset({"fr", "pl"})
_EUROPEAN_TAX = re.compile(
    r"\b(?:AT ?U|BE ?[01]|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK|GB) ?\d{8,11}\b"
)
_AMERICAN = re.compile(r"\b[A-Z]{2} \d{5}(?:-\d{4})?\b|\(\d{3}\) ?\d{3}-\d{4}|\bsales tax\b|\bEIN\b", re.IGNORECASE)
_SPACE_GROUPS = re.compile(r"(?:[A-Z]{3}|[€$£]|zł)? ?-?\d{1,3}(?: \d{3})+,\d\d ?(?:[A-Z]{3}|[€$£]|zł)?")
# What such a document has not: another sign between the thousands, or none at all.
_OTHER_GROUPS = re.compile(r"(?<![\d.,/-])(?:\d{1,3}(?:[.'’]\d{3})+,\d\d|\d{4,},\d\d)(?![\d.,])")
_CAPITAL = re.compile(r"capital|kapital|cap\. ?soc", re.IGNORECASE)  # in a footer that was written by other hands
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Locale:
    """`decimal` and `day_first` are None where the document does not decide; `currency` is empty if it names none."""

    language: str
    decimal: str | None
    day_first: bool | None
    currency: str
    spaced: bool = False  # whether a space may group thousands


def locale_of(pages: Iterable[Page]) -> Locale:
    """The locale of a document from its language, the shapes of its numbers and dates, its currency and tax ids."""
    texts = [line.text for page in pages for line in page.lines]
    language = language_of(texts)
    spaced = _spaces(texts, language)
    return Locale(language, _decimal(texts, spaced, language), _day_first(texts, language), currency_of(texts), spaced)


def _spaces(texts: list[str], language: str) -> bool:
    """Whether a space groups thousands: as a habit of the language, or because no other sign does and spaces do."""
    if language in _SPACED:
        return True
    cells = [cell for text in texts if not _CAPITAL.search(text) for cell in text.split("  ")]
    spaces = sum(_SPACE_GROUPS.fullmatch(cell) is not None for cell in cells)
    return spaces > sum(_OTHER_GROUPS.search(cell) is not None for cell in cells)


def language_of(texts: Iterable[str]) -> str:
    """The language by its small words; empty where there are too few to tell."""
    seen = Counter(word.lower() for text in texts for word in _WORD.findall(text))
    scores = {
        language: sum(min(seen[word], 8) for word in listed.split())
        for language, listed in words()["stopwords"].items()
    }
    best = max(scores, key=lambda language: scores[language])
    return best if scores[best] >= 2 else ""


def currency_of(texts: Iterable[str]) -> str:
    """The currency named most often, with signs and codes counted together."""
    seen: Counter[str] = Counter()
    for text in texts:
        seen.update(amount.currency for amount in find_amounts(text) if amount.currency)
        seen.update(code for code in re.findall(r"\b[A-Z]{3}\b", text) if code in CODES)
        seen.update("EUR" for _ in range(text.count("€")))
        seen.update("GBP" for _ in range(text.count("£")))
    return seen.most_common(1)[0][0] if seen else ""


def _decimal(texts: list[str], spaced: bool, language: str) -> str | None:
    votes: Counter[str] = Counter()
    for text in texts:
        dates = [(found.start, found.end) for found in find_dates(text)]
        for amount in find_amounts(text, spaced=spaced):
            inside = any(start <= amount.start < end for start, end in dates)
            if amount.decimal in (".", ",") and not inside:
                votes[amount.decimal] += 3 if amount.money else 1
    if not votes:
        return None
    (first, count), *rest = votes.most_common(2)
    if rest and count < 2 * rest[0][1]:
        # Both are used alike, as on a page in two languages; the language's own habit settles it if there is one.
        return _DECIMAL.get(language)
    return first


def _day_first(texts: list[str], language: str) -> bool | None:
    readings = [date.votes_day_first for text in texts for date in find_dates(text)]
    day, month = readings.count(True), readings.count(False)
    if day != month and (not day or not month):
        return day > month
    if language and language != "en":
        return True
    joined = "\n".join(texts)
    currency = currency_of(texts)
    american = bool(_AMERICAN.search(joined)) and currency in ("USD", "")
    european = bool(_EUROPEAN_TAX.search(joined)) or currency not in ("USD", "CAD", "")
    if american != european:
        return european
    return None
