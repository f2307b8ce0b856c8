"""A worker without work hears of new items from other processes, and does not ask for them all the time."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from fakes.shop import NOW, Shop
from peers.postgres import PostgresServer

from engine import items
from engine.clock import SystemClock
from engine.items import NewItem
from engine.store.bell import Bell, NoBell, bell_of
from engine.store.database import Database
from scheduler.worker import Worker

LONG = 20.0
NOTHING = "steps:\n  - set: {a: 1}"
ADD = """
import sys
from engine.clock import SystemClock
from engine.items import NewItem, add
from engine.store.database import Database
with Database(sys.argv[1]).write() as transaction:
    add(transaction, NewItem("shop", sys.argv[2], {"n": 1}), SystemClock().now())
"""


@pytest.fixture
def bell(store: Database) -> Iterator[Bell]:
    store.migrate()
    made = bell_of(store)
    if not store.is_sqlite:
        # Until it listens it cannot tell what came before, so its first wait is none.
        assert made.wait(LONG, threading.Event())
    yield made
    made.close()


def add(store: Database, key: str) -> str:
    with store.write() as transaction:
        return items.add(transaction, NewItem("shop", key, {}), NOW)[0]


def has(done: list[str], item: str) -> bool:
    return item in done


def test_it_rings_when_another_process_queues_an_item(store: Database, bell: Bell) -> None:
    child = subprocess.Popen([sys.executable, "-c", ADD, store.url.replace("+psycopg", ""), "a"])
    assert bell.wait(LONG, threading.Event())
    assert child.wait() == 0
    with store.write() as transaction:
        assert items.claim(transaction, "w:1:1", SystemClock().now()) is not None


def test_it_rings_when_a_person_lets_an_item_go_on_or_resumes_a_queue(store: Database, bell: Bell) -> None:
    other = Database(store.url)
    item = add(other, "a")
    assert bell.wait(LONG, threading.Event())
    bell.hush()
    with other.write() as transaction:
        items.make_ready(transaction, item, NOW)
    assert bell.wait(LONG, threading.Event())
    bell.hush()
    with other.write() as transaction:
        items.resume(transaction, "shop")
    other.close()


def test_what_was_seen_to_already_does_not_ring(tmp_path: Path) -> None:
    store = Database(f"sqlite:///{tmp_path}/store.sqlite")
    store.migrate()
    bell, other = bell_of(store), Database(store.url)
    add(other, "a")
    bell.hush()
    assert not bell.wait(0.1, threading.Event())
    for one in (bell, other, store):
        one.close()


def test_it_is_silent_while_nothing_comes(bell: Bell) -> None:
    began = time.monotonic()
    assert not bell.wait(0.3, threading.Event())
    assert time.monotonic() - began >= 0.3


def test_who_is_asked_to_leave_waits_no_longer(bell: Bell) -> None:
    leaving, began = threading.Event(), time.monotonic()
    threading.Timer(0.1, leaving.set).start()
    assert not bell.wait(LONG, leaving)
    assert time.monotonic() - began < LONG / 2


def test_a_store_in_memory_has_nobody_else_to_ring() -> None:
    assert isinstance(bell_of(Database("sqlite://")), NoBell)


@pytest.mark.postgres
def test_a_connection_that_the_server_cuts_is_made_anew(postgres: PostgresServer) -> None:
    store = Database(postgres.new_database("bell_cut"))
    store.migrate()
    bell, here = bell_of(store), threading.Event()
    assert bell.wait(LONG, here)
    with store.write() as transaction:
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'LISTEN clerkwork_items' AND datname = 'bell_cut'"
        assert list(transaction.exec_driver_sql(cut)) == [(True,)]
    assert not bell.wait(0.2, here)
    assert bell.wait(LONG, here)
    add(store, "a")
    assert bell.wait(LONG, here)
    bell.close()
    store.close()


def test_a_worker_without_work_begins_an_item_as_soon_as_it_is_queued(
    store: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    """It would look by itself after an hour only: what wakes it is the bell."""
    monkeypatch.setattr("scheduler.worker.IDLE_SECONDS", 3600.0)
    shop = Shop(tmp_path, NOTHING, database=store)
    shop.engine.clock = SystemClock()
    leaving, done = threading.Event(), list[str]()
    shop.engine.events.listen(lambda event: done.append(event.item) if event.name == "item.done" else None)
    worker = threading.Thread(target=Worker(shop.engine, leaving=leaving).work)
    worker.start()
    other = Database(store.url)
    try:
        for number in range(3):
            with other.write() as transaction:
                added = items.add(transaction, NewItem("shop", str(number), {"n": 1}), SystemClock().now())
            eventually(partial(has, done, added[0]))
    finally:
        leaving.set()
        worker.join()
        other.close()
