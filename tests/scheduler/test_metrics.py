"""What a process tells Prometheus, and how it says that it is well."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from fakes.shop import NOW, Shop
from peers.postgres import PostgresServer
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from engine.events import Event
from engine.store import tables
from engine.store.database import Database
from scheduler import presence, vitals
from scheduler.vitals import Vitals

DEPLOY = Path(__file__).parents[2] / "deploy" / "monitoring"
FLOW = """\
workflow: shop
inputs: {n: {type: integer, required: false, default: 1}}
queue: {stop_after: 3}
steps:
  - if: ${{ item.n == 2 }}
    fail: {code: NO_SELLER, message: "nobody is known by that name"}
  - world.post: {world: WORLD, value: "no ${{ item.n }}"}
    effect: {key: "no/${{ item.n }}"}
"""


def asked(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def samples(port: int) -> dict[str, float]:
    """`name{label=value}` of all that is told."""
    status, text = asked(port, "/metrics")
    assert status == 200
    found = {}
    for family in text_string_to_metric_families(text):
        for one in family.samples:
            labels = ",".join(f"{key}={value}" for key, value in sorted(one.labels.items()))
            found[f"{one.name}{{{labels}}}" if labels else one.name] = one.value
    return found


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path, FLOW)


@pytest.fixture
def worker(shop: Shop) -> Iterator[Vitals]:
    made = Vitals("worker", shop.database, shop.clock, shop.engine.events)
    made.serve("127.0.0.1", 0)
    yield made
    made.close()


@pytest.fixture
def schedulers(shop: Shop) -> Iterator[list[Vitals]]:
    made = [Vitals("scheduler", shop.database, shop.clock, shop.engine.events) for _ in range(2)]
    for one in made:
        one.serve("127.0.0.1", 0, late=lambda: 4)
        one.beat()
    yield made
    for one in made:
        one.close()


def port(one: Vitals) -> int:
    assert one.port is not None
    return one.port.port


def test_a_worker_counts_items_steps_and_effects_by_workflow_and_action(shop: Shop, worker: Vitals) -> None:
    assert shop.work(n=1).outcome == "done"
    assert shop.work(n=2).code == "NO_SELLER"
    found = samples(port(worker))
    assert found["clerkwork_items_claimed_total{workflow=shop}"] == 2
    assert found["clerkwork_items_ended_total{state=done,workflow=shop}"] == 1
    assert found["clerkwork_items_ended_total{state=exception,workflow=shop}"] == 1
    assert found["clerkwork_item_duration_seconds_count{workflow=shop}"] == 2
    assert found["clerkwork_steps_total{action=world.post,status=done}"] == 1
    assert found["clerkwork_effects_total{action=world.post,workflow=shop}"] == 1


def test_no_label_names_an_item_or_what_it_is_about(shop: Shop, worker: Vitals, schedulers: list[Vitals]) -> None:
    item = shop.add(n=2)
    shop.go_on(item)
    for one in (worker, *schedulers):
        _, text = asked(port(one), "/metrics")
        assert item not in text
        assert "nobody" not in text
    labels = set(re.findall(r'(\w+)="', asked(port(worker), "/metrics")[1]))
    assert labels <= {"workflow", "state", "action", "status", "code", "le"}


def test_what_the_store_knows_is_told_by_one_scheduler_however_many_there_are(
    shop: Shop, worker: Vitals, schedulers: list[Vitals]
) -> None:
    worker.beat()
    shop.work(n=1)
    shop.work(n=2)
    shop.add(n=3)
    shop.clock.sleep(60)
    for one in schedulers:
        one.beat()
    told = [samples(port(one)) for one in (worker, *schedulers)]
    assert [("clerkwork_workers_alive" in one) for one in told].count(True) == 1
    (found,) = [one for one in told if "clerkwork_workers_alive" in one]
    assert found["clerkwork_items{state=done,workflow=shop}"] == 1
    assert found["clerkwork_items{state=exception,workflow=shop}"] == 1
    assert found["clerkwork_oldest_ready_item_age_seconds{workflow=shop}"] == 60
    assert found["clerkwork_exceptions_open{code=NO_SELLER,workflow=shop}"] == 1
    assert found["clerkwork_schedules_late"] == 4
    assert found["clerkwork_workers_alive"] == 0  # it was not seen for a minute


def test_the_other_scheduler_tells_once_the_one_on_duty_is_gone(shop: Shop, schedulers: list[Vitals]) -> None:
    first, second = schedulers
    assert "clerkwork_queues_paused" in samples(port(first))
    assert "clerkwork_queues_paused" not in samples(port(second))
    shop.clock.sleep(presence.ALIVE.total_seconds() + 1)
    second.beat()
    first.beat()
    assert "clerkwork_queues_paused" in samples(port(second))
    assert "clerkwork_queues_paused" not in samples(port(first))


def test_rare_causes_are_told_together(shop: Shop, schedulers: list[Vitals]) -> None:
    item = shop.add(n=2)
    shop.go_on(item)
    with shop.database.write() as transaction:
        row = dict(transaction.execute(tables.exceptions.select()).mappings().one())
        for number in range(80):
            transaction.execute(tables.exceptions.insert(), {**row, "id": f"exc_{number}", "code": f"C{number}"})
    found = samples(port(schedulers[0]))
    codes = {name: value for name, value in found.items() if name.startswith("clerkwork_exceptions_open")}
    assert len(codes) == 51
    assert codes["clerkwork_exceptions_open{code=other,workflow=shop}"] == 31


@pytest.mark.postgres
def test_postgresql_is_counted_alike(tmp_path: Path, postgres: PostgresServer) -> None:
    shop = Shop(tmp_path, FLOW, Database(postgres.new_database("metrics")))
    one = Vitals("scheduler", shop.database, shop.clock, shop.engine.events)
    one.serve("127.0.0.1", 0, late=lambda: 0)
    try:
        one.beat()
        shop.work(n=2)
        found = samples(port(one))
        assert found["clerkwork_exceptions_open{code=NO_SELLER,workflow=shop}"] == 1
        assert found["clerkwork_items{state=exception,workflow=shop}"] == 1
    finally:
        one.close()
        shop.database.close()


def test_a_process_is_ready_while_its_store_answers_and_its_loop_turns(
    shop: Shop, worker: Vitals, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = worker.turns(shop.engine.events)
    turn()
    assert asked(port(worker), "/healthz") == (200, "ok\n")
    assert asked(port(worker), "/readyz") == (200, "ready\n")
    monkeypatch.setattr(vitals, "STUCK_SECONDS", -1.0)
    assert asked(port(worker), "/readyz") == (503, "stuck\n")
    shop.engine.events.emit(Event("item.claimed", NOW, "item_1"))
    assert asked(port(worker), "/readyz") == (200, "ready\n")
    assert asked(port(worker), "/etc/passwd")[0] == 404


def test_a_store_of_another_schema_or_none_is_not_ready(shop: Shop, worker: Vitals, tmp_path: Path) -> None:
    with shop.database.write() as transaction:
        transaction.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    assert asked(port(worker), "/readyz") == (503, "schema\n")
    shop.database.close()
    (tmp_path / "clerkwork.sqlite").unlink()
    (tmp_path / "clerkwork.sqlite").mkdir()
    assert asked(port(worker), "/readyz") == (503, "store\n")
    assert asked(port(worker), "/healthz") == (200, "ok\n")


def test_a_process_that_leaves_is_not_missed_and_one_that_dies_is(shop: Shop) -> None:
    with shop.database.write() as transaction:
        for name in ("left", "died"):
            presence.announce(transaction, name, "worker", "host", NOW)
        assert presence.alive(transaction, "worker", NOW) == 2
        presence.leave(transaction, "left")
        later = NOW + timedelta(minutes=1)
        assert presence.alive(transaction, "worker", later) == 0
        assert presence.lost(transaction, "worker", later, timedelta(hours=1)) == 1


def all_names() -> set[str]:
    """Every name that any process can tell, as Prometheus stores it."""
    from scheduler.metrics import EventMetrics

    registry = CollectorRegistry()
    EventMetrics(registry)
    names = set()
    for family in registry.collect():
        if family.type == "counter":
            names.add(f"{family.name}_total")
        elif family.type == "histogram":
            names |= {f"{family.name}_{part}" for part in ("bucket", "sum", "count")}
    return names


@pytest.mark.parametrize("file", ["alerts.yaml", "dashboard.json"])
def test_no_name_in_the_dashboard_and_the_rules_is_missing(file: str, shop: Shop, schedulers: list[Vitals]) -> None:
    _, text = asked(port(schedulers[0]), "/metrics")
    known = all_names() | set(re.findall(r"^# TYPE (\w+) gauge$", text, re.M))
    content = (DEPLOY / file).read_text()
    used = set(re.findall(r"\bclerkwork_\w+", content))
    assert used
    assert used - known == set()


def test_dashboard_and_rules_are_well_formed() -> None:
    panels = json.loads((DEPLOY / "dashboard.json").read_text())["panels"]
    assert all(one["targets"][0]["expr"] for one in panels)
    rules = [
        rule for group in yaml.safe_load((DEPLOY / "alerts.yaml").read_text())["groups"] for rule in group["rules"]
    ]
    assert all({"alert", "expr", "labels", "annotations"} <= rule.keys() for rule in rules)
