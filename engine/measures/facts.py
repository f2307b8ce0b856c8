"""What is counted of one item: when it came, began and ended, who looked at it, for how long. A line of `measured`."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

import sqlalchemy as sa

from engine.items import CLOSED
from engine.store import tables
from engine.store.database import Row, Transaction, rows

READS = "document.read"
NAMED = ("vendor", "seller", "supplier")
"""Inputs that say whose an item is, where no document of it was read."""
TECHNICAL = ("application", "uncertain")
ASKED = "approval"
"""A workflow that asks for somebody's yes runs as it should: this is no exception in the figures."""


def day_of(moment: datetime | None, zone: tzinfo) -> str | None:
    """The day on the office's wall clock, as 2026-03-31."""
    return moment.astimezone(zone).date().isoformat() if moment is not None else None


def lot_of(item: str) -> int:
    """The place of an item in the draw of samples: by chance, the same whoever asks."""
    return int.from_bytes(hashlib.sha256(f"sample 1 {item}".encode()).digest()[:7], "big")


def facts(transaction: Transaction, items: Sequence[str], zone: tzinfo) -> list[dict[str, Any]]:
    """A line for each of these items that there are; a handful of queries for all of them."""
    found = rows(transaction, tables.items.select().where(tables.items.c.id.in_(items)))
    began = _began(transaction, items)
    raised = _raised(transaction, items)
    decided = _decided(transaction, items)
    seconds = _focus(transaction, items)
    read = _read(transaction, [str(row["run"]) for row in found if row["run"] is not None and row["erased"] is None])
    lines = []
    for row in found:
        item = str(row["id"])
        vendor, document = read.get(str(row["run"]), (None, None))
        lines.append(
            _when(row, began.get(item), zone)
            | {
                "item": item,
                "workflow": row["workflow"],
                "vendor": vendor or _named(row["inputs"]),
                "document": document,
                "lot": lot_of(item),
                "state": row["state"],
                "focus": round(seconds.get(item, 0.0) * 1000),
                **raised[item],
                **decided[item],
            }
        )
    return lines


def _when(row: Row, began: datetime | None, zone: tzinfo) -> dict[str, Any]:
    closed = row["finished"] if row["state"] in CLOSED else None
    due = row["due"]
    return {
        "arrived_on": day_of(row["created"], zone),
        "started_on": day_of(began, zone),
        "closed_on": day_of(closed, zone),
        "due_on": day_of(due, zone),
        "due": due,
        "closed": closed,
        "cycle": round((closed - row["created"]).total_seconds() * 1000) if closed is not None else None,
        "in_time": closed <= due if closed is not None and due is not None else None,
    }


def _began(transaction: Transaction, items: Sequence[str]) -> dict[str, datetime]:
    table = tables.runs.c
    query = sa.select(table.item, sa.func.min(table.started)).where(table.item.in_(items)).group_by(table.item)
    return {str(item): moment for item, moment in transaction.execute(query)}


def _raised(transaction: Transaction, items: Sequence[str]) -> dict[str, dict[str, int]]:
    table = tables.exceptions.c
    found: dict[str, dict[str, int]] = defaultdict(lambda: {"exceptions": 0, "technical": 0, "uncertain": 0})
    query = sa.select(table.item, table.kind, sa.func.count()).where(table.item.in_(items))
    for item, kind, number in transaction.execute(query.group_by(table.item, table.kind)):
        told = found[str(item)]
        told["exceptions"] += number if kind != ASKED else 0
        told["technical"] += number if kind in TECHNICAL else 0
        told["uncertain"] += number if kind == "uncertain" else 0
    return found


def _decided(transaction: Transaction, items: Sequence[str]) -> dict[str, dict[str, int]]:
    table = tables.decisions.c
    found: dict[str, dict[str, int]] = defaultdict(lambda: {"touches": 0, "corrections": 0})
    query = sa.select(table.item, table.kind, sa.func.count()).where(table.item.in_(items))
    for item, kind, number in transaction.execute(query.group_by(table.item, table.kind)):
        found[str(item)]["touches"] += number
        found[str(item)]["corrections"] += number if kind == "correct" else 0
    return found


def _focus(transaction: Transaction, items: Sequence[str]) -> dict[str, float]:
    table = tables.focus.c
    query = sa.select(table.item, sa.func.sum(table.seconds)).where(table.item.in_(items)).group_by(table.item)
    return {str(item): float(seconds) for item, seconds in transaction.execute(query)}


def _read(transaction: Transaction, runs: Sequence[str]) -> dict[str, tuple[str | None, str | None]]:
    """Of each run in which a document was read: its vendor and what kind of document it is."""
    table = tables.steps
    query = table.select().where(table.c.run.in_(runs), table.c.kind == READS).order_by(table.c.seq)
    return {str(row["run"]): _told(row["result"]) for row in rows(transaction, query) if row["result"]}


def _told(result: Any) -> tuple[str | None, str | None]:
    fields = result.get("fields") if isinstance(result, Mapping) else None
    seller = fields.get("seller.name") if isinstance(fields, Mapping) else None
    vendor = seller.get("value") if isinstance(seller, Mapping) else None
    document = result.get("type") if isinstance(result, Mapping) else None
    return (str(vendor) if vendor else None), (str(document)[:40] if document else None)


def _named(inputs: Any) -> str | None:
    found = [inputs[name] for name in NAMED if isinstance(inputs, Mapping) and isinstance(inputs.get(name), str)]
    return found[0] or None if found else None
