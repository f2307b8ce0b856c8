"""Works the queue of a test project in a process of its own, and kills itself at the n-th point that it passes.

usage: crash_child.py FOLDER N    (N = 0: no crash). Points: before and after every commit, inside every post.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fakes.surroundings import FolderSurroundings
from peers import world

from engine.store.database import Database, Transaction
from engine.work import Engine
from engine.workflows import Library

FOLDER, AT = Path(sys.argv[1]), int(sys.argv[2])
passed = 0


def point(_name: str) -> None:
    global passed
    passed += 1
    if passed == AT:
        os.kill(os.getpid(), signal.SIGKILL)


class CrashingDatabase(Database):
    @contextmanager
    def write(self) -> Iterator[Transaction]:
        with super().write() as transaction:
            yield transaction
            point("before a commit")
        point("after a commit")


def main() -> None:
    world.crash = point
    database = CrashingDatabase(f"sqlite:///{FOLDER}/clerkwork.sqlite")
    registry = world.world_actions()
    engine = Engine(
        database, FolderSurroundings(FOLDER), registry, Library([FOLDER / "shop.yaml"], registry), quiet_seconds=0.0
    )
    while engine.work_one() is not None:
        pass
    engine.close()
    print(passed)


main()
