"""All tiles of a scope, and the lines that each adds up from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from engine.errors import UsageError
from engine.items import State
from engine.measures import tiles, worth
from engine.measures.controls import Control, controls
from engine.measures.samples import checked
from engine.measures.scope import Figures, Given, Scope, figures
from engine.measures.sums import INVOICE
from engine.store import tables
from engine.store.database import Row, Transaction, count, rows

GROUPS: Mapping[str, str] = {
    "flow": "How work flows",
    "quality": "How right it is",
    "bots": "How reliable the bots are",
    "worth": "What people do, and what it is worth",
    "customers": "What customers notice",
}
PAGE = 100


def all_tiles(transaction: Transaction, found: Figures, given: Given) -> list[tiles.Tile]:
    """Every tile, sorted as the page shows them."""
    scope = found.scope
    told = checked(transaction, scope)
    later = _not_yet_due(transaction, found, given.payments)
    made = [
        tiles.throughput(found),
        *(one.tile(found) for one in tiles.PLAIN),
        tiles.sla(found),
        tiles.backlog(found),
        tiles.handling(found),
        worth.accuracy(told),
        worth.silent(told),
        worth.doubled(told),
        worth.payroll(found, given),
        worth.compliance(controls(transaction, scope, found.moment)),
        worth.hours_saved(found, given),
        worth.roi(found, given),
        worth.queries(found, given),
        worth.paid_in_time(found, later, given),
    ]
    order = list(GROUPS)
    return sorted(made, key=lambda tile: order.index(tile.group))


def _not_yet_due(transaction: Transaction, found: Figures, payments: tuple[str, ...]) -> int:
    lines = tables.measured
    if not payments or not found.not_yet_due:
        return 0
    still = lines.c.closed_on.is_(None), lines.c.due > found.moment, lines.c.workflow.in_(payments)
    return count(transaction, lines, *still, *found.scope.conditions(lines, "due_on"))


# -- what a tile adds up from ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sheet:
    """The lines behind a tile: `n` of them, `counting` of which count for it; `sum` is of all their values.

    `columns` names what each line shows: `counts` and `value` are worked out, the others stand in `measured`.
    """

    key: str
    n: int
    counting: int | None
    lines: Sequence[Mapping[str, Any]]
    after: str | None
    value: str = ""
    counts: str = ""


@dataclass(frozen=True, slots=True)
class _Cut:
    """Which lines: by the day in `day`, under `where`. `counts` says which of them count; `value` is their number."""

    day: str | None
    where: tuple[Any, ...] = ()
    counts: Any = None
    counts_words: str = ""
    value: str = ""


def _cut(key: str, found: Figures, given: Given) -> _Cut:
    line = tables.measured.c
    has_come = line.closed_on.is_not(None) | (line.due <= found.moment)
    cuts = {
        "throughput": _Cut("closed_on", (line.state == State.DONE,)),
        "straight-through": _Cut("closed_on", (), (line.state == State.DONE) & (line.touches == 0), "no human touch"),
        "exception-rate": _Cut("started_on", (), line.exceptions > 0, "with an exception"),
        "cycle-p50": _Cut("closed_on", value="cycle"),
        "cycle-p95": _Cut("closed_on", value="cycle"),
        "invoice-time": _Cut("closed_on", (line.document == INVOICE,), value="cycle"),
        "reliability": _Cut("started_on", (), line.technical == 0, "without a failure"),
        "uncertain": _Cut("started_on", (), line.uncertain > 0, "uncertain"),
        "handling": _Cut("closed_on", (line.focus > 0,), value="focus"),
        "sla": _Cut("due_on", (has_come,), line.in_time.is_(True), "in time"),
        "backlog": _Cut(None, (line.closed_on.is_(None),)),
        "hours-saved": _Cut("closed_on", (line.workflow.in_(sorted(given.minutes)),), value="saved"),
        "roi": _Cut("closed_on", (line.workflow.in_(sorted(given.minutes)),), value="saved"),
        "payroll": _Cut(
            "closed_on",
            (line.workflow.in_(given.payslips), line.state == State.DONE),
            line.corrections == 0,
            "uncorrected",
        ),
        "queries": _Cut("arrived_on", (line.workflow.in_(given.queries),)),
        "paid-in-time": _Cut(
            "due_on", (line.workflow.in_(given.payments), has_come), line.in_time.is_(True), "in time"
        ),
    }
    if key not in cuts:
        raise UsageError(f"there is no tile {key}", advice=f"the tiles are {', '.join(cuts)}")
    return cuts[key]


def sheet(transaction: Transaction, key: str, found: Figures, given: Given, after: str = "") -> Sheet:
    """A page of the lines behind a tile, by their items' ids; UsageError if there is no such tile."""
    cut, lines = _cut(key, found, given), tables.measured
    where = [*cut.where, *found.scope.conditions(lines, cut.day)]
    n = count(transaction, lines, *where)
    counting = count(transaction, lines, *where, cut.counts) if cut.counts is not None else None
    counts = cut.counts if cut.counts is not None else sa.true()
    query = sa.select(lines, tables.items.c.key, sa.case((counts, 1), else_=0).label("counts"))
    query = query.join(tables.items, tables.items.c.id == lines.c.item).where(*where, lines.c.item > after)
    rows_ = rows(transaction, query.order_by(lines.c.item).limit(PAGE + 1))
    told = [{**row, "value": _value(row, cut.value, given)} for row in rows_[:PAGE]]
    goes_on = str(told[-1]["item"]) if len(rows_) > PAGE else None
    return Sheet(key, n, counting, told, goes_on, cut.value, cut.counts_words)


def _value(row: Row, value: str, given: Given) -> float | None:
    """Milliseconds, or minutes saved."""
    if value == "saved":
        done = int(row["state"] == State.DONE)
        return worth.minutes_saved(done, row["focus"], given.minutes[row["workflow"]])
    return row[value] if value else None


def sampled(transaction: Transaction, scope: Scope) -> list[Row]:
    """The checked samples of a scope, the latest first."""
    table, items = tables.checked_items, tables.items
    query = sa.select(table, items.c.key).join(items, items.c.id == table.c.item)
    return rows(transaction, query.where(*scope.conditions(table, "day")).order_by(table.c.made.desc()))


def tried(transaction: Transaction, found: Figures) -> list[Control]:
    return controls(transaction, found.scope, found.moment)


__all__ = ["GROUPS", "Sheet", "all_tiles", "figures", "sampled", "sheet", "tried"]
