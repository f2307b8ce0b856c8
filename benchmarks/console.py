"""`bench console`: how fast the pages of a full office are, with ten people at work."""

from __future__ import annotations

import gzip
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import sqlalchemy as sa

from benchmarks.console_store import PASSWORD, USER, WORKFLOWS, fill, write_project
from benchmarks.postgres import own_postgres
from engine.store import tables
from engine.store.database import Database

PEOPLE = 10
THINKS_SECONDS = 1.0
"""Between two pages of a person: ten people ask for some ten pages a second."""
BUDGET_MS = 100.0
SCRIPT_KILOBYTES = 80.0
RUNNER = Path(__file__).parents[1] / "runner.py"
STATIC = Path(__file__).parents[1] / "console" / "static"


@dataclass(frozen=True, slots=True)
class Figure:
    """Milliseconds until the last byte of a page; `alone` is one person, the others are ten at once."""

    store: str
    page: str
    requests: int
    alone: float
    p50: float
    p95: float
    goal: str = ""
    met: bool | None = None


def script_kilobytes() -> float:
    """What all scripts of the console come to, compressed as they are sent."""
    return sum(len(gzip.compress(file.read_bytes())) for file in STATIC.rglob("*.js")) / 1000


def measure(*, full: bool, items: int | None = None, pages_each: int | None = None) -> Iterator[Figure]:
    """A row for each page on each store. `full`: 100,000 items, else 2,000."""
    number, each = items or (100_000 if full else 2_000), pages_each or (30 if full else 5)
    with tempfile.TemporaryDirectory(prefix="clerkwork-bench-") as name:
        root = Path(name)
        yield from _store("SQLite", root, f"sqlite:///{root}/data/clerkwork.db", number, each)
    with own_postgres() as url, tempfile.TemporaryDirectory(prefix="clerkwork-bench-") as name:
        if url is not None:
            yield from _store("PostgreSQL", Path(name), url, number, each)


def _store(store: str, root: Path, url: str, number: int, each: int) -> Iterator[Figure]:
    write_project(root)
    database = Database(url)
    database.migrate()
    fill(database, number)
    pages = _pages(database, each)
    database.close()
    with _console(root, url) as address:
        for name, paths in pages.items():
            alone = statistics.median(_visit(address, paths))
            took = _at_once(address, paths)
            p95 = took[int(len(took) * 0.95)]
            goal = f"p95 <= {BUDGET_MS:g} ms" if name in ("open exceptions", "one exception") else ""
            met = p95 <= BUDGET_MS if goal else None
            yield Figure(store, name, len(took), alone, took[len(took) // 2], p95, goal, met)


def _pages(database: Database, each: int) -> dict[str, list[str]]:
    """The pages that people open, by what they are, with real ids in them."""
    items, table = tables.items.c, tables.exceptions.c
    with database.read() as transaction:
        standing = [str(one) for (one,) in transaction.execute(sa.select(table.item).order_by(table.id).limit(2000))]
        runs = [str(run) for (run,) in transaction.execute(sa.select(items.run).order_by(items.id).limit(2000))]
    step = max(len(standing) // each, 1)
    filters = ["", "?kind=business", "?kind=application", f"?workflow={WORKFLOWS[0]}", "?kind=review"]
    return {
        "open exceptions": [f"/{filters[n % len(filters)]}" for n in range(each)],
        "one exception": [f"/items/{item}" for item in standing[::step][:each]],
        "all items": [f"/items{'?state=done' if n % 2 else ''}" for n in range(each)],
        "a run": [f"/runs/{run}" for run in runs[:: max(len(runs) // each, 1)][:each]],
        "a workflow": [f"/workflows/{WORKFLOWS[n % len(WORKFLOWS)]}" for n in range(each)],
    }


@contextmanager
def _console(root: Path, url: str) -> Iterator[str]:
    command = [sys.executable, str(RUNNER), "console", "--json", "--port", "0", "--project", str(root)]
    env = {**os.environ, "CLERKWORK_DATABASE": url}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=env)
    try:
        assert process.stdout is not None
        yield str(json.loads(process.stdout.readline())["console"])
    finally:
        process.terminate()
        process.communicate(timeout=30)


@contextmanager
def _person(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
        form = client.get("/sign-in").text
        found = re.search(r'name="csrf" value="([^"]+)"', form)
        assert found is not None, "the sign-in page has no form"
        answer = client.post("/sign-in", data={"name": USER, "password": PASSWORD, "csrf": found[1]})
        if answer.status_code != 303:
            raise RuntimeError(f"signing in was answered with {answer.status_code}")
        yield client


def _visit(address: str, paths: Sequence[str], thinks: float = 0.0) -> list[float]:
    """Milliseconds of each page; one that is not answered with 200 counts for nothing, so it ends the run."""
    took = []
    with _person(address) as client:
        for path in paths:
            time.sleep(thinks)
            began = time.perf_counter()
            answer = client.get(path)
            took.append((time.perf_counter() - began) * 1000)
            if answer.status_code != 200:
                raise RuntimeError(f"{path} was answered with {answer.status_code}")
    return took


def _at_once(address: str, paths: Sequence[str]) -> list[float]:
    found: list[float] = []
    wrong: list[Exception] = []

    def work(start: int) -> None:
        try:
            time.sleep(start * THINKS_SECONDS / PEOPLE)
            found.extend(_visit(address, [*paths[start:], *paths[:start]], THINKS_SECONDS))
        except Exception as error:  # noqa: BLE001 - it is raised below, in the thread that asked
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(start % len(paths),)) for start in range(PEOPLE)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    if wrong:
        raise wrong[0]
    return sorted(found)
