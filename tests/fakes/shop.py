"""A small project for engine tests: one workflow text, one database, one outside world."""

from __future__ import annotations

import textwrap
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from fakes.surroundings import FolderSurroundings
from peers.world import posts, world_actions

from engine.clock import ManualClock
from engine.store.database import Database
from engine.work import Engine, Report
from engine.workflows import Library

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Shop:
    """`Shop(tmp_path, "steps:\n  ...")`; `work(n=1)` queues one item and works it until idle."""

    def __init__(self, folder: Path, workflow: str, database: Database | None = None, **options: Any) -> None:
        self.folder = folder
        self.world = folder / "world.sqlite"
        text = textwrap.dedent(workflow).replace("WORLD", str(self.world))
        if not text.lstrip().startswith("workflow:"):
            text = "workflow: shop\ninputs: {n: {type: integer, required: false, default: 1}}\n" + text
        self.file = folder / "shop.yaml"
        self.file.write_text(text)
        self.database = database or Database(f"sqlite:///{folder}/clerkwork.sqlite")
        self.database.migrate()
        self.clock = ManualClock(NOW)
        self.surroundings = FolderSurroundings(folder)
        self.engine = self.new_engine(**options)

    def new_engine(self, **options: Any) -> Engine:
        registry = world_actions()
        return Engine(
            self.database,
            self.surroundings,
            registry,
            Library([self.file], registry),
            clock=self.clock,
            chance=Random(1),
            **options,
        )

    def add(self, **given: Any) -> str:
        return self.engine.add(self.engine.new_item(self.engine.library.get("shop"), given))[0]

    def work(self, **given: Any) -> Report:
        return self.go_on(self.add(**given))

    def go_on(self, item: str) -> Report:
        self.engine.work_until_idle([item])
        return self.engine.report(item)

    @property
    def posts(self) -> list[str]:
        return posts(self.world)
