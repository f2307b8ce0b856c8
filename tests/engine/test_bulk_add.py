"""Many items at once: all or none, each key once, and keys that may come again after a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import StatementError

from engine import items
from engine.bulk import add_all
from engine.items import NewItem, State
from engine.store import tables
from engine.store.database import Database, count

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def new(key: str, **more: object) -> NewItem:
    return NewItem("adder", key, {"n": key}, **more)  # type: ignore[arg-type]


def test_many_items_are_queued_in_order_and_each_key_once(database: Database) -> None:
    heard: list[int] = []
    with database.write() as transaction:
        first, _ = items.add(transaction, new("7"), NOW)
        added = add_all(transaction, [new(str(n)) for n in range(2500)] + [new("3")], NOW, heard.append)
    assert sum(heard) == len(added) == 2501
    assert added[7] == (first, False)
    assert added[2500] == (added[3][0], False)
    assert sum(is_new for _, is_new in added) == 2499
    with database.write() as transaction:
        assert count(transaction, tables.items) == 2500
        claims = [items.claim(transaction, "w:1:1", NOW) for _ in range(3)]
    assert [claim.item for claim in claims if claim] == [first, added[0][0], added[1][0]]


def test_none_of_them_is_queued_where_one_fails(database: Database) -> None:
    with pytest.raises(StatementError, match="cannot be journalled"), database.write() as transaction:
        add_all(transaction, [new("1"), NewItem("adder", "2", {"n": object()})], NOW)
    with database.read() as transaction:
        assert count(transaction, tables.items) == 0


def test_a_key_may_come_again_once_its_period_is_over_and_its_item_is_closed(database: Database) -> None:
    again = new("A-1", again_after=30 * DAY)
    with database.write() as transaction:
        first, _ = items.add(transaction, again, NOW)
        assert items.add(transaction, again, NOW + 31 * DAY) == (first, False)  # still open
        items.close(transaction, first, State.SKIPPED, NOW + 31 * DAY, "SKIPPED", "by hand")
        assert items.add(transaction, again, NOW + 29 * DAY) == (first, False)
        second, is_new = items.add(transaction, again, NOW + 31 * DAY)
        assert is_new
        assert items.get(transaction, first)["key"] == f"A-1 ({first})"
        assert items.add(transaction, again, NOW + 31 * DAY) == (second, False)
        assert add_all(transaction, [again], NOW + 32 * DAY) == [(second, False)]
