"""How long items take, from what was measured."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from engine.store import tables
from engine.store.database import Database
from scheduler.measured import usual_length

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def took(database: Database, *minutes: int, state: str = "done") -> None:
    with database.write() as tx:
        for number, length in enumerate(minutes):
            name, begun = f"{state}{number}", NOW + timedelta(hours=number)
            run = {"id": name, "item": name, "workflow": "flow", "digest": "", "started": begun}
            tx.execute(tables.runs.insert().values(run))
            item = {"id": name, "workflow": "flow", "key": name, "state": state, "inputs": {}, "created": begun}
            tx.execute(
                tables.items.insert().values({**item, "run": name, "finished": begun + timedelta(minutes=length)})
            )


def usual(database: Database) -> timedelta | None:
    with database.read() as tx:
        return usual_length(tx, "flow")


def test_nine_of_ten_stay_under_it_and_only_what_was_done_counts(database: Database) -> None:
    assert usual(database) is None
    took(database, *[5] * 9, 60)
    took(database, *[600] * 5, state="rejected")
    assert usual(database) == timedelta(minutes=60)


def test_too_few_say_nothing_and_a_rare_long_one_does_not_count(database: Database) -> None:
    took(database, 5, 5)
    assert usual(database) is None
    took(database, *[7] * 20, state="skipped")
    assert usual(database) is None


def test_one_long_item_of_many_is_no_rule(database: Database) -> None:
    took(database, 600, *[5] * 30)
    assert usual(database) == timedelta(minutes=5)
