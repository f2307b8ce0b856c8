"""`bench migration` in small: a store of the first release, with items in all states, is brought up to this one."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import migration
from engine.errors import ConfigurationError
from engine.store.database import Database
from engine.store.migrate import NEWEST, migrate

DRILLS = [
    "filled at version 0001",
    "kill -9 half way",
    "an error, a full disk",
    "two processes at once",
    "a store newer than the program",
    "items in flight go on",
]


def test_a_store_in_use_is_brought_up_on_sqlite(tmp_path: Path) -> None:
    found = list(migration.drill(tmp_path / "drill", f"sqlite:///{tmp_path}/moved.sqlite", "SQLite", 200))
    assert [(row.drill, row.met) for row in found] == [(name, True) for name in DRILLS], found
    assert "database or disk is full" in found[2].told


@pytest.mark.postgres
def test_a_store_in_use_is_brought_up_on_postgresql(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    server = request.getfixturevalue("postgres")
    found = list(migration.drill(tmp_path / "drill", server.new_database("moved"), "PostgreSQL", 200))
    assert [(row.drill, row.met) for row in found] == [(name, True) for name in DRILLS], found


def test_a_store_of_a_newer_release_is_refused_and_left_as_it_is(database: Database) -> None:
    with database.write() as transaction:
        transaction.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(ConfigurationError) as refused:
        migrate(database)
    place = database.engine.url.render_as_string(hide_password=True)
    assert str(refused.value) == (
        f"the store {place} was made by a newer release: found schema 9999, expected {NEWEST} or older; "
        "install that release here too, or `restore` a backup made before the store was brought up"
    )
    with database.read() as transaction:
        assert transaction.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one() == "9999"
