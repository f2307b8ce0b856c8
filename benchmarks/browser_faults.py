"""What one worker's browser takes and leaves over many items, and what becomes of items whose browser is killed.

The worker is the engine itself with a store on the disk; the web system is a form whose server counts what is saved.
Renderer and browser are killed with SIGKILL at moments drawn by chance between the start of an item and its end.
"""

from __future__ import annotations

import os
import random
import signal
import statistics
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import bots.browser.actions  # noqa: F401 - registers the action
from benchmarks.engine import BenchSurroundings
from bots.browser.processes import memory, tree
from engine.action import REGISTRY
from engine.loader import load_source
from engine.store.database import Database
from engine.work import Engine
from engine.workflows import Library

ITEMS, FEW_ITEMS = 200, 24
KILLS, FEW_KILLS = 50, 2
GROWTH = 5.0  # MB an item, after warm-up
FORM = """<!doctype html><title>Entries</title><h1>New entry</h1><form method=post action=/save>
<label>Reference <input name=reference></label> <label>Vendor <input name=vendor></label>
<label>Amount <input name=amount></label> <button>Save</button></form>
<script>rows = new Uint8Array(8e6).fill(7)</script>"""
WORKFLOW = """workflow: entries
inputs: {n: integer}
queue:
  key: "${{ item.n }}"
  retry: {attempts: 4, wait: 1s, factor: 1}
steps:
  - browser:
      base_url: URL
      do:
        - open: /
        - fill: {Reference: "${{ item.n }}", Vendor: ACME, Amount: 12.50}
        - click: Save
        - see: Entry saved
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure, and whether it is as it must be."""

    name: str
    value: float
    unit: str
    goal: str
    met: bool


class Entries:
    """The web system: a form, and how often each reference was saved."""

    def __init__(self) -> None:
        self.saved: Counter[str] = Counter()
        self._lock = threading.Lock()

    def save(self, reference: str) -> None:
        with self._lock:
            self.saved[reference] += 1


class Worker:
    """One engine with a store of its own, and one web system."""

    def __init__(self, folder: Path, url: str) -> None:
        registry = {"browser": REGISTRY["browser"]}
        source = folder / "entries.yaml"
        source.write_text(WORKFLOW.replace("URL", url))
        self.database = Database(f"sqlite:///{folder}/entries.sqlite")
        self.database.migrate()
        self.engine = Engine(self.database, BenchSurroundings(folder), registry, Library([source], registry))
        self.flow = load_source(source.read_text(), str(source), registry)
        self.retries = 0
        self.engine.events.listen(self._count)

    def _count(self, event: Any) -> None:
        self.retries += event.name == "step.retry"

    def work(self, number: int) -> str:
        """Queue this item and work it to its end: its outcome."""
        item, _new = self.engine.add(self.engine.new_item(self.flow, {"n": number}))
        self.engine.work_until_idle([item])
        return self.engine.report(item).outcome

    def close(self) -> None:
        self.engine.close()
        self.database.close()


def measure(*, full: bool = False, seed: int = 4) -> Iterator[Figure]:
    """All figures, as they come. ConfigurationError where there is no browser."""
    yield from growth(ITEMS if full else FEW_ITEMS)
    for what in ("renderer", "browser"):
        yield from killed(what, KILLS if full else FEW_KILLS, random.Random(seed))


