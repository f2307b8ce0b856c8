"""`exceptions retry --workflow W --code C`: all that stopped for one cause, as "fix one, retry all" in the console."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from commands.person import person_at_the_keyboard
from commands.session import Session
from commands.wiring import open_store
from console.permissions import Permission
from engine import retrials
from engine.errors import ExitCode, UsageError
from engine.exceptions import Person
from engine.retrials import OPEN, Stage
from engine.store.database import Database, Row

LOOK_SECONDS = 0.5
COLUMNS = {"workflow": "workflow", "code": "code", "step": "step", "standing": "standing"}
RETRIED = COLUMNS | {"retried": "retried", "state": "state", "note": "note"}


@dataclass(frozen=True, slots=True)
class Group:
    """`wait` in seconds for the one that goes first; 0: the scheduler lets the others follow."""

    workflow: str
    code: str
    step: str | None
    canary: bool
    preview: bool
    wait: float


def retry_group(session: Session, group: Group) -> int:
    """Retry them, or tell how many stand; the exit code."""
    if group.wait and not group.canary:
        raise UsageError("--wait was given without --canary", advice="without --canary all go on at once")
    with open_store(session) as database:
        with database.read() as transaction:
            found = retrials.standing(transaction, group.workflow, group.code, group.step)
        told = {cause: _told(standing) for cause, standing in found.items()}
        if group.preview or not found:
            session.rows(COLUMNS, list(told.values()), none=f"nothing of {group.workflow} stands with {group.code}")
            return ExitCode.DONE
        with database.write() as transaction:
            person = person_at_the_keyboard(transaction, Permission.RETRY)
            begun = _begin(transaction, session, found, person) if group.canary else {}
        for cause, standing in found.items():
            if not group.canary:
                retried, left = retrials.let_go_on(database, _names(standing), person, session.clock.now())
                told[cause] |= {
                    "retried": retried,
                    "state": str(Stage.DONE),
                    "note": f"left out: {left}" if left else "",
                }
        for cause, row in _watched(session, database, begun, group.wait).items():
            told[cause] |= {"retrial": row["id"], "retried": row["retried"], "state": row["state"]}
            told[cause]["note"] = row["note"] or _still(row, group.wait)
    session.rows(RETRIED, list(told.values()), none="")
    missed = [one for one in told.values() if one["state"] == Stage.STOPPED or (group.wait and one["state"] in OPEN)]
    return ExitCode.WAITING if missed else ExitCode.DONE


def _told(standing: Sequence[Row]) -> dict[str, Any]:
    first = standing[0]
    return {"workflow": first["workflow"], "code": first["code"], "step": first["step"], "standing": len(standing)}


def _names(standing: Sequence[Row]) -> list[str]:
    return [str(row["id"]) for row in standing]


def _begin(transaction: Any, session: Session, found: Mapping[str, Sequence[Row]], person: Person) -> dict[str, str]:
    """One retrial for each cause, by its cause."""
    now = session.clock.now()
    return {
        cause: retrials.begin(transaction, cause, person, _names(standing), now) for cause, standing in found.items()
    }


def _watched(session: Session, database: Database, begun: Mapping[str, str], wait: float) -> dict[str, Row]:
    """What became of the retrials, once all are over or the time is up."""
    end = time.monotonic() + wait
    while True:
        if wait:
            retrials.advance(database, session.clock.now())
        with database.read() as transaction:
            found = {cause: retrials.get(transaction, name) for cause, name in begun.items()}
        if time.monotonic() >= end or all(row["state"] not in OPEN for row in found.values()):
            return found
        time.sleep(LOOK_SECONDS)


def _still(row: Row, wait: float) -> str:
    if row["state"] not in OPEN:
        return ""
    if wait:
        return f"after {wait:g} s {row['item']} is not through; is a worker there? `worker --until-idle` is one"
    return f"{row['item']} goes first; the others follow by the scheduler (`start`), or say --wait"
