"""What people write about an exception, and whom they call to it with @name."""

from __future__ import annotations

import re
from datetime import datetime

from engine import acts, exceptions
from engine.acts import Did
from engine.errors import UsageError
from engine.exceptions import Person
from engine.store import tables
from engine.store.database import Row, Transaction, rows

LONGEST = 4000
_CALL = re.compile(r"(?<![\w@])@([\w.+-]+(?:@[\w.-]+)?)")
"""`@ada`, `@ada.byron@example.com`; not the middle of an address."""


def comment(transaction: Transaction, name: str, person: Person, text: str, now: datetime) -> list[str]:
    """Write a comment to an exception, open or decided; the people whom it calls. A team calls all its members."""
    exception = exceptions.find(transaction, name)
    text = text.strip()
    if not text:
        raise UsageError("the comment is empty", advice="write a word")
    if len(text) > LONGEST:
        raise UsageError(f"the comment has {len(text)} letters", advice=f"write at most {LONGEST}")
    about = str(exception["item"]), str(exception["id"]), str(exception["workflow"])
    act = acts.note(transaction, Did(person.name, "commented", *about, text=text), now)
    called = [user for user in _called(transaction, text) if user != person.name]
    for user in called:
        acts.mention(transaction, act, user, str(exception["id"]), now)
    return called


def _called(transaction: Transaction, text: str) -> list[str]:
    """The users that a text names, by themselves or by a team, in the order of their names."""
    names = {found.rstrip(".-+") for found in _CALL.findall(text)}
    if not names:
        return []
    users = rows(transaction, tables.users.select().where(tables.users.c.disabled.is_(False)))
    return sorted(str(user["name"]) for user in users if user["name"] in names or names & set(user["teams"] or ()))


def parts(text: str, known: set[str]) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it calls somebody known."""
    found: list[tuple[str, bool]] = []
    last = 0
    for call in _CALL.finditer(text):
        name = call[1].rstrip(".-+")
        if name in known:
            end = call.start() + 1 + len(name)
            found += [(text[last : call.start()], False), (text[call.start() : end], True)]
            last = end
    found.append((text[last:], False))
    return [(piece, calls) for piece, calls in found if piece]


def unread(transaction: Transaction, person: str, limit: int = 100) -> list[Row]:
    """The latest calls to a person, those they have not seen first; each with the act that made it."""
    table, act = tables.mentions, tables.acts
    query = table.select().with_only_columns(
        table.c.seen, table.c.exception, act.c.person, act.c.kind, act.c.text, act.c.made, act.c.workflow
    )
    query = query.select_from(table.join(act, act.c.id == table.c.act)).where(table.c.person == person)
    return rows(transaction, query.order_by(table.c.seen.is_not(None), table.c.made.desc()).limit(limit))


def seen(transaction: Transaction, person: str, exception: str, now: datetime) -> int:
    """The person has looked at the exception: what called them to it is read. How many calls that were."""
    table = tables.mentions
    changed = transaction.execute(
        table.update()
        .where(table.c.person == person, table.c.seen.is_(None), table.c.exception == exception)
        .values(seen=now)
    )
    return int(changed.rowcount)
