"""Other queues, each in a process of its own in a temporary environment: they are no dependency of this project."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

PEERS = {
    "procrastinate": (["procrastinate", "psycopg[binary,pool]"], "PostgreSQL", True),
    "dbos": (["dbos", "psycopg[binary]"], "PostgreSQL", True),
    "celery": (["celery[redis]"], "Redis", False),
    "dramatiq": (["dramatiq[redis]"], "Redis", False),
    "prefect": (["prefect", "fastapi<0.120"], "SQLite", True),
}
"""What is installed, where its items lie, and whether its items outlive a kill and a loss of power."""
LONGEST_SECONDS = 180
SCRIPT = Path(__file__).parent / "queue_peer.py"


@dataclass(frozen=True)
class Peer:
    """The figures of one; latencies from the call that queues to the first line of the task."""

    name: str
    store: str
    durable: bool
    items_per_second: float
    processor_ms: float
    p50_ms: float
    p99_ms: float


def measure_peers(postgres: str) -> Iterator[Peer | str]:
    """Each peer's figures, or why there are none."""
    with tempfile.TemporaryDirectory(prefix="clerkwork-peers-") as name, _redis(Path(name)) as redis:
        folder = Path(name)
        for peer, (packages, store, durable) in PEERS.items():
            where = {"Redis": redis, "PostgreSQL": postgres}.get(store, f"sqlite:///{folder}/{peer}.sqlite")
            if where is None:
                yield f"{peer}: Redis is not installed (apt install redis-server)"
                continue
            try:
                python = _installed(folder / peer, packages)
                told = _run([python, "-P", str(SCRIPT), peer, where], folder)
            except subprocess.CalledProcessError as error:
                yield f"{peer} was not measured: {_last_line(error.stderr)}"
            except subprocess.TimeoutExpired:
                yield f"{peer} was not measured: not through after {LONGEST_SECONDS} s"
            else:
                yield Peer(peer, store, durable, **json.loads(told.splitlines()[-1]))


def _installed(folder: Path, packages: list[str]) -> str:
    """The Python of an environment with these packages."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, capture_output=True)
    python = str(folder / "bin" / "python")
    _run([python, "-m", "pip", "install", "-q", *packages], folder)
    return python


def _run(command: list[str], folder: Path) -> str:
    """What it printed. Whatever it started ends with it: some start a server of their own and leave it behind."""
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder, start_new_session=True
    )
    try:
        told, wrong = process.communicate(timeout=LONGEST_SECONDS)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, told, wrong)
    return told


def _last_line(text: str | None) -> str:
    return (text or "").strip().splitlines()[-1] if (text or "").strip() else "it said nothing"


@contextmanager
def _redis(folder: Path) -> Iterator[str | None]:
    """A Redis of our own that keeps nothing on the disk; None where it is not installed."""
    program = shutil.which("redis-server")
    if program is None:
        yield None
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 10
        while socket.socket().connect_ex(("127.0.0.1", port)) and time.monotonic() < deadline:
            time.sleep(0.05)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(timeout=10)
