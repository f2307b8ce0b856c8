"""Migrations, through Alembic; the versions lie in `migrations/versions`."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from engine.store.database import Database

FOLDER = Path(__file__).parent / "migrations"
NEWEST = "0010"


def version(database: Database) -> str | None:
    """The schema's version in this database, None where there is none yet."""
    with database.read() as transaction:
        if not sa.inspect(transaction).has_table("alembic_version"):
            return None
        return transaction.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def migrate(database: Database) -> None:
    if version(database) == NEWEST:
        return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    with database.write() as transaction:
        if not database.is_sqlite:
            # Two processes that start together on a new database: the second waits for the first.
            transaction.execute(sa.text("SELECT pg_advisory_xact_lock(4250301)"))
        config.attributes["connection"] = transaction
        command.upgrade(config, "head")
