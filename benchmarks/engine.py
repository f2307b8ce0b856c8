"""What a step costs: against a bare function call, and against one commit on the same disk, in the same run."""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any

from engine.business_time import Calendar
from engine.loader import load_source
from engine.scrub import Scrubber
from pydantic import BaseModel

from engine.action import Action, Effect, action
from engine.artifacts import ArtifactFolder
from engine.context import Context
from engine.errors import ConfigurationError
from engine.store.database import Database
from engine.work import Engine
from engine.workflows import Library

STEPS = 5
ITEMS = 200
ROUNDS = 3


class Number(BaseModel):
    value: int


class Doubled(BaseModel):
    value: int


def double(input: Number, context: Context) -> Doubled:
    """Twice the number; what the benchmark's steps do."""
    return Doubled(value=input.value * 2)


class BenchSurroundings:
    """A project with nothing in it: the benchmark's actions ask for nothing."""

    timezone: tzinfo = UTC

    def __init__(self, folder: Path) -> None:
        self.artifacts = ArtifactFolder(folder / "artifacts")
        self.scrubber = Scrubber()
        self.calendar = Calendar()

    def connection(self, name: str) -> Mapping[str, Any]:
        raise ConfigurationError(f"the benchmark has no connection {name}")

    def secret(self, name: str) -> str:
        raise ConfigurationError(f"the benchmark has no secret {name}")

    def path(self, text: str) -> Path:
        raise ConfigurationError(f"the benchmark has no file {text}")


@dataclass(frozen=True, slots=True)
class Figure:
    name: str
    value: float
    unit: str


def registry() -> dict[str, Action]:
    """Two actions with the same body: one reads, the other is an effect."""
    from engine.action import REGISTRY

    for name, effect in (("bench.read", Effect.NONE), ("bench.effect", Effect.KEYED)):
        if name not in REGISTRY:
            action(name, effect=effect)(double)
    return {name: REGISTRY[name] for name in ("bench.read", "bench.effect")}


def workflow_source(name: str, kind: str) -> str:
    steps = "".join(f'  - bench.{kind}: {{value: "${{{{ item.n }}}}"}}\n    as: r{n}\n' for n in range(STEPS))
    return f"workflow: {name}\ninputs: {{n: integer}}\nqueue: {{key: '${{{{ item.n }}}}'}}\nsteps:\n{steps}"


def seconds_per_item(folder: Path, kind: str) -> float:
    """Median seconds per item of `STEPS` steps, queueing left out."""
    actions = registry()
    source = folder / f"{kind}.yaml"
    source.write_text(workflow_source(f"bench-{kind}", kind))
    database = Database(f"sqlite:///{folder}/{kind}.sqlite")
    database.migrate()
    engine = Engine(database, BenchSurroundings(folder), actions, Library([source], actions))
    flow = load_source(source.read_text(), str(source), actions)
    took = []
    for turn in range(ROUNDS):
        for number in range(ITEMS):
            engine.add(engine.new_item(flow, {"n": turn * ITEMS + number}))
        took.append(_timed(lambda: _drain(engine)) / ITEMS)
    engine.close()
    database.close()
    return statistics.median(took)


def _drain(engine: Engine) -> None:
    while engine.work_one() is not None:
        pass


def seconds_per_commit(folder: Path) -> float:
    """Median seconds of one small durable commit: WAL, synchronous=FULL, the disk's own limit."""
    connection = sqlite3.connect(folder / "raw.sqlite", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)")

    def commit() -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO t (v) VALUES ('x')")
        connection.execute("COMMIT")

    took = [_timed(commit) for _ in range(500)]
    connection.close()
    return statistics.median(took)


def seconds_per_call() -> float:
    """Median seconds of the steps' bare Python function, its models included."""
    context: Any = None
    return statistics.median(
        _timed(lambda: [double(Number(value=3), context) for _ in range(1000)]) / 1000 for _ in range(20)
    )


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def measure(folder: Path | None = None) -> list[Figure]:
    """All figures of `bench engine`; `folder` is on the disk to measure."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        place = Path(name)
        commit, call = seconds_per_commit(place), seconds_per_call()
        read, effect = seconds_per_item(place, "read"), seconds_per_item(place, "effect")
    # An item of reads costs two commits however many steps it has; each effect adds two, intent and outcome.
    step = max(read - 2 * commit, 0.0) / STEPS
    durable = (effect - read) / STEPS
    return [
        Figure("items of 5 reading steps", 1 / read, "items/s"),
        Figure("reading steps", STEPS / read, "steps/s"),
        Figure("items of 5 effect steps", 1 / effect, "items/s"),
        Figure("effect steps", STEPS / effect, "steps/s"),
        Figure("one commit on this disk", commit * 1000, "ms"),
        Figure("one bare function call", call * 1e6, "us"),
        Figure("one reading step beyond its item's two commits", step * 1000, "ms"),
        Figure("one effect step beyond a reading one", durable * 1000, "ms"),
        Figure("reading step / bare call", step / call, "x"),
        Figure("item of 5 reads / its two commits", read / (2 * commit), "x"),
        Figure("effect step / its two commits", durable / (2 * commit), "x"),
    ]
