"""Taking, resting, calling, retrying for a cause and taking back, on both stores."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from console import bulk
from console.bulk import Order
from console.queue import read_queue
from console.queue_filter import QueueFilter
from console.sessions import Viewer
from engine import comments, exceptions, holding, items, retrials, undoing
from engine.errors import UsageError
from engine.exceptions import Kind, Person, Standstill
from engine.items import NewItem, State
from engine.store import tables
from engine.store.database import Database, Row, one

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ADA, BEN = Person("ada", ("buyers",)), Person("ben", ("buyers",))
VIEWER = Viewer("ada", "supervisor", ("buyers",), "", "")


def stand(database: Database, key: str, kind: Kind = Kind.BUSINESS, code: str = "REFUSED") -> tuple[str, str]:
    """An item that stands in the queue: its id, and the exception's."""
    with database.write() as transaction:
        item, _ = items.add(transaction, NewItem("orders", key, {"n": key}), NOW)
        state = exceptions.STATES[kind]
        values = {"state": state, "run": f"run_{key}", "code": code, "message": "no", "step": "Place it"}
        transaction.execute(tables.items.update().where(tables.items.c.id == item).values(**values))
        run = {"id": f"run_{key}", "item": item, "workflow": "orders", "digest": "0", "started": NOW}
        transaction.execute(tables.runs.insert().values(**run))
        stop = Standstill(kind, code, "no", "steps.0", "Place it", assigned="buyers")
        return item, exceptions.raise_(transaction, items.get(transaction, item), stop, NOW)


def settle(database: Database, item: str, state: State) -> None:
    """What a worker made of it."""
    with database.write() as transaction:
        transaction.execute(tables.items.update().where(tables.items.c.id == item).values(state=state))


def state(database: Database, item: str) -> str:
    with database.read() as transaction:
        return str(items.get(transaction, item)["state"])


def row(database: Database, exception: str) -> Row:
    with database.read() as transaction:
        return exceptions.find(transaction, exception)


def test_one_holds_it_and_it_rests_and_comes_back(database: Database) -> None:
    _, exception = stand(database, "a")
    with database.write() as transaction:
        holding.claim(transaction, exception, ADA, NOW)
    with database.write() as transaction, pytest.raises(UsageError, match="ada has item"):
        exceptions.retry(transaction, exception, BEN, NOW)
    with database.write() as transaction:
        holding.claim(transaction, exception, BEN, NOW, note="mine now")
        holding.snooze(transaction, exception, BEN, NOW + timedelta(hours=1), NOW)
    assert (row(database, exception)["holder"], row(database, exception)["snoozed"]) == (
        "ben",
        NOW + timedelta(hours=1),
    )
    with database.write() as transaction:
        (call,) = comments.unread(transaction, "ada")
        assert (call["person"], call["text"], call["seen"]) == ("ben", "mine now", None)
        assert comments.seen(transaction, "ada", exception, NOW) == 1
        assert comments.seen(transaction, "ada", exception, NOW) == 0


def test_the_queue_counts_what_it_shows(database: Database) -> None:
    for key in "abc":
        stand(database, key)
    _, review = stand(database, "d", Kind.REVIEW, "DOUBTFUL")
    _, resting = stand(database, "e")
    with database.write() as transaction:
        holding.snooze(transaction, resting, ADA, NOW + timedelta(hours=1), NOW)
        holding.claim(transaction, review, BEN, NOW)
    for filter_, total, by_kind, causes in (
        (QueueFilter(), 3, {"business": 3}, [3]),
        (QueueFilter(assigned="all"), 4, {"business": 3, "review": 1}, [3]),
        (QueueFilter(assigned="all", kind="review"), 1, {"business": 3, "review": 1}, []),
        (QueueFilter(assigned="all", code="REFUSED"), 3, {"business": 3}, [3]),
        (QueueFilter(assigned="ben"), 1, {"review": 1}, []),
        (QueueFilter(rest="yes"), 1, {"business": 1}, []),
        (QueueFilter(workflow="others"), 0, {}, []),
    ):
        with database.read() as transaction:
            page = read_queue(transaction, filter_, VIEWER, NOW)
        told = (page.total, page.by_kind, [cause.number for cause in page.causes])
        assert told == (total, by_kind, causes), filter_
        assert len(page.entries) == total
    with database.read() as transaction:
        later = read_queue(transaction, QueueFilter(), VIEWER, NOW + timedelta(hours=2))
    assert (later.total, later.resting) == (4, 0)


