"""`bench soak`: an office at work for a while under small faults. Does anything grow, get lost or get done twice?"""

from __future__ import annotations

import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from benchmarks.faults.world import posted
from benchmarks.loopback import free_port
from engine.bulk import add_all
from engine.clock import SystemClock
from engine.items import NewItem, State
from engine.store import tables
from engine.store.database import Database, StoreError, tally
from scheduler.memory import descendants

RUNNER = Path(__file__).parents[1] / "runner.py"
SAMPLE_SECONDS = 2.0
ITEMS_A_SECOND = 4
KILL_SECONDS = 20.0
"""So often the younger of two workers is killed; the older one stays, and what it holds is watched."""
GROWTH = 0.05
"""Of the memory between the second and the last third; what a process needs to get warm comes in the first."""
HANDLES = 2
MARK = "CLERKWORK_SOAK"
"""A variable by which the processes of this office are told from others."""
OPEN = (State.READY, State.RUNNING)

SETTINGS = "workers: 2\nplugins: actions\nconsole: {{port: {port}}}\nretention: {{logs: 1}}\n"
ACTIONS = "from benchmarks.faults.world import world_actions\n\nworld_actions()\n"
WORKFLOW = """\
workflow: soak
inputs: {{n: integer}}
queue: {{key: "${{{{ item.n }}}}", retry: {{attempts: 5, wait: 1s, factor: 1}}}}
steps:
  - name: Read
    if: ${{{{ item.n % 20 == 0 }}}}
    document.read: {{file: samples/invoice.pdf, fields: invoice}}
  - name: Post
    fault.post: {{world: {world}, value: "post ${{{{ item.n }}}}", lost: 1}}
    effect: {{key: "post/${{{{ item.n }}}}"}}
  - name: Put
    fault.put: {{world: {world}, value: "put ${{{{ item.n }}}}", lost: 1}}
    effect: {{key: "put/${{{{ item.n }}}}"}}
"""
TICKS = """\
workflow: ticks
triggers:
  - schedule: {every: 5s}
steps:
  - set: {a: 1}
"""


@dataclass(frozen=True, slots=True)
class Part:
    """A process and what it started, at one moment: MB of its own, open files, threads."""

    memory: float
    handles: int
    threads: int


@dataclass
class Watched:
    """What was seen of one part of the office, in the order of time."""

    name: str
    seen: list[Part] = field(default_factory=list)

    def third(self, number: int, what: Callable[[Part], float]) -> float:
        length = len(self.seen) // 3
        values = [what(part) for part in self.seen[number * length : (number + 1) * length]]
        return float(statistics.median(values)) if values else 0.0


@dataclass(frozen=True, slots=True)
class Figure:
    name: str
    first: float
    last: float
    unit: str
    met: bool | None = None


def measure(*, seconds: float, told: Callable[[str], None]) -> Iterator[Figure]:
    """Let the office work for so long, then until nothing is open; what was counted and watched."""
    with tempfile.TemporaryDirectory(prefix="clerkwork-soak-") as name:
        office = Soak(Path(name))
        try:
            office.run(seconds, told)
            yield from office.figures()
        finally:
            office.close()


