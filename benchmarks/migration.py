"""Migrations of a store with items in flight: at once by two processes, killed, with the disk full, back to work."""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks.faults.office import Office
from benchmarks.faults.world import posted
from benchmarks.migration_store import FIRST, MIX, TROUBLE, content, fill, old_tables
from benchmarks.postgres import own_server
from engine.errors import ConfigurationError
from engine.items import State
from engine.store.database import Database, StoreError
from engine.store.migrate import FOLDER, NEWEST, migrate, version

ITEMS, SMALL = 100_000, 500
FORKS = multiprocessing.get_context("fork")
WAITED_SECONDS = 1_800.0
STOOD = (State.FAILED, State.UNCERTAIN, State.EXCEPTION, State.WAITING)


@dataclass(frozen=True, slots=True)
class Row:
    """What was done to a store, how long it took, and whether everything was as it has to be."""

    drill: str
    store: str
    items: int
    seconds: float
    met: bool
    told: str = ""


def measure(*, full: bool = False) -> Iterator[Row]:
    number = ITEMS if full else SMALL
    with tempfile.TemporaryDirectory(prefix="clerkwork-migration-") as name:
        folder = Path(name)
        yield from drill(folder / "sqlite", f"sqlite:///{folder}/moved.sqlite", "SQLite", number)
        with own_server() as server:
            if server is not None:
                yield from drill(folder / "postgres", server.new_database("moved"), "PostgreSQL", number)


def drill(folder: Path, url: str, store: str, number: int) -> Iterator[Row]:
    """All drills on one store, which is filled first; the workers come last."""
    folder.mkdir(parents=True)
    began = time.monotonic()
    go_on = fill(folder, url, number)
    yield Row("filled at version 0001", store, number, time.monotonic() - began, met=True)
    database = Database(url)
    with closing(database):
        old = old_tables(database)
        before = content(database, old)
        yield _killed(database, old, before, store, number)
        yield _refused(database, old, before, store, number)
        yield _at_once(database, old, before, store, number)
        yield _newer(database, store, number)
    yield _worked(folder, url, go_on, store, number)


def revisions() -> list[str]:
    """The versions after the first, in their order."""
    found = sorted(file.name[:4] for file in (FOLDER / "versions").glob("[0-9]*.py"))
    return [one for one in found if one > FIRST]


def _killed(database: Database, old: Mapping[str, sa.Table], before: dict[str, str], store: str, number: int) -> Row:
    """kill -9 after each of the versions, when all before it is done and nothing is committed."""
    began, wrong = time.monotonic(), []
    for revision in revisions():
        database.close()
        victim = FORKS.Process(target=_die_at, args=(database.url, revision))
        victim.start()
        victim.join(WAITED_SECONDS)
        if victim.exitcode != -signal.SIGKILL or version(database) != FIRST:
            wrong.append(f"killed after {revision}: ended with {victim.exitcode}, the store is at {version(database)}")
    wrong += _changed(database, old, before)
    told = "; ".join(wrong) or f"killed {len(revisions())} times, the store is at {FIRST} and as it was"
    return Row("kill -9 half way", store, number, time.monotonic() - began, not wrong, told)


def _die_at(url: str, revision: str) -> None:
    def applied(one: str) -> None:
        if one == revision:
            os.kill(os.getpid(), signal.SIGKILL)

    migrate(Database(url), applied=applied)


def _refused(database: Database, old: Mapping[str, sa.Table], before: dict[str, str], store: str, number: int) -> Row:
    """A disk that is full (SQLite), and a table in the way of the last version (both)."""
    began, wrong, told = time.monotonic(), [], []
    with database.write() as transaction:
        transaction.exec_driver_sql("CREATE TABLE gates (in_the_way INTEGER)")
    told.append(_error(database))
    with database.write() as transaction:
        transaction.exec_driver_sql("DROP TABLE gates")
    if database.is_sqlite:
        full = Database(database.url)
        sa.event.listen(full.engine, "connect", _fill_up)
        with closing(full):
            told.append(_error(full))
    wrong = [f"{text or 'it was not refused'}" for text in told if "exists" not in text and "full" not in text]
    wrong += _changed(database, old, before)
    line = "; ".join(wrong or [*told, f"the store is at {FIRST} and as it was"])
    return Row("an error, a full disk", store, number, time.monotonic() - began, not wrong, line)


def _fill_up(connection: Any, _record: Any) -> None:
    """This connection may not make the file larger than it is: SQLite says what it says on a full disk."""
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count={pages}")


