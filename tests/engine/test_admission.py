"""What holds an item back though it is its turn: limits, rates, needs, and a connection that is away."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fakes.shop import NOW, Shop
from pydantic import BaseModel

from engine import admission
from engine.action import REGISTRY, action
from engine.admission import Admission, Gate, Limits, gate_of
from engine.context import Context
from engine.errors import ApplicationException, Outcome
from engine.events import Event
from engine.items import NewItem, State, add, claim, let_go
from engine.rate import read_rate
from engine.store.database import Database
from engine.workflows import Library

ERP = """
workflow: {name}
inputs: {{n: {{type: integer, required: false, default: 1}}}}
queue: {{retry: {{attempts: 1}}}}
steps:
  - gate.ask: {{connection: erp}}
"""
CALLS = """
workflow: calls
inputs: {n: {type: integer, required: false, default: 1}}
steps:
  - call: {workflow: orders}
"""
PLAIN = """
workflow: plain
inputs: {n: {type: integer, required: false, default: 1}}
steps:
  - set: {a: 1}
"""


class Ask(BaseModel):
    connection: str


class System:
    """A system that a test takes away and brings back."""

    down: bool = False
    retry_after: float | None = None
    asked: int = 0


def ask(input: Ask, context: Context) -> None:
    System.asked += 1
    if System.down:
        raise ApplicationException("DOWN", "no answer", outcome=Outcome.NOT_DONE, retry_after=System.retry_after)


@pytest.fixture(autouse=True)
def system() -> type[System]:
    if "gate.ask" not in REGISTRY:
        action("gate.ask")(ask)
    System.down, System.retry_after, System.asked = False, None, 0
    return System


def office(folder: Path, database: Database, limits: Mapping[str, Limits], **given: Any) -> Shop:
    shop = Shop(folder, PLAIN, database)
    for name in ("orders", "bills"):
        (folder / f"{name}.yaml").write_text(ERP.format(name=name))
    (folder / "calls.yaml").write_text(CALLS)
    shop.engine.connection_limits = limits
    shop.engine.registry = registry = {**shop.engine.registry, "gate.ask": REGISTRY["gate.ask"]}
    files = [shop.file, *(folder / f"{name}.yaml" for name in ("orders", "bills", "calls"))]
    shop.engine.library = Library(files, registry)
    for name, value in given.items():
        setattr(shop.engine, name, value)
    return shop


def queue(shop: Shop, workflow: str, number: int = 1) -> list[str]:
    flow = shop.engine.library.get(workflow)
    return [shop.engine.add(shop.engine.new_item(flow, {"n": n}))[0] for n in range(number)]


def taken(database: Database, gates: Admission, number: int, now: Any = NOW) -> list[str]:
    found = []
    for _ in range(number):
        with database.write() as transaction:
            one = claim(transaction, "elsewhere:1:1", now, admission=gates)
        if one is not None:
            found.append(one.workflow)
    return found


def filled(database: Database, *workflows: str) -> None:
    with database.write() as transaction:
        for number, workflow in enumerate(workflows):
            add(transaction, NewItem(workflow, str(number), {}), NOW)


def test_a_connection_is_used_by_no_more_items_at_once_than_it_bears_whatever_their_workflow(
    database: Database,
) -> None:
    gates = Admission([Gate(gate_of("erp"), Limits(at_once=2), frozenset(["orders", "bills"]))])
    filled(database, "orders", "bills", "orders", "plain")
    assert taken(database, gates, 4) == ["orders", "bills", "plain"]


def test_the_end_of_an_item_makes_room_for_the_next_one(database: Database) -> None:
    gates = Admission([Gate(gate_of("erp"), Limits(at_once=1), frozenset(["orders"]))])
    filled(database, "orders", "orders")
    with database.write() as transaction:
        first = claim(transaction, "elsewhere:1:1", NOW, admission=gates)
        assert first is not None
    assert taken(database, gates, 1) == []
    with database.write() as transaction:
        let_go(transaction, first, State.DONE)
    assert taken(database, gates, 1) == ["orders"]


def test_a_rate_lets_one_item_begin_after_the_other_and_says_when_the_next_may(database: Database) -> None:
    gates = Admission([Gate("queue orders", Limits(rate=read_rate("30 per minute")), frozenset(["orders"]))])
    filled(database, *["orders"] * 4)
    assert taken(database, gates, 2) == ["orders"]
    assert gates.again == NOW + timedelta(seconds=2)
    assert taken(database, gates, 2, NOW + timedelta(seconds=1.9)) == []
    assert taken(database, gates, 2, NOW + timedelta(seconds=2)) == ["orders"]


def test_a_limit_holds_however_many_workers_ask_at_the_same_time(database: Database) -> None:
    filled(database, *["orders"] * 12)
    found: list[str] = []

    def work() -> None:
        gates = Admission([Gate(gate_of("erp"), Limits(at_once=3), frozenset(["orders"]))])
        found.extend(taken(database, gates, 3))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(found) == 3


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30 per minute", 2.0), ("1 per second", 1.0), ("100 per 24 hours", 864.0), ("4 per day", 21600)],
)
def test_rates_are_read(text: str, seconds: float) -> None:
    rate = read_rate(text)
    assert rate is not None
    assert rate.every == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["30", "0 per minute", "30 per 0 minutes", "-1 per day", "fast", 30, None])
def test_what_is_no_rate_is_none(text: object) -> None:
    assert read_rate(text) is None


def test_a_worker_takes_only_what_it_can_do(tmp_path: Path, database: Database) -> None:
    shop = office(tmp_path, database, {}, able=["browser"])
    (tmp_path / "orders.yaml").write_text(ERP.format(name="orders").replace("queue: {", "queue: {needs: [region=eu], "))
    shop.engine.library.refresh()
    (order,), (plain,) = queue(shop, "orders"), queue(shop, "plain")
    assert shop.engine.work_one() == plain
    assert shop.engine.work_one() is None
    shop.engine.able, shop.engine._admission = ["browser", "region=eu"], None
    assert shop.engine.work_one() == order


def test_a_connection_that_fails_again_and_again_is_left_alone_and_others_go_on(
    tmp_path: Path, database: Database, system: type[System]
) -> None:
    shop, told = office(tmp_path, database, {"erp": Limits(stop_after=3)}), list[Event]()
    shop.engine.events.listen(told.append)
    orders, bills, plain = queue(shop, "orders", 5), queue(shop, "bills", 2), queue(shop, "plain", 2)
    system.down = True
    worked = [shop.engine.work_one() for _ in range(6)]
    assert worked == [*orders[:3], *plain, None]
    assert system.asked == 3
    assert [(event.name, event.data) for event in told if event.name.startswith("connection")] == [
        ("connection.down", {"connection": "erp", "message": "no answer"})
    ]
    # After its rest one item tries; it fails, and the rest is twice as long.
    assert shop.engine.admission().again == NOW + timedelta(minutes=1)
    shop.clock.sleep(60)
    assert [shop.engine.work_one(), shop.engine.work_one()] == [orders[3], None]
    assert shop.engine.admission().again == NOW + timedelta(minutes=3)
    # It is back: the one that tries succeeds, and all go on.
    shop.clock.sleep(120)
    system.down = False
    assert [shop.engine.work_one() for _ in range(4)] == [orders[4], *bills, None]
    assert [event.name for event in told if event.name.startswith("connection")] == ["connection.down", "connection.up"]
    with database.read() as transaction:
        assert admission.resting(transaction) == []


def test_while_one_item_tries_a_connection_the_others_wait(database: Database) -> None:
    limits = Limits(stop_after=1, rest=timedelta(minutes=1))
    gates = Admission([Gate(gate_of("erp"), limits, frozenset(["orders"]))])
    filled(database, "orders", "orders")
    with database.write() as transaction:
        assert admission.failed(transaction, "erp", limits, NOW, "no answer", None)
    assert taken(database, gates, 2) == []
    assert taken(database, gates, 2, NOW + timedelta(minutes=1)) == ["orders"]


def test_a_system_that_says_when_to_come_again_is_not_asked_before(
    tmp_path: Path, database: Database, system: type[System]
) -> None:
    shop = office(tmp_path, database, {"erp": Limits(stop_after=1)})
    queue(shop, "orders", 2)
    system.down, system.retry_after = True, 600.0
    assert shop.engine.work_one() is not None
    assert shop.engine.work_one() is None
    assert shop.engine.admission().again == NOW + timedelta(minutes=10)


def test_a_workflow_that_is_called_counts_with_its_caller(tmp_path: Path, database: Database) -> None:
    shop = office(tmp_path, database, {"erp": Limits(at_once=1)})
    gates = shop.engine.admission()
    assert sorted(gates.gated(["orders", "bills", "calls", "plain"])) == ["bills", "calls", "orders"]


def test_a_person_lets_a_connection_be_used_again(tmp_path: Path, database: Database, system: type[System]) -> None:
    shop = office(tmp_path, database, {"erp": Limits(stop_after=1)})
    orders = queue(shop, "orders", 2)
    system.down = True
    assert [shop.engine.work_one(), shop.engine.work_one()] == [orders[0], None]
    system.down = False
    with database.write() as transaction:
        admission.works(transaction, "erp")
    assert shop.engine.work_one() == orders[1]
