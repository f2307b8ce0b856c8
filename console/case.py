"""One exception with all that a person needs to decide it, read in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from console.services import ConsoleServices
from console.step_up import Asked, asks_for_second_factor
from console.subject import Subject, correctable_path, subject_of
from engine import acts, exceptions, items, journal, ledger
from engine.action import Action
from engine.artifacts import Artifacts
from engine.errors import UsageError
from engine.exceptions import Kind
from engine.language import Workflow
from engine.store import tables
from engine.store.database import Row, Transaction, one, rows


@dataclass(frozen=True)
class Case:
    """`step` is the journalled step whose result can be corrected, `action` what made it; None where there is none.

    `folder` has the files of the run.
    """

    exception: Row
    item: Row
    subject: Subject
    step: Row | None
    action: Action | None
    workflow: Workflow | None
    effects: list[Row]
    decisions: list[Row]
    acts: list[Row]
    raised: list[Row]
    artifacts: list[Row]
    attempts: list[Row]
    registry: Mapping[str, Action]
    folder: Artifacts
    services: ConsoleServices
    seen: str

    @property
    def is_open(self) -> bool:
        return self.exception["closed"] is None

    @property
    def history(self) -> list[Mapping[str, Any]]:
        """All that happened to the item, in that order: what people decided and did, and what the workflow did, whose
        entries have no `person`. Each has all of these columns."""
        columns = dict.fromkeys(("person", "corrections", "reason", "learned", "text", "data"))
        every: list[Any] = [*self.decisions, *self.acts, *self._own_history()]
        told = [{**columns, **row} for row in every]
        return sorted(told, key=lambda row: (row["made"], row["id"]))

    def _own_history(self) -> Iterator[Mapping[str, Any]]:
        yield {"id": "", "made": self.item["created"], "kind": "received"}
        for row in self.raised:
            yield {"id": row["id"], "made": row["created"], "kind": "raised", "data": row}
        for row in self.effects:
            yield {"id": row["id"], "made": row["settled"] or row["intended"], "kind": "effect", "data": row}

    @property
    def asks_for_second_factor(self) -> Asked | None:
        """Why a yes asks for the second factor; None where it does not."""
        return asks_for_second_factor(str(self.exception["kind"]), self.details, self.services.second_factor)

    @property
    def kind(self) -> Kind:
        return Kind(self.exception["kind"])

    @property
    def details(self) -> Mapping[str, Any]:
        return self.exception["details"] or {}

    @property
    def result(self) -> Mapping[str, Any] | None:
        """The result a person may correct."""
        result = self.step["result"] if self.step is not None else None
        correctable = self.action is not None and self.action.correct is not None
        return result if correctable and isinstance(result, Mapping) else None

    @property
    def lasting(self) -> list[Row]:
        """What was or may have been done outside in this run: after these no value may be changed."""
        return [row for row in self.effects if row["run"] == self.exception["run"] and row["status"] != "not_done"]

    @property
    def uncertain(self) -> Row | None:
        """The effect whose outcome a person has to say."""
        return next((row for row in self.effects if row["id"] == self.details.get("effect")), None)

    def output_of(self, effect: Row | None) -> type[BaseModel] | None:
        """The model of what an effect gives."""
        action = self.registry.get(str(effect["action"])) if effect is not None else None
        return action.output if action is not None else None


def read_case(transaction: Transaction, services: ConsoleServices, name: str) -> Case:
    """The exception with this id, or the open one of the item with this id; UsageError if there is none."""
    exception = exceptions.find(transaction, name)
    item, run = str(exception["item"]), str(exception["run"])
    path = correctable_path(exception)
    steps, artifacts, attempts, raised = tables.steps, tables.artifacts, tables.attempts, tables.exceptions
    step = one(transaction, steps.select().where(steps.c.run == run, steps.c.path == path))
    row = items.get(transaction, item)
    return Case(
        exception=exception,
        item=row,
        subject=subject_of(row, step["result"] if step is not None else None),
        step=step,
        action=services.registry.get(str(step["kind"])) if step is not None else None,
        workflow=workflow_of(transaction, services, run),
        effects=ledger.effects(transaction, item=item),
        decisions=exceptions.decisions(transaction, item),
        acts=acts.of_item(transaction, item),
        raised=rows(transaction, raised.select().where(raised.c.item == item)),
        artifacts=rows(transaction, artifacts.select().where(artifacts.c.run == run).order_by(artifacts.c.created)),
        attempts=rows(
            transaction,
            attempts.select()
            .where(attempts.c.run == run, attempts.c.path == exception["path"])
            .order_by(attempts.c.number),
        ),
        registry=services.registry,
        folder=services.artifacts,
        services=services,
        seen=exceptions.seen_hash(exception),
    )


def workflow_of(transaction: Transaction, services: ConsoleServices, run: str) -> Workflow | None:
    """The workflow as it was when the run began; None where its actions are not known to this console."""
    row = one(transaction, tables.runs.select().where(tables.runs.c.id == run))
    source = one(transaction, tables.sources.select().where(tables.sources.c.digest == row["digest"])) if row else None
    if source is None:
        return None
    try:
        file, text = journal.source_of(transaction, str(source["digest"]))
        return services.library.from_source(str(source["digest"]), file, text)
    except UsageError:
        # The page still shows all that was journalled; only what lies ahead cannot be told.
        return None
