"""The row of a table that holds its sums: what a value there is stands at the head of its column, and not before it.

A table of tax rates, of months or of bookings ends in `Total  200.00  26.00  226.00`; the same columns hold the parts
of those sums further up. Columns of amounts without any heading are added up, too: what they come to is a total.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from bots.documents.invoices.atoms import Atom
from bots.documents.invoices.claims import FITS, Claim, Marked, Marks, same_column
from bots.documents.words.lexicon import Label

CROSSED = 0.97  # of a heading's strength for the value in the row of the sums
PART = 0.55  # of its claim for a value further up in the same column
OTHERWISE = 0.4  # the same for what stands in that row under no heading of an amount
EDGE = 0.35  # of a line's height, between the right edges of amounts of one column
_HEADED = FITS["amount"]

Rows = Mapping[tuple[int, int], list[Atom]]


def cross(claims: dict[int, list[Claim]], marks: Marks, rows: Rows) -> None:
    """Change the claims on the values of tables that end in a row of sums. `rows` are the atoms of each line."""
    for place, atoms in rows.items():
        marked = marks.lines[place]
        amounts = [atom for atom in atoms if atom.kind == "amount"]
        if sum(atom.money for atom in amounts) < 2 or not _sums(marked, amounts[0]):
            continue
        head = _head(marked, amounts, marks)
        if head is None:
            continue
        for atom in amounts:
            claims[id(atom)] = _crossed(atom, head, claims[id(atom)])
        for part in _parts(head, marked, rows):
            for atom in part:
                claims[id(atom)] = [replace(claim, score=claim.score * PART) for claim in claims[id(atom)]]


def pair(claims: dict[int, list[Claim]], marks: Marks, rows: Rows) -> None:
    """Change the claims on a row of amounts under a row of as many headings: the first belongs to the first.

    In a row of boxes the headings stand left and the amounts right, so that no edge of theirs agrees.
    """
    for place, atoms in rows.items():
        marked = marks.lines[place]
        cells = marked.line.cells
        amounts = [[atom for atom in atoms if atom.money and cell.start <= atom.start < cell.end] for cell in cells]
        if len(cells) < 2 or any(len(held) > 1 for held in amounts) or sum(map(len, amounts)) < 2:
            continue
        above = next(marks.above(marked.line, 1), None)
        if above is None or len(above.line.cells) != len(cells) or above.line.page != marked.line.page:
            continue
        if marked.line.box[1] - above.line.box[3] > 2.5 * marked.line.height or above.items:
            continue
        heads = [
            [label for label, _ in _headings(above) if cell.start <= label.start < cell.end]
            for cell in above.line.cells
        ]
        if sum(bool(head and held) for head, held in zip(heads, amounts, strict=True)) < 2:
            continue
        for head, held in zip(heads, amounts, strict=True):
            for atom in held:
                claims[id(atom)] = _meant(head)


def _meant(labels: Iterable[Label]) -> list[Claim]:
    found = [
        Claim(meaning.field, meaning.strength * CROSSED, label.letters)
        for label in labels
        for meaning in label.meanings
        if meaning.field in _HEADED
    ]
    return sorted(found, key=lambda claim: -claim.score)


def _sums(marked: Marked, first: Atom) -> bool:
    """Whether a line begins with a word for a total."""
    return any(
        label.end <= first.start and any(meaning.field == "total" for meaning in label.meanings)
        for label in marked.labels
    )


def _head(marked: Marked, amounts: list[Atom], marks: Marks) -> Marked | None:
    """The nearest line above that heads at least two columns of these amounts, and is no such row itself."""
    for above in marks.above(marked.line, marked.line.index):
        headed = {
            id(label)
            for label, place in _headings(above)
            for atom in amounts
            if atom.money and same_column((atom.box[0], atom.box[2]), place)
        }
        if len(headed) >= 2:
            return above
    return None


def _headings(marked: Marked) -> Iterable[tuple[Label, tuple[float, float]]]:
    for label, place in zip(marked.labels, marked.places, strict=True):
        if any(meaning.field in _HEADED for meaning in label.meanings):
            yield label, place


def _crossed(atom: Atom, head: Marked, known: list[Claim]) -> list[Claim]:
    over = [label for label, place in _headings(head) if same_column((atom.box[0], atom.box[2]), place)]
    return _meant(over) or [replace(claim, score=claim.score * OTHERWISE) for claim in known]


def _parts(head: Marked, last: Marked, rows: Rows) -> Iterable[list[Atom]]:
    """The amounts between the heading and the row of the sums, where they stand under one of its headings."""
    columns = [place for _, place in _headings(head)]
    for index in range(head.line.index + 1, last.line.index):
        yield [
            atom
            for atom in rows.get((last.line.page, index), ())
            if atom.kind == "amount" and any(same_column((atom.box[0], atom.box[2]), place) for place in columns)
        ]


def column_sums(atoms: Iterable[Atom], claims: Mapping[int, list[Claim]]) -> frozenset[Decimal]:
    """What each column of amounts comes to, of all pages together; what is itself claimed as a total is left out.

    A column is a right edge, for amounts are set flush right. One amount alone is no column.
    """
    parts = sorted(
        (
            (atom.box[2], atom.line.height, atom.value)
            for atom in atoms
            if atom.kind == "amount" and atom.money and isinstance(atom.value, Decimal) and not _total(claims[id(atom)])
        ),
        key=lambda part: part[0],
    )
    columns: list[list[Decimal]] = []
    edge = -1.0
    for right, height, value in parts:
        if not columns or right - edge > EDGE * height:
            columns.append([])
        columns[-1].append(value)
        edge = right
    return frozenset(sum(column, Decimal(0)) for column in columns if len(column) >= 2)


def _total(claims: list[Claim]) -> bool:
    return bool(claims) and claims[0].score > 0.6 and claims[0].field in ("total", "net_total", "tax_total")
