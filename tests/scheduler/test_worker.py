"""A worker: it waits for a store that went away, and leaves when it has come to hold too much."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from fakes.shop import Shop

from engine.events import Event
from scheduler.worker import Worker

NOTHING = "steps:\n  - set: {a: 1}"


def test_a_worker_that_holds_too_much_leaves_after_its_item_and_says_so(tmp_path: Path) -> None:
    shop, told = Shop(tmp_path, NOTHING), list[Event]()
    shop.engine.events.listen(told.append)
    items = [shop.add(), shop.add()]
    assert Worker(shop.engine, most_memory=1).work() == 1
    assert [shop.engine.report(item).outcome for item in items] == ["done", "waiting"]
    (message,) = [event.data["message"] for event in told if event.name == "worker.worn_out"]
    assert message == "the worker holds more than 1 MB and ends, to be started anew"


def test_a_worker_waits_for_a_store_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop, leaving, told = Shop(tmp_path, NOTHING), threading.Event(), list[Event]()
    item, real, calls = shop.add(), shop.engine.work_one, [0]
    shop.engine.events.listen(told.append)

    def work_one(**given: object) -> str | None:
        calls[0] += 1
        if calls[0] == 1:
            raise sa.exc.OperationalError("claim", {}, Exception("the store is away"))
        leaving.set()
        return real()

    monkeypatch.setattr(shop.engine, "work_one", work_one)
    assert Worker(shop.engine, leaving=leaving).work() == 1
    assert shop.engine.report(item).outcome == "done"
    messages = [event.data["message"] for event in told if event.name == "worker.waits"]
    assert messages == ["the store does not answer, the worker waits for it: the store is away"]
