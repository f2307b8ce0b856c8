"""A scheduler process with very many schedules: what it weighs, what waiting costs, how late a hundred at once are."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

RUNNER = Path(__file__).parents[1] / "runner.py"
HOT = 100
PERIOD = 5
"""Seconds between two rounds of the schedules that fire together."""


@dataclass(frozen=True)
class Load:
    schedules: int
    ready_seconds: float
    memory_mb: float
    idle_percent: float
    p50_ms: float
    p99_ms: float
    rounds: int
    wrong: int  # items that are missing or too many


def measure_load(folder: Path, schedules: int, rounds: int, idle_seconds: float) -> Load:
    """One scheduler over `schedules` quiet ones, then a hundred more that fire in the same second, `rounds` times."""
    write_quiet(folder, schedules)
    with scheduler_process(folder) as process:
        began = time.monotonic()
        _until(lambda: known(folder) >= schedules, 300)
        ready = time.monotonic() - began
        time.sleep(min(idle_seconds, 3))  # what was just begun is not idle yet
        cpu = cpu_seconds(process.pid)
        time.sleep(idle_seconds)
        idle = (cpu_seconds(process.pid) - cpu) / idle_seconds
        (folder / "workflows" / "hot.yaml").write_text(
            workflow("hot", [f"'*/{PERIOD} * * * * *', overlap: allow"] * HOT)
        )
        _until(lambda: known(folder) >= schedules + HOT, 60)
        late, wrong = _rounds(folder, rounds)
        weight = memory_mb(process.pid)
    late.sort()
    return Load(schedules, ready, weight, idle * 100, _part(late, 0.5), _part(late, 0.99), rounds, wrong)


def _rounds(folder: Path, rounds: int) -> tuple[list[float], int]:
    """How late each item could be seen by another process, in milliseconds, over the rounds from now on."""
    first = int(time.time() + 1) // PERIOD + 1
    late: list[float] = []
    wrong = 0
    with closing_connection(folder) as connection:
        for number in range(rounds):
            second = (first + number) * PERIOD
            time.sleep(max(second - time.time() - 0.05, 0))
            seen = 0
            deadline = second + PERIOD * 0.8
            while seen < HOT and time.time() < deadline:
                found = _queued(connection, second)
                late += [(time.time() - second) * 1000] * (found - seen)
                seen = found
                time.sleep(0.001)
            wrong += HOT - seen
        time.sleep(0.5)
        wrong += sum(max(_queued(connection, second + back * PERIOD) - HOT, 0) for back in range(-rounds + 1, 1))
    return late, wrong


def _queued(connection: sqlite3.Connection, second: int) -> int:
    moment = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%d %H:%M:%S.000000")
    query = "SELECT count(item) FROM firings WHERE fire_time = ? AND schedule LIKE 'hot/%'"
    return int(connection.execute(query, (moment,)).fetchone()[0])


def write_quiet(folder: Path, schedules: int) -> None:
    """A project whose schedules all fire at some hour that is not near."""
    (folder / "workflows").mkdir(parents=True)
    (folder / "config").mkdir()
    (folder / "config" / "settings.yaml").write_text("timezone: Europe/Berlin\n")
    hour = datetime.now(UTC).hour
    for start in range(0, schedules, HOT):
        lines = [
            f"'{number % 60} {(hour + 6 + number % 12) % 24} * * {'mon-fri' if number % 3 else '*'}'"
            for number in range(start, min(start + HOT, schedules))
        ]
        name = f"quiet-{start // HOT}"
        (folder / "workflows" / f"{name}.yaml").write_text(workflow(name, lines))


def workflow(name: str, crons: list[str]) -> str:
    triggers = "".join(f"  - schedule: {{cron: {cron}}}\n" for cron in crons)
    return f"workflow: {name}\ntriggers:\n{triggers}steps:\n  - set: {{a: 1}}\n"


@contextmanager
def scheduler_process(folder: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """`clerkwork scheduler` in a process of its own, asked to leave at the end."""
    process = subprocess.Popen(
        [sys.executable, str(RUNNER), "scheduler", "--project", str(folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **environment},
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def closing_connection(folder: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(folder / "data" / "clerkwork.db", timeout=30)
    try:
        yield connection
    finally:
        connection.close()


def known(folder: Path) -> int:
    """How many triggers the store knows."""
    try:
        with closing_connection(folder) as connection:
            return int(connection.execute("SELECT count(*) FROM triggers").fetchone()[0])
    except sqlite3.OperationalError:
        return 0  # the store is not made yet


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError(pid)


def _part(ordered: list[float], part: float) -> float:
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)] if ordered else float("nan")


def _until(holds: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"the scheduler did not come so far within {seconds:.0f} s")
        time.sleep(0.1)
