"""A store as the first release made it, with items in all states: what a migration meets in the field."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks.engine import BenchSurroundings
from benchmarks.faults.office import QUIET_SECONDS, Office
from benchmarks.faults.world import world_actions
from engine import items
from engine.items import State
from engine.store import tables
from engine.store.database import Database, rows
from engine.store.migrate import migrate
from engine.work import Engine
from engine.workflows import Library

FIRST = "0001"
DONE, PUT_OFF, LOST, KILLED, FAILED, WRONG, NEW = range(1, 8)
"""The items that are worked for real, by their number; the others are copies of them."""
TROUBLE = (
    f"kills: '${{{{ item.n == {KILLED} }}}}', "
    f"down: '${{{{ item.n == {PUT_OFF} or item.n == {FAILED} }}}}', "
    f"lost: '${{{{ 100 if item.n == {LOST} else 0 }}}}', "
    f"slow: '${{{{ \"x\" if item.n == {WRONG} else 0 }}}}'"
)
STATES = {
    DONE: State.DONE,
    PUT_OFF: State.READY,
    LOST: State.READY,
    KILLED: State.RUNNING,
    FAILED: State.FAILED,
    WRONG: State.EXCEPTION,
    NEW: State.READY,
}
MIX = (
    (DONE, State.DONE, 60),
    (NEW, State.READY, 3),
    (PUT_OFF, State.READY, 3),
    (LOST, State.READY, 1),
    (KILLED, State.RUNNING, 1),
    (FAILED, State.FAILED, 6),
    (FAILED, State.UNCERTAIN, 4),
    (WRONG, State.EXCEPTION, 6),
    (WRONG, State.WAITING, 4),
    (WRONG, State.REJECTED, 4),
    (WRONG, State.DISCARDED, 4),
    (WRONG, State.SKIPPED, 4),
)
"""Of a hundred items: which was copied, the state it is in, how many."""
OF_ITEM = (tables.runs, tables.steps, tables.attempts, tables.events, tables.effects, tables.exceptions)
SHARED = (tables.queues, tables.sources)
FIRST_COPY = 1_000
AT_ONCE = 500

Sample = list[tuple[sa.Table, dict[str, Any]]]


def fill(folder: Path, url: str, number: int) -> list[int]:
    """A store of version 0001 at `url` with `number` items; those that are to be worked on, by their numbers."""
    office = Office(folder / "samples", f"sqlite:///{folder}/samples.sqlite", TROUBLE, name="moved")
    try:
        samples, shared = _worked(office)
    finally:
        office.close()
    target = Database(url)
    migrate(target, FIRST)
    old = old_tables(target)
    go_on: list[int] = []
    with target.write() as transaction:
        for table, row in shared:
            transaction.execute(table.insert().values(_only(row, old[table.name])))
    copies = _copies(samples, number, go_on)
    while some := list(islice(copies, AT_ONCE)):
        by_table: dict[sa.Table, list[dict[str, Any]]] = {}
        for table, row in (pair for copy in some for pair in copy):
            by_table.setdefault(table, []).append(_only(row, old[table.name]))
        with target.write() as transaction:
            for table, many in by_table.items():
                transaction.execute(table.insert(), many)
    target.close()
    return go_on


def old_tables(database: Database) -> Mapping[str, sa.Table]:
    """The tables as the store has them now, whatever this release would have."""
    found = sa.MetaData()
    found.reflect(database.engine)
    return {name: table for name, table in found.tables.items() if name != "alembic_version"}


def content(database: Database, old: Mapping[str, sa.Table]) -> dict[str, str]:
    """Of each of these tables, in the columns that it has there: its number of rows and a digest of all of them."""
    told = {}
    with database.read() as transaction:
        for name, table in sorted(old.items()):
            digest, number = sha256(), 0
            columns = [sa.cast(column, sa.Text) for column in table.columns]
            for row in transaction.execute(sa.select(*columns).order_by(*table.primary_key.columns)):
                digest.update(repr(tuple(row)).encode())
                number += 1
            told[name] = f"{number} rows, {digest.hexdigest()}"
    return told


# -- the samples ------------------------------------------------------------------------------------------------------


def _worked(office: Office) -> tuple[dict[int, Sample], Sample]:
    """Each sample's rows, and those that all share."""
    registry = world_actions()
    surroundings = BenchSurroundings(office.folder)
    library = Library([office.folder], registry)
    engine = Engine(office.database, surroundings, registry, library, quiet_seconds=QUIET_SECONDS)
    for number in (DONE, PUT_OFF, LOST, FAILED, WRONG):
        office.add([number])
        engine.work_one()
    _until_failed(engine, office)
    engine.close()
    office.add([KILLED])
    victim = office.hire()
    victim.join(60)
    office.add([NEW])
    with office.database.read() as transaction:
        found = rows(transaction, tables.items.select())
        samples = {}
        for item in found:
            sample: Sample = [(tables.items, dict(item))]
            for table in OF_ITEM:
                named = table.c.item == item["id"] if "item" in table.c else table.c.run == item["run"]
                sample += [(table, dict(row)) for row in rows(transaction, table.select().where(named))]
            samples[int(item["key"])] = sample
        states = {number: samples[number][0][1]["state"] for number in samples}
        if states != STATES:
            raise RuntimeError(f"the samples are not what they are to be: {states}")
        shared = [(table, dict(row)) for table in SHARED for row in rows(transaction, table.select())]
    return samples, shared


