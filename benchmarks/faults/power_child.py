"""Works a queue while every write of its store is written down. Says which items it was told are done."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks.engine import BenchSurroundings
from benchmarks.faults.world import world_actions
from engine.store.database import Database
from engine.work import Engine
from engine.workflows import Library


def main(folder: Path, synchronous: str) -> None:
    database = Database(f"sqlite:///{folder}/store/clerkwork.sqlite")

    def weaken(connection: Any, _record: Any) -> None:
        connection.execute(f"PRAGMA synchronous={synchronous}")

    sa.event.listen(database.engine, "connect", weaken)
    registry = world_actions()
    engine = Engine(database, BenchSurroundings(folder), registry, Library([folder], registry))
    told = os.open(folder / "store" / "told", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    while (item := engine.work_one()) is not None:
        os.write(told, f"{item}\n".encode())
    # A process that ends in order tidies its store up; one without power does not.
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
