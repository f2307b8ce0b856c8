"""What the database server says of itself."""

from __future__ import annotations

from engine.store.database import Database


def said_by_server(database: Database, question: str) -> str:
    """The first value that the server itself answers with: a setting, its clock."""
    with database.read() as transaction:
        return str(transaction.exec_driver_sql(question).scalar_one())
