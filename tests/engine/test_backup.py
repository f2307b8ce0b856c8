"""The store's copy holds what was acknowledged, on both kinds, and is put back as it was."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from engine import items
from engine.items import NewItem
from engine.store import tables
from engine.store.backup import is_used, pause_all, put_back, save
from engine.store.database import Database, count

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_what_came_after_the_copy_is_gone_once_it_is_put_back(database: Database, tmp_path: Path) -> None:
    assert not is_used(database)
    with database.write() as transaction:
        items.add(transaction, NewItem("a", "1", {"n": 1}), NOW)
    save(database, tmp_path / "copy")
    with database.write() as transaction:
        items.add(transaction, NewItem("a", "2", {"n": 2}), NOW)
    put_back(database, tmp_path / "copy")
    assert is_used(database)
    assert pause_all(database, "restored") == ["a"]
    with database.write() as transaction:
        assert count(transaction, tables.items) == 1
        assert items.claim(transaction, "w:1:1", NOW) is None


def test_a_copy_is_taken_while_somebody_writes(database: Database, tmp_path: Path) -> None:
    with database.write() as transaction:
        items.add(transaction, NewItem("a", "1", {}), NOW)
    with database.write() as transaction:
        items.add(transaction, NewItem("a", "2", {}), NOW)
        save(database, tmp_path / "copy")
    put_back(database, tmp_path / "copy")
    with database.read() as transaction:
        assert count(transaction, tables.items) == 1