def _error(database: Database) -> str:
    """What the migration ended with, empty where it went through."""
    try:
        migrate(database)
    except StoreError as error:
        return str(error.orig).splitlines()[0]
    return ""


def _changed(database: Database, old: Mapping[str, sa.Table], before: dict[str, str]) -> list[str]:
    """What is not as it was at the old version, or cannot be used there."""
    wrong = [] if version(database) == FIRST else [f"the store is at {version(database)}"]
    after = content(database, old_tables(database))
    wrong += [f"{name} is not as it was" for name in before | after if before.get(name) != after.get(name)]
    table = old["items"]
    with database.write() as transaction:
        # What a worker of the old release does first.
        taken = transaction.execute(sa.update(table).where(table.c.state == State.READY).values(claim=table.c.claim))
        if not taken.rowcount:
            wrong.append("no item could be taken")
        if database.is_sqlite and transaction.exec_driver_sql("PRAGMA quick_check").scalar_one() != "ok":
            wrong.append("the file is damaged")
    return wrong


def _at_once(database: Database, old: Mapping[str, sa.Table], before: dict[str, str], store: str, number: int) -> Row:
    """Two processes that begin at the same moment."""
    database.close()
    barrier = FORKS.Barrier(2)
    pipes = [FORKS.Pipe(duplex=False) for _ in range(2)]
    both = [FORKS.Process(target=_one_of_two, args=(database.url, barrier, told)) for _, told in pipes]
    began = time.monotonic()
    for process in both:
        process.start()
    for process in both:
        process.join(WAITED_SECONDS)
    seconds = time.monotonic() - began
    ran = [one for heard, _ in pipes if heard.poll() for one in heard.recv()]
    wrong = [] if sorted(ran) == revisions() else [f"these versions were brought in: {', '.join(ran) or 'none'}"]
    wrong += [f"a process ended with {one.exitcode}" for one in both if one.exitcode]
    wrong += [] if version(database) == NEWEST else [f"the store is at {version(database)}"]
    after = content(database, old)
    wrong += [f"{name} is not as it was" for name in before if before[name] != after[name]]
    told = "; ".join(wrong) or f"{len(ran)} versions, each once; nothing lost or changed"
    return Row("two processes at once", store, number, seconds, not wrong, told)


def _one_of_two(url: str, barrier: Any, told: Connection) -> None:
    database, ran = Database(url), list[str]()
    barrier.wait(60)
    migrate(database, applied=ran.append)
    database.close()
    told.send(ran)


def _newer(database: Database, store: str, number: int) -> Row:
    """A store that a newer release brought up is left alone."""
    began, told = time.monotonic(), "it was not refused"
    _say(database, "9999")
    try:
        migrate(database)
    except ConfigurationError as refused:
        told = refused.message.rpartition(" was made by ")[2]
    met = version(database) == "9999" and "newer release" in told
    _say(database, NEWEST)
    return Row("a store newer than the program", store, number, time.monotonic() - began, met, told)


def _say(database: Database, text: str) -> None:
    with database.write() as transaction:
        transaction.execute(sa.text("UPDATE alembic_version SET version_num = :text"), {"text": text})


def _worked(folder: Path, url: str, go_on: list[int], store: str, number: int) -> Row:
    """Workers of this release take up what was in flight."""
    # The place where the samples were worked: an item that was begun goes on with the text that it was begun with.
    office = Office(folder / "samples", url, TROUBLE, name="moved")
    earlier = sum(posted(office.world).values())
    began = time.monotonic()
    try:
        office.staff(2 if number <= SMALL else 8)
        while any(office.states().get(state) for state in (State.READY, State.RUNNING)):
            if time.monotonic() > began + WAITED_SECONDS:
                raise TimeoutError(f"there is still work: {office.states()}")
            office.replace_dead()
            time.sleep(0.05)
        seconds = time.monotonic() - began
        times, states = posted(office.world), office.states()
    finally:
        office.close()
    wanted = [f"moved {what} {n}" for n in go_on for what in ("post", "put")]
    wrong = [value for value in wanted if times[value] != 1]
    # Those that stood for a person stand there still.
    still = all(states.get(state, 0) == number * share // 100 for _, state, share in MIX if state in STOOD)
    met = not wrong and still and sum(times.values()) == len(wanted) + earlier and sum(states.values()) == number
    told = "" if still else f"not all stand where they stood: {states}; "
    told += f"{len(go_on):,} items in flight, {len(wrong)} of their {len(wanted):,} posts lost or doubled"
    return Row("items in flight go on", store, number, seconds, met, told)
