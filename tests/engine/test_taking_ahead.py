"""The next item is taken with the commit that ends the one before it, and never lost by that."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from fakes.shop import Shop

from engine.events import Event
from engine.items import State
from engine.store import tables
from scheduler.worker import Worker

NOTHING = "steps:\n  - set: {a: 1}"


def state_of(shop: Shop, item: str) -> str:
    with shop.database.read() as transaction:
        found = transaction.execute(sa.select(tables.items.c.state).where(tables.items.c.id == item))
        return str(found.scalar_one())


def commits(shop: Shop, number: int, *, ahead: bool) -> int:
    """How many transactions that write it takes to work so many items."""
    for _ in range(number):
        shop.add()
    counted = [0]

    def count(_connection: sa.Connection) -> None:
        counted[0] += 1

    sa.event.listen(shop.database.engine, "commit", count)
    left = iter(range(number - 1, -1, -1))
    for _ in range(number):
        assert shop.engine.work_one(ahead=(lambda: next(left) > 0) if ahead else None) is not None
    sa.event.remove(shop.database.engine, "commit", count)
    return counted[0]


def test_an_item_after_another_costs_one_commit_less(tmp_path: Path) -> None:
    shop = Shop(tmp_path, NOTHING)
    assert commits(shop, 5, ahead=False) == 10
    assert commits(shop, 5, ahead=True) == 6


def test_an_item_taken_ahead_is_given_back_when_the_engine_closes(tmp_path: Path) -> None:
    shop = Shop(tmp_path, NOTHING)
    first, second = shop.add(), shop.add()
    assert shop.engine.work_one(ahead=lambda: True) == first
    assert state_of(shop, second) == State.RUNNING
    shop.engine.close()
    assert state_of(shop, second) == State.READY


def test_a_worker_that_is_asked_to_leave_takes_nothing_ahead(tmp_path: Path) -> None:
    shop, leaving = Shop(tmp_path, NOTHING), threading.Event()
    first, second = shop.add(), shop.add()
    shop.engine.events.listen(lambda event: leaving.set() if event.name == "step.begun" else None)
    taken: list[str] = []
    shop.engine.events.listen(lambda event: taken.append(event.item) if event.name == "item.claimed" else None)
    assert Worker(shop.engine, leaving=leaving).work() == 1
    assert taken == [first]
    with shop.database.read() as transaction:
        row = transaction.execute(tables.items.select().where(tables.items.c.id == second)).mappings().one()
    assert (row["state"], row["claim"]) == (State.READY, 0)


def test_a_store_that_goes_away_at_the_commit_leaves_both_items_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Shop(tmp_path, NOTHING)
    first, second = shop.add(), shop.add()
    real = shop.engine.take_ahead

    def then_away(transaction: sa.Connection) -> None:
        real(transaction)
        raise sa.exc.OperationalError("commit", {}, Exception("the store is away"))

    monkeypatch.setattr(shop.engine, "take_ahead", then_away)
    with pytest.raises(sa.exc.OperationalError):
        shop.engine.work_one(ahead=lambda: True)
    monkeypatch.setattr(shop.engine, "take_ahead", real)
    assert [shop.engine.work_one(), shop.engine.work_one()] == [first, second]
    assert [shop.engine.report(item).outcome for item in (first, second)] == ["done", "done"]


def test_a_commit_that_came_about_though_the_store_went_away_holds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Shop(tmp_path, NOTHING)
    first, second = shop.add(), shop.add()
    real = shop.engine.events.emit

    def away_after(event: Event) -> None:
        if event.name == "item.done":
            raise sa.exc.OperationalError("commit", {}, Exception("the answer was lost"))
        real(event)

    monkeypatch.setattr(shop.engine.events, "emit", away_after)
    with pytest.raises(sa.exc.OperationalError):
        shop.engine.work_one(ahead=lambda: True)
    monkeypatch.setattr(shop.engine.events, "emit", real)
    assert (shop.engine.report(first).outcome, state_of(shop, second)) == ("done", State.RUNNING)
    assert shop.engine.work_one() == second
    assert shop.engine.report(second).outcome == "done"


def test_the_text_of_a_workflow_is_kept_though_an_older_run_was_resumed_with_it(tmp_path: Path) -> None:
    """A run that goes on with its older text says nothing of whether the store has the newer one."""
    shop = Shop(tmp_path, "steps:\n  - wait: {for: 1h}\n  - set: {a: 1}")
    shop.add()
    assert shop.engine.work_one() is not None
    shop.file.write_text(shop.file.read_text().replace("a: 1", "a: 2"))
    shop.engine = shop.new_engine()
    shop.clock.sleep(3700)
    assert shop.engine.work_one() is not None
    shop.add(n=2)
    assert shop.engine.work_one() is not None
    with shop.database.read() as transaction:
        kept = {digest for (digest,) in transaction.execute(sa.select(tables.sources.c.digest))}
        begun = {digest for (digest,) in transaction.execute(sa.select(tables.runs.c.digest))}
    assert len(begun) == 2
    assert begun <= kept
