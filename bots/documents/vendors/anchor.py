"""An anchor: where a field stands on one vendor's documents, as a rule that finds it, and that can be read aloud."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, TypeAlias

from bots.documents.document import Box, Value
from bots.documents.pages.page import Line
from bots.documents.schemas import title
from bots.documents.vendors.form import Form
from bots.documents.vendors.sheet import Sheet, Spot
from bots.documents.words.amounts import CODES
from bots.documents.words.lexicon import squeeze

NEAR = 15.0  # points by which a place may differ from one document to the next
DEEP = 4  # lines under a label that are searched
FAR = 70.0  # points under a label that are searched
LETTERS = re.compile(r"[^\W\d_]{2}")
_ORDINALS = {1: "", 2: "second ", 3: "third ", 4: "fourth "}


@dataclass(frozen=True, slots=True)
class RightOf:
    """The `nth` value of the form to the right of a label, on the same line; -1 is the last one.

    Of several such labels the first one with a value counts, or the `last` one, as where a column has the same name.
    """

    kind: ClassVar[str] = "right_of"
    label: str
    nth: int = 1
    last: bool = False

    def found(self, sheet: Sheet, form: Form) -> Iterator[Spot]:
        labels = sheet.labels(squeeze(self.label))
        for line, _, end in reversed(list(labels)) if self.last else labels:
            spots = [spot for spot in _after(sheet, line, end, form) if self._reaches(line, end, spot, form)]
            place = self.nth - 1 if self.nth > 0 else len(spots) - 1
            if 0 <= place < len(spots):
                yield spots[place]

    def _reaches(self, line: Line, end: int, spot: Spot, form: Form) -> bool:
        """Whether the label is this value's: no other words lie between, and codes and words are in the next cell."""
        if self.nth == 1 and any(map(speaks, line.text[end : spot.start].split())):
            return False
        if form.kind not in ("code", "text"):
            return True
        near = [cell for cell in line.cells if cell.end > end][:2]
        return any(cell.start <= spot.start < cell.end for cell in near)

    def partly(self, sheet: Sheet) -> bool:
        return next(sheet.labels(squeeze(self.label)), None) is not None

    def aloud(self, form: Form) -> str:
        which = "last " if self.nth < 0 else _ORDINALS.get(self.nth, f"{self.nth}th ")
        what = {"amount": "amount", "date": "date", "text": "words", "iban": "IBAN", "tax_id": "tax id"}
        return f"the {which}{what.get(form.kind, 'word')} right of {_the(self.label, last=self.last)}"


@dataclass(frozen=True, slots=True)
class Below:
    """The first value of the form in the column under a label; for words the `row`th line of it.

    Of several such labels the first one with a value under it counts, or the `last` one.
    """

    kind: ClassVar[str] = "below"
    label: str
    row: int = 1
    last: bool = False

    def found(self, sheet: Sheet, form: Form) -> Iterator[Spot]:
        labels = sheet.labels(squeeze(self.label))
        for line, start, end in reversed(list(labels)) if self.last else labels:
            box = line.box_of(start, end)
            rows = [spots for spots in self._under(sheet, line, box, form) if spots]
            place = self.row - 1 if form.kind == "text" else 0
            if place < len(rows):
                yield min(rows[place], key=lambda spot: abs(spot.box[0] - box[0]))

    def _under(self, sheet: Sheet, line: Line, box: Box, form: Form) -> Iterator[list[Spot]]:
        page, until = sheet.pages[line.page - 1], column_end(line, box)
        for lower in page.lines[line.index + 1 : line.index + 1 + DEEP]:
            if lower.box[1] - box[3] <= FAR:
                yield [spot for spot in sheet.spots(lower, form) if in_column(spot.box, box, until)]

    def partly(self, sheet: Sheet) -> bool:
        return next(sheet.labels(squeeze(self.label)), None) is not None

    def aloud(self, form: Form) -> str:
        if form.kind == "text" and self.row > 1:
            which = _ORDINALS.get(self.row, f"{self.row}th ")
            return f"the {which}line under {_the(self.label, last=self.last)}"
        return f"what stands under {_the(self.label, last=self.last)}"


@dataclass(frozen=True, slots=True)
class At:
    """The value of the form at a place of the first or the last page. `edge` is the side that `x` is measured at."""

    kind: ClassVar[str] = "at"
    page: str  # first or last
    edge: str  # left or right
    x: float
    y: float

    def found(self, sheet: Sheet, form: Form) -> Iterator[Spot]:
        number = 1 if self.page == "first" else sheet.last
        lines = sheet.pages[number - 1].lines if number <= len(sheet.pages) else []
        near = [spot for line in lines for spot in sheet.spots(line, form) if self._away(spot.box) <= NEAR]
        yield from sorted(near, key=lambda spot: self._away(spot.box))[:1]

    def _away(self, box: Box) -> float:
        across = box[0] if self.edge == "left" else box[2]
        return max(abs(across - self.x), abs((box[1] + box[3]) / 2 - self.y))

    def partly(self, sheet: Sheet) -> bool:
        return False

    def aloud(self, form: Form) -> str:
        across, down = f"{self.x / 72 * 2.54:.0f} cm", f"{self.y / 72 * 2.54:.0f} cm"
        side = "begins" if self.edge == "left" else "ends"
        return f"what {side} {across} from the left and {down} from the top of the {self.page} page"


