"""Controls that an auditor asks for, tried against what the store holds: which apply, and which hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from engine.items import State
from engine.measures.scope import Scope
from engine.store import tables
from engine.store.database import Row, Transaction, count, rows

LONGEST_UNCERTAIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Control:
    """`cases`: how many there were to which it applies; `against` are those that broke it, by their items' ids."""

    name: str
    cases: int
    against: tuple[str, ...]

    @property
    def applies(self) -> bool:
        return self.cases > 0

    @property
    def holds(self) -> bool:
        return not self.against

    @property
    def result(self) -> str:
        if not self.applies:
            return "does not apply: no case in this period"
        return "holds" if self.holds else f"broken {len(self.against):,} times"


def controls(transaction: Transaction, scope: Scope, now: datetime) -> list[Control]:
    """All controls, for the items closed in the scope; what is uncertain counts whenever it was begun."""
    decided = _decisions(transaction, scope)
    return [
        _bound(decided),
        _reasons(decided),
        _four_eyes(transaction, scope),
        _named(transaction, scope, decided),
        _settled(transaction, scope, now),
    ]


def _decisions(transaction: Transaction, scope: Scope) -> list[Row]:
    """What was decided about items that were closed in the scope; those that are forgotten have no reasons left."""
    lines, items, made = tables.measured.c, tables.items.c, tables.decisions
    joined = made.join(tables.measured, lines.item == made.c.item).join(tables.items, items.id == made.c.item)
    query = sa.select(made.c.item, made.c.person, made.c.kind, made.c.seen, made.c.reason, items.erased)
    conditions = scope.conditions(tables.measured, "closed_on")
    return rows(transaction, query.select_from(joined).where(lines.touches > 0, *conditions))


def _bound(decided: list[Row]) -> Control:
    against = tuple(str(row["item"]) for row in decided if not row["seen"])
    return Control("Every decision is bound to a hash of what the person was shown", len(decided), against)


def _reasons(decided: list[Row]) -> Control:
    cases = [row for row in decided if row["kind"] == "reject" and row["erased"] is None]
    against = tuple(str(row["item"]) for row in cases if not (row["reason"] or "").strip())
    return Control("Every rejection has a reason", len(cases), against)


def _four_eyes(transaction: Transaction, scope: Scope) -> Control:
    lines, raised, yes = tables.measured.c, tables.exceptions, tables.decisions.alias("yes")
    joined = raised.join(yes, yes.c.exception == raised.c.id).join(tables.measured, lines.item == raised.c.item)
    query = sa.select(raised.c.item, raised.c.details, yes.c.person).select_from(joined)
    query = query.where(raised.c.kind == "approval", yes.c.kind == "approve", lines.touches > 0)
    found = rows(transaction, query.where(*scope.conditions(tables.measured, "closed_on")))
    asked = [row for row in found if (row["details"] or {}).get("not")]
    changed = _correctors(transaction, {str(row["item"]) for row in asked})
    against = [str(row["item"]) for row in asked if _is_barred(row, changed)]
    return Control("Where four eyes are asked for, who approved is not who corrected", len(asked), tuple(against))


def _correctors(transaction: Transaction, items: set[str]) -> set[tuple[str, str]]:
    table = tables.decisions
    query = sa.select(table.c.item, table.c.person).where(table.c.item.in_(sorted(items)), table.c.kind == "correct")
    return {(str(item), str(person)) for item, person in transaction.execute(query)}


def _is_barred(row: Row, changed: set[tuple[str, str]]) -> bool:
    barred = row["details"]["not"]
    return bool(
        barred == row["person"] or (barred == "corrector" and (str(row["item"]), str(row["person"])) in changed)
    )


def _named(transaction: Transaction, scope: Scope, decided: list[Row]) -> Control:
    lines = tables.measured
    query = sa.select(lines.c.item).where(lines.c.state == State.REJECTED, *scope.conditions(lines, "closed_on"))
    rejected = [str(item) for (item,) in transaction.execute(query)]
    known = {str(row["item"]) for row in decided if row["kind"] == "reject" and row["person"]}
    return Control(
        "Every rejected item names the person who rejected it",
        len(rejected),
        tuple(item for item in rejected if item not in known),
    )


def _settled(transaction: Transaction, scope: Scope, now: datetime) -> Control:
    made = tables.effects
    mine: list[Any] = [made.c.workflow.in_(scope.workflows)] if scope.workflows is not None else []
    open_ones = [made.c.status == "uncertain", *mine]
    query = sa.select(made.c.item).where(*open_ones, made.c.intended < now - LONGEST_UNCERTAIN)
    against = tuple(str(item) for (item,) in transaction.execute(query))
    name = f"No effect is of unknown outcome for more than {LONGEST_UNCERTAIN.days} days"
    # It applies wherever something was done outside at all.
    cases = count(transaction, made, *open_ones) or _some(transaction, mine)
    return Control(name, cases, against)


def _some(transaction: Transaction, conditions: list[Any]) -> int:
    """1 where there is any effect, else 0: nobody waits for all of them to be counted."""
    return len(transaction.execute(sa.select(tables.effects.c.id).where(*conditions).limit(1)).all())
