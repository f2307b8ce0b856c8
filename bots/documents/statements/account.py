"""Whose statement it is: the bank, the account, the currency."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bots.documents.document import Finding, Value
from bots.documents.invoices.atoms import line_atoms
from bots.documents.pages.page import Line, Page
from bots.documents.statements.column import columns_of
from bots.documents.statements.words import List, holds, label_ends, starts_with
from bots.documents.words.amounts import CODES, CURRENCIES
from bots.documents.words.dates import find_dates
from bots.documents.words.lexicon import legal_form, squeeze
from bots.documents.words.locale import Locale
from bots.documents.words.names import name_like

_NUMBER = re.compile(r"(?<![\w,.])(?:[A-Z]{1,4}[ -]?)?[\dXx*•]+(?:[ \-/.][\dXx*•]+)*(?![\w]|[,.]\d)")
_FILLER = re.compile(r"(?:[\W_]|\b(?:no|nr|number|nummer|n|is|ending in|in|iban)\b)*", re.IGNORECASE)
_IBAN = re.compile(r"[A-Z]{2}\d\d ?[A-Z0-9]{4}(?: ?[A-Z0-9]{1,4})+")
_CODE = re.compile(r"S\$|[€£]|\b(?:" + "|".join(CODES) + r")\b")
_SPEAKING: tuple[List, ...] = ("currency", "opening", "closing")
_AMERICAN = re.compile(r"\b(?:USD|US\$|FDIC|routing number|[A-Z]{2} \d{5}(?:-\d{4})?)(?!\w)")
SINGAPORE = "SGD"
EURO = frozenset(
    {"AT", "BE", "CY", "DE", "EE", "ES", "FI", "FR", "GR", "HR", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PT"}
)
_BOOKED = re.compile(r"^\s*\d{1,2}[./ -]\s?\w|(?<![\d.])\d+[.,]\d\d(?![\d.])")
_WORDS = re.compile(r"[^\W\d_]+")
HEAD = 0.45  # of the first page: where a bank has its name, unless it stands in the footer


def facts(pages: Sequence[Page], locale: Locale) -> dict[str, Finding]:
    """`bank.name`, `account.iban`, `account.number` and `currency` as far as the pages tell them."""
    iban = _iban(pages, locale)
    found = {
        "bank.name": _bank(pages),
        "account.iban": iban,
        "account.number": _number(pages),
        "currency": _currency(pages, locale, iban),
    }
    return {name: finding for name, finding in found.items() if finding is not None}


def finding(value: Value, sure: float, line: Line, span: tuple[int, int], pages: Sequence[Page]) -> Finding:
    """A value where it stands; read from a picture, it is no surer than its letters."""
    page = next(one for one in pages if one.number == line.page)
    reading = line.confidence_of(*span) if page.source == "ocr" else 1.0
    return Finding(value, round(sure * reading, 3), line.page, page.on_paper(line.box_of(*span)), page.source)


def _iban(pages: Sequence[Page], locale: Locale) -> Finding | None:
    """The account itself stands on the first page before any booking names another."""
    for page in pages[:2]:
        for line in page.lines:
            for atom in line_atoms(line, locale):
                if atom.kind == "iban":
                    sure = 0.95 if atom.checked else 0.5
                    return finding(atom.value, sure, line, (atom.start, atom.end), pages)
    return None


def _number(pages: Sequence[Page]) -> Finding | None:
    """What stands directly beside or under a label of the account's number; an IBAN is no number."""
    for page in pages[:2]:
        for line in page.lines:
            for end in label_ends(line.text, "account"):
                cell = line.cell_at(end - 1)
                places = [(line, end, len(line.text))]
                if end >= cell.end:
                    places += _under(page, line, cell.box)
                for there, start, stop in places:
                    match = _NUMBER.search(there.text, start, stop)
                    if match is None or _other(there.text, match):
                        continue
                    if _FILLER.fullmatch(there.text[start : match.start()]):
                        return finding(match[0], 0.9, there, match.span(), pages)
    return None


def _other(text: str, match: re.Match[str]) -> bool:
    """Whether it is too short for an account, an amount, a date, or part of an IBAN."""
    taken = [*((one.start, one.end) for one in find_dates(text)), *(one.span() for one in _IBAN.finditer(text))]
    amount = re.fullmatch(r"\d+[.,]\d\d", match[0])
    digits = sum(letter.isdigit() for letter in match[0])
    return bool(amount) or digits < 4 or any(start < match.end() and match.start() < end for start, end in taken)


def _under(page: Page, line: Line, box: tuple[float, float, float, float]) -> Iterator[tuple[Line, int, int]]:
    for below in page.lines[line.index + 1 : line.index + 3]:
        for cell in below.cells:
            if cell.box[0] < box[2] and box[0] < cell.box[2]:
                yield below, cell.start, cell.end


@dataclass(frozen=True)
class _Name:
    score: float
    line: Line
    start: int
    end: int
    text: str


def _bank(pages: Sequence[Page]) -> Finding | None:
    """The name with a bank's word in it that is highest up, or printed large; a sender's line counts less."""
    best: _Name | None = None
    for page in pages[:1]:
        for line in page.lines:
            for cell in line.cells:
                score = _bank_likeness(cell.text, line, page)
                if score > 0 and (best is None or score > best.score):
                    best = _Name(score, line, cell.start, cell.end, cell.text)
    if best is None:
        return None
    return finding(best.text.strip(" ,·|-"), min(best.score, 0.9), best.line, (best.start, best.end), pages)


def _bank_likeness(text: str, line: Line, page: Page) -> float:
    words = [squeeze(word) for word in _WORDS.findall(text)]
    if not 1 <= len(words) <= 7 or re.search(r"\d{3,}|:", text) or _BOOKED.search(line.text):
        return 0.0
    named = holds(text, "bank") or any(word.endswith(("bank", "banken", "sparkasse", "kasse")) for word in words)
    if not named and not (legal_form().search(text) and name_like(text)):
        return 0.0
    high = 1 - line.box[1] / max(page.height, 1.0)
    heights = sorted(word.height for word in page.words)
    large = line.height > 1.2 * heights[len(heights) // 2]
    return (0.55 if named else 0.15) + 0.25 * high * (high > 1 - HEAD) + 0.15 * large


def _currency(pages: Sequence[Page], locale: Locale, account: Finding | None) -> Finding | None:
    """The code over a column or beside a balance; else what is named most, else that of the account's country."""
    for page in pages:
        for line in page.lines:
            speaks = columns_of(line) or any(starts_with(line.text, name) for name in _SPEAKING)
            match = _CODE.search(line.text) if speaks else None
            if match is not None:
                found = CURRENCIES.get(match[0], match[0])
                return finding(SINGAPORE if match[0] == "S$" else found, 0.95, line, match.span(), pages)
    if locale.currency == "USD" and not _american(pages):
        return None  # a dollar sign is that of many countries
    if locale.currency:
        return Finding(locale.currency, 0.85)
    country = str(account.value)[:2] if account is not None else ""
    return Finding("EUR", 0.8) if country in EURO else None


def _american(pages: Sequence[Page]) -> bool:
    return any(_AMERICAN.search(line.text) for page in pages[:3] for line in page.lines)
