"""The workflows with their queues, as the console lists them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.views.steps import in_file
from engine.items import STANDING, State
from engine.language import Workflow
from engine.store import tables
from engine.store.database import Row, Transaction, one, rows, tally

if TYPE_CHECKING:
    from engine.workflows import Library

WORKFLOW_ACTS = ("paused", "resumed")
"""What people did to a workflow itself, and not to one of its items."""


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
    queues = {row["workflow"]: row for row in rows(transaction, tables.queues.select())}
    return [_line(transaction, workflow, queues.get(workflow.id)) for workflow in library.all()]


def read_workflow(transaction: Transaction, workflow: Workflow) -> WorkflowLine:
    queue = one(transaction, tables.queues.select().where(tables.queues.c.workflow == workflow.id))
    return _line(transaction, workflow, queue)


def read_standing(transaction: Transaction, workflow: Workflow) -> dict[str, int]:
    """How many items stand at each place of the workflow's file."""
    table = tables.exceptions.c
    standing: Counter[str] = Counter()
    for path, number in tally(transaction, table.path, table.workflow == workflow.id, table.closed.is_(None)).items():
        standing[in_file(path)] += number
    return dict(standing)


def _line(transaction: Transaction, workflow: Workflow, queue: Row | None) -> WorkflowLine:
    table = tables.items.c
    paused = str(queue["reason"] or "paused") if queue is not None and queue["paused"] else ""
    return WorkflowLine(workflow, paused, tally(transaction, table.state, table.workflow == workflow.id))
