"""Everything on the pages that has the form of a value: amounts, dates, tax ids, bank accounts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, TypeAlias

from stdnum import iban as iban_number
from stdnum.eu import vat as eu_vat

from bots.documents.document import Box
from bots.documents.pages.page import Line, Page
from bots.documents.words.amounts import find_amounts
from bots.documents.words.dates import find_dates
from bots.documents.words.locale import Locale
from bots.documents.words.national_ids import national_id, national_ids

Kind: TypeAlias = Literal["amount", "date", "tax_id", "iban"]

_TAX_ID = re.compile(
    r"(?<![A-Za-z0-9])(?P<land>AT|BE|BG|CHE|CY|CZ|DE|DK|EE|EL|ES|FI|FR|GB|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK|XI)"
    r"[ .-]?(?P<rest>[A-Z]?[ ]?[0-9OIlSB](?:[ .-]?[0-9A-Z]){6,12})(?![A-Za-z0-9])"
)
_SHAPES = {
    "AT": r"U\d{8}",
    "BE": r"[01]\d{9}",
    "BG": r"\d{9,10}",
    "CHE": r"\d{9}(?:MWST|TVA|IVA)?",
    "CY": r"\d{8}[A-Z]",
    "CZ": r"\d{8,10}",
    "DE": r"\d{9}",
    "DK": r"\d{8}",
    "EE": r"\d{9}",
    "EL": r"\d{9}",
    "ES": r"[A-Z0-9]\d{7}[A-Z0-9]",
    "FI": r"\d{8}",
    "FR": r"[A-Z0-9]{2}\d{9}",
    "GB": r"(?:\d{9}|\d{12}|GD\d{3}|HA\d{3})",
    "HR": r"\d{11}",
    "HU": r"\d{8}",
    "IE": r"\d[A-Z0-9]\d{5}[A-Z]{1,2}",
    "IT": r"\d{11}",
    "LT": r"(?:\d{9}|\d{12})",
    "LU": r"\d{8}",
    "LV": r"\d{11}",
    "MT": r"\d{8}",
    "NL": r"\d{9}B\d{2}",
    "PL": r"\d{10}",
    "PT": r"\d{9}",
    "RO": r"\d{2,10}",
    "SE": r"\d{12}",
    "SI": r"\d{8}",
    "SK": r"\d{10}",
    "XI": r"\d{9}",
}
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]){11,34}")
_IBAN_ALONE = re.compile(r"[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,3})?(?![A-Za-z0-9])")
_EMPLOYER = re.compile(r"(?:tax id|ein|fein|tin|federal id)\W{0,4}(?:no\W*)?(?P<number>\d\d-\d{7})\b", re.IGNORECASE)
_LABELLED = re.compile(r"(?:id|nr|no|number|nummer|tva|iva|btw|vat)\W*$", re.IGNORECASE)
_LOOKALIKES = str.maketrans("OIlSB", "01158")


@dataclass(frozen=True)
class Atom:
    """A value with its place. `certain` is False where the document's locale had to be guessed to read it."""

    kind: Kind
    value: Decimal | date | str
    line: Line
    start: int
    end: int
    certain: bool = True
    money: bool = False
    checked: bool = False  # its checksum holds
    other: date | None = None  # the second reading of an ambiguous date

    @property
    def box(self) -> Box:
        return self.line.box_of(self.start, self.end)

    @property
    def confidence(self) -> float:
        return self.line.confidence_of(self.start, self.end)


def atoms_of(pages: list[Page], locale: Locale) -> list[Atom]:
    """All atoms in reading order; a place is given to the most specific kind that fits."""
    found: list[Atom] = []
    for page in pages:
        for line in page.lines:
            found.extend(line_atoms(line, locale, page.lines[max(line.index - 2, 0) : line.index]))
    return found


def line_atoms(line: Line, locale: Locale, above: Sequence[Line] = ()) -> list[Atom]:
    """The atoms of one line, left to right. `above` are the lines over it, where labels may stand."""
    kept: list[Atom] = []
    ids = (*_tax_ids(line), *_employer_ids(line), *_national_ids(line, above))
    for atom in (*_ibans(line), *ids, *_dates(line, locale), *_amounts(line, locale)):
        if not any(atom.start < other.end and other.start < atom.end for other in kept):
            kept.append(atom)
    return sorted(kept, key=lambda atom: atom.start)


