"""Who has an exception open: told to the others, over after ten minutes, and in nobody's way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from engine import looking
from engine.store import tables
from engine.store.database import Database, count

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def lookers(database: Database, but: str, now: datetime, *exceptions: str) -> list[tuple[str, str]]:
    with database.read() as transaction:
        found = looking.at(transaction, exceptions or ("exc_1",), but, now)
    return [(str(row["exception"]), str(row["person"])) for row in found]


def look(database: Database, exception: str, person: str, now: datetime) -> None:
    with database.write() as transaction:
        looking.look(transaction, exception, person, now)


def test_others_see_who_looks_at_it_in_the_order_they_came(database: Database) -> None:
    for minutes, person in enumerate(("root", "ada", "ben")):
        look(database, "exc_1", person, NOW + minutes * MINUTE)
    look(database, "exc_2", "ben", NOW)
    at = NOW + 3 * MINUTE
    assert lookers(database, "ada", at) == [("exc_1", "root"), ("exc_1", "ben")]
    assert lookers(database, "root", at, "exc_1", "exc_2") == [("exc_2", "ben"), ("exc_1", "ada"), ("exc_1", "ben")]


def test_it_ends_by_itself_and_leaves_nothing_behind(database: Database) -> None:
    look(database, "exc_1", "ada", NOW)
    assert lookers(database, "root", NOW + 10 * MINUTE - timedelta(seconds=1)) == [("exc_1", "ada")]
    assert lookers(database, "root", NOW + 10 * MINUTE) == []
    look(database, "exc_2", "ben", NOW + 11 * MINUTE)
    with database.read() as transaction:
        assert count(transaction, tables.looks) == 1


def test_who_opens_it_again_looks_for_longer_and_keeps_their_place(database: Database) -> None:
    look(database, "exc_1", "ada", NOW)
    look(database, "exc_1", "ben", NOW + MINUTE)
    look(database, "exc_1", "ada", NOW + 8 * MINUTE)
    assert lookers(database, "root", NOW + 9 * MINUTE) == [("exc_1", "ada"), ("exc_1", "ben")]
    assert lookers(database, "root", NOW + 12 * MINUTE) == [("exc_1", "ada")]


def test_who_leaves_is_not_seen_any_more(database: Database) -> None:
    look(database, "exc_1", "ada", NOW)
    with database.write() as transaction:
        assert looking.is_fresh(transaction, "exc_1", "ada", NOW + MINUTE / 2)
        assert not looking.is_fresh(transaction, "exc_1", "ada", NOW + 2 * MINUTE)
        looking.leave(transaction, "exc_1", "ada")
        assert not looking.is_fresh(transaction, "exc_1", "ada", NOW)
    assert lookers(database, "root", NOW) == []