def test_the_others_follow_the_first_one_of_a_cause_that_got_past_it(database: Database) -> None:
    pairs = [stand(database, key) for key in "abcd"]
    cause = str(row(database, pairs[0][1])["fingerprint"])
    with database.write() as transaction:
        retrials.begin(transaction, cause, ADA, [exception for _, exception in pairs], NOW)
    retrials.advance(database, NOW)
    assert [state(database, item) for item, _ in pairs] == ["ready", "exception", "exception", "exception"]
    settle(database, pairs[0][0], State.DONE)
    retrials.advance(database, NOW)
    retrials.advance(database, NOW)
    assert [state(database, item) for item, _ in pairs] == ["done", "ready", "ready", "ready"]
    with database.read() as transaction:
        retrial = retrials.latest(transaction, cause)
    assert retrial is not None
    assert (retrial["state"], retrial["retried"], retrial["others"]) == ("done", 4, [])


@pytest.mark.parametrize(
    ("kind", "code", "expected", "note"),
    [
        (Kind.BUSINESS, "REFUSED", "stopped", "the first one stands again: no"),
        (Kind.APPLICATION, "TIMEOUT", "stopped", "the first one got further and stands at Later: no"),
        (Kind.APPROVAL, "APPROVAL", "done", None),
    ],
)
def test_what_the_first_one_came_to_decides(
    database: Database, kind: Kind, code: str, expected: str, note: str | None
) -> None:
    pairs = [stand(database, key) for key in "ab"]
    cause = str(row(database, pairs[0][1])["fingerprint"])
    with database.write() as transaction:
        retrials.begin(transaction, cause, ADA, [exception for _, exception in pairs], NOW)
    settle(database, pairs[0][0], exceptions.STATES[kind])
    with database.write() as transaction:
        place = ("steps.0", "Place it") if code == "REFUSED" else ("steps.1", "Later")
        stop = Standstill(kind, code, "no", *place)
        exceptions.raise_(transaction, items.get(transaction, pairs[0][0]), stop, NOW)
    retrials.advance(database, NOW)
    with database.read() as transaction:
        retrial = retrials.latest(transaction, cause)
    assert retrial is not None
    assert (retrial["state"], retrial["note"] or None) == (expected, note)
    assert state(database, pairs[1][0]) == ("ready" if expected == "done" else "exception")


def test_a_rejection_is_taken_back_by_who_made_it_and_a_retry_until_somebody_takes_it_up(database: Database) -> None:
    (first, one_), (second, two) = stand(database, "a"), stand(database, "b")
    with database.write() as transaction:
        exceptions.reject(transaction, one_, ADA, NOW, reason="twice")
        exceptions.retry(transaction, two, ADA, NOW)
    with database.write() as transaction, pytest.raises(UsageError, match="ada decided item"):
        undoing.put_back(transaction, one_, BEN, 0, NOW)
    with database.write() as transaction:
        undoing.put_back(transaction, one_, ADA, 0, NOW)
        undoing.put_back(transaction, two, ADA, 0, NOW)
    assert [state(database, item) for item in (first, second)] == ["exception", "exception"]
    with database.write() as transaction:
        exceptions.retry(transaction, two, ADA, NOW)
        assert items.claim(transaction, "w:1:1", NOW) is not None
    with database.write() as transaction, pytest.raises(UsageError, match="went on meanwhile: it is running"):
        undoing.put_back(transaction, two, ADA, 0, NOW)
    with database.write() as transaction, pytest.raises(UsageError, match="stands in the queue as before"):
        undoing.put_back(transaction, one_, ADA, 0, NOW)


def test_a_rehearsal_leaves_no_trace_and_tells_what_would_come(database: Database) -> None:
    pairs = [stand(database, key) for key in "abc"]
    with database.write() as transaction:
        holding.claim(transaction, pairs[0][1], BEN, NOW)
    with database.read() as transaction:
        found = [exceptions.find(transaction, exception) for _, exception in pairs]
    outcome = bulk.rehearse(database, VIEWER, Order("reject", note="no"), found, NOW)
    assert (len(outcome.done), outcome.left) == (2, {"ben has it": 1})
    assert [state(database, item) for item, _ in pairs] == ["exception"] * 3
    act = bulk.carry_out(database, VIEWER, Order("reject", note="no"), found, NOW)
    assert [state(database, item) for item, _ in pairs] == ["exception", "rejected", "rejected"]
    undone = bulk.undo(database, VIEWER, act, NOW)
    assert (len(undone.done), undone.left) == (2, {})
    assert [state(database, item) for item, _ in pairs] == ["exception"] * 3
    with database.read() as transaction:
        assert one(transaction, tables.acts.select().where(tables.acts.c.id == act)) is not None