def _ibans(line: Line) -> Iterator[Atom]:
    place = 0
    while match := _IBAN.search(line.text, place):
        start, end = match.span()
        # What follows may look like the account's tail, or be printed without a gap; each country's length and the
        # checksum tell where it ends.
        ends = [at for at in range(end, start + 14, -1) if line.text[at - 1] != " "]
        fitting = next((at for at in ends if iban_number.is_valid(line.text[start:at].replace(" ", ""))), None)
        if fitting is not None:
            yield Atom("iban", line.text[start:fitting].replace(" ", ""), line, start, fitting, checked=True)
        else:
            compact = _IBAN_ALONE.match(line.text, start)
            if compact is not None and len(compact[0].replace(" ", "")) >= 18:
                yield Atom("iban", compact[0].replace(" ", ""), line, start, compact.end())
        place = max(fitting or end, start + 1)


def tax_id(text: str) -> str | None:
    """A VAT id without blanks and punctuation, if the text has the shape of one, or the checksum of a national one."""
    if re.fullmatch(r"\d\d-\d{7}", text.strip()):
        return text.strip()
    compact = re.sub(r"[ .\-]", "", text.upper())
    land = next((land for land in _SHAPES if compact.startswith(land)), None)
    if land is None or not re.fullmatch(_SHAPES[land], compact[len(land) :]):
        return national_id(text)
    return compact


def tax_id_valid(compact: str) -> bool:
    """Whether the checksum of a VAT id holds (an id without a checksum counts as valid)."""
    return (
        bool(eu_vat.is_valid(compact))
        or compact.startswith(("CHE", "XI"))
        or compact[:2].isdigit()
        or bool(national_id(compact))
    )


def _tax_ids(line: Line) -> Iterator[Atom]:
    for match in _TAX_ID.finditer(line.text):
        land, rest = match["land"], match["rest"]
        end = match.end()
        while rest:
            compact = tax_id(land + rest)
            if compact is None and line.words[0].confidence < 1:
                compact = tax_id(land + rest.translate(_LOOKALIKES))
            if compact is not None:
                yield Atom("tax_id", compact, line, match.start(), end, checked=tax_id_valid(compact))
                break
            if _LABELLED.search(line.text[: match.start()]) and re.fullmatch(r"\d{7,12}", rest):
                # Its label says what it is, though its form is wrong: the value as printed, for a rule to refuse.
                yield Atom("tax_id", land + rest, line, match.start(), end)
                break
            cut = rest.rstrip().rfind(" ")
            if cut <= 0:
                break
            end -= len(rest) - cut
            rest = rest[:cut]


def _national_ids(line: Line, above: Sequence[Line]) -> Iterator[Atom]:
    for value, start, end in national_ids(line, above):
        yield Atom("tax_id", value, line, start, end, checked=True)


def _employer_ids(line: Line) -> Iterator[Atom]:
    """The tax number of an American company, which only its label tells from a telephone's."""
    for match in _EMPLOYER.finditer(line.text):
        yield Atom("tax_id", match["number"], line, match.start("number"), match.end("number"))


def _dates(line: Line, locale: Locale) -> Iterator[Atom]:
    for found in find_dates(line.text):
        day_first = locale.day_first if locale.day_first is not None else True
        value = found.value(day_first)
        open_ = found.ambiguous and locale.day_first is None
        other = (found.month_first if value == found.day_first else found.day_first) if found.ambiguous else None
        yield Atom("date", value, line, found.start, found.end, certain=not open_, other=other)


def _amounts(line: Line, locale: Locale) -> Iterator[Atom]:
    for found in find_amounts(line.text, spaced=locale.spaced):
        if found.percent:
            continue
        value = found.value(locale.decimal or ".")
        certain = locale.decimal is not None or not found.ambiguous
        start = found.start + len(line.text[found.start : found.end]) - len(line.text[found.start : found.end].lstrip())
        yield Atom("amount", value, line, start, found.end, certain=certain, money=found.money)
