"""`bench queue`: what a work item costs in the queue, however many wait, beside the disk's limit and other queues."""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from benchmarks.engine import STEPS, BenchSurroundings, RawCommits, registry, workflow_source
from benchmarks.postgres import own_postgres
from benchmarks.queue_peers import Peer, measure_peers
from engine.items import State
from engine.store import tables
from engine.store.database import Database, count
from engine.work import Engine
from engine.workflows import Library
from scheduler.worker import Worker

SAMPLE = 300
ROUNDS = 3
WARM = 30
COMMITS = 200
PACED, PACE_SECONDS = 60, 0.05
FLAT, NEAR = 1.3, 2.0


@dataclass(frozen=True)
class Figure:
    """One figure; `met` is None where there is no goal for it."""

    name: str
    value: float
    unit: str
    goal: str = ""
    met: bool | None = None


class Load:
    """One store and one worker; its items have `STEPS` steps that read, or as many effects."""

    def __init__(self, folder: Path, url: str) -> None:
        actions = registry()
        files = []
        for kind in ("read", "effect"):
            files.append(folder / f"{kind}.yaml")
            files[-1].write_text(workflow_source(f"bench-{kind}", kind))
        self.database = Database(url)
        self.database.migrate()
        self.engine = Engine(self.database, BenchSurroundings(folder), actions, Library(files, actions))
        self.added = 0

    def fill(self, number: int, kind: str = "read") -> float:
        """Queue so many items in one go; items a second."""
        flow = self.engine.library.get(f"bench-{kind}")
        new = [self.engine.new_item(flow, {"n": n}) for n in range(self.added, self.added + number)]
        self.added += number
        began = time.perf_counter()
        self.engine.add_all(new)
        return number / (time.perf_counter() - began)

    def work(self, number: int, kind: str = "read") -> tuple[float, float]:
        """Seconds and processor seconds of an item."""
        queues = [f"bench-{kind}"]
        before, processor = self._done(), time.process_time()
        began = time.perf_counter()
        left = iter(range(number - 1, -1, -1))
        for _ in range(number):
            self.engine.work_one(workflows=queues, ahead=lambda: next(left) > 0)
        took, used = time.perf_counter() - began, time.process_time() - processor
        if self._done() - before != number:
            raise RuntimeError(f"{self._done() - before} of {number} items are done: this figure counts for nothing")
        return took / number, used / number

    def latencies(self) -> list[float]:
        """Milliseconds from the moment an item is queued to its begin, with a worker that has nothing else to do."""
        leaving = threading.Event()
        thread = threading.Thread(target=Worker(self.engine, ["bench-read"], leaving).work, name="worker")
        thread.start()
        flow = self.engine.library.get("bench-read")
        mine = []
        for n in range(PACED):
            mine.append(self.engine.add(self.engine.new_item(flow, {"n": self.added + n}))[0])
            time.sleep(PACE_SECONDS)
        self.added += PACED
        time.sleep(1)
        leaving.set()
        thread.join(timeout=30)
        items, runs = tables.items.c, tables.runs.c
        query = sa.select(items.created, runs.started).where(items.id == runs.item, items.id.in_(mine))
        with self.database.read() as transaction:
            waits = [(row.started - row.created).total_seconds() * 1000 for row in transaction.execute(query)]
        if len(waits) != PACED:
            raise RuntimeError(f"{len(waits)} of {PACED} items were begun: this figure counts for nothing")
        return sorted(waits)

    def _done(self) -> int:
        with self.database.read() as transaction:
            return count(transaction, tables.items, tables.items.c.state == State.DONE)

    def close(self) -> None:
        self.engine.close()
        self.database.close()


def measure(*, full: bool, sizes: tuple[int, ...] | None = None) -> Iterator[Figure]:
    """All figures. `full`: up to a million items, and beside Celery, Dramatiq, Procrastinate, DBOS and Prefect."""
    sizes = sizes or ((1_000, 100_000, 1_000_000) if full else (1_000, 20_000))
    best = 0.0
    with tempfile.TemporaryDirectory(prefix="clerkwork-bench-") as name:
        folder = Path(name)
        for figure, speed in _store("SQLite", folder, f"sqlite:///{folder}/queue.sqlite", sizes):
            yield figure
            best = max(best, speed)
    with own_postgres() as url, tempfile.TemporaryDirectory(prefix="clerkwork-bench-") as name:
        if url is None:
            yield Figure("PostgreSQL is not installed: not measured", float("nan"), "")
            return
        ours = 0.0
        for figure, speed in _store("PostgreSQL", Path(name), url, sizes):
            yield figure
            ours = max(ours, speed)
        if full:
            yield from _peers(url, best, ours)


