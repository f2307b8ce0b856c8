"""One database, SQLite or PostgreSQL: transactions that are durable when they return.

SQLite runs in WAL with `synchronous=FULL`: over a thousand simulated power losses FULL lost no acknowledged commit.
"""

from __future__ import annotations

import copy
import math
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from engine.store import audit
from engine.store.narrow import Narrowing, narrowed

Transaction: TypeAlias = sa.Connection
Row: TypeAlias = "sa.RowMapping"

BUSY_SECONDS = 30
RESTED_SECONDS = 1.0
PATIENCE: dict[str, str | int] = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
    "options": "-c idle_in_transaction_session_timeout=20000",
}
"""For PostgreSQL: a host that is cut off in the middle of a transaction would hold its locks for hours, and would wait
as long for an answer. Seconds, but the last two, which are milliseconds."""

StoreError: TypeAlias = sa.exc.DBAPIError
"""What the driver says: no such server, no permission, disk full."""


class Database:
    """`url` is `sqlite:////path/file` or `postgresql://user@host/name`."""

    def __init__(self, url: str) -> None:
        self.url = url.replace("postgresql://", "postgresql+psycopg://", 1)
        self.is_sqlite = self.url.startswith("sqlite")
        if self.is_sqlite:
            file = sa.engine.make_url(self.url).database
            if file and file != ":memory:":
                Path(file).parent.mkdir(parents=True, exist_ok=True)
            in_memory = {"poolclass": sa.StaticPool} if not file or file == ":memory:" else {}
            self.engine = sa.create_engine(
                self.url, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}, **in_memory
            )
            sa.event.listen(self.engine, "connect", _prepare_sqlite)
            sa.event.listen(self.engine, "begin", _begin_sqlite)
        else:
            self.engine = sa.create_engine(self.url, connect_args=patience(self.url))
            sa.event.listen(self.engine, "checkin", _rests)
            dialect = self.engine.dialect
            sa.event.listen(self.engine, "checkout", lambda found, record, _: _lives(dialect, found, record))
        self._reader = self.engine.execution_options(reads=True)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """A transaction; durable when the block ends, undone when it raises."""
        with self.engine.begin() as transaction:
            audit.begin(transaction)
            yield transaction
            audit.flush(transaction)

    def audited(self, key: bytes, origin: str) -> None:
        """Chain the lines of the audit log with this key; `origin` is by which door people come: console, api ..."""
        self.engine = self.engine.execution_options(**{audit.KEY: key, audit.ORIGIN: origin})

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A consistent view; takes no write lock."""
        with self._reader.begin() as transaction:
            yield transaction

    def narrowed(self, to: Narrowing) -> Database:
        """The same store as one person sees it: whatever is asked of it is cut down to that."""
        part = copy.copy(self)
        part.engine = self.engine.execution_options(narrowing=replace(to, reads=False))
        part._reader = self.engine.execution_options(reads=True, narrowing=to)
        for engine in (part.engine, part._reader):
            sa.event.listen(engine, "before_execute", _narrow, retval=True)
        return part

    def close(self) -> None:
        self.engine.dispose()

    def compact(self) -> None:
        """Write the store anew, so that nothing that was deleted or blanked is left in its files."""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if not self.is_sqlite:
                connection.exec_driver_sql("VACUUM FULL")
                return
            own = connection.connection.driver_connection
            assert own is not None
            for statement in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                own.execute(statement)

    def migrate(self) -> None:
        """Bring the schema to the newest version; quick when it is there already."""
        from engine.store.migrate import migrate

        migrate(self)


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver's own transactions begin late and silently; ours say what they are.
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def patience(url: str) -> dict[str, str | int]:
    """How long either side of a connection to PostgreSQL waits for the other; what the address says itself stands."""
    said = sa.engine.make_url(url).query
    return {name: value for name, value in PATIENCE.items() if name not in said}


def _narrow(connection: sa.Connection, statement: Any, multiparams: Any, params: Any, _options: Any) -> Any:
    return narrowed(statement, connection.get_execution_options()["narrowing"]), multiparams, params


def _rests(_connection: Any, record: Any) -> None:
    record.info["rests_since"] = time.monotonic()


def _lives(dialect: sa.Dialect, connection: Any, record: Any) -> None:
    """Ask a connection that rested whether it still lives: the server may have been started anew meanwhile.

    One that was used a moment ago is not asked, for that would cost a round trip with every transaction.
    """
    if time.monotonic() - record.info.get("rests_since", math.inf) < RESTED_SECONDS:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        raise sa.exc.DisconnectionError(str(error)) from error


def _begin_sqlite(connection: sa.Connection) -> None:
    reads = connection.get_execution_options().get("reads", False)
    # A write lock taken at once waits its turn; one taken halfway fails when another writer came first.
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def one_at_a_time(transaction: Transaction, lock: int) -> None:
    """Wait until no other transaction holds this lock, then hold it to the end; SQLite has one writer anyway."""
    if transaction.dialect.name != "sqlite":
        transaction.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})


def insert_once(transaction: Transaction, table: sa.Table, values: dict[str, Any]) -> bool:
    """Insert unless a unique key refuses it; True if the row is new."""
    return transaction.execute(_insert_new(table, transaction.dialect.name), values).rowcount == 1


def insert_all_once(transaction: Transaction, table: sa.Table, values: list[dict[str, Any]]) -> None:
    """Insert many rows in one go; those that a unique key refuses are left out."""
    if values:
        transaction.execute(_insert_new(table, transaction.dialect.name), values)


# Statements are built once: what SQLAlchemy makes of one costs more than what the database makes of it.


@cache
def _insert_new(table: sa.Table, dialect: str) -> Any:
    insert: Any = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return insert(table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)


@cache
def _update(table: sa.Table, where: tuple[str, ...], names: tuple[str, ...]) -> Any:
    conditions = [table.c[name] == sa.bindparam(f"of_{name}") for name in where]
    return table.update().where(*conditions).values({name: sa.bindparam(f"to_{name}") for name in names})


@cache
def _select(table: sa.Table, where: tuple[str, ...], *, lock: bool) -> Any:
    query = table.select().where(*(table.c[name] == sa.bindparam(f"of_{name}") for name in where))
    return query.with_for_update() if lock else query


def change(transaction: Transaction, table: sa.Table, where: dict[str, Any], **values: Any) -> int:
    """Set columns of the rows whose columns equal `where`; how many rows there were."""
    given = {f"of_{name}": value for name, value in where.items()}
    given |= {f"to_{name}": value for name, value in values.items()}
    return int(transaction.execute(_update(table, tuple(where), tuple(values)), given).rowcount)


def find(transaction: Transaction, table: sa.Table, *, lock: bool = False, **where: Any) -> Row | None:
    """The row whose columns equal `where`; `lock` keeps it from changing until the transaction ends."""
    given = {f"of_{name}": value for name, value in where.items()}
    return transaction.execute(_select(table, tuple(where), lock=lock), given).mappings().first()


def recount(transaction: Transaction, table: sa.Table) -> None:
    """Let PostgreSQL count the table now: until it does so itself it takes it for as small as it was, and sorts it."""
    if transaction.dialect.name != "sqlite":
        transaction.execute(sa.text(f"ANALYZE {table.name}"))


def one(transaction: Transaction, query: Any) -> Row | None:
    """The first row as a mapping, or None."""
    return transaction.execute(query).mappings().first()


def rows(transaction: Transaction, query: Any) -> list[Row]:
    return list(transaction.execute(query).mappings().all())


def count(transaction: Transaction, table: sa.Table, *conditions: Any) -> int:
    """How many rows meet all conditions."""
    return int(transaction.execute(sa.select(sa.func.count()).select_from(table).where(*conditions)).scalar_one())


def newest(transaction: Transaction, table: sa.Table) -> str:
    """The latest id of a table, empty where it has no row: ids sort by the time they were made."""
    return str(transaction.execute(sa.select(sa.func.max(table.c.id))).scalar_one() or "")


def tally_by(transaction: Transaction, columns: Sequence[Any], *conditions: Any) -> list[tuple[tuple[Any, ...], int]]:
    """How many rows there are for each combination of values of these columns."""
    # By their places: PostgreSQL does not see that two expressions with the same parameter are one.
    places = sa.text(", ".join(str(place) for place in range(1, len(columns) + 1)))
    query = sa.select(*columns, sa.func.count()).where(*conditions).group_by(places)
    return [(tuple(row[:-1]), int(row[-1])) for row in transaction.execute(query).all()]


def tally(transaction: Transaction, column: Any, *conditions: Any) -> dict[str, int]:
    """How many rows there are for each value of the column."""
    query = sa.select(column, sa.func.count()).where(*conditions).group_by(column)
    return {value: int(number) for value, number in transaction.execute(query).all()}
