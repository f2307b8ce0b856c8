"""`python -m demo.erp.build TARGET`: make the demo's ERP database from nothing (about a minute).

A process of its own: Tryton keeps its pool and its configuration in the process for good.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
import warnings
from contextlib import closing
from pathlib import Path
from secrets import token_urlsafe


def build(target: Path) -> None:
    """Write the SQLite database to `target`, complete or not at all."""
    from trytond import config as settings

    with tempfile.TemporaryDirectory(dir=target.parent, prefix="building-") as name:
        folder = Path(name)
        database = folder / "tryton.sqlite"
        database.touch()
        settings.set("database", "uri", "sqlite://")
        settings.set("database", "path", str(folder))
        create_schema(folder)
        import proteus.config

        from demo.erp.company import set_up

        set_up(proteus.config.set_trytond(database="tryton", user="admin"))
        whole = folder / "whole.sqlite"
        copy_whole(database, whole)
        whole.replace(target)


def create_schema(folder: Path) -> None:
    from trytond import admin, commandline

    password = folder / "password"
    password.write_text(token_urlsafe(24))
    os.environ["TRYTONPASSFILE"] = str(password)
    admin.run(commandline.get_parser_admin().parse_args(["-d", "tryton", "--all", "--email", "admin@example.com"]))


def copy_whole(database: Path, target: Path) -> None:
    """One file with everything in it, whatever still stands in the write-ahead log."""
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # Tryton's own, about things it does itself
    build(Path(sys.argv[1]))
