"""Marks made by hand beside or over a label: whether there is a signature, a tick, a stamp. Never what it says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from bots.documents.document import Box, Finding
from bots.documents.invoices.candidates import end_of_label
from bots.documents.opening.page_source import PageSource
from bots.documents.pages.codec import from_plain, to_plain
from bots.documents.pages.ink import Ink, Place
from bots.documents.pages.page import Page, Word
from bots.documents.pages.pdf_file import refuse
from bots.documents.schemas import FieldSpec, Schema
from bots.documents.words.lexicon import squeeze

HIGH, WIDE, LEFT = 42.0, 180.0, 26.0  # points over and under a label, right of it, and left of it, that belong to it
READ = 0.6  # confidence of a word below which it may be handwriting that OCR took for print
MOST_AROUND = 4  # words that may stand beside a label in its cell; a label in a sentence is none
PRESENT, FAINT = 8.0, 2.0  # square points of ink: a tick has some 15, a signature 100 and more
_TICKED, _EMPTY = frozenset("☑☒✓✔✗✘🗹🗸"), frozenset("☐□▢")


def hand_marks(source: PageSource, path: Path, pages: Sequence[Page], schema: Schema) -> dict[str, Finding]:
    """Whether a mark is present, for every field of the type `mark` whose label stands on the pages.

    The value is True or False, the box that of the ink (or of the place where it is missing) on the paper.
    Raises Unreadable.
    """
    specs = [spec for spec in schema.fields if spec.type == "mark"]
    asked = [(spec, page, place) for spec in specs for page in pages for place in _places(spec, page)]
    if not asked:
        return {}
    inks = _inks(source, path, [place for _, _, place in asked])
    found: dict[str, Finding] = {}
    for (spec, page, place), ink in zip(asked, inks, strict=True):
        finding = _finding(page, place, ink)
        known = found.get(spec.name)
        if known is None or (finding.value, finding.confidence) > (known.value, known.confidence):
            found[spec.name] = finding
    return found


def _finding(page: Page, place: Place, ink: Ink) -> Finding:
    printed = {letter for word in page.words if _touches(word.box, place.region) for letter in word.text}
    if printed & _TICKED or printed & _EMPTY:
        return Finding(bool(printed & _TICKED), 0.9, page.number, page.on_paper(place.region), page.source)
    present = ink.area >= PRESENT
    if ink.area >= 3 * PRESENT or ink.area < FAINT / 2:
        sure = 0.9
    else:
        sure = 0.75 if present else 0.5 if ink.area >= FAINT else 0.7
    box = ink.box if present and ink.box is not None else place.region
    return Finding(present, sure, page.number, page.on_paper(box), page.source)


def _inks(source: PageSource, path: Path, places: list[Place]) -> list[Ink]:
    asked = {"ask": "ink", "path": str(path.absolute()), "places": [to_plain(place) for place in places]}
    try:
        with source.children.one() as child:
            inks = [from_plain(Ink, value) for _, value in child.ask(asked, path.name)]
    except (ValueError, TypeError) as error:
        raise refuse("READER_FAULT", f"{path.name} made the reader answer nonsense; enter them by hand") from error
    if len(inks) != len(places):
        raise refuse("READER_FAULT", f"{path.name} made the reader answer too little; enter the values by hand")
    return inks


def _places(spec: FieldSpec, page: Page) -> Iterator[Place]:
    """Where the mark of a field may be on a page: around each of its labels that is no word of a sentence."""
    labels = tuple(squeeze(label) for label in spec.labels)
    for line in page.lines:
        for cell in line.cells:
            end = end_of_label(cell.text, labels)
            if end is None or len(cell.text.split()) > MOST_AROUND + max(len(label.split()) for label in spec.labels):
                continue
            region = _region(line.box_of(cell.start, cell.start + end), page)
            words = tuple(word.box for word in page.words if _is_print(word) and _touches(word.box, region))
            yield Place(page.number, page.quarters, page.turned, region, words)


def _region(label: Box, page: Page) -> Box:
    """The place around a label as far as no other print stands in between."""
    x0, y0, x1, y1 = label
    left, right, top, bottom = x0 - LEFT, x1 + WIDE, y0 - HIGH, y1 + HIGH
    print_ = [word.box for word in page.words if _is_print(word) and any(map(str.isalnum, word.text))]
    for word in print_:
        beside = min(word[3], y1) - max(word[1], y0) > 0.3 * (y1 - y0)
        if beside and word[0] >= x1 - 1:
            right = min(right, word[0] - 2)
        elif beside and word[2] <= x0 + 1:
            left = max(left, word[2] + 2)
    for word in print_:
        if min(word[2], right) - max(word[0], left) <= 0:
            continue
        if word[3] <= y0 + 1:
            top = max(top, word[3])
        elif word[1] >= y1 - 1:
            bottom = min(bottom, word[1])
    return (max(left, 0.0), max(top, 0.0), min(right, page.width), min(bottom, page.height))


def _is_print(word: Word) -> bool:
    return word.confidence >= READ


def _touches(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
