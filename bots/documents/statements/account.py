"""Whose statement it is: the bank, the account, the currency."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bots.documents.document import Finding, Value
from bots.documents.invoices.atoms import line_atoms
from bots.documents.pages.page import Line, Page
from bots.documents.statements.words import ACCOUNT, BANK, starts_with
from bots.documents.words.lexicon import squeeze
from bots.documents.words.locale import Locale
from bots.documents.words.names import legal_form, name_like

_NUMBER = re.compile(
    r"(?<![\w,.])(?=(?:\W?\w){5})[A-Z0-9*X]{2,}(?:[ \-/.]?[A-Z0-9*X]{1,})*\d[A-Z0-9*X]*(?![\w,.]\d)", re.I
)
_WORDS = re.compile(r"[^\W\d_]+")
HEAD = 0.45  # of the first page: where a bank has its name, unless it stands in the footer


def facts(pages: Sequence[Page], locale: Locale) -> dict[str, Finding]:
    """`bank.name`, `account.iban`, `account.number` and `currency` as far as the pages tell them."""
    found = {
        "bank.name": _bank(pages),
        "account.iban": _iban(pages, locale),
        "account.number": _number(pages),
        "currency": _currency(pages, locale),
    }
    return {name: finding for name, finding in found.items() if finding is not None}


def finding(value: Value, sure: float, line: Line, span: tuple[int, int], pages: Sequence[Page]) -> Finding:
    """A value where it stands; read from a picture, it is no surer than its letters."""
    page = next(one for one in pages if one.number == line.page)
    reading = line.confidence_of(*span) if page.source == "ocr" else 1.0
    return Finding(value, round(sure * reading, 3), line.page, line.box_of(*span), page.source)


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
    for page in pages[:2]:
        for line in page.lines:
            for cell in line.cells:
                if not starts_with(cell.text, ACCOUNT):
                    continue
                places = ((line, cell.start, len(line.text)), *_under(page, line, cell.box))
                for there, start, end in places:
                    match = _NUMBER.search(there.text, start, end)
                    if match and sum(letter.isdigit() for letter in match[0]) >= 4:
                        return finding(match[0], 0.9, there, match.span(), pages)
    return None


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
    if not 1 <= len(words) <= 7 or re.search(r"\d{3,}|:", text):
        return 0.0
    banks = {squeeze(word) for word in BANK.split(";")}
    named = any(word in banks or word.endswith(("bank", "banken", "sparkasse", "kasse")) for word in words)
    if not named and not (legal_form().search(text) and name_like(text)):
        return 0.0
    high = 1 - line.box[1] / max(page.height, 1.0)
    heights = sorted(word.height for word in page.words)
    large = line.height > 1.2 * heights[len(heights) // 2]
    return (0.55 if named else 0.15) + 0.25 * high * (high > 1 - HEAD) + 0.15 * large


def _currency(pages: Sequence[Page], locale: Locale) -> Finding | None:
    if not locale.currency:
        return None
    return Finding(locale.currency, 0.9)
