"""Migrations, through Alembic; the versions lie in `migrations/versions`.

All that a store lacks is one transaction: a migration that is cut short leaves the store at the version it had.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from engine.errors import ConfigurationError
from engine.store.database import Database

FOLDER = Path(__file__).parent / "migrations"
NEWEST = "0019"


def version(database: Database) -> str | None:
    """The schema's version in this database, None where there is none yet."""
    with database.read() as transaction:
        if not sa.inspect(transaction).has_table("alembic_version"):
            return None
        return transaction.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def migrate(database: Database, to: str = NEWEST, applied: Callable[[str], None] | None = None) -> None:
    """Bring the schema up to version `to`; nothing where it is there already.

    `applied` is told each version that this call brought in, before anything is committed. ConfigurationError if the
    store is newer than this release.
    """
    found = version(database)
    if found == to:
        return
    if found is not None and found > NEWEST:
        raise ConfigurationError(
            f"the store {database.engine.url.render_as_string(hide_password=True)} was made by a newer release: "
            f"found schema {found}, expected {NEWEST} or older",
            advice="install that release here too, or `restore` a backup made before the store was brought up",
        )
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    config.attributes["applied"] = applied
    with database.write() as transaction:
        if not database.is_sqlite:
            # Two processes that start together on a new database: the second waits for the first.
            transaction.execute(sa.text("SELECT pg_advisory_xact_lock(4250301)"))
        config.attributes["connection"] = transaction
        command.upgrade(config, to)