def _store(store: str, folder: Path, url: str, sizes: tuple[int, ...]) -> Iterator[tuple[Figure, float]]:
    load = Load(folder, url)
    costs, speeds, waiting = [], [], 0
    for size in sizes:
        added = load.fill(size - waiting)
        yield Figure(f"{store}: queueing, up to {size:,}", added, "items/s"), 0.0
        load.work(WARM)
        rounds = []
        for _ in range(ROUNDS):
            commit = _seconds_per_commit(folder, url)
            took, used = load.work(SAMPLE // ROUNDS)
            rounds.append((took, used, took / (2 * commit), commit))
        waiting = size - SAMPLE - WARM
        took, used, ratio, commit = (statistics.median(column) for column in zip(*rounds, strict=True))
        costs.append(used)
        speeds.append(1 / took)
        yield Figure(f"{store}, {size:,} items wait: worked", 1 / took, "items/s"), 1 / took
        yield Figure(f"{store}, {size:,} items wait: processor", used * 1000, "ms/item"), 0.0
        limit = Figure(f"{store}: limit, two commits an item", 1 / (2 * commit), "items/s")
        yield limit, 0.0
        goal = f"<= {NEAR:g}"
        yield Figure(f"{store}, {size:,} items wait: the limit / ours", ratio, "x", goal, ratio <= NEAR), 0.0
    flat = max(costs) / min(costs)
    yield Figure(f"{store}: dearest / cheapest item, by processor", flat, "x", f"<= {FLAT:g}", flat <= FLAT), 0.0
    load.fill(SAMPLE, "effect")
    durable = (load.work(SAMPLE // 2, "effect")[0] - load.work(SAMPLE // 2)[0]) / STEPS
    yield Figure(f"{store}: one more durable step (two commits)", durable * 1000, "ms"), 0.0
    load.close()
    quiet = Load(folder, url) if store != "SQLite" else Load(folder, f"sqlite:///{folder}/quiet.sqlite")
    if store != "SQLite":
        with quiet.database.write() as transaction:
            transaction.execute(sa.text("TRUNCATE items"))
    waits = quiet.latencies()
    quiet.close()
    yield Figure(f"{store}: queued to begun, p50", waits[len(waits) // 2], "ms"), 0.0
    yield Figure(f"{store}: queued to begun, p99", waits[int(len(waits) * 0.99)], "ms"), 0.0


def _seconds_per_commit(folder: Path, url: str) -> float:
    """The store's own limit: small durable commits and nothing else."""
    if url.startswith("sqlite"):
        (folder / "raw.sqlite").unlink(missing_ok=True)
        raw = RawCommits(folder)
        took = raw.seconds_per_commit()
        raw.close()
        return took
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS raw (v text)")
        began = time.perf_counter()
        for _ in range(COMMITS):
            connection.execute("INSERT INTO raw VALUES ('x')")
        return (time.perf_counter() - began) / COMMITS


def _peers(url: str, sqlite: float, postgres: float) -> Iterator[Figure]:
    for peer in measure_peers(url):
        if isinstance(peer, str):
            yield Figure(peer, float("nan"), "")
            continue
        yield from _peer(peer, postgres if peer.store == "PostgreSQL" else sqlite)


def _peer(peer: Peer, ours: float) -> Iterator[Figure]:
    name = f"{peer.name} on {peer.store}{'' if peer.durable else ' (not durable)'}"
    goal = f"ours ahead: {ours:,.0f}" if peer.durable else ""
    yield Figure(f"{name}: worked", peer.items_per_second, "items/s", goal, ours > peer.items_per_second or None)
    yield Figure(f"{name}: processor of its worker", peer.processor_ms, "ms/item")
    yield Figure(f"{name}: queued to begun, p50", peer.p50_ms, "ms")
    yield Figure(f"{name}: queued to begun, p99", peer.p99_ms, "ms")
