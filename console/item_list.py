"""The list of work items: the newest first, by state and queue, with counts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from engine.store import tables
from engine.store.database import Row, Transaction, rows, tally

PAGE = 50


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """What part of the items is shown; it lives in the URL."""

    state: str = ""
    workflow: str = ""

    def but(self, **changes: str) -> str:
        """The address of the list with some of it changed."""
        told = replace(self, **{name: value for name, value in changes.items() if name != "before"})
        pairs = {"state": told.state, "workflow": told.workflow, "before": changes.get("before", "")}
        query = urlencode({name: value for name, value in pairs.items() if value})
        return f"/items?{query}" if query else "/items"

    def conditions(self) -> list[Any]:
        table = tables.items.c
        pairs = ((table.state, self.state), (table.workflow, self.workflow))
        return [column == value for column, value in pairs if value]


@dataclass(frozen=True, slots=True)
class ItemPage:
    """`before` continues where this page ends."""

    items: list[Row]
    before: str | None
    by_state: dict[str, int]
    by_workflow: dict[str, int]


def read_items(transaction: Transaction, filter_: ItemFilter, before: str = "") -> ItemPage:
    table = tables.items
    query = table.select().where(*filter_.conditions()).order_by(table.c.id.desc()).limit(PAGE + 1)
    if before:
        query = query.where(table.c.id < before)
    found = rows(transaction, query)
    return ItemPage(
        items=found[:PAGE],
        before=str(found[PAGE - 1]["id"]) if len(found) > PAGE else None,
        by_state=tally(transaction, table.c.state, *ItemFilter(workflow=filter_.workflow).conditions()),
        by_workflow=tally(transaction, table.c.workflow, *ItemFilter(state=filter_.state).conditions()),
    )
