"""The claim's order and cost: over several queues, with times, and however many items there are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from engine import items, journal, ledger, runnable
from engine.admission import Admission, Gate, Limits
from engine.bulk import add_all
from engine.items import NewItem, State
from engine.store import tables
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


def test_the_effects_of_a_run_are_found_by_an_index_however_long_the_ledger_is(database: Database) -> None:
    """An item that goes on would go through the ledger of years."""
    asked: list[tuple[str, object]] = []

    def ask(_connection: object, _cursor: object, statement: str, given: object, _context: object, many: bool) -> None:
        if "FROM effects" in statement and not many:
            asked.append((statement, given))

    with database.write() as transaction:
        items.add(transaction, NewItem("a", "1", {}), NOW)
        claim = items.claim(transaction, WORKER, NOW)
        assert claim is not None
        values = {"id": claim.run, "item": claim.item, "workflow": "a", "digest": "x", "started": NOW}
        transaction.execute(tables.runs.insert().values(**values))
        some = {
            "scope": "a",
            "item": "other",
            "run": "other",
            "path": "",
            "workflow": "a",
            "action": "b",
            "kind": "keyed",
        }
        some |= {"status": "done", "intended": NOW}
        transaction.execute(
            tables.effects.insert(), [{**some, "id": f"e{n}", "key": str(n), "item": f"i{n}"} for n in range(3000)]
        )
    if not database.is_sqlite:
        with database.write() as transaction:
            transaction.execute(sa.text("ANALYZE effects"))
    sa.event.listen(database.engine, "before_cursor_execute", ask)
    with database.read() as transaction:
        journal.load(transaction, claim.run, claim)
        ledger.lasting(transaction, claim.run)
    sa.event.remove(database.engine, "before_cursor_execute", ask)
    assert len(asked) == 2
    with database.read() as transaction:
        for statement, given in asked:
            explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
            found = transaction.exec_driver_sql(explain + statement, given)  # type: ignore[arg-type]
            plan = " ".join(str(row) for row in found)
            assert "ix_effects_item" in plan, plan
