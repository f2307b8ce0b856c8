"""The workflows with their queues, as the console lists them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.items import STANDING, State
from engine.language import Workflow
from engine.store import tables
from engine.store.database import Transaction, rows, tally

if TYPE_CHECKING:
    from engine.workflows import Library


@dataclass(frozen=True, slots=True)
class WorkflowLine:
    """`paused` is the reason, empty where the queue runs. `by_state` counts its items."""

    workflow: Workflow
    paused: str
    by_state: Mapping[str, int]

    @property
    def waiting(self) -> int:
        return self.by_state.get(State.READY, 0)

    @property
    def standing(self) -> int:
        return sum(self.by_state.get(state, 0) for state in STANDING)


def read_workflows(transaction: Transaction, library: Library) -> list[WorkflowLine]:
    table = tables.items.c
    queues = {row["workflow"]: row for row in rows(transaction, tables.queues.select())}
    lines = []
    for workflow in library.all():
        queue = queues.get(workflow.id)
        paused = str(queue["reason"] or "paused") if queue is not None and queue["paused"] else ""
        by_state = tally(transaction, table.state, table.workflow == workflow.id)
        lines.append(WorkflowLine(workflow, paused, by_state))
    return lines
