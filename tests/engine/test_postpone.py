"""An item that a person postpones, in both stores."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine import items
from engine.errors import UsageError
from engine.items import NewItem
from engine.store.database import Database

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_it_is_taken_once_the_time_has_come_and_not_before(database: Database) -> None:
    with database.write() as transaction:
        item, _ = items.add(transaction, NewItem("w", "1", {}, not_before=NOW + timedelta(hours=1)), NOW)
        items.postpone(transaction, item, NOW + timedelta(hours=3), NOW)
    for hours, taken in ((2, False), (3, True)):
        with database.write() as transaction:
            claim = items.claim(transaction, "worker", NOW + timedelta(hours=hours))
        assert (claim is not None) is taken
    with database.write() as transaction, pytest.raises(UsageError, match="is running and cannot be postponed"):
        items.postpone(transaction, item, NOW + timedelta(hours=9), NOW)


def test_the_children_of_an_item_are_found(database: Database) -> None:
    with database.write() as transaction:
        parent, _ = items.add(transaction, NewItem("w", "1", {}), NOW)
        child, _ = items.add(transaction, NewItem("v", "2", {}, parent=parent), NOW)
    with database.read() as transaction:
        assert [(row["id"], row["state"]) for row in items.children(transaction, parent)] == [(child, "ready")]
