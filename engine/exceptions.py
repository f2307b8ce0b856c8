"""The exception queue: what stands there, and the decisions a person takes. One door for console, CLI and API.

Rules kept here bind every route: the corrector is never the approver where the workflow says so, an approval
is bound to what was shown, and values are not changed after an effect was done with them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from engine import codec, items, ledger, lessons
from engine.action import REGISTRY, Action
from engine.artifacts import Artifacts
from engine.errors import UsageError
from engine.ids import new_id
from engine.items import State
from engine.journal import DONE, HANDLED, HANDLING
from engine.ledger import Status
from engine.lessons import Lesson
from engine.store import audit, tables
from engine.store.database import Row, Transaction, count, one, rows


class Kind(StrEnum):
    BUSINESS = "business"
    APPLICATION = "application"
    REVIEW = "review"
    APPROVAL = "approval"
    UNCERTAIN = "uncertain"


class Verdict(StrEnum):
    CORRECT = "correct"
    APPROVE = "approve"
    REJECT = "reject"
    RETRY = "retry"
    SETTLE = "settle"


@dataclass(frozen=True, slots=True)
class Person:
    """Who decides. An `admin` may act for every team; otherwise the name or a team must be the one asked for."""

    name: str
    teams: Sequence[str] = ()
    admin: bool = False

    def answers_for(self, assigned: str | None) -> bool:
        return assigned is None or self.admin or assigned == self.name or assigned in self.teams


@dataclass(frozen=True, slots=True)
class Standstill:
    """Why an item stops here. `details` is what the person is shown beside the message."""

    kind: Kind
    code: str
    message: str
    path: str
    step: str
    assigned: str | None = None
    due: datetime | None = None
    details: dict[str, Any] = field(default_factory=dict)


STATES = {
    Kind.BUSINESS: State.EXCEPTION,
    Kind.APPLICATION: State.FAILED,
    Kind.REVIEW: State.WAITING,
    Kind.APPROVAL: State.WAITING,
    Kind.UNCERTAIN: State.UNCERTAIN,
}


def raise_(transaction: Transaction, item: Row, stop: Standstill, now: datetime) -> str:
    """Put an item into the exception queue; returns the id of the exception."""
    values = {
        "id": new_id("exc"),
        "item": item["id"],
        "run": item["run"],
        "workflow": item["workflow"],
        "kind": stop.kind,
        "code": stop.code,
        "message": stop.message,
        "path": stop.path,
        "step": stop.step,
        "assigned": stop.assigned,
        "due": stop.due,
        "details": stop.details,
        "fingerprint": fingerprint(item["workflow"], stop),
        "created": now,
    }
    transaction.execute(tables.exceptions.insert().values(**values))
    return str(values["id"])


def fingerprint(workflow: str, stop: Standstill) -> str:
    """The cause, for grouping: the same workflow, step and code (version 1)."""
    return hashlib.sha256(f"1\n{workflow}\n{stop.path}\n{stop.code}".encode()).hexdigest()


def open_exceptions(
    transaction: Transaction,
    *,
    workflow: str | None = None,
    assigned: str | None = None,
    kind: str | None = None,
    after: str | None = None,
    limit: int = 200,
) -> list[Row]:
    """What stands in the queue, oldest first; `after` is the id of the last one seen (keyset paging)."""
    table = tables.exceptions
    query = table.select().where(table.c.closed.is_(None)).order_by(table.c.id).limit(limit)
    for column, value in ((table.c.workflow, workflow), (table.c.assigned, assigned), (table.c.kind, kind)):
        if value is not None:
            query = query.where(column == value)
    if after is not None:
        query = query.where(table.c.id > after)
    return rows(transaction, query)


def find(transaction: Transaction, name: str) -> Row:
    """The exception with this id, or the open one of the item with this id; UsageError if there is none."""
    table = tables.exceptions
    row = one(transaction, table.select().where(table.c.id == name)) or one(
        transaction, table.select().where(table.c.item == name, table.c.closed.is_(None)).order_by(table.c.id.desc())
    )
    if row is None:
        raise UsageError(f"nothing stands in the exception queue as {name}", advice="see `exceptions list`")
    return row


def seen_hash(exception: Row) -> str:
    """A hash of what a person is shown, to bind a decision to it."""
    shown = [exception["id"], exception["code"], exception["message"], exception["details"]]
    return hashlib.sha256(codec.dumps(shown).encode()).hexdigest()


def correct(
    transaction: Transaction,
    name: str,
    person: Person,
    corrections: Mapping[str, Any],
    now: datetime,
    *,
    seen: str = "",
    artifacts: Artifacts | None = None,
) -> dict[str, Any]:
    """Change fields of the reviewed result and let the item go on; returns the corrected result.

    The fields that a document's reading gave can be corrected as long as nothing was done with them outside.
    With `artifacts`, where the run's files are kept, the action that gave the result learns from the correction.
    """
    exception = open_for(transaction, name, person, seen)
    path = str((exception["details"] or {}).get("correctable") or exception["path"])
    lasting = ledger.lasting(transaction, exception["run"])
    if lasting:
        raise UsageError(
            f"{lasting[0]['action']} was already done with these values (effect {lasting[0]['id']})",
            advice="correct the record in that system, then approve or reject this item",
        )
    step = _step(transaction, exception["run"], path)
    action = REGISTRY.get(step["kind"]) if step is not None else None
    if step is None or action is None or action.correct is None or not isinstance(step["result"], dict):
        raise UsageError(
            f"nothing in step {exception['step']} can be corrected",
            advice="retry it once the cause is mended, or reject it",
        )
    table = tables.steps.c
    later = (table.run == exception["run"], table.seq > step["seq"])
    if count(transaction, tables.steps, *later, table.kind == "queue.add", table.status == DONE):
        raise UsageError(
            "items were already queued with these values", advice="mend those items, then retry or reject this one"
        )
    result = _corrected(action, step, corrections)
    _rewind(transaction, exception["run"], step, result)
    learned = _learned(transaction, exception, step, result, person, now, corrections, artifacts)
    _decide(
        transaction, exception, person, Verdict.CORRECT, now, corrections=dict(corrections), seen=seen, learned=learned
    )
    items.make_ready(transaction, exception["item"], now)
    return result


def _learned(
    transaction: Transaction,
    exception: Row,
    step: Row,
    result: Any,
    person: Person,
    now: datetime,
    corrections: Mapping[str, Any],
    artifacts: Artifacts | None,
) -> str:
    """What the action that gave the result learned from the decision, as the person is told it."""
    if artifacts is None or not isinstance(result, dict):
        return ""
    kept = lessons.kept_by(transaction, artifacts, exception["run"], str(step["path"]))
    lesson = Lesson(
        result, step["result"], exception["item"], exception["workflow"], now, kept, person.name, dict(corrections)
    )
    return lessons.teach(transaction, REGISTRY.get(step["kind"]), lesson)


def _corrected(action: Action, step: Row, corrections: Mapping[str, Any]) -> dict[str, Any]:
    assert action.correct is not None
    return action.correct(dict(step["result"]), dict(corrections))


def _rewind(transaction: Transaction, run: str, step: Row, result: Any) -> None:
    """What was read or decided after the corrected step may have come from the old values: it is done again."""
    table = tables.steps.c
    transaction.execute(tables.steps.delete().where(table.run == run, table.seq > step["seq"]))
    for entry in rows(transaction, tables.steps.select().where(table.run == run, table.status == HANDLED)):
        # An on_error that the corrected step belongs to goes on after it.
        if str(step["path"]).startswith(f"{entry['path']}.on_error."):
            change = tables.steps.update().where(table.run == run, table.path == entry["path"])
            transaction.execute(change.values(status=HANDLING))
    _finish_step(transaction, run, str(step["path"]), result)


def approve(
    transaction: Transaction,
    name: str,
    person: Person,
    now: datetime,
    *,
    seen: str = "",
    reason: str = "",
    artifacts: Artifacts | None = None,
) -> None:
    """Say yes to a review (the values are right as they are) or an approval; the item goes on.

    With `artifacts`, where the run's files are kept, the action whose result was reviewed learns that it is right.
    """
    exception = open_for(transaction, name, person, seen)
    if exception["kind"] not in (Kind.REVIEW, Kind.APPROVAL):
        raise UsageError(
            f"item {exception['item']} does not ask for an approval: {exception['code']}",
            advice="retry, correct or reject it" if exception["kind"] != Kind.UNCERTAIN else "say done or not done",
        )
    if exception["kind"] == Kind.APPROVAL:
        _keep_four_eyes(transaction, exception, person)
    step = _step(transaction, exception["run"], exception["path"])
    if step is None:
        raise UsageError(f"the step {exception['step']} is not in the journal any more", advice="retry the item")
    answer = {"approved": True, "by": person.name, "at": now}
    result = answer if step["kind"] in ("approve", "review") else step["result"]
    _finish_step(transaction, exception["run"], exception["path"], result)
    # Who approves by a few values did not look at the reading: it counts as looked at only where it was reviewed.
    reviewed = exception["kind"] == Kind.REVIEW and step["kind"] not in ("approve", "review")
    learned = _learned(transaction, exception, step, result, person, now, {}, artifacts) if reviewed else ""
    _decide(transaction, exception, person, Verdict.APPROVE, now, reason=reason, seen=seen, learned=learned)
    items.make_ready(transaction, exception["item"], now)


def _keep_four_eyes(transaction: Transaction, exception: Row, person: Person) -> None:
    barred = (exception["details"] or {}).get("not")
    correctors = {row["person"] for row in decisions(transaction, exception["item"]) if row["kind"] == Verdict.CORRECT}
    if barred == "corrector" and person.name in correctors:
        raise UsageError(
            f"{person.name} corrected this item and may not approve it", advice="another person has to approve it"
        )
    if barred == person.name:
        raise UsageError(f"{person.name} may not approve this item", advice="another person has to approve it")


def reject(transaction: Transaction, name: str, person: Person, now: datetime, *, reason: str) -> None:
    """Say no: the item is closed as REJECTED."""
    exception = open_for(transaction, name, person, "")
    if not reason.strip():
        raise UsageError("a rejection needs a reason", advice="say why in a few words")
    if exception["kind"] == Kind.UNCERTAIN:
        raise UsageError(
            f"item {exception['item']} has an effect of unknown outcome", advice="say done or not done first"
        )
    effect = ledger.unsettled(transaction, exception["item"])
    if effect is not None:
        raise UsageError(
            f"{effect['action']} was begun and its outcome is unknown (effect {effect['id']})",
            advice="retry the item: it is looked up first",
        )
    _decide(transaction, exception, person, Verdict.REJECT, now, reason=reason)
    items.close(transaction, exception["item"], State.REJECTED, now, "REJECTED", f"rejected by {person.name}: {reason}")
    transaction.execute(
        tables.runs.update().where(tables.runs.c.id == exception["run"]).values(finished=now, outcome=State.REJECTED)
    )


def retry(transaction: Transaction, name: str, person: Person, now: datetime) -> None:
    """Go on from the step where the item stopped."""
    exception = open_for(transaction, name, person, "")
    if exception["kind"] not in (Kind.BUSINESS, Kind.APPLICATION):
        raise UsageError(f"item {exception['item']} waits for a decision", advice="approve, correct or reject it")
    # The attempts made so far are spent; a person who retries gives the step its full number again.
    table = tables.attempts.c
    transaction.execute(tables.attempts.delete().where(table.run == exception["run"], table.path == exception["path"]))
    _decide(transaction, exception, person, Verdict.RETRY, now)
    items.make_ready(transaction, exception["item"], now)


def settle(
    transaction: Transaction,
    name: str,
    person: Person,
    now: datetime,
    *,
    done: bool,
    result: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    """A person has looked an uncertain effect up and says whether it was done, and with which result."""
    exception = open_for(transaction, name, person, "")
    effect = (exception["details"] or {}).get("effect")
    if exception["kind"] != Kind.UNCERTAIN or effect is None:
        raise UsageError(f"item {exception['item']} has no uncertain effect", advice="see `effects list`")
    status = Status.DONE if done else Status.NOT_DONE
    ledger.settle(transaction, effect, status, now, result=dict(result or {}), note=f"{person.name} says {status}")
    _decide(
        transaction, exception, person, Verdict.SETTLE, now, corrections=dict(result or {}), reason=reason or status
    )
    items.make_ready(transaction, exception["item"], now)


def look_up_again(transaction: Transaction, name: str, person: Person, now: datetime) -> None:
    """Let the item look its uncertain effect up once more; it goes on if that settles it, else it comes back."""
    exception = open_for(transaction, name, person, "")
    effect = (exception["details"] or {}).get("effect")
    if exception["kind"] != Kind.UNCERTAIN or effect is None:
        raise UsageError(f"item {exception['item']} has no uncertain effect", advice="see `effects list`")
    ledger.reopen(transaction, effect)
    _decide(transaction, exception, person, Verdict.SETTLE, now, reason="looked up again")
    items.make_ready(transaction, exception["item"], now)


def decisions(transaction: Transaction, item: str) -> list[Row]:
    table = tables.decisions
    return rows(transaction, table.select().where(table.c.item == item).order_by(table.c.made, table.c.id))


def close_for(transaction: Transaction, item: str, now: datetime) -> None:
    """The item left the queue by another door (discarded, skipped): its exception is over."""
    table = tables.exceptions.c
    transaction.execute(tables.exceptions.update().where(table.item == item, table.closed.is_(None)).values(closed=now))


def open_for(transaction: Transaction, name: str, person: Person, seen: str = "", *, held: bool = True) -> Row:
    """The open exception, locked, for this person to act on; UsageError where it is not theirs.

    `held=False` is for taking it from the colleague who holds it.
    """
    found = find(transaction, name)
    # Locked and read again: of two people who decide at the same moment the second one finds it decided.
    table = tables.exceptions
    exception = one(transaction, table.select().where(table.c.id == found["id"]).with_for_update())
    assert exception is not None
    if exception["closed"] is not None:
        raise UsageError(f"exception {exception['id']} was already decided", advice="reload the list")
    if not person.answers_for(exception["assigned"]):
        raise UsageError(
            f"item {exception['item']} is assigned to {exception['assigned']}",
            advice=f"{person.name} is not in that team; a member of it or an admin decides",
        )
    if held and exception["holder"] not in (None, person.name):
        raise UsageError(
            f"{exception['holder']} has item {exception['item']}",
            advice="take it over with a note, or let them decide",
        )
    if seen and seen != seen_hash(exception):
        raise UsageError(
            f"item {exception['item']} changed since it was shown", advice="reload it and look again before you decide"
        )
    return exception


def _decide(
    transaction: Transaction,
    exception: Row,
    person: Person,
    verdict: Verdict,
    now: datetime,
    *,
    corrections: dict[str, Any] | None = None,
    reason: str = "",
    seen: str = "",
    learned: str = "",
) -> None:
    values = {"id": new_id("dec"), "exception": exception["id"], "item": exception["item"], "person": person.name}
    values |= {"kind": verdict, "reason": reason, "seen": seen or seen_hash(exception), "learned": learned or None}
    values |= {"corrections": corrections, "made": now}
    transaction.execute(tables.decisions.insert().values(**values))
    about = f"{exception['workflow']}/{exception['item']}"
    audit.note(transaction, audit.Entry(person.name, str(verdict), about, now, source=("decisions", values)))
    transaction.execute(tables.exceptions.update().where(tables.exceptions.c.id == exception["id"]).values(closed=now))


def _step(transaction: Transaction, run: str, path: str) -> Row | None:
    table = tables.steps
    return one(transaction, table.select().where(table.c.run == run, table.c.path == path))


def _finish_step(transaction: Transaction, run: str, path: str, result: Any) -> None:
    table = tables.steps.c
    transaction.execute(
        tables.steps.update().where(table.run == run, table.path == path).values(status=DONE, result=result)
    )
