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
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import sqlalchemy as sa

from benchmarks.console_store import PASSWORD, USER, WORKFLOWS, fill, write_project
from benchmarks.postgres import own_postgres
from engine.clock import SystemClock
from engine.measures.counting import keep_up
from engine.store import tables
from engine.store.database import Database

PEOPLE = 10
THINKS_SECONDS = 1.0
"""Between two pages of a person: ten people ask for some ten pages a second."""
BUDGET_MS = 100.0
SCRIPT_KILOBYTES = 80.0
ZONE = ZoneInfo("Europe/Berlin")
"""As the project of `write_project` has it."""
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
    pages, mendable = _pages(database, each), _mendable(database)
    database.close()
    with _console(root, url) as address:
        for name, paths in pages.items():
            alone = statistics.median(_visit(address, paths))
            took = _at_once(address, paths)
            yield _figure(store, name, alone, took, within=name in ("open exceptions", "one exception", "dashboard"))
        yield from _decisions(store, address, mendable, each)


def _figure(store: str, page: str, alone: float, took: list[float], *, within: bool) -> Figure:
    p95 = took[int(len(took) * 0.95)]
    goal = f"p95 <= {BUDGET_MS:g} ms" if within else ""
    return Figure(store, page, len(took), alone, took[len(took) // 2], p95, goal, p95 <= BUDGET_MS if within else None)


def _decisions(store: str, address: str, names: Sequence[str], each: int) -> Iterator[Figure]:
    """From a decision to the next item: where the page has it at hand, as browsers have, and where it is fetched."""
    share = min(each, len(names) // (2 * (PEOPLE + 1)))
    for number, (page, at_hand) in enumerate((("next item, at hand", True), ("next item, fetched", False))):
        own = names[number * share * (PEOPLE + 1) :]
        parts = [own[one * share : (one + 1) * share] for one in range(PEOPLE + 1)]
        alone = statistics.median(_decide(address, parts[0], at_hand=at_hand))
        works = [partial(_decide, address, part, THINKS_SECONDS, at_hand=at_hand) for part in parts[1:]]
        yield _figure(store, page, alone, _together(works), within=True)


def _mendable(database: Database) -> list[str]:
    """Exceptions that a person may retry."""
    table = tables.exceptions.c
    query = sa.select(table.id).where(table.kind.in_(("business", "application")), table.closed.is_(None))
    with database.read() as transaction:
        return [str(one) for (one,) in transaction.execute(query.order_by(table.id).limit(2000))]


def _pages(database: Database, each: int) -> dict[str, list[str]]:
    """The pages that people open, by what they are, with real ids in them."""
    keep_up(database, SystemClock().now(), ZONE)
    items, table = tables.items.c, tables.exceptions.c
    with database.read() as transaction:
        standing = [str(one) for (one,) in transaction.execute(sa.select(table.item).order_by(table.id).limit(2000))]
        names = [str(one) for (one,) in transaction.execute(sa.select(table.id).order_by(table.id).limit(2000))]
        runs = [str(run) for (run,) in transaction.execute(sa.select(items.run).order_by(items.id).limit(2000))]
    step = max(len(standing) // each, 1)
    filters = ["", "?kind=business", "?kind=application", f"?workflow={WORKFLOWS[0]}", "?kind=review"]
    boards = ["", "?days=7", "?days=90", f"?workflow={WORKFLOWS[0]}", "?vendor=Vendor+7+Ltd"]
    return {
        "open exceptions": [f"/{filters[n % len(filters)]}" for n in range(each)],
        "one exception": [f"/exceptions/{name}" for name in names[::step][:each]],
        "one item": [f"/items/{item}" for item in standing[::step][:each]],
        "all items": [f"/items{'?state=done' if n % 2 else ''}" for n in range(each)],
        "dashboard": [f"/dashboard{boards[n % len(boards)]}" for n in range(each)],
        "dashboard of a year": ["/dashboard?days=365" for _ in range(each)],
        "lines of a tile": [f"/dashboard/{'exception-rate' if n % 2 else 'cycle-p95'}" for n in range(each)],
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


def _decide(address: str, names: Sequence[str], thinks: float = 0.0, *, at_hand: bool) -> list[float]:
    """Milliseconds from each decision to what comes next: its answer alone, or with the page of the next item."""
    took = []
    with _person(address) as client:
        found = re.search(r'name="csrf" value="([^"]+)"', client.get(f"/exceptions/{names[0]}").text)
        assert found is not None, "the page of an exception has no form"
        for name in names:
            time.sleep(thinks)
            began = time.perf_counter()
            answer = client.post(
                f"/exceptions/{name}/retry",
                data={"csrf": found[1]},
                headers={"x-ahead": "1"} if at_hand else {},
                follow_redirects=True,
            )
            took.append((time.perf_counter() - began) * 1000)
            if answer.status_code != 200 or at_hand is not ("x-place" in answer.headers):
                raise RuntimeError(f"the decision about {name} was answered with {answer.status_code}")
    return took


def _at_once(address: str, paths: Sequence[str]) -> list[float]:
    starts = [one % len(paths) for one in range(PEOPLE)]
    return _together([partial(_visit, address, [*paths[at:], *paths[:at]], THINKS_SECONDS) for at in starts])


def _together(works: Sequence[Callable[[], list[float]]]) -> list[float]:
    """What several people at once measured, the shortest first."""
    found: list[float] = []
    wrong: list[Exception] = []

    def work(number: int) -> None:
        try:
            time.sleep(number * THINKS_SECONDS / PEOPLE)
            found.extend(works[number]())
        except Exception as error:  # noqa: BLE001 - it is raised below, in the thread that asked
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(works))]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    if wrong:
        raise wrong[0]
    return sorted(found)
