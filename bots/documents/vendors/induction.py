"""Where a field stands on a vendor's documents, induced from examples: every rule that explains one is tried on all.

A label is looked for first, beside the value and over it; a place on the page is the last resort, since places move.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bots.documents.document import Box, Value
from bots.documents.pages.page import Cell, Line
from bots.documents.schemas import FieldSpec
from bots.documents.vendors.anchor import (
    DEEP,
    FAR,
    LETTERS,
    Absent,
    Always,
    Anchor,
    At,
    Below,
    RightOf,
    Rule,
    column_end,
    in_column,
    speaks,
)
from bots.documents.vendors.form import Form, form_kind, form_of
from bots.documents.vendors.record import AGREEING
from bots.documents.vendors.sheet import Place, Sheet, Spot, same
from bots.documents.words.lexicon import squeeze

CONSTANT = ("seller.name", "seller.address", "seller.tax_id", "currency")
"""What a vendor's documents may state alike every time. An account is not among them: where it is another one than
last time, that is what a person must see."""

_WORD = re.compile(r"\S+")


@dataclass(frozen=True)
class Told:
    """One example of a field: the document, and the value a person gave; None where it is not on the document.

    `place` is where a person showed that it stands. Such an example is worth two: nothing is left to chance.
    """

    sheet: Sheet
    value: Value | None
    place: Place | None = None

    def spots(self, form: Form) -> list[Spot]:
        """Where the value stands: at the place that was shown, else wherever it is printed."""
        assert self.value is not None
        found = self.sheet.places_of(self.value, form)
        there = [spot for spot in found if self.is_at(spot.line.page, spot.box)]
        return there or found

    def is_at(self, page: int | None, box: Box | None) -> bool:
        return self.place is None or (
            page is not None and box is not None and self.sheet.stands_at(self.place, page, box)
        )


def worth(examples: Sequence[Told]) -> int:
    """How many examples these count for."""
    return sum(1 if one.place is None else AGREEING for one in examples)


def induce(spec: FieldSpec, examples: Sequence[Told]) -> list[Anchor]:
    """The anchors that explain the examples, the best first and none twice; each explains two of them at least, or
    one whose place was shown."""
    left, found = list(examples), []
    while worth(left) >= AGREEING:
        anchor, explained = _best(spec, left)
        if anchor is None:
            break
        found.append(anchor)
        left = [one for one in left if one not in explained]
    return found


def _best(spec: FieldSpec, examples: Sequence[Told]) -> tuple[Anchor | None, list[Told]]:
    missing = [one for one in examples if one.value is None]
    if len(missing) >= AGREEING:
        return Anchor(spec.name, Absent(), Form(form_kind(spec.type) or "text"), len(missing)), missing
    stated = [one for one in examples if one.value is not None]
    if worth(stated) < AGREEING:
        return None, []
    constant = _constant(spec, stated)
    if constant is not None:
        return constant, [one for one in stated if _explains(constant, one)]
    best: tuple[Anchor | None, list[Told]] = (None, [])
    for form, group in _groups(spec, stated):
        for rule in _rules(form, group):
            anchor = Anchor(spec.name, rule, form)
            explained = [one for one in group if _explains(anchor, one)]
            if worth(explained) >= AGREEING and worth(explained) > worth(best[1]):
                best = (_narrowed(spec, anchor, explained), explained)
    return best


def _narrowed(spec: FieldSpec, anchor: Anchor, explained: Sequence[Told]) -> Anchor:
    """The anchor with the form of the values that it explains, where that was wider."""
    form = form_of(spec.type, [one.value for one in explained])
    narrow = replace(anchor, form=form or anchor.form, agreed=len(explained))
    return narrow if all(_explains(narrow, one) for one in explained) else replace(narrow, form=anchor.form)


def _explains(anchor: Anchor, one: Told) -> bool:
    hit = anchor.hit(one.sheet)
    if hit is None or not hit.whole or not same(hit.value, one.value, loosely=anchor.form.kind == "text"):
        return False
    # What is the same every time need not stand anywhere.
    return isinstance(anchor.rule, Always) or one.is_at(hit.page, hit.box)


def _constant(spec: FieldSpec, examples: Sequence[Told]) -> Anchor | None:
    first = examples[0].value
    if spec.name not in CONSTANT or not isinstance(first, str):
        return None
    alike = [one for one in examples if same(one.value, first)]
    if len(alike) < AGREEING or len(alike) < len(examples):
        return None
    return Anchor(spec.name, Always(first), Form(form_kind(spec.type) or "text"), len(alike))


def _groups(spec: FieldSpec, examples: Sequence[Told]) -> Iterator[tuple[Form, list[Told]]]:
    """Examples whose values may have one form: all of them, then those built alike, as when numbers changed."""
    whole = form_of(spec.type, [one.value for one in examples])
    if whole is None:
        return
    yield whole, list(examples)
    if whole.kind != "code":
        return
    built: dict[str, list[Told]] = {}
    for one in examples:
        alone = form_of(spec.type, [one.value])
        assert alone is not None
        built.setdefault(re.sub(r"9+", "9", alone.sample), []).append(one)
    for group in built.values():
        form = form_of(spec.type, [one.value for one in group])
        if worth(group) >= AGREEING and len(group) < len(examples) and form is not None:
            yield form, group


def _rules(form: Form, examples: Sequence[Told]) -> Iterator[Rule]:
    """The rules that may explain the newest examples: beside a label, under one, then by place; no rule twice."""
    seen: set[Rule] = set()
    for kind in (_beside, _over, _by_place):
        for one in examples[:3]:
            for spot in one.spots(form):
                for rule in kind(one.sheet, spot, form):
                    if rule not in seen:
                        seen.add(rule)
                        yield rule


def _beside(sheet: Sheet, spot: Spot, form: Form) -> Iterator[Rule]:
    words = [(match.start(), match.end()) for match in _WORD.finditer(spot.line.text[: spot.start])]
    own = sheet.atoms.get((spot.line.page, spot.line.index), [])
    words = [(start, end) for start, end in words if not any(start < atom.end and atom.start < end for atom in own)]
    # A currency or a sign between label and value belongs to neither.
    while words and not speaks(spot.line.text[words[-1][0] : words[-1][1]]):
        words.pop()
    for length in (3, 2, 4, 1):
        if len(words) < length:
            continue
        label = _label(spot.line, words[-length][0], words[-1][1])
        if label is None:
            continue
        spots = [one for one in sheet.spots(spot.line, form) if one.start >= words[-1][1]]
        place = next((n for n, one in enumerate(spots, 1) if one.start == spot.start), 1)
        for last in (False, True):
            yield RightOf(label, place, last)
            if len(spots) > 1 and place == len(spots):
                yield RightOf(label, -1, last)


def _over(sheet: Sheet, spot: Spot, form: Form) -> Iterator[Rule]:
    page = sheet.pages[spot.line.page - 1]
    above = reversed(page.lines[max(spot.line.index - DEEP, 0) : spot.line.index])
    for rows, line in enumerate(above, start=1):
        if spot.box[1] - line.box[3] > FAR:
            return
        for cell in line.cells:
            over = in_column(spot.box, cell.box, column_end(line, cell.box))
            label = _heading(line, cell) if over else None
            if label is not None:
                # Lines of other columns lie between; which line of its own column it is, the trial shows.
                for row in range(1, (rows if form.kind == "text" else 1) + 1):
                    yield from (Below(label, row), Below(label, row, last=True))


def _heading(line: Line, cell: Cell) -> str | None:
    """The label of a column: its words up to the first figure, as in `VAT 20 %`."""
    figure = re.search(r"\d", cell.text)
    end = cell.start + (len(cell.text[: figure.start()].rstrip(" (-")) if figure else len(cell.text))
    return _label(line, cell.start, end) if end > cell.start else None


def _by_place(sheet: Sheet, spot: Spot, form: Form) -> Iterator[Rule]:
    y = round((spot.box[1] + spot.box[3]) / 2, 1)
    for page, number in (("first", 1), ("last", sheet.last)):
        if spot.line.page == number:
            yield At(page, "left", round(spot.box[0], 1), y)
            yield At(page, "right", round(spot.box[2], 1), y)


def _label(line: Line, start: int, end: int) -> str | None:
    """The words between two places of a line, where they can be a label: letters, and no figures that change."""
    text = line.text[start:end]
    cell = line.cell_at(start)
    if end > cell.end or any(letter.isdecimal() for letter in text) or not LETTERS.search(text):
        return None
    return text.strip(" :;,|-=") if len(text.split()) <= 5 and len(squeeze(text)) >= 2 else None
