"""The memory of what people taught, in the store; see `engine.memory` for what it is for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from engine.errors import UsageError
from engine.ids import new_id
from engine.memory import Example, Memory, Subject, Template
from engine.store import tables
from engine.store.database import Row, Transaction, count, insert_once, one, one_at_a_time, rows

LONGEST_KEY = 200
_EXAMPLE = tuple(one.name for one in fields(Example))
_TEMPLATE = tuple(one.name for one in fields(Template))
_LOCK = 4250302  # two who teach at once must not make a subject twice


class StoredMemory:
    """The memory of one topic, in one transaction."""

    def __init__(self, transaction: Transaction, topic: str) -> None:
        self._at = transaction
        self.topic = topic

    def alone(self) -> None:
        """Wait until no other transaction changes this memory, and keep others waiting until this one is over."""
        one_at_a_time(self._at, _LOCK)

    # -- subjects -----------------------------------------------------------------------------------------------------

    def subjects(self) -> list[Subject]:
        """All of them, by name."""
        table = tables.subjects
        query = table.select().where(table.c.topic == self.topic).order_by(table.c.name, table.c.id)
        return [_subject(row) for row in rows(self._at, query)]

    def subject(self, id: str) -> Subject | None:
        table = tables.subjects
        row = one(self._at, table.select().where(table.c.id == id, table.c.topic == self.topic))
        return _subject(row) if row is not None else None

    def named(self, text: str) -> Subject:
        """The subject with this id, name or key, capitals aside. UsageError where there is none, or several."""
        wanted = text.casefold()
        found = [one for one in self.subjects() if wanted in (one.id, one.name.casefold())]
        if not found:
            by_key = self.matching([text])
            found = [one for one in self.subjects() if one.id in by_key]
        if len(found) == 1:
            return found[0]
        if found:
            listed = ", ".join(one.id for one in found)
            raise UsageError(f"{len(found)} are called {text}: {listed}", advice="give the id of the one you mean")
        raise UsageError(f"nothing is known of {text}", advice="the list shows what is known, with names and ids")

    def new_subject(self, name: str, now: datetime) -> Subject:
        made = Subject(new_id("sub"), name, 0, 0, now)
        values = {"id": made.id, "topic": self.topic, "name": name, "revision": 0, "studied": 0, "made": now}
        self._at.execute(tables.subjects.insert().values(values))
        return made

    def rename(self, subject: str, name: str) -> None:
        self._at.execute(tables.subjects.update().where(tables.subjects.c.id == subject).values(name=name))

    def keys(self, subject: str) -> frozenset[str]:
        """What the subject is known by."""
        table = tables.subject_keys
        return frozenset(row["key"] for row in rows(self._at, table.select().where(table.c.subject == subject)))

    def add_keys(self, subject: str, keys: Iterable[str]) -> None:
        for key in sorted({key[:LONGEST_KEY] for key in keys}):
            insert_once(self._at, tables.subject_keys, {"topic": self.topic, "key": key, "subject": subject})

    def matching(self, keys: Collection[str]) -> dict[str, frozenset[str]]:
        """The subjects known by any of the keys, each with those it is known by."""
        table = tables.subject_keys
        wanted = sorted({key[:LONGEST_KEY] for key in keys})
        found: dict[str, set[str]] = {}
        for at in range(0, len(wanted), 500):
            part = wanted[at : at + 500]
            query = table.select().where(table.c.topic == self.topic, table.c.key.in_(part))
            for row in rows(self._at, query):
                found.setdefault(row["subject"], set()).add(row["key"])
        return {subject: frozenset(by) for subject, by in found.items()}

    def forget_subject(self, subject: str) -> None:
        """Forget it with all its examples and templates."""
        for table in (tables.templates, tables.examples, tables.subject_keys):
            self._at.execute(table.delete().where(table.c.subject == subject))
        self._at.execute(tables.subjects.delete().where(tables.subjects.c.id == subject))

    # -- examples -----------------------------------------------------------------------------------------------------

    def example(self, digest: str) -> Example | None:
        """The example of this document, whosever it is."""
        table = tables.examples
        row = one(self._at, table.select().where(table.c.topic == self.topic, table.c.digest == digest))
        return _example(row) if row is not None else None

    def examples(self, subject: str, *, whole: bool = True) -> list[Example]:
        """The examples of a subject, the newest first; without their content where they need not be `whole`."""
        table = tables.examples
        wanted = [column for column in table.c if whole or column.name != "content"]
        query = table.select().with_only_columns(*wanted).where(table.c.subject == subject)
        found = rows(self._at, query.order_by(table.c.made.desc(), table.c.id.desc()))
        return [_example(row if whole else {**row, "content": b""}) for row in found]

    def keep(self, subject: str, example: Example) -> None:
        """Keep an example; it takes the place of the one of the same document, also where that was of another."""
        known = self.example(example.digest)
        if known is not None:
            self.forget_example(known)
        values = {name: getattr(example, name) for name in ("digest", "data", "made", "content", "person", "item")}
        values |= {"id": example.id or new_id("exa"), "topic": self.topic, "subject": subject}
        self._at.execute(tables.examples.insert().values(values))
        self._touch(subject)

    def forget_example(self, example: Example) -> None:
        self._at.execute(tables.examples.delete().where(tables.examples.c.id == example.id))
        self._touch(example.subject)

    def count_examples(self, subject: str) -> int:
        return count(self._at, tables.examples, tables.examples.c.subject == subject)

    def _touch(self, subject: str) -> None:
        table = tables.subjects
        change = table.update().where(table.c.id == subject)
        self._at.execute(change.values(revision=table.c.revision + 1))

    # -- templates ----------------------------------------------------------------------------------------------------

    def templates(self, subject: str) -> list[Template]:
        """The templates of a subject, by name."""
        table = tables.templates
        query = table.select().where(table.c.subject == subject).order_by(table.c.name, table.c.id)
        return [_template(row) for row in rows(self._at, query)]

    def template(self, id: str) -> Template | None:
        table = tables.templates
        row = one(self._at, table.select().where(table.c.id == id, table.c.topic == self.topic))
        return _template(row) if row is not None else None

    def studied(self, subject: Subject, drawn: Sequence[Template]) -> bool:
        """Put what a study of the examples gave in the place of the templates; False if they have changed meanwhile."""
        table = tables.subjects
        same = (table.c.id == subject.id, table.c.revision == subject.revision)
        if self._at.execute(table.update().where(*same).values(studied=subject.revision)).rowcount != 1:
            return False
        self._at.execute(tables.templates.delete().where(tables.templates.c.subject == subject.id))
        for template in drawn:
            values = {name: getattr(template, name) for name in _TEMPLATE if name != "subject"}
            self._at.execute(tables.templates.insert().values(topic=self.topic, subject=subject.id, **values))
        return True

    def set_state(self, template: str, state: str, reason: str, now: datetime) -> None:
        change = tables.templates.update().where(tables.templates.c.id == template)
        self._at.execute(change.values(state=state, reason=reason, changed=now))


def _subject(row: Row) -> Subject:
    return Subject(row["id"], row["name"], row["revision"], row["studied"], row["made"])


def _example(row: Row | dict[str, Any]) -> Example:
    return Example(**{name: row[name] for name in _EXAMPLE})


def _template(row: Row) -> Template:
    return Template(**{name: row[name] for name in _TEMPLATE})


def _is_a_memory(memory: StoredMemory) -> Memory:
    return memory  # mypy shows here that the store has all that bots may ask for
