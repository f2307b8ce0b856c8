"""Works the queue of a test project in a process of its own, and kills itself at the n-th point that it passes.

Points: before and after every commit, while reading, before and after every post.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fakes.surroundings import FolderSurroundings
from peers import world

from engine.store.database import Database, Transaction
from engine.work import Engine
from engine.workflows import Library


class Points:
    """Counts what is passed; `at` is where it ends (0: nowhere)."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.passed = 0

    def point(self, _name: str) -> None:
        self.passed += 1
        if self.passed == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


class CrashingDatabase(Database):
    points: Points

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        with super().write() as transaction:
            yield transaction
            self.points.point("before a commit")
        self.points.point("after a commit")


def work(folder: Path, crash_at: int) -> None:
    """Work until idle; writes the number of points passed to `folder/points`."""
    points = Points(crash_at)
    world.crash = points.point
    database = CrashingDatabase(f"sqlite:///{folder}/clerkwork.sqlite")
    database.points = points
    registry = world.world_actions()
    library = Library([folder / "shop.yaml"], registry)
    engine = Engine(database, FolderSurroundings(folder), registry, library, quiet_seconds=0.0)
    while engine.work_one() is not None:
        pass
    engine.close()
    database.close()
    (folder / "points").write_text(str(points.passed))
