"""The heads of a statement's columns, and which of them an amount stands under."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bots.documents.document import Box
from bots.documents.pages.page import Line, union
from bots.documents.statements.figure import Figure
from bots.documents.statements.words import heads
from bots.documents.words.amounts import CODES
from bots.documents.words.lexicon import squeeze

MONEY = ("debit", "credit", "amount", "balance")
_LONGEST = 4  # words of a head
_FAR = 45.0  # points: an amount farther from every head is none of the table's
_COVERED = 0.6  # of a line's letters are heads, or it is none
_UNIT = re.compile(
    r"\s?\(.{1,5}\)\W*\w?$|\s?[€$£]$|\s(?:in\s)?(?:" + "|".join(CODES) + ")$"
)  # `Amount (EUR)`, `Betrag in CHF`


@dataclass(frozen=True)
class Column:
    """A column: what it holds and where its head stands.

    It holds `date`, `description`, `debit`, `credit`, `amount`, `balance`, or `other` amounts, such as those in the
    currency that was paid in.
    """

    kind: str
    box: Box

    def distance(self, box: Box) -> float:
        """How far an amount is from standing under the head: aligned right, left or in the middle, or overlapping."""
        head, (left, _, right, _) = self.box, box
        apart = min(abs(head[2] - right), abs(head[0] - left), abs(head[0] + head[2] - left - right) / 2)
        return 0.0 if head[0] <= (left + right) / 2 <= head[2] else apart


def columns_of(line: Line, under: Line | None = None) -> list[Column]:
    """The columns, where this line (with the one `under` it, if heads take two lines) is a row of heads; else none."""
    found = _heads([(word.text, word.box) for word in line.words])
    if not _is_head(found, line) and under is not None and under.box[1] - line.box[3] < line.height:
        found = _heads(_stacked(line, under))
        if not _is_head(found, line):
            return []
    return found if _is_head(found, line) else []


def _is_head(found: Sequence[Column], line: Line) -> bool:
    kinds = {column.kind for column in found}
    letters = sum(len(word.text) for word in line.words)
    width = sum(min(column.box[2], line.box[2]) - column.box[0] for column in found)
    words = sum(word.box[2] - word.box[0] for word in line.words)
    named = sum(squeeze(_UNIT.sub("", cell.text)) in heads() for cell in line.cells)
    covered = width >= _COVERED * words or (len(line.cells) > 2 and named >= _COVERED * len(line.cells))
    return bool(letters) and len(kinds) >= 2 and bool(kinds & set(MONEY)) and covered


def _heads(words: Sequence[tuple[str, Box]]) -> list[Column]:
    found: list[Column] = []
    place = 0
    while place < len(words):
        for length in range(min(_LONGEST, len(words) - place), 0, -1):
            run = words[place : place + length]
            letters = squeeze(_UNIT.sub("", " ".join(text for text, _ in run)))
            if letters in heads() and _together(run):
                found.append(Column(heads()[letters], union(box for _, box in run)))
                place += length - 1
                break
        place += 1
    return found


def _together(run: Sequence[tuple[str, Box]]) -> bool:
    """Whether the words of a head stand beside each other with no column's gap in between."""
    return all(
        after[0] - before[2] < 0.95 * (before[3] - before[1]) or after[0] < before[2]
        for (_, before), (_, after) in itertools.pairwise(run)
    )


def _stacked(line: Line, under: Line) -> list[tuple[str, Box]]:
    """The cells of two lines as one row, each with what stands under it."""
    joined: list[tuple[str, Box]] = []
    left = list(under.cells)
    for cell in line.cells:
        below = next((one for one in left if one.box[0] < cell.box[2] and cell.box[0] < one.box[2]), None)
        if below is None:
            joined.append((cell.text, cell.box))
        else:
            left.remove(below)
            joined.append((f"{cell.text} {below.text}", union((cell.box, below.box))))
    joined += [(cell.text, cell.box) for cell in left]
    return sorted(joined, key=lambda pair: pair[1][0])


def sorted_in(figures: Sequence[Figure], columns: Sequence[Column]) -> dict[str, Figure]:
    """The amounts of a row by the kind of their column; amounts under no head of money are left out."""
    found: dict[str, tuple[float, Figure]] = {}
    money = [column for column in columns if column.kind in (*MONEY, "other")]
    for figure in figures:
        nearest = min(money, key=lambda column: column.distance(figure.box), default=None)
        if nearest is None or (apart := nearest.distance(figure.box)) > _FAR:
            continue
        if nearest.kind == "other":
            continue
        if nearest.kind not in found or apart < found[nearest.kind][0]:
            found[nearest.kind] = (apart, figure)
    return {kind: figure for kind, (_, figure) in found.items()}


def guessed(rows: Sequence[Sequence[Figure]]) -> Iterator[list[Column]]:
    """Columns for a table without heads, likeliest first: by where amounts of all rows end."""
    ends: list[list[Figure]] = []
    for figure in sorted((figure for row in rows for figure in row), key=lambda one: one.right):
        if ends and figure.right - ends[-1][-1].right < 8:
            ends[-1].append(figure)
        else:
            ends.append([figure])
    places = [union(figure.box for figure in end) for end in ends if len(end) > max(1, len(rows) // 20)][-3:]
    orders: dict[int, list[tuple[str, ...]]] = {
        1: [("amount",)],
        2: [("amount", "balance"), ("debit", "credit"), ("credit", "debit")],
        3: [("debit", "credit", "balance"), ("credit", "debit", "balance")],
    }
    for order in orders.get(len(places), []):
        yield [Column(kind, place) for kind, place in zip(order, places, strict=True)]
