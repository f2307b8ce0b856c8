"""What people do about their own account: password, second factor, passkeys, sessions. Each is written down."""

from __future__ import annotations

from datetime import datetime, timedelta

from console import passkeys, second_factor
from console.passwords import hash_password, matches
from console.second_factor import Sealing
from console.sessions import Viewer, end_sessions
from console.users import find_user
from engine import acts
from engine.acts import Did
from engine.errors import UsageError
from engine.store import tables
from engine.store.database import Transaction, change

ACT = "user"
"""The kind under which a user's history is written down; `data` has whose it is."""


FRESH = timedelta(minutes=10)


def is_fresh(proved: datetime | None, now: datetime) -> bool:
    """Whether the second factor was shown in this session just now."""
    return proved is not None and now - proved <= FRESH


def has_password(transaction: Transaction, user: str) -> bool:
    return find_user(transaction, user)["password"] is not None


def be_sure(transaction: Transaction, sealing: Sealing, viewer: Viewer, given: str, now: datetime) -> None:
    """Whoever sits down at an open session must not take the account over: the password is asked for again.

    Who has none (the company's account, a passkey) gives a code of the second factor. UsageError if it is wrong.
    """
    kept = find_user(transaction, viewer.name)["password"]
    if kept is not None:
        if not matches(given, str(kept)):
            raise UsageError("this is not your password", advice="type the one you sign in with")
        return
    if second_factor.has_app(transaction, viewer.name):
        if not second_factor.proves(transaction, sealing, viewer.name, given, now):
            raise UsageError("this code is not right, or it was used already", advice="take the next one the app shows")
    elif second_factor.has_second_factor(transaction, viewer.name) and not is_fresh(viewer.proved, now):
        raise UsageError("show your passkey again first", advice="do so at /account/prove, then come back")


def change_password(transaction: Transaction, viewer: Viewer, new: str, again: str, now: datetime) -> None:
    """Another password; what else is open with the old one ends."""
    if new != again:
        raise UsageError("the two passwords differ", advice="type the same one twice")
    kept = hash_password(new, viewer.name)
    change(transaction, tables.users, {"name": viewer.name}, password=kept)
    end_sessions(transaction, viewer.name, but=viewer.session)
    _note(transaction, viewer, "changed the password", now)


def confirm_app(transaction: Transaction, sealing: Sealing, viewer: Viewer, code: str, now: datetime) -> list[str]:
    """The authenticator app counts from now on; the recovery codes, shown this once."""
    codes = second_factor.confirm(transaction, sealing, viewer.name, code, now)
    end_sessions(transaction, viewer.name, but=viewer.session)
    _note(transaction, viewer, "added an authenticator app", now)
    return codes


def remove_app(transaction: Transaction, viewer: Viewer, now: datetime) -> None:
    second_factor.remove_app(transaction, viewer.name)
    _note(transaction, viewer, "took the authenticator app away", now)


def new_codes(transaction: Transaction, viewer: Viewer, now: datetime) -> list[str]:
    """Ten new recovery codes in place of the old ones."""
    if not second_factor.has_second_factor(transaction, viewer.name):
        raise UsageError("there is no second factor to recover from", advice="add an authenticator app first")
    _note(transaction, viewer, "made new recovery codes", now)
    return second_factor.new_recovery_codes(transaction, viewer.name)


def remove_key(transaction: Transaction, viewer: Viewer, key: str, now: datetime) -> None:
    passkeys.remove_key(transaction, viewer.name, key)
    second_factor.forget_codes(transaction, viewer.name)
    _note(transaction, viewer, "took a passkey away", now)


def end_others(transaction: Transaction, viewer: Viewer, now: datetime) -> None:
    """Sign out everywhere but here."""
    end_sessions(transaction, viewer.name, but=viewer.session)
    _note(transaction, viewer, "signed out everywhere else", now)


def end_one(transaction: Transaction, viewer: Viewer, session: str, now: datetime) -> None:
    """End another session of one's own."""
    table = tables.sessions
    ended = table.delete().where(table.c.user == viewer.name, table.c.digest == session)
    if transaction.execute(ended).rowcount != 1:
        raise UsageError("this session is over already", advice="reload the page")
    _note(transaction, viewer, "signed out another session", now)


def note_key(transaction: Transaction, viewer: Viewer, now: datetime) -> None:
    _note(transaction, viewer, "added a passkey", now)


def _note(transaction: Transaction, viewer: Viewer, text: str, now: datetime) -> None:
    acts.note(transaction, Did(viewer.name, ACT, text=text, data={"user": viewer.name}), now)
