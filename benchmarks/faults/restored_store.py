"""A backup put back on another machine, after more was posted: nothing of before is lost, nothing posted twice."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from benchmarks.faults.office import Office
from benchmarks.faults.row import Row, clean
from engine.clock import SystemClock
from engine.items import State
from engine.restored import remember
from engine.store import tables
from engine.store.backup import put_back, save
from engine.store.database import Database


def restored_store(folder: Path, url: str, other: str, store: str, workers: int, items: int) -> Row:
    """The store at `url` is saved while its workers go on; the copy is worked on at `other`, by other workers."""
    office, numbers, copy = Office(folder, url, slow=0.005), range(items), folder / "copy"
    office.add(numbers)
    try:
        office.staff(workers)
        office.until_done(items // 4)
        acknowledged = _done(office.database)
        save(office.database, copy)
        at_backup = office.done()
        office.until_done(items // 2)
    finally:
        office.close()
    later = office.done() - at_backup
    office.database.close()
    elsewhere = Office(folder, other)
    try:
        put_back(elsewhere.database, copy)
        with elsewhere.database.write() as transaction:
            remember(transaction, SystemClock().now())
        missing = len(acknowledged - _done(elsewhere.database))
        elsewhere.staff(workers)
        elsewhere.wait()
        found, looked_up = elsewhere.found(numbers), _looked_up(elsewhere.database)
    finally:
        elsewhere.close()
    met = clean(found) and not missing and not found.uncertain and later > 0 and looked_up > 0
    told = f"{items:,} items, about {later:,} done after the backup, {looked_up:,} postings found by a look-up"
    goal, lost = "0 acknowledged lost, 0 doubled", found.lost + missing
    fault = "a backup put back elsewhere"
    return Row(fault, store, workers, 1, lost, found.doubled, found.uncertain, None, goal, met, told)


def _done(database: Database) -> set[str]:
    with database.read() as transaction:
        items = tables.items.c
        return set(transaction.execute(sa.select(items.id).where(items.state == State.DONE)).scalars())


def _looked_up(database: Database) -> int:
    with database.read() as transaction:
        effects = tables.effects.c
        query = sa.select(sa.func.count()).select_from(tables.effects).where(effects.note == "found by a look-up")
        return int(transaction.execute(query).scalar_one())