def growth(items: int) -> Iterator[Figure]:
    """Memory of the worker with all its processes over many items, and what is left after it was closed."""
    others = set(tree(os.getpid()))  # ours before, such as a reader of documents that is kept warm
    with _worker() as (worker, entries):
        taken, began = [], time.monotonic()
        for number in range(items):
            outcome = worker.work(number)
            if outcome != "done":
                raise RuntimeError(f"item {number} is {outcome}, with nothing to disturb it")
            taken.append(memory(tree(os.getpid())) / 1e6)
        seconds = (time.monotonic() - began) / items
        family = [pid for pid in tree(os.getpid()) if pid not in others]
    warm = taken[len(taken) // 5 :]
    slope = statistics.linear_regression(range(len(warm)), warm).slope
    orphans = _still_there(family)
    yield Figure("items through one worker", items, "items", "each saved once", _once(entries, items))
    yield Figure("an item", seconds * 1000, "ms", "", True)
    yield Figure("memory of all processes at the end", taken[-1], "MB", "", True)
    yield Figure("memory growth after warm-up", slope, "MB an item", f"< {GROWTH:g}", slope < GROWTH)
    yield Figure("processes left behind", orphans, "processes", "0", orphans == 0)


def killed(what: str, kills: int, chance: random.Random) -> Iterator[Figure]:
    """Items whose renderer or browser is killed at random moments, until so many kills have hit."""
    outcomes: Counter[str] = Counter()
    others = set(tree(os.getpid()))
    with _worker() as (worker, entries):
        worker.work(0)
        lasts = time.monotonic()
        worker.work(1)
        lasts = time.monotonic() - lasts
        seen: set[int] = set()
        number, hits = 2, 0
        told: dict[int, str] = {}
        while hits < kills and number < kills * 6:
            killer = _Killer(what, chance.uniform(0, lasts * 1.1))
            told[number] = worker.work(number)
            hits += killer.join()
            seen |= killer.seen
            number += 1
        seen |= set(tree(os.getpid()))
        retries = worker.retries
    outcomes.update(told.values())
    settled = outcomes["done"] + outcomes["uncertain"]
    twice = sum(count > 1 for count in entries.saved.values())
    lost = sum(outcome == "done" and entries.saved[str(one)] != 1 for one, outcome in told.items())
    orphans = _still_there(seen - others)
    yield Figure(f"{what} killed", hits, "times", str(kills), hits >= kills)
    yield Figure(f"{what} killed: items done", outcomes["done"], "items", "", True)
    yield Figure(f"{what} killed: attempts repeated", retries, "attempts", "", True)
    yield Figure(f"{what} killed: items uncertain, for a person", outcomes["uncertain"], "items", "", True)
    strange = len(told) - settled
    yield Figure(f"{what} killed: items that ended otherwise", strange, "items", "0", strange == 0)
    yield Figure(f"{what} killed: entries saved twice", twice, "entries", "0", twice == 0)
    yield Figure(f"{what} killed: items done without an entry", lost, "items", "0", lost == 0)
    yield Figure(f"{what} killed: processes left behind", orphans, "processes", "0", orphans == 0)


class _Killer:
    """Kills once, after a delay, from a thread of its own."""

    def __init__(self, what: str, delay: float) -> None:
        self.seen: set[int] = set()
        self._what = what
        self._delay = delay
        self._hit = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def join(self) -> bool:
        """Whether there was anything to kill."""
        self._thread.join()
        return self._hit

    def _run(self) -> None:
        time.sleep(self._delay)
        self.seen = {pid for pid in tree(os.getpid()) if pid != os.getpid()}
        for pid in sorted(self.seen):
            if _is(pid, self._what):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    self._hit = True


def _is(pid: int, what: str) -> bool:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").replace("\0", " ").split()
    except OSError:
        return False
    kind = next((word.removeprefix("--type=") for word in words if word.startswith("--type=")), None)
    if what == "renderer":
        return kind == "renderer"
    return kind is None and any(word.startswith("--remote-debugging-p") for word in words)


def _still_there(pids: set[int] | list[int]) -> int:
    """How many of these run on after their worker has closed; they have a moment to end."""
    end = time.monotonic() + 3
    while (left := sum(bool(tree(pid)) for pid in pids)) and time.monotonic() < end:
        time.sleep(0.05)
    return left


def _once(entries: Entries, items: int) -> bool:
    return len(entries.saved) == items and set(entries.saved.values()) == {1}


@contextmanager
def _worker() -> Iterator[tuple[Worker, Entries]]:
    entries = Entries()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(entries))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            worker = Worker(Path(folder), f"http://127.0.0.1:{server.server_address[1]}")
            try:
                yield worker, entries
            finally:
                worker.close()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(entries: Entries) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply(FORM)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            entries.save(parse_qs(body)["reference"][0])
            self._reply("<!doctype html><p>Entry saved</p>")

        def _reply(self, html: str) -> None:
            with suppress(ConnectionError):  # the browser that asked may have been killed
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(html)))
                self.end_headers()
                self.wfile.write(html.encode())

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler
