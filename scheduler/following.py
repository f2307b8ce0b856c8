"""Queue triggers: an item of another workflow comes to its end, and an item of this one is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from engine.errors import ApplicationException, ItemError, UsageError
from engine.items import State
from engine.language import Template, Workflow
from engine.store import tables
from engine.store.database import Row, rows
from engine.work import Engine
from scheduler import registered
from scheduler.arrivals import arrive, refuse
from scheduler.made_item import made_item

LOOK_BACK = timedelta(hours=1)
"""Clocks of a fleet differ, and an end that another host wrote may show late: so much is looked through again."""
AT_ONCE = 200


@dataclass
class QueueTrigger:
    """Follows one workflow for another. What ended before the trigger was first seen is left alone."""

    name: str
    workflow: str
    other: str
    ends: tuple[State, ...]
    takes: frozenset[str]
    inputs: Template | None = field(default=None, compare=False)

    def scan(self, engine: Engine) -> list[str]:
        """Queue an item for every item that ended since; the ids of the new ones."""
        made: list[str] = []
        begin = self._begin(engine)
        while found := self._ended(engine, begin):
            made += [item for row in found if (item := self._take(engine, row)) is not None]
            with engine.database.write() as transaction:
                registered.came_to(transaction, [(self.name, found[-1]["finished"])])
        return made

    def _begin(self, engine: Engine) -> datetime:
        """From when on ends are looked at: some were looked at before, and are left out by their rows."""
        with engine.database.read() as transaction:
            row = registered.read(transaction, [self.name])[self.name]
        since: datetime = row["since"]
        return max((row["last"] or since) - LOOK_BACK, since)

    def _ended(self, engine: Engine, begin: datetime) -> list[Row]:
        """The next of the items that ended and are not followed yet."""
        table, came = tables.items, tables.arrivals
        followed = came.select().where(came.c.trigger == self.name, came.c.mark == table.c.id).exists()
        query = table.select().where(
            table.c.workflow == self.other, table.c.finished > begin, table.c.state.in_(self.ends), ~followed
        )
        with engine.database.read() as transaction:
            return rows(transaction, query.order_by(table.c.finished, table.c.id).limit(AT_ONCE))

    def _take(self, engine: Engine, row: Row) -> str | None:
        outputs: Mapping[str, Any] = row["outputs"] or {}
        other = {"id": row["id"], "key": row["key"], "state": row["state"], "workflow": row["workflow"]}
        names = {"item": row["inputs"], "outputs": outputs, "other": other}
        given = {}
        if self.inputs is None:
            given = {name: value for name, value in {**row["inputs"], **outputs}.items() if name in self.takes}
        try:
            key = f"{self.name}@{row['id']}"
            new = made_item(engine, self.workflow, self.inputs, names, given=given, otherwise=key)
        except ApplicationException as error:
            refuse(engine, self.name, f"the item that follows {row['id']} of {self.other} waits: {error}")
            return None
        except (ItemError, UsageError) as error:
            refuse(engine, self.name, f"no item follows {row['id']} of {self.other}: {error}")
            arrive(engine, self.name, row["id"], None)
            return None
        return arrive(engine, self.name, row["id"], new)


def followings_of(workflow: Workflow) -> list[QueueTrigger]:
    """The workflows whose items this one follows."""
    return [
        QueueTrigger(
            name=f"{workflow.id}/after/{trigger.settings.workflow}",
            workflow=workflow.id,
            other=trigger.settings.workflow,
            ends=tuple(State(end) for end in trigger.settings.on),
            takes=frozenset(workflow.inputs),
            inputs=trigger.inputs,
        )
        for trigger in workflow.triggers
        if trigger.kind == "queue"
    ]
