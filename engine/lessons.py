"""Lessons: what a decision or the end of an item says about a result, handed to the action that gave it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.artifacts import Artifacts
from engine.store import tables
from engine.store.database import Transaction, one
from engine.store.memory import StoredMemory

if TYPE_CHECKING:
    from engine.action import Action


@dataclass(frozen=True, slots=True)
class Lesson:
    """A result that turned out right: as a person left or confirmed it, or as an item was done with.

    `given` is the result as the action gave it, `corrections` what the person changed, `person` None where nobody
    looked. `kept(name)` is the file that the step kept under this name, None if it kept none.
    """

    result: Mapping[str, Any]
    given: Mapping[str, Any]
    item: str
    workflow: str
    at: datetime
    kept: Callable[[str], bytes | None]
    person: str | None = None
    corrections: Mapping[str, Any] = field(default_factory=dict)


def topic_of(action: Action) -> str:
    """The memory that an action's lessons go to: that of its bot or connector."""
    return action.name.partition(".")[0]


def kept_by(transaction: Transaction, artifacts: Artifacts, run: str, path: str) -> Callable[[str], bytes | None]:
    """Finds the newest file that a step kept under a name."""

    def find(name: str) -> bytes | None:
        table = tables.artifacts
        query = table.select().where(table.c.run == run, table.c.path == path, table.c.name == name)
        row = one(transaction, query.order_by(table.c.created.desc(), table.c.id.desc()))
        file = artifacts.path(row["sha256"]) if row is not None else None
        return file.read_bytes() if file is not None and file.is_file() else None

    return find


def teach(transaction: Transaction, action: Action | None, lesson: Lesson) -> str:
    """Let the action learn, in the transaction of the decision; what it says of it to the person, if anything.

    A decision is worth more than what can be learned from it: where learning fails, it leaves no trace but the words.
    """
    if action is None or action.learn is None:
        return ""
    memory = StoredMemory(transaction, topic_of(action))
    memory.alone()
    try:
        with transaction.begin_nested():
            return action.learn(lesson, memory)
    except Exception as error:  # noqa: BLE001 - whatever a bot does wrong here must not undo the decision
        return f"Nothing was learned from it: {action.name} failed with {type(error).__name__}: {error}"
