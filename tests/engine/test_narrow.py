"""A narrowed store gives one person's part of every table, on both kinds of database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from engine import census
from engine.errors import ClerkworkError
from engine.store import tables
from engine.store.database import Database, count, one, rows
from engine.store.narrow import Narrowing, rule_of

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
MINE = Narrowing(frozenset({"orders"}), "ada", frozenset({"böcke"}))


def filled(table: sa.Table, which: str) -> dict[str, Any]:
    """A row of any table that belongs to `which`."""
    values: dict[str, Any] = {}
    for column in table.c:
        given: Any = f"{which}-{column.name}"[: getattr(column.type, "length", None)]
        if isinstance(column.type, tables.Moment):
            given = NOW
        elif isinstance(column.type, (sa.Boolean, sa.Integer, sa.Numeric, sa.Float)):
            given = False if isinstance(column.type, sa.Boolean) else 1
        elif isinstance(column.type, tables.Data):
            given = {}
        elif isinstance(column.type, sa.LargeBinary):
            given = b""
        values[column.name] = given
    whole = {"workflow": which, "item": f"item-{which}", "run": f"run-{which}", "exception": f"exc-{which}"}
    whole |= {"subject": f"sub-{which}", "person": "eva", "schedule": f"{which}/nightly", "trigger": f"{which}/mail"}
    values |= {name: given for name, given in whole.items() if name in values}
    own = {"items": "item", "runs": "run", "exceptions": "exc", "subjects": "sub"}
    if table.name in own:
        values["id"] = f"{own[table.name]}-{which}"
    elif "id" in values and not isinstance(table.c.id.type, sa.Integer):
        values["id"] = f"id-{which}"
    if table.name == "alerts":
        values |= {"what": "failed", "subject": f"{which} BROKEN"}
    if isinstance(getattr(table.c, "id", sa.column("x")).type, sa.Integer):
        values["id"] = 1 if which == "orders" else 2
    return {name: value for name, value in values.items() if name in table.c}


@pytest.fixture
def both(database: Database) -> Database:
    """A row of ours and one of theirs in every table that belongs to somebody."""
    with database.write() as transaction:
        for name, teams in (("ada", ["böcke"]), ("eva", ["goats"])):
            values = {"name": name, "role": "viewer", "teams": teams, "disabled": False, "created": NOW}
            transaction.execute(tables.users.insert().values(**values))
        for table in tables.metadata.sorted_tables:
            if rule_of(table) is not None and table.name != "saved_views":
                for which in ("orders", "payroll"):
                    transaction.execute(table.insert().values(**filled(table, which)))
    return database


def test_each_table_gives_what_is_ones_own_and_hides_the_rest(both: Database) -> None:
    looked = 0
    for table in tables.metadata.sorted_tables:
        if rule_of(table) is None or table.name == "saved_views":
            continue
        with both.read() as transaction:
            assert count(transaction, table) == 2, table.name
        with both.narrowed(MINE).read() as transaction:
            found = rows(transaction, table.select())
            assert len(found) == 1, table.name
            assert "payroll" not in str(dict(found[0])), table.name
            assert count(transaction, table) == 1, table.name
        looked += 1
    assert looked > 15


def test_what_is_written_for_one_person_changes_nothing_of_others(both: Database) -> None:
    with both.narrowed(MINE).write() as transaction:
        assert transaction.execute(tables.items.update().values(message="changed")).rowcount == 1
        assert transaction.execute(tables.exceptions.delete()).rowcount == 1
        assert one(transaction, tables.runs.select().where(tables.runs.c.id == "run-payroll").with_for_update()) is None
    with both.read() as transaction:
        theirs = one(transaction, tables.items.select().where(tables.items.c.id == "item-payroll"))
        assert theirs is not None
        assert theirs["message"] != "changed"
        assert count(transaction, tables.exceptions) == 1


def test_a_decision_teaches_the_memory_that_all_workflows_share(both: Database) -> None:
    with both.narrowed(MINE).write() as transaction:
        assert count(transaction, tables.subjects) == 2
        assert count(transaction, tables.examples) == 2


def test_a_view_is_shared_with_who_has_a_team_in_common(both: Database) -> None:
    with both.write() as transaction:
        values = {"name": "uta", "role": "viewer", "teams": ["x", "böcke"], "disabled": False, "created": NOW}
        transaction.execute(tables.users.insert().values(**values))
        for name in ("ada", "eva", "uta"):
            row = {"name": f"view of {name}", "query": "", "person": name, "made": NOW}
            transaction.execute(tables.saved_views.insert().values(**row))
    with both.narrowed(MINE).read() as transaction:
        assert {row["person"] for row in rows(transaction, tables.saved_views.select())} == {"ada", "uta"}


def test_joins_aliases_and_selects_within_selects_are_cut_down(both: Database) -> None:
    items, runs, decisions = tables.items, tables.runs, tables.decisions
    other = items.alias("other")
    inner = sa.select(items.c.id)
    queries = (
        sa.select(other.c.id),
        sa.select(runs.c.id).where(runs.c.item.in_(inner)),
        sa.union_all(inner, sa.select(decisions.c.item)),
        sa.select(items.c.id, decisions.c.id).join_from(items, decisions, decisions.c.item == items.c.id),
        sa.select(items.c.id, runs.c.id).outerjoin_from(items, runs, runs.c.id == "nothing"),
        sa.select(sa.func.count().label("n"), sa.func.max(items.c.id)).select_from(items),
    )
    with both.narrowed(MINE).read() as transaction:
        for query in queries:
            found = [tuple(row) for row in transaction.execute(query)]
            assert found, query
            assert "payroll" not in str(found), query
        with pytest.raises(
            ClerkworkError, match="a query in plain text reads items for one person; write it as a select"
        ):
            transaction.execute(sa.text("SELECT * FROM items"))


def test_the_workflows_of_a_store_are_told_and_what_changed_in_them(both: Database) -> None:
    with both.read() as transaction:
        assert census.workflows_of_items(transaction) == ["orders", "payroll"]
        assert census.asked_of(transaction, ["orders-assigned"], ["orders", "payroll"]) == []
        latest, changed = census.changed_since(transaction, tables.decisions, "")
        assert (latest, sorted(map(str, changed))) == ("id-payroll", ["orders", "payroll"])
        assert census.changed_since(transaction, tables.decisions, latest) == (latest, [])
