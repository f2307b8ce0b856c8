"""`start`: scheduler, workers and console as one tree that ends when it is asked to."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cli_office import Office

RUNNER = Path(__file__).parents[2] / "runner.py"

KEEPER = """\
workflow: keeper
inputs: {file: file}
triggers:
  - folder: {path: inbox, match: "*.txt", input: file}
steps:
  - set: {name: "${{ item.file.name }}"}
outputs: {name: "${{ name }}"}
"""


@contextmanager
def started(office: Office, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """`start` in a session of its own; whatever is left of it at the end is killed."""
    process = subprocess.Popen(
        [sys.executable, str(RUNNER), "start", "--project", str(office.root), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "CLERKWORK_MARK": str(office.root)},
    )
    try:
        yield process
    finally:
        for pid in family(office):
            os.kill(pid, signal.SIGKILL)
        process.communicate()


def family(office: Office) -> list[int]:
    """The processes that were started for this office and live."""
    mark = f"CLERKWORK_MARK={office.root}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return found


def eventually(holds: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.2)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def keeper(office: Office) -> Office:
    office.write("workflows/keeper.yaml", KEEPER)
    office.write("config/settings.yaml", f"workers: 1\nconsole: {{port: {free_port()}}}\n")
    return office


def test_a_file_in_the_inbox_is_worked_and_sigterm_ends_the_whole_tree(keeper: Office) -> None:
    keeper.write("inbox/note.txt", "hello")
    with started(keeper, "--json") as process:
        assert process.stdout is not None
        console = json.loads(process.stdout.readline())
        assert console["set_up"].startswith(f"{console['console']}/set-up/")
        with urllib.request.urlopen(f"{console['console']}/sign-in", timeout=10) as page:
            assert page.status == 200
        eventually(lambda: [line["state"] for line in keeper("queue", "list", "keeper", "--json").lines] == ["done"])
        process.send_signal(signal.SIGTERM)
        assert process.wait(45) == 0
    assert family(keeper) == []
    assert [file.name for file in (keeper.root / "inbox" / "processed").iterdir()] == ["note.txt"]


def test_when_start_is_killed_its_children_leave(keeper: Office) -> None:
    with started(keeper, "--no-console") as process:
        eventually(lambda: len(family(keeper)) == 3)
        process.kill()
        process.wait()
        eventually(lambda: family(keeper) == [])


def test_a_console_whose_port_is_taken_says_so(keeper: Office) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [sys.executable, str(RUNNER), "console", "--project", str(keeper.root), "--port", str(port)]
        answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert answer.returncode == 2
    assert answer.stderr == (
        f"clerkwork: the console cannot listen on 127.0.0.1:{port}: Address already in use; "
        "end the program that has the port, or set console.port in config/settings.yaml\n"
    )


def test_a_worker_for_a_queue_that_is_not_there_says_so(office: Office) -> None:
    answer = office("worker", "--queue", "ader", "--until-idle")
    assert (answer.code, answer.err) == (
        2,
        "clerkwork: no workflow ader; known: adder; `check` shows what is wrong in a file\n",
    )


def test_start_says_so_and_stops_where_the_port_of_the_console_is_taken(office: Office) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        office.write("config/settings.yaml", f"workers: 1\nconsole: {{port: {port}}}\n")
        answer = subprocess.run(
            [sys.executable, str(RUNNER), "start", "--project", str(office.root)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert answer.returncode == 2
    assert f"the console cannot listen on 127.0.0.1:{port}: Address already in use" in answer.stderr
    assert "clerkwork: the console cannot work, so all of it stops; the reason stands above" in answer.stderr


def test_a_worker_of_two_processes_works_the_queue_and_leaves_when_asked(keeper: Office) -> None:
    keeper.write("workflows/keeper.yaml", "workflow: keeper\nsteps:\n  - set: {a: 1}\n")
    process = subprocess.Popen(
        [sys.executable, str(RUNNER), "worker", "--concurrency", "2", "--project", str(keeper.root)],
        stderr=subprocess.DEVNULL,
        env={**os.environ, "CLERKWORK_MARK": str(keeper.root)},
    )
    try:
        eventually(lambda: len(family(keeper)) == 3)
        time.sleep(1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(40) == 0
        assert family(keeper) == []
    finally:
        for pid in family(keeper):
            os.kill(pid, signal.SIGKILL)
        process.wait()
