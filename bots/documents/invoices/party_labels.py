"""Names that a label introduces, and the party whose heading stands over a value."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bots.documents.document import Box
from bots.documents.invoices.atoms import Atom
from bots.documents.invoices.claims import Marked, Marks
from bots.documents.invoices.party_blocks import is_label, role_of
from bots.documents.pages.page import Cell, Line, Page
from bots.documents.words.names import KEYED, Name, attention, bare_name, greeting, name_like, titles_document

_NAMED = re.compile(
    r"^(?:name|firma|company|company name|nom|nombre|nome|raison sociale|ragione sociale|naam|nazwa)\s*:"
    r"\s*(?P<name>.+)$",
    re.IGNORECASE,
)
_OF_DOCUMENT = frozenset({"number", "issue_date", "due_date", "order_number"})


def party_of(atom: Atom, marks: Marks) -> str | None:
    """`seller` or `buyer` by the nearest such label over a value in its column; None where there is none."""
    # In a list of names and values the heading stands over the names.
    for cell in own_cells(atom):
        party = _heading_over(cell, atom.line, marks)
        if party is not None:
            return party
    return None


def labelled(page: Page, marks: Marks) -> Iterator[Name]:
    """The names that labels of a party introduce."""
    for line in page.lines:
        marked = marks.of(line)
        for label, place in zip(marked.labels, marked.places, strict=True):
            role = role_of(label.meanings)
            if role is None or not _heads(label.start, label.end, line):
                continue
            found = _value_of(label.end, place, marked, marks)
            if found is not None:
                text, where, box = found
                name = Name(bare_name(text), page.number, box, where.confidence_of(0, len(where.text)))
                setattr(name, role, 0.85)
                name.said = role
                yield name


def own_cells(atom: Atom) -> list[Cell]:
    """The cell of a value, and the cell before it where that is its label: the value then begins its own cell."""
    cells = atom.line.cells
    own = cells.index(atom.line.cell_at(atom.start))
    return [cells[own], *(cells[max(own - 1, 0) : own] if cells[own].start == atom.start else [])]


def _heading_over(cell: Cell, line: Line, marks: Marks) -> str | None:
    x0, top, x1, _ = cell.box
    for marked in (marks.of(line), *marks.above(line, 14)):
        column = [other.box for other in marked.line.cells if min(x1, other.box[2]) > max(x0, other.box[0])]
        if column and top - column[0][3] > 2.6 * marked.line.height:
            return None  # a gap in the column: another block begins
        if marked.titled and marked.line is not line and not re.search(r"\d", marked.line.text):
            return None  # the document's title parts the addresses from what comes under it
        if marked.line is not line and any(
            min(x1, right) - max(x0, left) > 0 or abs(x0 - left) < 12
            for label, (left, right) in zip(marked.labels, marked.places, strict=True)
            if any(meaning.field in _OF_DOCUMENT and meaning.strength > 0.8 for meaning in label.meanings)
        ):
            return None  # a list of the document's own numbers and dates
        top = column[0][1] if column else top
        for label, (left, right) in zip(marked.labels, marked.places, strict=True):
            role = role_of(label.meanings)
            if role is None or not _heads(label.start, label.end, marked.line):
                continue
            if min(x1, right) - max(x0, left) > 0 or abs(x0 - left) < 12:
                return role if role != "other" else None
    return None


def _heads(start: int, end: int, line: Line) -> bool:
    """Whether a label is a heading: alone in its cell, or the start of the cell and followed by a colon."""
    cell = line.cell_at(start)
    before, after = line.text[cell.start : start], line.text[end : cell.end]
    return not re.search(r"\w", before) and (not re.search(r"\w", after) or after.lstrip().startswith(":"))


def _value_of(end: int, place: tuple[float, float], marked: Marked, marks: Marks) -> tuple[str, Line, Box] | None:
    """The name a label introduces: after its colon, in the next cell, or the first name-like line under it."""
    line = marked.line
    cell = line.cell_at(end - 1)
    rest = line.text[end : cell.end].lstrip(" :.")
    if rest:
        start = cell.end - len(rest)
        return (rest, line, line.box_of(start, cell.end)) if name_like(bare_name(rest)) else None
    after = [other for other in line.cells if other.start >= cell.end]
    if line.text[end : cell.end].strip() == ":" and after and may_be_name(after[0], line, marks):
        return after[0].text, line, after[0].box
    first: tuple[str, Line, Box] | None = None
    for distance, below in enumerate(marks.below(line, 6)):
        if first is None and distance > 3:
            break
        for other in below.line.cells:
            if abs(other.box[0] - place[0]) > 14 and not (other.box[0] < place[0] < other.box[2]):
                continue
            named = _NAMED.match(other.text) or _NAMED.match(below.line.text[other.start :].replace("  ", " "))
            if named:
                return named["name"].strip(), below.line, below.line.box_of(other.start, len(below.line.text))
            if first is None and may_be_name(other, below.line, marks):
                first = (other.text, below.line, other.box)
    return first


def may_be_name(cell: Cell, line: Line, marks: Marks) -> bool:
    """Whether a cell may hold a party's name: no label, greeting, person to write to, or title of the document."""
    text = bare_name(cell.text)
    return (
        name_like(text)
        and not KEYED.match(cell.text)
        and not text.endswith(":")
        and not is_label(cell, line, marks)
        and not greeting(text)
        and not attention(text)
        and not (titles_document(text) and marks.of(line).titled)
    )
