"""The sample office: two months of work that was really done, and of every kind something that waits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from demo_office import engine_of

from demo.project import DemoProject
from demo.sample_office.fill import NEW_CAUSE, fill
from engine import exceptions, items
from engine.audit import verify
from engine.exceptions import Person
from engine.store import tables
from engine.store.database import count, rows, tally
from engine.work import Engine

KINDS = {"business", "application", "review", "approval", "uncertain"}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, Path]]:
    folder = tmp_path_factory.mktemp("office")
    DemoProject(folder).prepare(sample=True)
    with engine_of(folder) as engine:
        assert not engine.library.problems
        assert fill(engine, engine.clock.now()) > 400
        yield engine, folder


def test_something_of_every_kind_waits_in_every_department(office: tuple[Engine, Path]) -> None:
    engine, _ = office
    table = tables.exceptions.c
    with engine.database.read() as transaction:
        by_kind = tally(transaction, table.kind, table.closed.is_(None))
        by_flow = tally(transaction, table.workflow, table.closed.is_(None))
        done = count(transaction, tables.items, tables.items.c.state == "done")
        acts = tally(transaction, tables.acts.c.kind)
        coloured = {
            name for name in ("holder", "snoozed") if count(transaction, table.id.table, table[name].is_not(None))
        }
        overdue = count(transaction, table.id.table, table.closed.is_(None), table.due < engine.clock.now())
    assert set(by_kind) == KINDS
    assert len(by_flow) == 5
    assert done > 250
    assert {"claimed", "snoozed", "commented"} <= set(acts)
    assert coloured == {"holder", "snoozed"}
    assert overdue > 0


def test_what_is_in_the_store_was_really_done(office: tuple[Engine, Path]) -> None:
    import sqlite3

    engine, folder = office
    with engine.database.read() as transaction:
        done = count(transaction, tables.effects, tables.effects.c.status == "done")
        people = {row["person"] for row in rows(transaction, tables.decisions.select())}
    with sqlite3.connect(folder / "sample" / "system.sqlite") as system:
        (entered,) = system.execute("SELECT count(*) FROM lines").fetchone()
    assert entered >= done > 250  # of some the answer was lost
    assert {"ines", "omar", "pia", "ruth"} <= people
    from config.secrets import SecretStore

    key = SecretStore(folder / "data", {}).derived("audit")
    assert verify(engine.database, key, []).findings == []


def test_fifty_orders_go_on_once_one_cost_centre_is_known(office: tuple[Engine, Path]) -> None:
    engine, folder = office
    with engine.database.read() as transaction:
        waiting = [
            row
            for row in exceptions.open_exceptions(transaction, limit=1000)
            if row["code"] == "COST_CENTRE_UNKNOWN" and row["holder"] is None
        ]
    assert len(waiting) >= NEW_CAUSE - 18
    with (folder / "sample" / "cost_centres.txt").open("a") as known:
        known.write("4711\n")
    for row in waiting[:5]:
        with engine.database.write() as transaction:
            exceptions.retry(transaction, row["id"], Person("root", admin=True), engine.clock.now())
        engine.work_until_idle([str(row["item"])])
        with engine.database.read() as transaction:
            assert items.get(transaction, str(row["item"]))["state"] == "done"


def test_an_office_that_is_there_is_not_filled_twice(office: tuple[Engine, Path]) -> None:
    engine, folder = office
    assert fill(engine, engine.clock.now()) == 0
    project = DemoProject(folder)
    project.prepare()  # without being asked for the sample again
    assert "plugins: plugins" in (folder / "config" / "settings.yaml").read_text()