class Soak:
    def __init__(self, root: Path) -> None:
        self.root, self.world = root, str(root / "world.sqlite")
        posted(self.world)
        template = Path(__file__).parents[1] / "commands" / "new_project"
        shutil.copytree(template / "samples", root / "samples")
        for folder in ("config", "workflows", "actions", "data"):
            (root / folder).mkdir()
        (root / "config" / "settings.yaml").write_text(SETTINGS.format(port=free_port()))
        (root / "actions" / "world.py").write_text(ACTIONS)
        (root / "workflows" / "soak.yaml").write_text(WORKFLOW.format(world=self.world))
        (root / "workflows" / "ticks.yaml").write_text(TICKS)
        self.database = Database(f"sqlite:///{root}/data/clerkwork.db")
        self.database.migrate()
        self.added, self.killed, self.chance = 0, 0, Random(1)
        self.parts: dict[str, Watched] = {}
        self.log = (root / "start.log").open("w")
        command = [sys.executable, str(RUNNER), "start", "--project", str(root)]
        env = {**os.environ, MARK: str(root)}
        self.office = subprocess.Popen(command, stdout=self.log, stderr=self.log, env=env, start_new_session=True)

    # -- at work ------------------------------------------------------------------------------------------------------

    def run(self, seconds: float, told: Callable[[str], None]) -> None:
        began, killed = time.monotonic(), time.monotonic()
        while (now := time.monotonic()) < began + seconds:
            self._add(int(ITEMS_A_SECOND * SAMPLE_SECONDS))
            self._watch()
            if now - killed >= KILL_SECONDS:
                killed = now
                self._kill()
            if len(self.parts.get("worker", Watched("")).seen) % 30 == 0:
                told(f"{now - began:,.0f} of {seconds:,.0f} s: {self.added:,} items, {self.killed} workers killed")
            time.sleep(SAMPLE_SECONDS)
        deadline = time.monotonic() + 120
        while self._open() and time.monotonic() < deadline:
            time.sleep(0.5)

    def _add(self, number: int) -> None:
        now = SystemClock().now()
        new = [NewItem("soak", str(n), {"n": n}) for n in range(self.added, self.added + number)]
        with self.database.write() as transaction:
            add_all(transaction, new, now)
        self.added += number

    def _children(self) -> dict[str, list[int]]:
        """The processes of the office by their command, the longest at work first."""
        found: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for pid in descendants(self.office.pid):
            with suppress(FileNotFoundError, ProcessLookupError):
                words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
                begun = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
                if len(words) > 2 and words[1] == str(RUNNER):
                    found[words[2]].append((begun, pid))
        return {name: [pid for _, pid in sorted(pids)] for name, pids in found.items()}

    def _orphans(self) -> list[int]:
        """Processes of this office that nobody in it has started any more."""
        ours, found = {self.office.pid, *descendants(self.office.pid)}, []
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(FileNotFoundError, ProcessLookupError, PermissionError):
                marked = f"{MARK}={self.root}".encode() in (folder / "environ").read_bytes().split(b"\0")
                if marked and int(folder.name) not in ours:
                    found.append(int(folder.name))
        return found

    def _watch(self) -> None:
        for name, pids in self._children().items():
            part = _part(pids[0])
            if part is not None:
                self.parts.setdefault(name, Watched(name)).seen.append(part)
        store = sum(file.stat().st_size for file in (self.root / "data").glob("clerkwork.db-wal"))
        self.parts.setdefault("write-ahead log", Watched("write-ahead log")).seen.append(Part(store / 1e6, 0, 0))

    def _kill(self) -> None:
        workers = self._children().get("worker", [])
        if len(workers) > 1:
            with suppress(ProcessLookupError):
                os.kill(workers[-1], signal.SIGKILL)
                self.killed += 1

    def _states(self) -> dict[str, int]:
        with self.database.read() as transaction:
            return tally(transaction, tables.items.c.state, tables.items.c.workflow == "soak")

    def _open(self) -> bool:
        with self.database.read() as transaction:
            waiting = tables.items.c.not_before.is_not(None)
            put_off = tally(transaction, tables.items.c.state, tables.items.c.workflow == "soak", waiting)
        return bool(put_off) or any(self._states().get(state) for state in OPEN)

    # -- afterwards ---------------------------------------------------------------------------------------------------

    def figures(self) -> Iterator[Figure]:
        times, states = posted(self.world), self._states()
        asked = sum(states.get(state, 0) for state in (State.UNCERTAIN, State.FAILED, State.EXCEPTION))
        missing = sum(not times[f"{what} {n}"] for what in ("post", "put") for n in range(self.added))
        lost = self.added - sum(states.values()) + max(0, missing - 2 * asked)
        doubled = sum(number - 1 for number in times.values() if number > 1)
        yield Figure("items queued", 0, self.added, "items")
        yield Figure("workers killed", 0, self.killed, "times")
        yield Figure("lost", 0, lost, "items", lost == 0)
        yield Figure("doubled", 0, doubled, "posts", doubled == 0)
        yield Figure("waiting for a person", 0, asked, "items")
        left = len(self._orphans())
        yield Figure("processes that killed workers left behind", 0, left, "processes", left == 0)
        for watched in self.parts.values():
            memory = [watched.third(number, lambda part: part.memory) for number in (1, 2)]
            grew = memory[1] - memory[0] > max(GROWTH * memory[0], 2.0)
            yield Figure(f"{watched.name}: memory, second and last third", memory[0], memory[1], "MB", not grew)
            if watched.name == "write-ahead log":
                continue
            handles = [watched.third(number, lambda part: part.handles) for number in (1, 2)]
            flat = handles[1] - handles[0] <= HANDLES
            yield Figure(f"{watched.name}: open files, second and last third", handles[0], handles[1], "", flat)
            threads = [watched.third(number, lambda part: part.threads) for number in (1, 2)]
            yield Figure(f"{watched.name}: threads", threads[0], threads[1], "", threads[1] <= threads[0])

    def close(self) -> None:
        self.office.terminate()
        try:
            self.office.wait(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(self.office.pid, signal.SIGKILL)
            self.office.wait()
        self.log.close()
        with suppress(StoreError):
            self.database.close()


def _part(pid: int) -> Part | None:
    """What a process and all that it started hold now; None: it has just ended."""
    try:
        whole = [pid, *descendants(pid)]
        memory = sum(_proportional(one) for one in whole)
        handles = len(list(Path(f"/proc/{pid}/fd").iterdir()))
        threads = len(list(Path(f"/proc/{pid}/task").iterdir()))
    except (FileNotFoundError, ProcessLookupError):
        return None
    return Part(memory, handles, threads)


def _proportional(pid: int) -> float:
    """MB, what is shared with others counted by its share."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1000
    return 0.0
