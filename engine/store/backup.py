"""A store copied while it is at work, and put back: SQLite by its backup interface, PostgreSQL by pg_dump."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from engine.errors import ConfigurationError, UsageError
from engine.store import tables
from engine.store.database import Database


def save(database: Database, target: Path) -> None:
    """Write one consistent state of the store into a file; whoever works goes on working."""
    if database.is_sqlite:
        with closing(sqlite3.connect(_file_of(database))) as source, closing(sqlite3.connect(target)) as copy:
            # All pages in one step: in WAL a reader stops no writer, and a copy in steps begins anew with each write.
            source.backup(copy)
            if (verdict := copy.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
                raise ConfigurationError(f"the copy of the store is damaged: {verdict}", advice="see `doctor`")
        return
    _postgres(database, "pg_dump", ["--format=custom", "--no-owner", "--no-privileges", f"--file={target}"])


def put_back(database: Database, source: Path) -> None:
    """Make the store what the file holds; what was in it is gone. Nobody may be at work meanwhile."""
    if not database.is_sqlite:
        options = ["--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]
        _postgres(database, "pg_restore", [*options, f"--dbname={database.engine.url.database}", str(source)])
        return
    database.close()
    with closing(sqlite3.connect(source)) as copy, closing(sqlite3.connect(_file_of(database))) as target:
        # Through the same interface: a file put in the place of a store would meet that one's write-ahead log.
        copy.backup(target)


def is_used(database: Database) -> bool:
    """Whether the store has ever had an item."""
    with database.read() as transaction:
        if not sa.inspect(transaction).has_table("items"):
            return False
        return transaction.execute(sa.select(tables.items.c.id).limit(1)).first() is not None


def pause_all(database: Database, reason: str) -> list[str]:
    """Pause every queue; their names."""
    with database.write() as transaction:
        transaction.execute(tables.queues.update().values(paused=True, reason=reason))
        return list(
            transaction.execute(sa.select(tables.queues.c.workflow).order_by(tables.queues.c.workflow)).scalars()
        )


def _file_of(database: Database) -> str:
    name = database.engine.url.database
    if not name or name == ":memory:":
        raise UsageError("a store in memory has no backup", advice="see `database` in config/settings.yaml")
    return name


def _postgres(database: Database, program: str, options: list[str]) -> None:
    if shutil.which(program) is None:
        raise ConfigurationError(f"{program} is not installed", advice="apt install postgresql-client")
    url = database.engine.url
    given = {"PGHOST": url.host, "PGPORT": url.port, "PGUSER": url.username, "PGPASSWORD": url.password}
    # In the environment: what stands on a command line is seen by everybody on the machine.
    known = {name: str(value) for name, value in (given | {"PGDATABASE": url.database}).items() if value is not None}
    done = subprocess.run([program, *options], check=False, env=os.environ | known, capture_output=True, text=True)
    if done.returncode:
        cause = done.stderr.strip().splitlines()[0] if done.stderr.strip() else f"it ended with {done.returncode}"
        raise ConfigurationError(f"{program}: {cause}", advice="see `database` in config/settings.yaml")
