"""Numbers of documents and orders: what stands beside or under their labels and looks like one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bots.documents.document import Box
from bots.documents.invoices.atoms import Atom
from bots.documents.invoices.claims import BELOW, Marked, Marks
from bots.documents.pages.page import Cell, Line
from bots.documents.words.lexicon import Label

_ID = re.compile(r"(?:[A-Z]{1,5}[ ](?=[\w-]*\d))?[A-Za-z0-9#][\w#]*(?:[ ]?[/\\.\-–][ ]?[\w#]+)*[\w#*]?")
_FILLER = re.compile(r"^[\s:.#№°º|;,=\-–_>]*(?:(?:is|lautet|is:|nr|no|n)\b[\s:.#°º]*)?$", re.IGNORECASE)
_SHORT_PREFIX = re.compile(r"^(?:nr|no|num|n|vom|von|du|del|of|the|dated|page|seite|und|and)\b", re.IGNORECASE)
_ORDERS = frozenset({"order", "contract", "other"})
BARE = "a bare `No.`"
ORDERED = 0.9  # what the number of an order or a contract is worth as the document's own, where it is no invoice


@dataclass(frozen=True)
class Identifier:
    """A possible number of a document, with the field its label speaks for."""

    field: str
    value: str
    score: float
    line: Line
    start: int
    end: int
    label: str

    @property
    def box(self) -> Box:
        return self.line.box_of(self.start, self.end)

    @property
    def confidence(self) -> float:
        return self.line.confidence_of(self.start, self.end)


def identifiers(marks: Marks, atoms: dict[tuple[int, int], list[Atom]], kind: str) -> Iterator[Identifier]:
    """Every identifier that a label claims. `kind` is the kind of document, which says whose number an order's is."""
    for marked in marks.lines.values():
        for position, label in enumerate(marked.labels):
            spoken = 0.5 if _is_value(position, marked) else 0.85 if marked.paying(label) else 1.0
            for name, meant in _meant(label, kind):
                field = "number" if name == BARE else name
                strength = spoken * (meant if field != "number" else _strength(name, meant, position, marked, marks))
                yield from _for(field, strength, label, position, marked, marks, atoms)


def _continued(position: int, marked: Marked) -> bool:
    """Whether a bare `No.` only ends the label of another number: `HRB Nr. 4711`."""
    if not position:
        return False
    before, label = marked.labels[position - 1], marked.labels[position]
    if marked.line.text[before.end : label.start].strip(" .:-(/"):
        return False
    return not any(meaning.field == "number" for meaning in before.meanings)


def _meant(label: Label, kind: str) -> Iterator[tuple[str, float]]:
    """The fields a label speaks for: an order's number is its own, and on an invoice that of what was ordered."""
    for meaning in label.meanings:
        if meaning.field == "number" and meaning.strength <= 0.5:
            yield BARE, meaning.strength
        elif meaning.field in ("number", "order_number", "other.id"):
            yield meaning.field, meaning.strength
        elif meaning.field == "other.contract":
            yield "number", meaning.strength * (ORDERED if kind in _ORDERS else 0.42)
        elif meaning.field == "other.order":
            yield "number", meaning.strength * (ORDERED if kind in _ORDERS else 0.2)
            yield "order_number", meaning.strength


def _is_value(position: int, marked: Marked) -> bool:
    """Whether a label's words only are what another label speaks of: `Buyer's reference:  ORDER 17`."""
    if not position:
        return False
    text, before, label = marked.line.text, marked.labels[position - 1], marked.labels[position]
    return text[before.end : label.start].strip() == ":" and not text[label.end :].lstrip(" .#°º").startswith(":")


def _strength(name: str, strength: float, position: int, marked: Marked, marks: Marks) -> float:
    """How strongly a label speaks for the document's number, where it stands."""
    label = marked.labels[position]
    if marked.refers(label):
        return strength * 0.3
    if name != BARE:
        return strength
    if marked.titled and any(other.start < label.start for other in marked.labels):
        return 0.97
    if _continued(position, marked):
        return 0.0
    if marked.line.text[marked.line.cell_at(label.start).start : label.start].strip(" (#:.-"):
        # `Registered in England No.` is the number of something else, unless it is set like a title.
        return 0.7 if marked.large and marked.line.page == 1 else strength * 0.5
    return 0.7 if any(other.titled for other in marks.above(marked.line, 2)) else strength


