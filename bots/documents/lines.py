"""Line items: the rows under the heads of a table, ruled or not, over several pages, with descriptions that wrap."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache

from bots.documents.amounts import Amount, find_amounts
from bots.documents.candidates import Evidence
from bots.documents.dates import find_dates
from bots.documents.document import Box, LineItem
from bots.documents.lexicon import squeeze, words
from bots.documents.page import Line, union

ROUNDING = Decimal("0.02")
NUMERIC = ("quantity", "unit_price", "net_total", "tax_rate")
_TOKEN = re.compile(r"[^\W_]+|%")
_TOTALS = frozenset({"total", "net_total", "tax_total"})


@dataclass(frozen=True)
class Column:
    """A column of the table: its role, and where its head stands."""

    role: str
    x0: float
    x1: float


@dataclass
class _Row:
    """A row under way: its first line, its numbers by column, and the lines of its description."""

    line: Line
    numbers: dict[str, Decimal]
    words: list[str] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)


@dataclass(frozen=True)
class _Number:
    amount: Amount
    value: Decimal
    box: Box


@lru_cache(maxsize=1)
def _heads() -> dict[str, str]:
    """Column roles by the squeezed letters of their heads."""
    return {
        squeeze(head) or head.strip(): role for role, listed in words()["columns"].items() for head in listed.split(";")
    }


def line_items(evidence: Evidence) -> list[LineItem]:
    """The rows of the document's item table, top to bottom; empty where no table is recognised."""
    rows: list[_Row] = []
    columns: list[Column] = []
    ended = False
    for page in evidence.pages:
        last: Line | None = None
        for line in page.lines:
            heads = columns_of(line)
            if heads:
                if not (ended and rows):
                    columns, last, ended = _with_neighbour(heads, line, page.lines), line, False
                continue
            if not columns or ended:
                continue
            if rows and _ends(line, columns, evidence):
                ended = True
                continue
            row = _row(line, columns, evidence)
            if row is not None:
                rows.append(row)
                last = line
            elif rows and last is not None and rows[-1].line.page == line.page and _continues(line, last, columns):
                _extend(rows[-1], line, columns)
                last = line
    return [_item(row) for row in rows]


def columns_of(line: Line) -> list[Column]:
    """The columns whose heads a line holds; empty where it is no head of an item table."""
    if any(amount.money for amount in find_amounts(line.text)):
        return []
    columns: list[Column] = []
    tokens = list(_TOKEN.finditer(line.text))
    position = 0
    while position < len(tokens):
        role, length = _head_at(line.text, tokens, position)
        if role is None:
            position += 1
            continue
        box = line.box_of(tokens[position].start(), tokens[position + length - 1].end())
        columns.append(Column(role, box[0], box[2]))
        position += length
    roles = {column.role for column in columns}
    covered = sum(1 for _ in columns) / max(len(tokens), 1)
    known = roles & {"quantity", "unit_price", "net_total"}
    enough = len(known) >= 2 or ("net_total" in known and "description" in roles and len(columns) >= 3)
    return columns if enough and covered > 0.25 else []


def _head_at(text: str, tokens: list[re.Match[str]], position: int) -> tuple[str | None, int]:
    best: tuple[str | None, int] = (None, 0)
    letters = ""
    for length, token in enumerate(tokens[position : position + 4], start=1):
        if length > 1 and "  " in text[tokens[position + length - 2].end() : token.start()]:
            break
        letters += squeeze(token.group()) or token.group()
        role = _heads().get(letters) or _heads().get(letters.rstrip("%"))
        if role is not None:
            best = (role, length)
    return best


def _with_neighbour(heads: list[Column], line: Line, lines: list[Line]) -> list[Column]:
    """Heads that stand on the line over or under the head line belong to it."""
    columns = list(heads)
    for index in (line.index - 1, line.index + 1):
        if not 0 <= index < len(lines) or abs(lines[index].box[1] - line.box[1]) > 1.7 * line.height:
            continue
        other = lines[index]
        tokens = list(_TOKEN.finditer(other.text))
        position = 0
        while position < len(tokens):
            role, length = _head_at(other.text, tokens, position)
            if role is not None:
                box = other.box_of(tokens[position].start(), tokens[position + length - 1].end())
                if not any(min(box[2], c.x1) - max(box[0], c.x0) > -4 for c in columns):
                    columns.append(Column(role, box[0], box[2]))
            position += max(length, 1)
    columns.sort(key=lambda column: column.x0)
    # `Artikel` before `Bezeichnung` heads the article's number.
    described = [column for column in columns if column.role == "description"]
    return [replace(column, role="other") if column in described[:-1] else column for column in columns]


def _numbers(line: Line, evidence: Evidence) -> list[_Number]:
    dates = [(found.start, found.end) for found in find_dates(line.text)]
    found = []
    for amount in find_amounts(line.text, spaced=evidence.locale.spaced):
        if not any(start <= amount.start < end for start, end in dates):
            value = amount.value(evidence.locale.decimal or ".")
            start = amount.end - len(line.text[amount.start : amount.end].lstrip())
            found.append(_Number(amount, value, line.box_of(start, amount.end)))
    return found


