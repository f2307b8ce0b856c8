"""Workers that are lost: what is taken over, what is doubted, and an item over which too many were lost."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from fakes.shop import Shop
from peers.postgres import PostgresServer

from engine import items, journal, ledger
from engine.items import State
from engine.store import tables
from engine.store.database import Database, StoreError, patience

POST = """
steps:
  - world.post: {world: WORLD, value: once}
    effect: {key: "${{ item.n }}"}
"""


def lose_a_worker(shop: Shop, name: str, *, with_intent: bool = False) -> None:
    """A worker takes the item, perhaps says what it is about to do, and is not heard of again."""
    with shop.database.write() as tx:
        claim = items.claim(tx, name, shop.clock.now())
        assert claim is not None
        opened = shop.engine.library.get("shop")
        run = journal.begin_in(tx, claim, opened, shop.clock.now())
        if with_intent:
            step = opened.steps[0]
            assert step.action is not None
            given = {"world": str(shop.world), "value": "once"}
            intent = ledger.Intent(
                "shop/world.post", "1", claim.item, run.run, step.path, "shop", "world.post", step.effect_kind, given
            )
            ledger.intend(tx, intent, shop.clock.now())
    shop.clock.sleep(120)


def test_an_item_over_which_three_workers_were_lost_is_given_to_a_person(tmp_path: Path) -> None:
    shop = Shop(tmp_path, POST)
    item = shop.add(n=1)
    for number in range(3):
        lose_a_worker(shop, f"elsewhere:{number}:1")
    report = shop.go_on(item)
    assert (report.outcome, report.code, shop.posts) == ("failed", "WORKERS_LOST", [])
    assert report.message == "3 workers were lost while they worked this item; it may be its fault"


def test_two_lost_workers_are_no_reason_to_stop(tmp_path: Path) -> None:
    shop = Shop(tmp_path, POST)
    item = shop.add(n=1)
    for number in range(2):
        lose_a_worker(shop, f"elsewhere:{number}:1")
    assert (shop.go_on(item).outcome, shop.posts) == ("done", ["once"])


def test_an_effect_begun_by_a_worker_that_may_still_be_at_it_is_not_repeated(tmp_path: Path) -> None:
    shop = Shop(tmp_path, POST)
    item = shop.add(n=1)
    lose_a_worker(shop, "elsewhere:1:1", with_intent=True)
    report = shop.go_on(item)
    assert (report.outcome, shop.posts) == ("uncertain", [])
    assert "the worker elsewhere:1:1 was out of reach when its lease ended" in str(report.message)
    assert "a look-up found nothing" in str(report.message)


def test_an_effect_begun_by_a_worker_that_is_dead_is_looked_up_and_done(tmp_path: Path) -> None:
    shop = Shop(tmp_path, POST)
    item = shop.add(n=1)
    here = items.worker_name().partition(":")[0]
    lose_a_worker(shop, f"{here}:1:nobody", with_intent=True)
    assert (shop.go_on(item).outcome, shop.posts) == ("done", ["once"])


def test_an_item_at_which_the_store_went_away_is_given_back_by_its_own_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Shop(tmp_path, POST)
    item = shop.add(n=1)
    with monkeypatch.context() as patch:

        def away(*_: object, **_values: object) -> None:
            raise sa.exc.OperationalError("let_go", {}, Exception("the store is away"))

        patch.setattr(items, "let_go", away)
        with pytest.raises(sa.exc.OperationalError):
            shop.engine.work_one()
    with shop.database.read() as tx:
        assert items.get(tx, item)["state"] == State.RUNNING
    assert (shop.go_on(item).outcome, shop.posts) == ("done", ["once"])
    with shop.database.read() as tx:
        assert tx.execute(sa.select(sa.func.count()).select_from(tables.events)).scalar_one() == 0


def test_a_worker_is_named_by_its_host_its_number_and_its_start() -> None:
    host, pid, started = items.worker_name().split(":")
    assert host
    assert pid.isdigit()
    assert started.isdigit()
    assert not items.is_dead(items.worker_name())
    assert items.is_dead(f"{host}:{pid}:{int(started) - 1}")


@pytest.mark.postgres
def test_a_host_cut_off_in_the_middle_of_a_transaction_holds_up_nobody(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    """The server would keep its locks for hours: it does not hear that the other end is gone."""
    url = postgres.new_database("cut_off")
    shop = Shop(tmp_path, POST, database=Database(url))
    first, second = shop.add(n=1), shop.add(n=2)
    silent = Database(f"{url}?options=-c%20idle_in_transaction_session_timeout%3D1500")
    with silent.engine.connect() as cut_off:
        transaction = cut_off.begin()
        claim = items.claim(cut_off, "elsewhere:1:1", shop.clock.now())
        assert claim is not None
        journal.begin_in(cut_off, claim, shop.engine.library.get("shop"), shop.clock.now())
        transaction.commit()
        cut_off.begin()
        items.hold(cut_off, claim)
        shop.clock.sleep(120)
        assert shop.engine.work_one() == second
        time.sleep(2)
        assert shop.engine.work_one() == first
        with pytest.raises(StoreError, match="idle-in-transaction timeout"):
            items.hold(cut_off, claim)
    assert shop.posts == ["once", "once"]
    silent.close()
    shop.database.close()


def test_what_the_address_of_the_store_says_itself_stands() -> None:
    said = patience("postgresql+psycopg://u@h/d?connect_timeout=3&options=-c%20lock_timeout%3D1")
    assert "connect_timeout" not in said
    assert "options" not in said
    assert patience("postgresql+psycopg://u@h/d")["options"] == "-c idle_in_transaction_session_timeout=20000"
