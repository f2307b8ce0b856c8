"""The process tree: what dies is started again, what is asked to leave leaves, what does not is killed."""

from __future__ import annotations

import sys
import time

from scheduler.processes import ProcessTree

STAYS = "import time; time.sleep(60)"
DIES = "raise SystemExit(7)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"


def python(text: str) -> list[str]:
    return [sys.executable, "-c", text]


def test_a_child_that_dies_is_started_again_and_said_so() -> None:
    told: list[tuple[str, str]] = []
    tree = ProcessTree(lambda name, message: told.append((name, message)))
    tree.add("worker 1", python(DIES))
    tree.children[0].pause = 0.0
    deadline = time.monotonic() + 20
    while not told and time.monotonic() < deadline:
        time.sleep(0.05)
        tree.watch()
    tree.drain()
    assert told[0] == ("worker 1", "ended with 7 and is started again")
    assert tree.children[0].starts == 2


def test_draining_ends_every_child_also_one_that_does_not_listen() -> None:
    tree = ProcessTree(lambda name, message: None)
    tree.add("willing", python(STAYS))
    tree.add("deaf", python(DEAF))
    time.sleep(0.5)
    tree.drain(seconds=1.0)
    assert [child.process.poll() is not None for child in tree.children if child.process] == [True, True]


def test_a_child_that_says_it_cannot_work_is_not_started_again() -> None:
    told: list[tuple[str, str]] = []
    tree = ProcessTree(lambda name, message: told.append((name, message)))
    tree.add("console", python("raise SystemExit(2)"))
    tree.children[0].pause = 0.0
    deadline = time.monotonic() + 20
    while not tree.refused() and time.monotonic() < deadline:
        time.sleep(0.05)
        tree.watch()
    tree.drain()
    assert (tree.refused(), told, tree.children[0].starts) == (["console"], [], 1)


def test_the_memory_of_a_process_counts_what_it_started() -> None:
    import os
    import subprocess

    from scheduler.memory import descendants, megabytes

    before = megabytes(os.getpid())
    fat = "x = bytearray(80_000_000); print('full', flush=True); input()"
    with subprocess.Popen(python(fat), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert child.pid in descendants(os.getpid())
        assert megabytes(os.getpid()) - before > 70
        child.kill()
    assert megabytes(child.pid) == 0