def _for(
    field: str,
    strength: float,
    label: Label,
    position: int,
    marked: Marked,
    marks: Marks,
    atoms: dict[tuple[int, int], list[Atom]],
) -> Iterator[Identifier]:
    beside = _beside(label, position, marked, atoms)
    if beside is not None:
        taken, distance = beside
        yield _identifier(field, strength * distance, marked.line, taken, atoms, label)
        return
    header = len(marked.labels) > 1
    if _answered(label, position, marked):
        return
    if strength < 0.85 and not (header and strength >= 0.7):
        return
    x0, x1 = marked.places[position]
    for distance, below in enumerate(marks.below(marked.line, 3)):
        if below.line.box[1] - marked.line.box[3] > 3 * marked.line.height:
            return
        for cell in below.line.cells:
            # A cell under the label; the label's own column starts or overlaps there.
            shared = min(cell.box[2], x1) - max(cell.box[0], x0)
            if shared < 0.3 * min(cell.box[2] - cell.box[0], x1 - x0) and abs(cell.box[0] - x0) > 5:
                continue
            span = _first_id(below.line, cell.start, cell.end, atoms)
            if span is not None:
                if not any(_owns(other, span, cell) for other in below.labels):
                    yield _identifier(field, strength * BELOW * 0.9**distance, below.line, span, atoms, label)
                return


def _owns(label: Label, span: tuple[int, int], cell: Cell) -> bool:
    """Whether a value is part of a label of its own line, or stands behind it in one cell."""
    if label.start < span[1] and span[0] < label.end:
        return True
    named = any(meaning.strength > 0.5 for meaning in label.meanings)
    return named and cell.start <= label.start and label.end <= span[0]


def _answered(label: Label, position: int, marked: Marked) -> bool:
    """Whether words that are no number stand behind a label and its colon: `Product: Primary`."""
    text = marked.line.text
    until = marked.labels[position + 1].start if position + 1 < len(marked.labels) else len(text)
    rest = text[label.end : until].strip()
    return rest.startswith(":") and bool(rest.strip(" :.#"))


def _beside(
    label: Label, position: int, marked: Marked, atoms: dict[tuple[int, int], list[Atom]]
) -> tuple[tuple[int, int], float] | None:
    """The identifier right of a label, with a factor for how directly it follows."""
    text = marked.line.text
    # `Invoice no: # 4711`: the sign in between is no label of its own.
    following = (other for other in marked.labels[position + 1 :] if not _FILLER.match(text[label.end : other.end]))
    until = next((other.start for other in following), len(text))
    span = _first_id(marked.line, label.end, until, atoms)
    if span is None:
        return None
    before = text[label.end : span[0]]
    factor = 1.0 if _FILLER.match(before) else 0.8 * 0.8 ** len(before.split())
    if before.count("  ") > 1:
        factor *= 0.7
    return span, factor


def _first_id(line: Line, start: int, end: int, atoms: dict[tuple[int, int], list[Atom]]) -> tuple[int, int] | None:
    """The first identifier of a part of a line; a date, a tax id or an account only where nothing else is one."""
    text = line.text[start:end]
    taken = [atom for atom in atoms.get((line.page, line.index), ()) if atom.kind != "amount"]
    first: tuple[int, int] | None = None
    for match in _ID.finditer(text):
        value = match.group()
        inside = "(" in text[: match.start()] and ")" in text[match.end() : match.end() + 1]
        if not any(letter.isdigit() for letter in value) or _SHORT_PREFIX.match(value) or inside:
            continue
        span = (start + match.start(), start + match.end())
        if not any(atom.start < span[1] and span[0] < atom.end for atom in taken):
            return span
        first = first or span
    return first


def _identifier(
    field: str,
    score: float,
    line: Line,
    span: tuple[int, int],
    atoms: dict[tuple[int, int], list[Atom]],
    label: Label,
) -> Identifier:
    """Marked down where the place holds a date, an amount or a tax id, or is hardly long enough to be a number."""
    value = line.text[span[0] : span[1]].strip(" #:.,;-–")
    for atom in atoms.get((line.page, line.index), ()):
        covered = min(atom.end, span[1]) - max(atom.start, span[0])
        if covered > 0.6 * (span[1] - span[0]) and (atom.kind != "amount" or "." in value or "," in value):
            score *= 0.15 if atom.kind in ("tax_id", "iban") else 0.35
    if len(value) < 3:
        score *= 0.6
    if "@" in line.text[max(span[0] - 1, 0) : span[1] + 1] or "%" in line.text[span[1] : span[1] + 2]:
        score *= 0.2
    return Identifier(field, value, score, line, *span, label.letters)
