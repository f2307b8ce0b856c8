"""Who decides on the command line: the person who is logged in to this machine."""

from __future__ import annotations

import getpass
from datetime import timedelta
from typing import TYPE_CHECKING

from console.permissions import Permission, allows
from engine.errors import UsageError
from engine.exceptions import Person
from engine.store import audit, tables
from engine.store.database import Transaction, one

if TYPE_CHECKING:
    from commands.session import Session
    from console.services import SecondFactorRule


def written_down(session: Session, transaction: Transaction, act: str, about: str, text: str = "") -> None:
    """Have a line in the audit log of what is done on the command line, under the login name."""
    audit.note(transaction, audit.Entry(getpass.getuser(), act, about, session.clock.now(), text))


def second_factor_rule(session: Session) -> SecondFactorRule:
    """Who needs a second factor and for what, as the settings say."""
    from console.services import SecondFactorRule

    given = session.project.settings.console.second_factor
    return SecondFactorRule(given.required, given.approvals, timedelta(minutes=given.minutes))


def person_at_the_keyboard(transaction: Transaction, permission: Permission) -> Person:
    """The user of the console with the name of the one logged in here; UsageError if that user may not do this.

    Someone who is no user of the console acts as an admin under the login name: whoever runs this command can write
    to the store itself. The decision keeps the name, so that the four eyes are still two people's.
    """
    name = getpass.getuser()
    row = one(transaction, tables.users.select().where(tables.users.c.name == name))
    if row is None:
        return Person(name, admin=True)
    if row["disabled"] or not allows(row["role"], permission):
        role = "disabled" if row["disabled"] else row["role"]
        raise UsageError(
            f"{name} is {role} and may not {permission}", advice="somebody with that permission has to do it"
        )
    return Person(name, teams=tuple(row["teams"] or ()), admin=row["role"] == "admin")
