"""Address blocks: a name, streets and a town one under the other, and what stands over, in and under them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bots.documents.invoices.claims import Marked, Marks
from bots.documents.pages.page import Cell, Line, Page
from bots.documents.words.lexicon import legal_form, squeeze
from bots.documents.words.names import (
    KEYED,
    POSTAL,
    SENDER,
    STREET,
    attention,
    bare_name,
    greeting,
    name_like,
    titles_document,
)

ROLES = frozenset({"seller.name", "buyer.name", "other.party"})
_CONTACT = re.compile(
    r"@|www\.|\b(?:tel|telefon|phone|fon|fax|mobil|tél|tfno|telefono|telefoon|iban|bic|e-?mail)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Block:
    """An address. `cells` run from its top to the line with the town; `role` is what a label says it is."""

    page: int
    name: str
    line: Line  # where the name stands
    cell: Cell
    cells: tuple[tuple[Line, Cell], ...]
    role: str | None  # `seller`, `buyer` or `other`
    sender: bool  # the sender's small line stands over it
    greeted: bool  # a greeting stands over the name
    contact: bool  # telephone, mail or account belong to it
    bottom: float  # of the lines that follow right under the town

    @property
    def left(self) -> float:
        return self.cell.box[0]

    @property
    def top(self) -> float:
        return self.cell.box[1]


def blocks_of(page: Page, marks: Marks) -> Iterator[Block]:
    """The address blocks of a page, top to bottom."""
    for line in page.lines:
        for cell in line.cells:
            if not POSTAL.search(cell.text) or len(cell.text) > 60 or len(SENDER.split(cell.text)) >= 3:
                continue
            block = _block(page, line, cell, marks)
            if block is not None:
                yield block


def _block(page: Page, line: Line, cell: Cell, marks: Marks) -> Block | None:
    column = _column_up(line, cell, marks)
    names: list[tuple[Line, Cell, str]] = []
    role: str | None = None
    greeted = False
    for where, part in column:
        said = role_at(part, where, marks)
        text = bare_name(part.text)
        if said is not None:
            role, inline = said
            if inline:
                names.append((where, part, inline))
            break
        if greeting(part.text):
            greeted = True
            break
        if part is cell and len(column) > 1:
            continue
        if (
            name_like(text)
            and not (STREET.search(part.text) and not company(text))
            and not KEYED.match(text)
            and not text.endswith(":")
            and not is_label(part, where, marks)
            and not titles_document(text)
        ):
            names.append((where, part, text))
    companies = [one for one in names if not attention(one[2])]
    if not companies:
        return None
    where, part, text = companies[-1]
    if role is None:
        role = _role_beside(where, part, marks)
    over = next(iter(marks.above(where, 1)), None)
    sender = over is not None and any(
        len(SENDER.split(other.text)) >= 3 and abs(other.box[0] - part.box[0]) < 30 for other in over.line.cells
    )
    contact, bottom = _below(line, cell, marks)
    return Block(page.number, text, where, part, tuple(reversed(column)), role, sender, greeted, contact, bottom)


def role_at(part: Cell, where: Line, marks: Marks) -> tuple[str, str] | None:
    """The role that a cell's label names, and the name behind the label in the same cell where there is one."""
    for label in marks.of(where).labels:
        if not part.start <= label.start < part.end:
            continue
        role = role_of(label.meanings)
        if role is None or re.search(r"\w", where.text[part.start : label.start]):
            continue
        rest = where.text[label.end : part.end]
        if not re.search(r"\w", rest):
            return role, ""
        if re.match(r"\s*[:\-]\s*\w", rest):
            text = bare_name(rest.strip(" :-"))
            return role, (text if name_like(text) else "")
    return None


def role_of(meanings: tuple[object, ...]) -> str | None:
    """`seller`, `buyer` or `other` where a label is for a party."""
    found = {str(getattr(meaning, "field", "")) for meaning in meanings} & ROLES
    name = next(iter(found), None)
    return None if name is None else ("other" if name == "other.party" else name.split(".")[0])


def _role_beside(where: Line, part: Cell, marks: Marks) -> str | None:
    """The role named in the cell to the left on the name's own line."""
    before = [cell for cell in where.cells if cell.end <= part.start]
    if not before or part.box[0] - before[-1].box[2] > 120:
        return None
    said = role_at(before[-1], where, marks)
    return said[0] if said is not None and not said[1] else None


def is_label(part: Cell, where: Line, marks: Marks) -> bool:
    """Whether a cell is nothing but a label."""
    letters = len(squeeze(part.text))
    return any(
        label.start >= part.start and label.end <= part.end and len(label.letters) >= 0.8 * letters
        for label in marks.of(where).labels
    )


def _column_up(line: Line, cell: Cell, marks: Marks) -> list[tuple[Line, Cell]]:
    """The cells standing over a cell at the same edge, itself included, from bottom to top."""
    block = [(line, cell)]
    room = 1.4  # heights of the text; the town may stand apart, the lines over it stand close
    for marked in marks.above(line, 8):
        last = block[-1][1]
        above = _flush(marked, cell)
        if above is None:
            if last.box[1] - marked.line.box[3] > 1.6 * marked.line.height:
                break
            continue
        height = min(above.box[3] - above.box[1], last.box[3] - last.box[1])
        gap = last.box[1] - above.box[3]
        if gap > room * height or len(SENDER.split(above.text)) >= 3 or _CONTACT.search(above.text):
            break
        room = max(0.8, min(room, 1.3 * gap / height)) if len(block) > 1 else 1.4 if gap < 0.8 * height else 1.6
        block.append((marked.line, above))
    return block


def _flush(marked: Marked, cell: Cell) -> Cell | None:
    """The cell of a line that shares the left edge of a cell, or its right edge, or its middle."""
    near = max(3.0, 0.35 * (cell.box[3] - cell.box[1]))
    for other in marked.line.cells:
        if abs(other.box[0] - cell.box[0]) < near:
            return other
    for other in marked.line.cells:
        middles = abs(other.box[0] + other.box[2] - cell.box[0] - cell.box[2]) / 2
        if abs(other.box[2] - cell.box[2]) < near or middles < near:
            return other
    return None


def _below(line: Line, cell: Cell, marks: Marks) -> tuple[bool, float]:
    """Whether a telephone, a mail address or an account follows right under the town, and where these lines end."""
    bottom, contact = cell.box[3], False
    for marked in marks.below(line, 6):
        under = _flush(marked, cell)
        if under is None:
            if marked.line.box[1] - bottom > 1.4 * marked.line.height:
                break
            continue
        if under.box[1] - bottom > 0.9 * (under.box[3] - under.box[1]) or marked.titled:
            break
        contact = contact or bool(_CONTACT.search(under.text))
        bottom = under.box[3]
    return contact, bottom


def company(text: str) -> bool:
    """Whether a text bears a legal form."""
    return bool(legal_form().search(text))
