"""`bench console` opens real pages of a real console, and what it cannot open it does not count."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import console
from benchmarks.console import measure, script_kilobytes
from benchmarks.console_store import fill, write_project
from engine.store import tables
from engine.store.database import Database, count


def test_every_page_is_measured_and_the_scripts_stay_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "THINKS_SECONDS", 0.05)
    monkeypatch.setattr(console, "PEOPLE", 2)
    found = list(measure(full=False, items=300, pages_each=2))
    sqlite = [one for one in found if one.store == "SQLite"]
    pages = ["open exceptions", "one exception", "one item", "all items"]
    pages += ["dashboard", "dashboard of a year", "lines of a tile", "a run", "a workflow"]
    assert [one.page for one in sqlite] == [*pages, "next item, at hand", "next item, fetched"]
    assert all(one.requests == 4 and one.alone > 0 and one.p50 <= one.p95 for one in found)
    assert script_kilobytes() < console.SCRIPT_KILOBYTES


def test_a_page_that_is_not_there_ends_the_run(tmp_path: Path) -> None:
    write_project(tmp_path)
    url = f"sqlite:///{tmp_path}/data/clerkwork.db"
    database = Database(url)
    database.migrate()
    fill(database, 20)
    with database.read() as transaction:
        assert count(transaction, tables.items) == 20
    database.close()
    with (
        console._console(tmp_path, url) as address,
        pytest.raises(RuntimeError, match="/nowhere was answered with 404"),
    ):
        console._visit(address, ["/nowhere"])


@pytest.mark.parametrize("name", ["items", "runs", "steps", "exceptions"])
def test_the_store_holds_what_an_office_holds(tmp_path: Path, name: str) -> None:
    database = Database(f"sqlite:///{tmp_path}/store.db")
    database.migrate()
    fill(database, 300)
    wanted = {"items": 300, "runs": 300, "steps": 600}
    with database.read() as transaction:
        found = count(transaction, getattr(tables, name))
    database.close()
    assert found == wanted[name] if name in wanted else 20 < found < 80
