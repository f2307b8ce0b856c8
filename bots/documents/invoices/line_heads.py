"""The heads of a table of items, and which column each of them is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from bots.documents.pages.page import Line
from bots.documents.words.amounts import find_amounts
from bots.documents.words.lexicon import squeeze, words

NUMERIC = ("quantity", "unit_price", "net_total", "gross", "tax_rate", "discount")
_TOKEN = re.compile(r"[^\W_]+|%")


@dataclass(frozen=True)
class Column:
    """A column of the table: its role, and where its head stands."""

    role: str
    x0: float
    x1: float


@lru_cache(maxsize=1)
def _heads() -> dict[str, str]:
    """Column roles by the squeezed letters of their heads."""
    return {
        squeeze(head) or head.strip(): role for role, listed in words()["columns"].items() for head in listed.split(";")
    }


def columns_of(line: Line, lines: Sequence[Line]) -> list[Column]:
    """The columns whose heads a line holds, with the lines next to it; empty where it is no head of an item table."""
    if any(amount.money for amount in find_amounts(line.text)):
        return []
    columns, covered = _on(line)
    if not columns:
        return []
    if _enough(columns, covered):
        return _roles(_with_neighbours(columns, line, lines))
    if covered < 0.5 or len(line.cells) < 2:
        return []
    wider = _with_neighbours(columns, line, lines)
    known = {column.role for column in wider} & {"quantity", "unit_price", "net_total", "gross"}
    if (len(known) >= 2 and len(wider) >= 3) or (len(wider) == 2 and _enough(wider, covered)):
        return _roles(wider)
    return []


def worth(columns: Sequence[Column]) -> int:
    """How many of the things a row tells have a column."""
    return len({column.role for column in columns} & {"description", "quantity", "unit_price", "net_total", "tax_rate"})


def _enough(columns: Sequence[Column], covered: float) -> bool:
    """Whether heads make a table of items: two of quantity, price and amount, or a description and an amount."""
    roles = {column.role for column in columns}
    amount = bool(roles & {"net_total", "gross"})
    known = len(roles & {"quantity", "unit_price"}) + amount
    if covered <= 0.25:
        return False
    if known >= 2 or (amount and "description" in roles and len(columns) >= 3):
        return True
    if not amount or columns[0].role != "description" or covered < 0.7:
        return False
    return columns[-1].x0 - columns[0].x1 > 100


def _on(line: Line) -> tuple[list[Column], float]:
    """The heads on a line, and the share of its words that belong to them."""
    columns: list[Column] = []
    tokens = list(_TOKEN.finditer(line.text))
    position = taken = 0
    while position < len(tokens):
        role, length = _head_at(line.text, tokens, position)
        if role is None:
            position += 1
            continue
        box = line.box_of(tokens[position].start(), tokens[position + length - 1].end())
        columns.append(Column(role, box[0], box[2]))
        position += length
        taken += length
    return columns, taken / max(len(tokens), 1)


@lru_cache(maxsize=1)
def _modifiers() -> frozenset[str]:
    """Words that only say more of the head before them: `Total s/ IVA`, `Betrag EUR`."""
    return frozenset(squeeze(word) for word in words()["head_modifiers"].split(";"))


def _head_at(text: str, tokens: list[re.Match[str]], position: int) -> tuple[str | None, int]:
    """The longest head that begins at a word, with the words that only say more of it."""
    best: tuple[str | None, int] = (None, 0)
    letters = ""
    for length, token in enumerate(tokens[position : position + 6], start=1):
        if length > 1 and "  " in text[tokens[position + length - 2].end() : token.start()]:
            break
        letters += squeeze(token.group()) or token.group()
        role = _heads().get(letters) or _heads().get(letters.rstrip("%"))
        if role is not None:
            best = (role, length)
    role, length = best
    if role is None or role == "description":
        return best
    more = 0
    while position + length + more < len(tokens):
        token = tokens[position + length + more]
        before = text[tokens[position + length + more - 1].end() : token.start()]
        if "  " in before or squeeze(token.group()) not in _modifiers():
            break
        more += 1
    # `Preis MwSt Betrag`: a tax word right after a head is its own column, unless something joins the two.
    joined = [squeeze(token.group()) for token in tokens[position + length : position + length + more]]
    if (
        joined
        and joined[0] in _TAXES
        and text[tokens[position + length - 1].end() : tokens[position + length].start()] == " "
    ):
        more = 0
    return role, length + more


_TAXES = frozenset({"vat", "btw", "tva", "iva", "mwst", "ust", "tax"})


def _with_neighbours(heads: Sequence[Column], line: Line, lines: Sequence[Line]) -> list[Column]:
    """Heads that stand on the line over or under the head line belong to it."""
    columns = list(heads)
    for index in (line.index - 1, line.index + 1):
        if not 0 <= index < len(lines) or abs(lines[index].box[1] - line.box[1]) > 1.7 * line.height:
            continue
        other = lines[index]
        if any(amount.money for amount in find_amounts(other.text)):
            continue
        for found in _on(other)[0]:
            under = [column for column in columns if min(found.x1, column.x1) - max(found.x0, column.x0) > -4]
            if not under or (found.role == "net_total" and all(column.role == "other" for column in under)):
                columns = [column for column in columns if column not in under] + [found]
    return sorted(columns, key=lambda column: column.x0)


def _roles(columns: list[Column]) -> list[Column]:
    """Settle what two heads of one kind mean: `Artikel` before `Bezeichnung` is its number."""
    described = [column for column in columns if column.role == "description"]
    nets = [column for column in columns if column.role == "net_total"]
    gross = [column for column in columns if column.role == "gross"]
    settled = []
    for column in columns:
        role = column.role
        if (role == "description" and column in described[:-1]) or (role == "gross" and nets):
            role = "other"
        elif role == "gross" and column is gross[-1]:
            role = "net_total"
        settled.append(replace(column, role=role))
    if len(nets) > 1:
        settled = _of_two(settled)
    return settled


def _of_two(columns: list[Column]) -> list[Column]:
    """Of two columns of amounts the first is the price where no other is; else the first after quantity and price."""
    nets = [column for column in columns if column.role == "net_total"]
    priced = [column.x0 for column in columns if column.role in ("unit_price", "quantity")]
    if not any(column.role == "unit_price" for column in columns):
        return [replace(column, role="unit_price") if column in nets[:-1] else column for column in columns]
    kept = next((net for net in nets if net.x0 > max(priced)), nets[-1])
    return [replace(column, role="other") if column in nets and column is not kept else column for column in columns]
