"""The queue's contract, the same over SQLite and PostgreSQL."""

from __future__ import annotations

import multiprocessing
from datetime import UTC, datetime, timedelta

import pytest

from engine import items
from engine.admission import Admission, Gate, Limits
from engine.errors import LeaseLost, UsageError
from engine.items import LEASE, NewItem, State
from engine.store import tables
from engine.store.database import Database, count

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ELSEWHERE = "another-host:77:123"


def add(database: Database, key: str, **values: object) -> str:
    with database.write() as transaction:
        return items.add(transaction, NewItem("invoices", key, {"n": 1}, **values), NOW)[0]  # type: ignore[arg-type]


def claim(database: Database, now: datetime = NOW, worker: str = ELSEWHERE, **how: object) -> items.Claim | None:
    with database.write() as transaction:
        return items.claim(transaction, worker, now, **how)  # type: ignore[arg-type]


def at_once(number: int) -> Admission:
    return Admission([Gate("queue invoices", Limits(at_once=number), frozenset(["invoices"]))])


def test_the_same_key_is_never_queued_twice(database: Database) -> None:
    with database.write() as transaction:
        first = items.add(transaction, NewItem("invoices", "a", {}), NOW)
        second = items.add(transaction, NewItem("invoices", "a", {}), NOW)
        other_queue = items.add(transaction, NewItem("orders", "a", {}), NOW)
    assert first[1] and not second[1] and other_queue[1]
    assert first[0] == second[0] != other_queue[0]


def test_the_highest_priority_comes_first_then_the_oldest(database: Database) -> None:
    low, first, second, high = (add(database, key, priority=p) for key, p in (("l", -1), ("1", 0), ("2", 0), ("h", 1)))
    order = [claim(database) for _ in range(4)]
    assert [taken.item for taken in order if taken] == [high, first, second, low]
    assert claim(database) is None


def test_an_item_put_off_is_not_taken_before_its_time(database: Database) -> None:
    add(database, "later", not_before=NOW + timedelta(minutes=5))
    assert claim(database) is None
    assert claim(database, NOW + timedelta(minutes=5)) is not None


def test_a_paused_queue_gives_nothing_until_it_is_resumed(database: Database) -> None:
    add(database, "a")
    with database.write() as transaction:
        items.pause(transaction, "invoices", "five failures")
    assert claim(database) is None
    with database.write() as transaction:
        items.resume(transaction, "invoices")
    assert claim(database) is not None


def test_a_queue_gives_no_more_than_its_concurrency(database: Database) -> None:
    add(database, "a"), add(database, "b")
    assert claim(database, admission=at_once(1)) is not None
    assert claim(database, admission=at_once(1)) is None
    assert claim(database, admission=at_once(2)) is not None


def test_a_worker_elsewhere_loses_its_item_after_the_lease_and_may_write_nothing(database: Database) -> None:
    add(database, "a")
    old = claim(database)
    assert old and claim(database, NOW + LEASE - timedelta(seconds=1)) is None
    new = claim(database, NOW + LEASE + timedelta(seconds=1), worker="third-host:1:1")
    assert new and new.item == old.item and new.number > old.number
    with pytest.raises(LeaseLost, match=f"item {old.item} was taken over by another worker"), database.write() as tx:
        items.let_go(tx, old, State.DONE)


def test_a_renewed_lease_keeps_the_item(database: Database) -> None:
    add(database, "a")
    mine = claim(database)
    assert mine
    with database.write() as transaction:
        items.renew(transaction, mine, NOW + LEASE - timedelta(seconds=1))
    assert claim(database, NOW + LEASE + timedelta(seconds=5)) is None


def test_a_dead_worker_of_this_host_is_replaced_at_once(database: Database) -> None:
    add(database, "a")
    process = multiprocessing.get_context("spawn").Process(target=int)
    process.start()
    assert process.pid
    worker = f"{items.socket.gethostname()}:{process.pid}:{items._started(process.pid)}"
    assert claim(database, worker=worker)
    process.join()
    assert claim(database) is not None


def test_a_living_worker_of_this_host_keeps_its_item_beyond_the_lease(database: Database) -> None:
    """It may only be paused; waking up, it would go on with its effect."""
    add(database, "a")
    assert claim(database, worker=items.worker_name())
    assert claim(database, NOW + 10 * LEASE) is None


def test_the_circuit_breaker_pauses_the_queue_once_and_a_success_resets_it(database: Database) -> None:
    add(database, "a"), add(database, "b")
    with database.write() as tx:
        assert not items.note_failure(tx, "invoices", 2)
        claimed = items.claim(tx, ELSEWHERE, NOW)
        assert claimed is not None
        items.note_success(tx, claimed)
        assert not items.note_failure(tx, "invoices", 2)
        assert items.note_failure(tx, "invoices", 2)
        assert not items.note_failure(tx, "invoices", 2)
    assert claim(database) is None


def test_a_closed_item_cannot_go_on(database: Database) -> None:
    item = add(database, "a")
    with database.write() as transaction:
        items.close(transaction, item, State.DISCARDED, NOW, "DISCARDED", "not ours")
    with pytest.raises(UsageError, match=f"item {item} is discarded, not standing"), database.write() as transaction:
        items.make_ready(transaction, item, NOW)
    with database.read() as transaction:
        assert count(transaction, tables.items, tables.items.c.state == State.DISCARDED) == 1


def test_an_unknown_item_is_named(database: Database) -> None:
    with pytest.raises(UsageError, match="no item item_x; list them with `queue list`"), database.read() as transaction:
        items.get(transaction, "item_x")


def _take(url: str, worker: str, results: multiprocessing.Queue[list[str]]) -> None:
    database = Database(url)
    taken = []
    while (mine := claim(database, worker=worker)) is not None:
        taken.append(mine.item)
    database.close()
    results.put(taken)


def test_two_processes_never_take_the_same_item(database: Database) -> None:
    for number in range(60):
        add(database, f"k{number}")
    context = multiprocessing.get_context("spawn")
    results: multiprocessing.Queue[list[str]] = context.Queue()
    workers = [context.Process(target=_take, args=(database.url, f"host-{n}:1:1", results)) for n in range(2)]
    for worker in workers:
        worker.start()
    taken = [item for _ in workers for item in results.get(timeout=60)]
    for worker in workers:
        worker.join()
    assert len(taken) == 60 and len(set(taken)) == 60
