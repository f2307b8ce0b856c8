"""What a person draws a box around on a page, taken as the value of a field: its words, read as the field's type."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bots.documents.corrections import parsed
from bots.documents.document import Box, plain
from bots.documents.invoices.atoms import Atom, line_atoms
from bots.documents.opening.load import OcrChoice
from bots.documents.pages.page import Page, Word, lines_of, union
from bots.documents.pages.pdf_file import Unreadable
from bots.documents.reader import Reader
from bots.documents.schemas import FieldSpec, schema_of, title
from bots.documents.vendors.example import unpack
from bots.documents.vendors.form import ANY_CODE, form_kind
from bots.documents.words.amounts import CURRENCIES
from bots.documents.words.locale import Locale, locale_of
from engine.errors import BusinessException

COVERED = 0.5  # of a word that must lie in the box for it to be meant
_EDGES = " .:;,|#=-"


@dataclass(frozen=True, slots=True)
class Captured:
    """`value` is what stands there as a person types it, `printed` as it is printed; `box` is snug around it.

    `value` is empty where the words cannot be read as the field's type; `note` says so, or what else they may mean.
    """

    value: str
    printed: str
    page: int
    box: Box
    note: str = ""


def kept_pages(content: bytes) -> list[Page]:
    """The pages whose words a reading kept with its run; ValueError where they cannot be read any more."""
    return unpack(content.partition(b"\n")[2])


def pages_anew(file: Path, ocr: OcrChoice = "auto") -> list[Page]:
    """The pages of a file, opened in a child process of their own. Raises BusinessException where it cannot be."""
    with Reader() as reader:
        try:
            return list(reader.pages(file, ocr))
        except Unreadable as unreadable:
            raise BusinessException(unreadable.problem.code, unreadable.problem.message) from unreadable


def words_on(page: Page) -> list[tuple[str, Box]]:
    """The words of a page in the order they are read, each with its box on the paper."""
    return [(word.text, page.on_paper(word.box)) for line in page.lines for word in line.words]


def capture(
    pages: Sequence[Page], schema_fields: str | Mapping[str, Any], field: str, number: int, box: Box
) -> Captured:
    """What stands in a box on page `number`, in points from the top left of the paper, for a field of the set.

    Raises BusinessException UNKNOWN_FIELD, NO_PAGE or NOTHING_THERE.
    """
    schema = schema_of(schema_fields if isinstance(schema_fields, str) else dict(schema_fields))
    if field not in schema.names:
        raise BusinessException("UNKNOWN_FIELD", f"The document has no field {field!r}", advice="choose another one")
    page = next((page for page in pages if page.number == number), None)
    if page is None:
        raise BusinessException("NO_PAGE", f"The document has no page {number}", advice="draw on one of its pages")
    words = [word for word in page.words if _share(page.on_paper(word.box), box) >= COVERED]
    if not words:
        raise BusinessException(
            "NOTHING_THERE", "No words were read in this box", advice="draw it around printed words, or type the value"
        )
    return _taken(page, words, schema[field], locale_of(pages))


def _taken(page: Page, words: Sequence[Word], spec: FieldSpec, locale: Locale) -> Captured:
    atom = _atom(page, words, spec, locale)
    if atom is not None:
        printed = atom.line.text[atom.start : atom.end]
        note = ""
        if not atom.certain:
            note = f"{printed} may also be {atom.other}" if atom.other else f"{printed} can be read in two ways"
        return Captured(str(plain(atom.value)), printed, page.number, page.on_paper(atom.box), note)
    text, meant = _text(page, words, spec)
    box = page.on_paper(union(word.box for word in meant))
    try:
        value = str(plain(parsed(spec, text)))
    except BusinessException:
        return Captured("", text, page.number, box, f"“{text}” is no {title(spec.name)}: type what it says")
    return Captured(value, text, page.number, box)


def _atom(page: Page, words: Sequence[Word], spec: FieldSpec, locale: Locale) -> Atom | None:
    """The value of the field's form among the words: the last one, as a label comes before what it labels."""
    kind = form_kind(spec.type)
    atoms = [atom for line in lines_of(page.number, words) for atom in line_atoms(line, locale) if atom.kind == kind]
    return atoms[-1] if atoms else None


def _text(page: Page, words: Sequence[Word], spec: FieldSpec) -> tuple[str, Sequence[Word]]:
    """The words as text; of a label and a number together the number alone."""
    lines = lines_of(page.number, words)
    whole = (", " if spec.type == "address" else " ").join(line.text.replace("  ", " ") for line in lines).strip(_EDGES)
    if spec.pattern and (match := re.search(spec.pattern, whole)):
        return match.group(), words
    if spec.type == "currency":
        return next((code for sign, code in CURRENCIES.items() if sign in whole), whole), words
    if spec.type == "id" and len(words) > 1:
        codes = [word for word in words if re.fullmatch(ANY_CODE, word.text.strip(_EDGES))]
        if len(codes) == 1:
            return codes[0].text.strip(_EDGES), codes
    return whole, words


def _share(word: Box, box: Box) -> float:
    """How much of a word lies in a box, 0..1; of a sign without a width whether it does."""
    area = (word[2] - word[0]) * (word[3] - word[1])
    if area <= 0:
        return float(box[0] <= word[0] <= word[2] <= box[2] and box[1] <= (word[1] + word[3]) / 2 <= box[3])
    across, down = min(word[2], box[2]) - max(word[0], box[0]), min(word[3], box[3]) - max(word[1], box[1])
    return across * down / area if across > 0 and down > 0 else 0.0
