"""What a step costs: against a bare function call, and against one commit on the same disk, in the same run."""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from engine.action import Action, Effect, action
from engine.artifacts import ArtifactFolder
from engine.business_time import Calendar
from engine.context import Context
from engine.errors import ConfigurationError
from engine.items import State
from engine.ledger import Status
from engine.loader import load_source
from engine.scrub import Scrubber
from engine.store import tables
from engine.store.database import Database, count
from engine.work import Engine
from engine.workflows import Library

STEPS = 5
ITEMS = 100
ROUNDS = 5
COMMITS = 200
CALLS = 5000


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
        self.cache = folder / "cache"
        self.scrubber = Scrubber()
        self.calendar = Calendar()

    def connection(self, name: str) -> Mapping[str, Any]:
        raise ConfigurationError(f"the benchmark has no connection {name}")

    def secret(self, name: str) -> str:
        raise ConfigurationError(f"the benchmark has no secret {name}")

    def kept(self, name: str) -> str | None:
        return None

    def keep(self, name: str, text: str | None) -> None:
        raise ConfigurationError(f"the benchmark keeps nothing, and so not {name}")

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


class Queue:
    """A project with one workflow of `STEPS` steps of one kind, in a store of its own."""

    def __init__(self, folder: Path, kind: str) -> None:
        actions = registry()
        self.kind = kind
        source = folder / f"{kind}.yaml"
        source.write_text(workflow_source(f"bench-{kind}", kind))
        self.database = Database(f"sqlite:///{folder}/{kind}.sqlite")
        self.database.migrate()
        self.engine = Engine(self.database, BenchSurroundings(folder), actions, Library([source], actions))
        self.flow = load_source(source.read_text(), str(source), actions)
        self.added = 0

    def seconds_per_item(self) -> float:
        """Working `ITEMS` items, queueing left out."""
        for _ in range(ITEMS):
            self.engine.add(self.engine.new_item(self.flow, {"n": self.added}))
            self.added += 1
        took = _timed(self._drain) / ITEMS
        self._refuse_cheating()
        return took

    def _refuse_cheating(self) -> None:
        """A figure counts only if every item is done and every effect is in the ledger."""
        with self.database.read() as transaction:
            done = count(transaction, tables.items, tables.items.c.state == State.DONE)
            kept = count(transaction, tables.effects, tables.effects.c.status == Status.DONE)
        if done != self.added or kept != (self.added * STEPS if self.kind == "effect" else 0):
            raise RuntimeError(f"{done} of {self.added} items done, {kept} effects in the ledger")

    def _drain(self) -> None:
        while self.engine.work_one() is not None:
            pass

    def close(self) -> None:
        self.engine.close()
        self.database.close()


class RawCommits:
    """The disk's own limit: small durable commits through sqlite3 alone, WAL and synchronous=FULL."""

    def __init__(self, folder: Path) -> None:
        self.connection = sqlite3.connect(folder / "raw.sqlite", isolation_level=None)
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute("PRAGMA synchronous=FULL")
        self.connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)")

    def seconds_per_commit(self) -> float:
        return _timed(self._commits) / COMMITS

    def _commits(self) -> None:
        for _ in range(COMMITS):
            self.connection.execute("BEGIN IMMEDIATE")
            self.connection.execute("INSERT INTO t (v) VALUES ('x')")
            self.connection.execute("COMMIT")

    def close(self) -> None:
        self.connection.close()


def seconds_per_call() -> float:
    """The steps' bare Python function, its models included."""
    context: Any = None
    return _timed(lambda: [double(Number(value=3), context) for _ in range(CALLS)]) / CALLS


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def measure(folder: Path | None = None) -> list[Figure]:
    """All figures of `bench engine`; `folder` is on the disk to measure.

    The disk and the machine drift, so each round measures everything in turn; quoted are medians, and ratios are
    taken within a round.
    """
    with tempfile.TemporaryDirectory(dir=folder) as name:
        commits, read, effect = RawCommits(Path(name)), Queue(Path(name), "read"), Queue(Path(name), "effect")
        rounds = [
            Round(commits.seconds_per_commit(), seconds_per_call(), read.seconds_per_item(), effect.seconds_per_item())
            for _ in range(ROUNDS)
        ]
        for opened in (commits, read, effect):
            opened.close()
    return [
        _median("items of 5 reading steps", "items/s", (1 / one.read for one in rounds)),
        _median("reading steps", "steps/s", (STEPS / one.read for one in rounds)),
        _median("items of 5 effect steps", "items/s", (1 / one.effect for one in rounds)),
        _median("effect steps", "steps/s", (STEPS / one.effect for one in rounds)),
        _median("one commit on this disk", "ms", (one.commit * 1000 for one in rounds)),
        _median("one bare function call", "us", (one.call * 1e6 for one in rounds)),
        _median("one reading step, its item's share", "us", (one.read / STEPS * 1e6 for one in rounds)),
        _median("reading step / bare function call", "x", (one.read / STEPS / one.call for one in rounds)),
        _median("reading step / one commit", "x", (one.read / STEPS / one.commit for one in rounds)),
        _median("item of 5 reads / its two commits", "x", (one.read / (2 * one.commit) for one in rounds)),
        _median("item of 5 effects / its twelve commits", "x", (one.effect / (12 * one.commit) for one in rounds)),
    ]


@dataclass(frozen=True, slots=True)
class Round:
    """Seconds of one commit, one bare call, one item of reads, one item of effects."""

    commit: float
    call: float
    read: float
    effect: float


def _median(name: str, unit: str, values: Iterable[float]) -> Figure:
    return Figure(name, statistics.median(values), unit)
