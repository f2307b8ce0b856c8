"""The claim's order and cost: over several queues, with times, and however many items there are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from engine import items, runnable
from engine.admission import Admission, Gate, Limits
from engine.bulk import add_all
from engine.items import NewItem, State
from engine.store.database import Database

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
WORKER = "elsewhere:1:1"


def claimed(database: Database, now: datetime = NOW, **narrowed: object) -> list[str]:
    """The keys in the order in which a worker takes them."""
    keys = []
    while True:
        with database.write() as transaction:
            claim = items.claim(transaction, WORKER, now, **narrowed)  # type: ignore[arg-type]
            if claim is None:
                return keys
            keys.append(str(items.get(transaction, claim.item)["key"]))
            items.let_go(transaction, claim, State.DONE)


def test_the_most_urgent_item_of_all_open_queues_comes_first_and_then_the_oldest(database: Database) -> None:
    with database.write() as transaction:
        for queue, key, priority in (("a", "1", 0), ("b", "2", 0), ("c", "3", 1), ("b", "4", 1), ("d", "5", 1)):
            items.add(transaction, NewItem(queue, key, {}, priority=priority), NOW)
        items.pause(transaction, "d", "closed")
    assert claimed(
        database,
        workflows=["a", "b", "c", "d"],
        admission=Admission([Gate("queue a", Limits(at_once=1), frozenset("a"))]),
    ) == ["3", "4", "1", "2"]
    with database.write() as transaction:
        items.resume(transaction, "d")
    assert claimed(database, workflows=["a"]) == []
    assert claimed(database) == ["5"]


def test_an_item_is_not_begun_before_its_time_and_then_in_its_order(database: Database) -> None:
    with database.write() as transaction:
        late = NewItem("a", "late", {}, priority=1, not_before=NOW + timedelta(hours=1))
        add_all(transaction, [late, NewItem("a", "now", {})], NOW)
    assert claimed(database) == ["now"]
    with database.write() as transaction:
        items.add(transaction, NewItem("a", "then", {}), NOW)
    assert claimed(database, NOW + timedelta(hours=1)) == ["late", "then"]


def test_the_next_item_is_one_look_at_an_index(database: Database) -> None:
    """Without it every claim would sort all items that wait: a million of them could not be worked."""
    with database.write() as transaction:
        add_all(transaction, [NewItem("a", str(n), {}) for n in range(3000)], NOW)
    with database.read() as transaction:
        for query, index in ((runnable._NEXT_OF_QUEUE, "items_runnable"), (runnable._FIRST_DUE, "items_put_off")):
            given = query.params(queue="a", now=NOW).compile(
                dialect=database.engine.dialect, compile_kwargs={"literal_binds": True}
            )
            explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
            plan = " ".join(str(row) for row in transaction.exec_driver_sql(explain + str(given)))
            assert index in plan
            assert "SORT" not in plan.upper().replace("USING SORT", "")
            assert "TEMP B-TREE" not in plan
