"""One process tree: workers and a console as children, started, watched, restarted, drained."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from scheduler.guard import end

DRAIN_SECONDS = 30.0
RESTART_SECONDS = 1.0
LONGEST_RESTART_SECONDS = 30.0
STEADY_SECONDS = 60.0
REFUSED = 2
"""What a child ends with that cannot work as it is set up: starting it again would change nothing."""


@dataclass
class Child:
    """A process that is to run. One that keeps dying is started again ever more slowly."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    starts: int = 0
    pause: float = RESTART_SECONDS
    environment: Mapping[str, str] = field(default_factory=dict)

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, start_new_session=True, env={**os.environ, **self.environment})
        self.started = time.monotonic()
        self.starts += 1

    def is_due(self, now: float) -> bool:
        """True if it has died and may be started again by now."""
        if self.process is None or self.process.poll() is None or self.refused():
            return False
        if now - self.started > STEADY_SECONDS:
            self.pause = RESTART_SECONDS
        return now - self.started >= self.pause

    def refused(self) -> bool:
        """True if it ended and said why it cannot work."""
        return self.process is not None and self.process.poll() == REFUSED

    def restart(self) -> None:
        self.pause = min(self.pause * 2, LONGEST_RESTART_SECONDS)
        self.start()


@dataclass
class ProcessTree:
    """`told(name, message)` hears of every start and death."""

    told: Callable[[str, str], None]
    children: list[Child] = field(default_factory=list)

    def add(self, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        child = Child(name, command, environment=environment or {})
        self.children.append(child)
        child.start()

    def watch(self) -> None:
        """Start again what has died; call it every second or so."""
        now = time.monotonic()
        for child in self.children:
            if child.is_due(now) and child.process is not None:
                self.told(child.name, f"ended with {child.process.returncode} and is started again")
                child.restart()

    def refused(self) -> list[str]:
        """The children that cannot work as they are set up."""
        return [child.name for child in self.children if child.refused()]

    def running(self, kind: str) -> list[tuple[str, int]]:
        """`(name, pid)` of the children whose name begins so and that live."""
        alive = [child for child in self.children if child.process is not None and child.process.poll() is None]
        return [(one.name, one.process.pid) for one in alive if one.process and one.name.startswith(kind)]

    def drain(self, seconds: float = DRAIN_SECONDS) -> None:
        """Ask every child to finish its item and leave; after `seconds` kill what is left, and all that it started."""
        running = [child.process for child in self.children if child.process and child.process.poll() is None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + seconds
        for process in running:
            try:
                process.wait(max(deadline - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                end(process.pid)
                process.wait()
