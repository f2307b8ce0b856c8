"""The effect ledger as a list: the newest first, by status and workflow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from engine.store import tables
from engine.store.database import Row, Transaction, rows, tally

PAGE = 50


@dataclass(frozen=True, slots=True)
class EffectFilter:
    """What part of the ledger is shown; it lives in the URL."""

    status: str = ""
    workflow: str = ""

    def but(self, **changes: str) -> str:
        """The address of the list with some of it changed."""
        told = replace(self, **{name: value for name, value in changes.items() if name != "before"})
        pairs = {"status": told.status, "workflow": told.workflow, "before": changes.get("before", "")}
        query = urlencode({name: value for name, value in pairs.items() if value})
        return f"/effects?{query}" if query else "/effects"

    def conditions(self) -> list[Any]:
        table = tables.effects.c
        pairs = ((table.status, self.status), (table.workflow, self.workflow))
        return [column == value for column, value in pairs if value]


@dataclass(frozen=True, slots=True)
class EffectPage:
    effects: list[Row]
    before: str | None
    by_status: dict[str, int]
    by_workflow: dict[str, int]


def read_effects(transaction: Transaction, filter_: EffectFilter, before: str = "") -> EffectPage:
    table = tables.effects
    query = table.select().where(*filter_.conditions()).order_by(table.c.id.desc()).limit(PAGE + 1)
    if before:
        query = query.where(table.c.id < before)
    found = rows(transaction, query)
    return EffectPage(
        effects=found[:PAGE],
        before=str(found[PAGE - 1]["id"]) if len(found) > PAGE else None,
        by_status=tally(transaction, table.c.status, *EffectFilter(workflow=filter_.workflow).conditions()),
        by_workflow=tally(transaction, table.c.workflow, *EffectFilter(status=filter_.status).conditions()),
    )