@dataclass(frozen=True, slots=True)
class Always:
    """The same value on every document; what names the vendor may be in a picture, or nowhere on the page."""

    kind: ClassVar[str] = "always"
    value: str

    def found(self, sheet: Sheet, form: Form) -> Iterator[Spot]:
        yield from sheet.places_of(self.value, form)[:1]

    def partly(self, sheet: Sheet) -> bool:
        return False

    def aloud(self, form: Form) -> str:
        return f"always '{self.value}'"


@dataclass(frozen=True, slots=True)
class Absent:
    """The field is not on this vendor's documents, whatever looks like it."""

    kind: ClassVar[str] = "absent"

    def found(self, sheet: Sheet, form: Form) -> Iterator[Spot]:
        yield from ()

    def partly(self, sheet: Sheet) -> bool:
        return False

    def aloud(self, form: Form) -> str:
        return "not on this vendor's documents"


Rule: TypeAlias = RightOf | Below | At | Always | Absent
_RULES: Mapping[str, type[Any]] = {rule.kind: rule for rule in (RightOf, Below, At, Always, Absent)}


@dataclass(frozen=True, slots=True)
class Hit:
    """What an anchor says of a document: a value (None for a field that is not there), and where it stands.

    `whole` is False where only the label was found, and nothing of the value's form beside it.
    """

    value: Value | None
    page: int | None = None
    box: Box | None = None
    reading: float = 1.0
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Anchor:
    """A rule for one field. `agreed` is how many documents of known values it found the value on."""

    field: str
    rule: Rule
    form: Form
    agreed: int = 0

    @property
    def trust(self) -> float:
        """How sure a value found by it is: half as likely to be wrong with every doubling of its record (0..1)."""
        return min(1 - 0.5 / (self.agreed + 1), 0.98)

    @property
    def aloud(self) -> str:
        like = f", {self.form.aloud}" if isinstance(self.rule, (RightOf, Below)) and self.form.sample else ""
        return f"{title(self.field)}: {self.rule.aloud(self.form)}{like}"

    def hit(self, sheet: Sheet) -> Hit | None:
        """What it finds on a document; None where not even its label is there."""
        if isinstance(self.rule, Absent):
            return Hit(None)
        spot = next(self.rule.found(sheet, self.form), None)
        if spot is not None:
            value = self.rule.value if isinstance(self.rule, Always) else spot.value
            return Hit(value, spot.line.page, spot.box, spot.reading)
        if isinstance(self.rule, Always):
            return Hit(self.rule.value)
        return Hit(None, whole=False) if self.rule.partly(sheet) else None

    def trusting(self, agreed: int) -> Anchor:
        return replace(self, agreed=agreed)

    def to_data(self) -> dict[str, Any]:
        """Plain data, as a template keeps it."""
        rule = {name: getattr(self.rule, name) for name in self.rule.__slots__}
        return {
            "rule": {"kind": self.rule.kind, **rule},
            "form": self.form.to_data(),
            "agreed": self.agreed,
            "words": self.aloud,
        }

    @classmethod
    def of_data(cls, field: str, data: Mapping[str, Any]) -> Anchor:
        rule = dict(data["rule"])
        made: Rule = _RULES[rule.pop("kind")](**rule)
        return cls(field, made, Form.of_data(data["form"]), data["agreed"])


def speaks(word: str) -> bool:
    """Whether a word says something: a sign or a currency between label and value does not."""
    return bool(LETTERS.search(word)) and word.strip(" .:").upper() not in CODES


def _the(label: str, *, last: bool) -> str:
    return f"the last '{label}'" if last else f"'{label}'"


def _after(sheet: Sheet, line: Line, end: int, form: Form) -> list[Spot]:
    """What has the form on a line behind a place; words go from there to the end of their cell."""
    if form.kind != "text":
        return [spot for spot in sheet.spots(line, form) if spot.start >= end]
    found = []
    for cell in line.cells:
        start = max(cell.start, end)
        text = line.text[start : cell.end]
        begun = start + len(text) - len(text.lstrip(" .:;,|#-"))
        if begun < cell.end:
            found.append(Spot(line.text[begun : cell.end].rstrip(" ,;:|"), line, begun, cell.end))
    return found


def column_end(line: Line, label: Box) -> float:
    """Where the column under a label ends: at the next cell of its line."""
    return min((cell.box[0] for cell in line.cells if cell.box[0] > label[2]), default=math.inf)


def in_column(box: Box, label: Box, until: float) -> bool:
    """Whether a box stands under a label: beneath some of it, with an edge in common, or before the next label."""
    overlap = min(box[2], label[2]) - max(box[0], label[0])
    edge = abs(box[0] - label[0]) <= NEAR or abs(box[2] - label[2]) <= NEAR
    return overlap > 0 or edge or (label[0] <= box[0] and box[2] < until)