def _until_failed(engine: Engine, office: Office) -> None:
    """Its attempts are made without the time between them; the other one that is put off stays where it is."""
    table = tables.items
    for _ in range(10):
        with office.database.write() as transaction:
            item = transaction.execute(sa.select(table.c.id, table.c.state).where(table.c.key == str(FAILED))).one()
            if item.state == State.FAILED:
                return
            transaction.execute(table.update().where(table.c.id == item.id).values(not_before=None))
        engine.work_one([item.id])
    raise RuntimeError(f"the item that is to fail is {item.state}")


# -- the copies -------------------------------------------------------------------------------------------------------


def _copies(samples: Mapping[int, Sample], number: int, go_on: list[int]) -> Iterator[Sample]:
    plan = [(which, state) for which, state, share in MIX for _ in range(share)]
    for n in range(FIRST_COPY, FIRST_COPY + number):
        which, state = plan[n % len(plan)]
        if state in (State.READY, State.RUNNING):
            go_on.append(n)
        yield _copy(samples[which], which, n, state)


def _copy(sample: Sample, which: int, n: int, state: State) -> Sample:
    ids = {str(row["id"]) for _, row in sample if isinstance(row.get("id"), str)}
    # The same sign before it, the copy's number behind it.
    new = {old: f"{old.partition('_')[0]}_{place:03}{n:012}" for place, old in enumerate(sorted(ids))}
    renamed = partial(_renamed, new=new, ends=re.compile(rf"(?<=[ /]){which}$"), n=str(n))
    copy: Sample = []
    for table, row in sample:
        values = {name: _each_text(value, renamed) for name, value in row.items()}
        if not isinstance(row.get("id"), str):
            values.pop("id", None)  # the store numbers these itself
        if table is tables.items:
            closed = state in items.CLOSED
            values |= {"key": str(n), "inputs": {"n": n}, "state": state}
            values |= {"finished": values["created"] + timedelta(hours=1) if closed else None}
        if table is tables.effects:
            values["input"] |= {"kills": False}  # the next attempt is a good one
        copy.append((table, values))
    return copy


def _renamed(text: str, new: Mapping[str, str], ends: re.Pattern[str], n: str) -> str:
    return new.get(text) or ends.sub(n, text)


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {name: _each_text(entry, change) for name, entry in value.items()}
    return [_each_text(entry, change) for entry in value] if isinstance(value, list) else value


def _only(row: Mapping[str, Any], table: sa.Table) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name in table.c}
