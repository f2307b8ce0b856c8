"""Who decides on the command line: the person who is logged in to this machine."""

from __future__ import annotations

import getpass

from engine.exceptions import Person
from engine.store import tables
from engine.store.database import Transaction, one


def person_at_the_keyboard(transaction: Transaction) -> Person:
    """The user of the console with the name of the one logged in here, with that user's teams and role.

    Someone who is no user of the console acts as an admin under the login name: whoever runs this command can write
    to the store itself. The decision keeps the name, so that the four eyes are still two people's.
    """
    name = getpass.getuser()
    row = one(transaction, tables.users.select().where(tables.users.c.name == name))
    if row is None:
        return Person(name, admin=True)
    return Person(name, teams=tuple(row["teams"] or ()), admin=row["role"] == "admin")