def _ends(line: Line, columns: list[Column], evidence: Evidence) -> bool:
    """Whether the table ends here: a total with its amount, and nothing in the columns of quantity and price."""
    labels = [
        (label, max(meaning.strength for meaning in label.meanings if meaning.field in _TOTALS))
        for label in evidence.marks.of(line).labels
        if any(meaning.field in _TOTALS for meaning in label.meanings)
    ]
    if not labels:
        return False
    numbers = _numbers(line, evidence)
    if len(labels) >= 2 and not any(number.amount.money for number in numbers):
        return True  # the head of a table of taxes or totals
    assigned = _assign(numbers, columns)
    if "quantity" in assigned and "unit_price" in assigned:
        return False
    label, strength = labels[0]
    inside = label.start - line.cell_at(label.start).start
    return label.start <= 2 or (strength > 0.8 and inside <= 12 and label.start < 0.6 * len(line.text))


def _assign(numbers: list[_Number], columns: list[Column]) -> dict[str, _Number]:
    """Numbers to the columns they stand under; the nearest number wins a column."""
    best: dict[str, tuple[float, _Number]] = {}
    for number in numbers:
        x0, _, x1, _ = number.box
        near = min(columns, key=lambda column: _distance(x0, x1, column))
        if near.role not in NUMERIC:
            continue
        if number.amount.percent != (near.role == "tax_rate") and number.amount.percent:
            continue
        distance = _distance(x0, x1, near)
        if distance < 45 and (near.role not in best or distance < best[near.role][0]):
            best[near.role] = (distance, number)
    return {role: number for role, (_, number) in best.items()}


def _distance(x0: float, x1: float, column: Column) -> float:
    overlap = min(x1, column.x1) - max(x0, column.x0)
    edges = min(abs(x1 - column.x1), abs(x0 - column.x0), abs((x0 + x1 - column.x0 - column.x1) / 2))
    return edges * 0.3 if overlap > 0 else edges + 5


def _row(line: Line, columns: list[Column], evidence: Evidence) -> _Row | None:
    numbers = _numbers(line, evidence)
    assigned = _assign(numbers, columns)
    net = assigned.get("net_total")
    if net is None or net.amount.percent or not (net.amount.money or _multiplied(assigned)):
        return None
    row = _Row(line, {role: number.value for role, number in assigned.items()}, boxes=[line.box])
    rates = [number.value for number in numbers if number.amount.percent]
    if "tax_rate" not in row.numbers and rates:
        row.numbers["tax_rate"] = rates[-1]
    _extend(row, line, columns)
    return row


def _multiplied(assigned: dict[str, _Number]) -> bool:
    quantity, price, net = (assigned.get(role) for role in ("quantity", "unit_price", "net_total"))
    return bool(quantity and price and net and abs(quantity.value * price.value - net.value) <= ROUNDING)


def _continues(line: Line, last: Line, columns: list[Column]) -> bool:
    """Whether a line without an amount is more of the row's description: close under it, in the same column."""
    gap = line.box[1] - last.box[3]
    column = _description(columns)
    right = min((other.x0 for other in columns if column and other.x0 > column.x1), default=1e9)
    return gap < 0.9 * line.height and (column is None or column.x0 - 30 < line.box[0] < right)


def _description(columns: list[Column]) -> Column | None:
    return next((column for column in columns if column.role == "description"), None)


def _extend(row: _Row, line: Line, columns: list[Column]) -> None:
    """Add the words under the description's head, up to where the numbers begin."""
    column = _description(columns)
    numeric = sorted(other.x0 for other in columns if other.role in NUMERIC)
    left = column.x0 - 6 if column else 0.0
    right = next((x for x in numeric if column is None or x > column.x1), 1e9)
    others = [other for other in columns if other.role == "other" and column and other.x1 < column.x0]
    start = max((other.x1 for other in others), default=0.0) if column else 0.0
    text = [
        word.text
        for word in line.words
        if word.box[0] >= min(left, max(start, 0.0) + 2 if others else left)
        and word.box[2] <= right + 8
        and not (word.box[2] > right - 20 and any(a.money for a in find_amounts(word.text)))
    ]
    if text:
        row.words.append(" ".join(text))
        row.boxes.append(line.box)


def _item(row: _Row) -> LineItem:
    item = LineItem(
        description=" ".join(row.words).strip(),
        quantity=row.numbers.get("quantity"),
        unit_price=row.numbers.get("unit_price"),
        net_total=row.numbers["net_total"],
        tax_rate=row.numbers.get("tax_rate"),
        page=row.line.page,
        box=union(row.boxes),
    )
    return replace(item, description=re.sub(r"\s+", " ", item.description))
