"""Closed items drawn by chance that a person checked against the paper: how often what was booked is right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import sqrt
from typing import Any

import sqlalchemy as sa

from engine.errors import UsageError
from engine.items import State
from engine.measures.facts import READS
from engine.measures.scope import Scope
from engine.store import tables
from engine.store.database import Row, Transaction, find, insert_once, one, rows

Z = 1.959963984540054
"""So many standard deviations hold 95 of 100 draws."""


@dataclass(frozen=True, slots=True)
class Share:
    """`right` of `n`; the true share lies between `low` and `high`, 95 times of 100 (Wilson)."""

    right: int
    n: int

    @property
    def value(self) -> float:
        return self.right / self.n

    @property
    def low(self) -> float:
        return self._bounds()[0]

    @property
    def high(self) -> float:
        return self._bounds()[1]

    def _bounds(self) -> tuple[float, float]:
        n, p, z = self.n, self.value, Z
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return max(middle - half, 0.0), min(middle + half, 1.0)


@dataclass(frozen=True, slots=True)
class FieldShare:
    """How often a field of a vendor's documents was right. `vendor` is empty where it is not known."""

    field: str
    vendor: str
    share: Share


@dataclass(frozen=True, slots=True)
class Checked:
    """What the samples of a scope say: single fields, items without a human touch, and items done twice."""

    fields: Share
    by_field: tuple[FieldShare, ...]
    straight: Share
    items: Share


def checked(transaction: Transaction, scope: Scope) -> Checked:
    """The checked samples whose items were closed in the scope; `right` are the good ones."""
    looked, single = tables.checked_items.c, tables.checked_fields.c
    joined = tables.checked_fields.join(tables.checked_items, looked.item == single.item)
    right = sa.func.sum(sa.case((single.is_right, 1), else_=0))
    query = sa.select(single.field, looked.vendor, sa.func.count(), right).select_from(joined)
    query = query.where(*scope.conditions(tables.checked_items, "day")).group_by(single.field, looked.vendor)
    found = [
        FieldShare(str(field), str(vendor or ""), Share(int(good), int(number)))
        for field, vendor, number, good in transaction.execute(query.order_by(single.field, looked.vendor))
    ]
    items = rows(transaction, tables.checked_items.select().where(*scope.conditions(tables.checked_items, "day")))
    straight = [row for row in items if row["straight"]]
    return Checked(
        Share(sum(one.share.right for one in found), sum(one.share.n for one in found)),
        tuple(found),
        Share(sum(row["wrong"] == 0 for row in straight), len(straight)),
        Share(sum(not row["doubled"] for row in items), len(items)),
    )


def next_sample(transaction: Transaction, scope: Scope) -> str | None:
    """The next item of the draw that nobody checked yet; None where all of the scope are checked."""
    lines, looked, items = tables.measured.c, tables.checked_items.c, tables.items.c
    joined = tables.measured.outerjoin(tables.checked_items, looked.item == lines.item)
    joined = joined.join(tables.items, items.id == lines.item)
    query = sa.select(lines.item).select_from(joined).where(looked.item.is_(None), items.erased.is_(None))
    query = query.where(lines.state == State.DONE, *scope.conditions(tables.measured, "closed_on"))
    found = transaction.execute(query.order_by(lines.lot).limit(1)).first()
    return str(found[0]) if found is not None else None


def values_of(transaction: Transaction, item: Row) -> dict[str, Any]:
    """The fields to check: those of the document as they were used, else what the item gave."""
    table = tables.steps
    query = table.select().where(table.c.run == item["run"], table.c.kind == READS).order_by(table.c.seq.desc())
    row = one(transaction, query.limit(1))
    result = row["result"] if row is not None else None
    fields = result.get("fields") if isinstance(result, Mapping) else None
    if isinstance(fields, Mapping):
        return {str(name): told.get("value") for name, told in fields.items() if isinstance(told, Mapping)}
    outputs = item["outputs"]
    return dict(outputs) if isinstance(outputs, Mapping) else {}


def keep_check(
    transaction: Transaction, item: str, person: str, fields: Mapping[str, bool], now: datetime, *, doubled: bool
) -> None:
    """What a person found: which fields were right, and whether something was done twice. Once for each item."""
    line = find(transaction, tables.measured, item=item)
    if line is None or line["closed_on"] is None:
        raise UsageError(f"item {item} is not closed", advice="only what is closed can be checked as a sample")
    values = {
        "item": item,
        "workflow": line["workflow"],
        "day": line["closed_on"],
        "vendor": line["vendor"],
        "person": person,
        "straight": line["state"] == State.DONE and not line["touches"],
        "wrong": sum(not is_right for is_right in fields.values()),
        "doubled": doubled,
        "made": now,
    }
    if not insert_once(transaction, tables.checked_items, values):
        raise UsageError(f"item {item} was checked already", advice="go on with the next one")
    told = [{"item": item, "field": name, "is_right": is_right} for name, is_right in fields.items()]
    if told:
        transaction.execute(tables.checked_fields.insert(), told)
