"""What part of the exception queue is shown. It lives in the URL, so that a view can be kept and sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from console.sessions import Viewer
from engine.store import tables

MINE = "mine"  # and what nobody has yet
HELD = "held"  # only what this person has taken
ALL = "all"
NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """`assigned` is `mine`, `held`, `all`, `nobody`, or the name of a person or team. `cause` is a fingerprint.

    `rest` shows what was put aside, which is left out else.
    """

    assigned: str = MINE
    kind: str = ""
    workflow: str = ""
    code: str = ""
    step: str = ""
    cause: str = ""
    rest: str = ""

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> QueueFilter:
        """The filter in a query or a form; what it does not know it leaves out."""
        told = {field.name: str(given[field.name])[:200] for field in fields(cls) if given.get(field.name)}
        return cls(**told)

    @property
    def query(self) -> str:
        """The part of the URL that brings it back, empty for the default."""
        pairs = {field.name: getattr(self, field.name) for field in fields(self)}
        return urlencode(
            {name: value for name, value in pairs.items() if value and (name, value) != ("assigned", MINE)}
        )

    def but(self, **changes: str) -> str:
        """The address of the queue with some of it changed."""
        query = replace(self, **changes).query
        return f"/?{query}" if query else "/"

    def at(self, exception: str) -> str:
        """The address of an exception, with the way back to this filter."""
        return f"/exceptions/{exception}?{self.query}" if self.query else f"/exceptions/{exception}"

    @property
    def narrows(self) -> bool:
        return bool(self.kind or self.workflow or self.code or self.step or self.cause or self.rest)

    def whose(self, viewer: Viewer) -> list[Any]:
        """What `assigned` alone asks of a row."""
        return _assigned(self.assigned, viewer)

    def conditions(self, viewer: Viewer, now: datetime) -> list[Any]:
        """The rows of the exceptions table that it lets through; only open ones."""
        table = tables.exceptions.c
        awake = table.snoozed.is_(None) | (table.snoozed <= now)
        found = [table.closed.is_(None), *self.whose(viewer)]
        found.append(table.snoozed > now if self.rest else awake)
        for column, value in (
            (table.kind, self.kind),
            (table.workflow, self.workflow),
            (table.code, self.code),
            (table.step, self.step),
            (table.fingerprint, self.cause),
        ):
            if value:
                found.append(column == value)
        return found


def _assigned(who: str, viewer: Viewer) -> list[Any]:
    assigned, holder = tables.exceptions.c.assigned, tables.exceptions.c.holder
    if who == ALL:
        return []
    if who == HELD:
        return [holder == viewer.name]
    if who == NOBODY:
        return [holder.is_(None)]
    if who != MINE:
        return [(assigned == who) | (holder == who)]
    if viewer.person.admin:
        return [holder.is_(None) | (holder == viewer.name)]
    answers = assigned.is_(None) | assigned.in_([viewer.name, *viewer.teams])
    return [(holder.is_(None) & answers) | (holder == viewer.name)]
