"""A queue, an outside system and workers in processes of their own, to be treated badly."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FrameType

from benchmarks.engine import BenchSurroundings
from benchmarks.faults.world import posted, world_actions
from engine.admission import Limits
from engine.bulk import add_all
from engine.clock import SystemClock
from engine.events import Listener
from engine.items import NewItem, State, worker_name
from engine.store import tables
from engine.store.database import Database, StoreError, tally
from engine.work import Engine
from engine.workflows import Library
from scheduler.worker import Worker

FORKS = multiprocessing.get_context("fork")
QUIET_SECONDS = 0.2
"""The outside system answers within milliseconds, so a look-up that finds nothing is believed sooner than usual."""
WAITED_SECONDS = 300.0
OPEN = (State.READY, State.RUNNING, State.WAITING)

WORKFLOW = """
workflow: {name}
inputs: {{n: integer}}
queue: {{retry: {{attempts: {attempts}, wait: 1s, factor: 1, jitter: false}}{queue}}}
steps:
  - name: Post
    {action}: {{world: WORLD, value: "{name} post ${{{{ item.n }}}}", {post}}}
    effect: {{key: "{name}/post/${{{{ item.n }}}}"}}
  - name: Put
    fault.put: {{world: WORLD, value: "{name} put ${{{{ item.n }}}}", slow: {slow}}}
    effect: {{key: "{name}/${{{{ item.n }}}}"}}
"""


@dataclass(frozen=True, slots=True)
class Found:
    """What became of the items: those without their posts, posts done more than once, items that wait for a person."""

    lost: int
    doubled: int
    uncertain: int
    failed: int


@dataclass
class Office:
    """`post` are the fields of the first post. `lease` in seconds. `hosts`: each worker says it is on its own host."""

    folder: Path
    url: str
    post: str = "slow: 0.0"
    slow: float = 0.0
    name: str = "drill"
    queue: str = ""
    lease: float = 2.0
    hosts: bool = False
    action: str = "fault.post"
    attempts: int = 4
    limits: Mapping[str, Limits] = field(default_factory=dict)
    listener: Listener | None = None
    workers: list[BaseProcess] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.world = str(self.folder / "world.sqlite")
        posted(self.world)
        self.file = self.folder / f"{self.name}.yaml"
        given = {"name": self.name, "action": self.action, "attempts": self.attempts, "queue": self.queue}
        text = WORKFLOW.format(post=self.post, slow=self.slow, **given)
        self.file.write_text(text.replace("WORLD", self.world))
        self.database = Database(self.url)
        self.database.migrate()

    # -- items --------------------------------------------------------------------------------------------------------

    def add(self, numbers: Sequence[int]) -> None:
        now = SystemClock().now()
        new = [NewItem(self.name, str(number), {"n": number}) for number in numbers]
        with self.database.write() as transaction:
            add_all(transaction, new, now)

    def states(self) -> dict[str, int]:
        """How many items there are in each state; a connection that a restart of the server cut is made anew."""
        try:
            return self._states()
        except StoreError:
            self.database.close()
            return self._states()

    def _states(self) -> dict[str, int]:
        with self.database.read() as transaction:
            return tally(transaction, tables.items.c.state, tables.items.c.workflow == self.name)

    def done(self) -> int:
        return self.states().get(State.DONE, 0)

    def until_done(self, number: int, seconds: float = 300.0) -> None:
        """Until so many items are done."""
        deadline = time.monotonic() + seconds
        while self.done() < number:
            if time.monotonic() > deadline:
                raise TimeoutError(f"no {number} items are done: {self.states()}")
            time.sleep(0.01)

    def is_open(self) -> bool:
        return any(self.states().get(state) for state in OPEN)

    def wait(self, seconds: float = WAITED_SECONDS) -> None:
        """Until every item is closed or waits for a person."""
        deadline = time.monotonic() + seconds
        while self.is_open():
            if time.monotonic() > deadline:
                raise TimeoutError(f"after {seconds} s there is still work: {self.states()}")
            self.replace_dead()
            time.sleep(0.05)

    def found(self, numbers: Sequence[int]) -> Found:
        times = posted(self.world)
        states = self.states()
        wanted = [f"{self.name} {what} {number}" for number in numbers for what in ("post", "put")]
        parked = sum(states.get(state, 0) for state in (State.UNCERTAIN, State.FAILED, State.EXCEPTION))
        # An item that waits for a person is not lost, so as many posts may be missing as such items can lack.
        missing = sum(1 for value in wanted if not times[value])
        lost = len(numbers) - sum(states.values()) + max(0, missing - 2 * parked)
        doubled = sum(number - 1 for number in times.values() if number > 1)
        return Found(lost, doubled, states.get(State.UNCERTAIN, 0), states.get(State.FAILED, 0))

    # -- workers ------------------------------------------------------------------------------------------------------

    def staff(self, number: int) -> None:
        for _ in range(number):
            self.workers.append(self.hire())

    def hire(self) -> BaseProcess:
        # What is forked must not share a connection with its parent.
        self.database.close()
        process = FORKS.Process(target=work, args=(self, self.listener), daemon=True)
        process.start()
        return process

    def replace_dead(self) -> None:
        self.workers = [one if one.is_alive() else self.hire() for one in self.workers]

    def dismiss(self) -> float:
        """Ask every worker to leave; seconds until the last one had."""
        began = time.monotonic()
        for one in self.workers:
            if one.is_alive() and one.pid:
                with suppress(ProcessLookupError):
                    os.kill(one.pid, signal.SIGTERM)
        for one in self.workers:
            one.join(30)
            if one.is_alive():
                one.kill()
                one.join()
        self.workers = []
        return time.monotonic() - began

    def close(self) -> None:
        self.dismiss()
        self.database.close()

    def holds(self, pid: int) -> list[tuple[str, int]]:
        """The items that the worker with this process number holds, with the number of its claim."""
        table = tables.items.c
        with self.database.read() as transaction:
            found = transaction.execute(
                tables.items.select().where(table.state == State.RUNNING, table.worker.like(f"%:{pid}:%"))
            )
            return [(row["id"], row["claim"]) for row in found.mappings()]

    def seconds_to_recover(self, held: Sequence[tuple[str, int]], began: float, seconds: float = 60) -> float:
        """Until none of these items is under the claim that it was under when its worker was struck."""
        table = tables.items.c
        while time.monotonic() < began + seconds:
            with self.database.read() as transaction, suppress(StoreError):
                query = tables.items.select().where(table.id.in_([item for item, _ in held]))
                now = {row["id"]: (row["claim"], row["state"]) for row in transaction.execute(query).mappings()}
                if all(now[item] != (claim, State.RUNNING) for item, claim in held):
                    break
            time.sleep(0.02)
        return time.monotonic() - began


def work(office: Office, listener: Listener | None = None) -> None:
    """The life of a worker's process."""
    leaving = threading.Event()

    def leave(_number: int, _frame: FrameType | None) -> None:
        leaving.set()

    signal.signal(signal.SIGTERM, leave)
    registry = world_actions()
    database = Database(office.url)
    engine = Engine(
        database,
        BenchSurroundings(office.folder),
        registry,
        Library([office.folder], registry),
        quiet_seconds=QUIET_SECONDS,
        lease=timedelta(seconds=office.lease),
        connection_limits=office.limits,
        worker=f"host-of-{worker_name()}" if office.hosts else worker_name(),
    )
    if listener is not None:
        engine.events.listen(listener)
    Worker(engine, leaving=leaving).work()
    database.close()
