"""The clock of one of two schedulers jumps, and schedulers are away for hours: each firing happens once."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks.engine import BenchSurroundings
from benchmarks.faults.row import Row
from engine.clock import ManualClock
from engine.store import tables
from engine.store.database import Database, rows
from engine.work import Engine
from engine.workflows import Library
from scheduler.clockwork import Clockwork
from scheduler.schedule import Missed, Overlap, Schedule
from scheduler.times import Cron

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
JUMPS = {"1 h": timedelta(hours=1), "1 day": timedelta(days=1)}
EVERY = timedelta(minutes=10)
TURNS = 36
AWAY = timedelta(hours=6)
FLOW = "workflow: flow\ninputs: {n: {type: integer, required: false, default: 1}}\nsteps:\n  - set: {a: 1}\n"


def clock_jumps(folder: Path, url: str, store: str, jump: str) -> Row:
    """Two schedulers for six hours; the clock of one is ahead by the jump for a while, then behind by it."""
    database = _database(folder, url)
    right, wrong = ManualClock(START), ManualClock(START)
    schedulers = [_scheduler(folder, database, clock, Missed.ALL) for clock in (right, wrong)]
    for turn in range(TURNS):
        step = EVERY.total_seconds()
        right.sleep(step)
        wrong.sleep(step + _jump(turn) * JUMPS[jump].total_seconds())
        for one in reversed(schedulers):
            one.tick()
    wanted = {START + EVERY * number for number in range(1, TURNS + 1)}
    lost, doubled = _wrong(database, wanted)
    fault, goal = f"a scheduler's clock jumps by {jump}, both ways", "each firing once"
    return Row(fault, store, 2, 4, lost, doubled, goal=goal, met=not lost and not doubled, told=f"{TURNS} firings")


def away(folder: Path, url: str, store: str, missed: Missed) -> Row:
    """No scheduler for six hours, then two at once; the schedule fires every ten minutes."""
    database = _database(folder, url)
    clock = ManualClock(START)
    _scheduler(folder, database, clock, missed)
    clock.sleep(AWAY.total_seconds() + 60)
    for one in [_scheduler(folder, database, clock, missed) for _ in range(2)]:
        one.tick()
    every = [START + EVERY * number for number in range(1, TURNS + 1)]
    wanted = {Missed.ALL: every, Missed.LAST: every[-1:], Missed.NONE: []}[missed]
    lost, doubled = _wrong(database, set(wanted), exactly=True)
    fault, goal = f"no scheduler for 6 h, missed: {missed}", f"{len(wanted)} made up, each once"
    return Row(fault, store, 2, 1, lost, doubled, goal=goal, met=not lost and not doubled)


def _jump(turn: int) -> int:
    """Ahead at a quarter of the time, right again, behind, and right again."""
    return {TURNS // 5: 1, 2 * TURNS // 5: -1, 3 * TURNS // 5: -1, 4 * TURNS // 5: 1}.get(turn, 0)


def _database(folder: Path, url: str) -> Database:
    (folder / "flow.yaml").write_text(FLOW)
    database = Database(url)
    database.migrate()
    return database


def _scheduler(folder: Path, database: Database, clock: ManualClock, missed: Missed) -> Clockwork:
    library = Library([folder / "flow.yaml"], {})
    made = Clockwork(Engine(database, BenchSurroundings(folder), {}, library, clock=clock))
    schedule = Schedule("flow/0", "flow", Cron("*/10 * * * *"), ZoneInfo("UTC"), missed, Overlap.ALLOW)
    made.take_up({schedule.name: schedule})
    return made


def _wrong(database: Database, wanted: set[datetime], *, exactly: bool = False) -> tuple[int, int]:
    """Firings without an item, and items too many; `exactly`: a firing that is not wanted is one too many."""
    with database.read() as transaction:
        fired = {row["item"]: row["fire_time"] for row in rows(transaction, tables.firings.select())}
        items = [row["id"] for row in rows(transaction, tables.items.select())]
    database.close()
    times = Counter(fired[item] for item in items if item in fired)
    too_many = sum(number - 1 for number in times.values()) + sum(item not in fired for item in items)
    return len(wanted - times.keys()), too_many + (len(times.keys() - wanted) if exactly else 0)
