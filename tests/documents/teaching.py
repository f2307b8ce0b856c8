"""A project that reads invoices, and the people who correct them: the whole way from the file to the next reading."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from fakes.surroundings import FolderSurroundings

import bots.documents.actions  # noqa: F401 - registers document.read
from engine import exceptions
from engine.action import REGISTRY
from engine.clock import ManualClock
from engine.exceptions import Person
from engine.memory import Template
from engine.store import tables
from engine.store.database import Database, one
from engine.store.memory import StoredMemory
from engine.work import Engine, Report
from engine.workflows import Library

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MARY = Person("mary", ["ap-clerks"])

READING = """
workflow: reading
inputs: {file: {type: file}, look: {type: bool, required: false, default: true}}
steps:
  - name: Read the invoice
    document.read: {file: "${{ item.file }}", fields: FIELDS}
    as: invoice
    review: {when: "${{ item.look or invoice.confidence < 0.5 }}"}
outputs: {number: "${{ invoice.number }}", total: "${{ invoice.total }}"}
"""


class Desk:
    """`Desk(tmp_path)`; `read(file)` works one invoice to its review, `correct(item, number=...)` lets it go on."""

    def __init__(self, folder: Path, database: Database | None = None, fields: str = "invoice") -> None:
        self.folder = folder
        self.file = folder / "reading.yaml"
        self.file.write_text(READING.replace("FIELDS", fields))
        self.database = database or Database(f"sqlite:///{folder}/clerkwork.sqlite")
        self.database.migrate()
        self.surroundings = FolderSurroundings(folder)
        self.clock = ManualClock(NOW)
        self.engine = self.new_engine()

    def new_engine(self, **options: Any) -> Engine:
        library = Library([self.file], REGISTRY)
        return Engine(
            self.database, self.surroundings, REGISTRY, library, clock=self.clock, chance=Random(1), **options
        )

    def read(self, file: Path, *, look: bool = True) -> Report:
        """One item with a copy of the file, worked until it waits for a person or is done."""
        self.clock.sleep(60)
        copy = self.folder / "given" / file.name
        copy.parent.mkdir(exist_ok=True)
        shutil.copyfile(file, copy)
        workflow = self.engine.library.get("reading")
        item = self.engine.add(self.engine.new_item(workflow, {"file": str(copy), "look": look}))[0]
        return self.go_on(item)

    def go_on(self, item: str) -> Report:
        self.engine.work_until_idle([item])
        return self.engine.report(item)

    def correct(self, item: str, fields: Mapping[str, Any], *, person: Person = MARY) -> str:
        """Correct an item and let it finish; what the person is told that was learned."""
        with self.database.write() as transaction:
            now = self.clock.now()
            exceptions.correct(transaction, item, person, fields, now, artifacts=self.surroundings.artifacts)
            told = exceptions.decisions(transaction, item)[-1]["learned"]
        assert self.go_on(item).outcome == "done"
        return told or ""

    def approve(self, item: str) -> None:
        with self.database.write() as transaction:
            exceptions.approve(transaction, item, MARY, self.clock.now(), artifacts=self.surroundings.artifacts)
        assert self.go_on(item).outcome == "done"

    def result(self, item: str) -> dict[str, Any]:
        """What the reading gave, as the item has it now."""
        with self.database.read() as transaction:
            run = self.engine.report(item).run
            table = tables.steps
            row = one(transaction, table.select().where(table.c.run == run, table.c.kind == "document.read"))
        assert row is not None
        return dict(row["result"])

    def field(self, item: str, name: str) -> tuple[Any, str]:
        """The value of a field and where it is from."""
        found = self.result(item)["fields"][name]
        return found["value"], found["source"]

    def templates(self) -> list[Template]:
        with self.database.read() as transaction:
            memory = StoredMemory(transaction, "document")
            return [template for subject in memory.subjects() for template in memory.templates(subject.id)]

    def vendors(self) -> list[str]:
        with self.database.read() as transaction:
            return [subject.name for subject in StoredMemory(transaction, "document").subjects()]

    def close(self) -> None:
        self.engine.close()
        self.database.close()
