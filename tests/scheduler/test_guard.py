"""A worker that goes too far is killed with all that it started, and its item is done by another one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes.shop import Shop

from engine import items, journal
from engine.items import worker_name
from scheduler import guard
from scheduler.guard import Guard
from scheduler.memory import descendants
from scheduler.processes import ProcessTree

NOTHING = "steps:\n  - set: {a: 1}"
STARTS_ANOTHER = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
held = bytearray(int(sys.argv[1]) * 1000000)
print(child.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "LOOK_SECONDS", 0.0)


def lives(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def sleeper(megabytes: int) -> tuple[subprocess.Popen[str], int]:
    """A process that holds so much, and the one that it started in a session of its own."""
    command = [sys.executable, "-c", STARTS_ANOTHER, str(megabytes)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def test_one_that_holds_too_much_is_killed_in_the_middle_with_what_it_started(
    tmp_path: Path, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    shop, told = Shop(tmp_path, NOTHING), list[tuple[str, str]]()
    process, child = sleeper(400)
    small, other = sleeper(1)
    looks = Guard(shop.database, 300, None, lambda name, message: told.append((name, message)))
    looks.look([("worker 1", process.pid), ("worker 2", small.pid)])
    process.communicate()
    eventually(lambda: not lives(child))
    assert (small.poll(), lives(other)) == (None, True)
    ((name, message),) = told
    assert name == "worker 1"
    assert message.startswith("holds ")
    assert message.endswith(" MB, more than 300, and is killed; its item is taken over")
    guard.end(small.pid)
    small.communicate()


def test_one_that_is_at_an_item_for_too_long_is_killed_and_another_one_does_it(tmp_path: Path) -> None:
    shop, told = Shop(tmp_path, NOTHING), list[str]()
    item = shop.add()
    process, _ = sleeper(1)
    host, started = worker_name().partition(":")[0], items._started(process.pid)
    with shop.database.write() as transaction:
        claim = items.claim(transaction, f"{host}:{process.pid}:{started}", shop.clock.now())
        assert claim is not None
        journal.begin_in(transaction, claim, shop.engine.library.get("shop"), shop.clock.now())
    looks = Guard(shop.database, None, 0.0, lambda _name, message: told.append(message))
    looks.look([("worker 1", process.pid)])
    assert told == []  # it is seen with this item for the first time
    assert shop.engine.work_one() is None
    looks.look([("worker 1", process.pid)])
    process.communicate()
    assert told == [f"has been at item {item} for more than 0 minutes, and is killed; its item is taken over"]
    assert shop.engine.work_one() == item
    assert shop.engine.report(item).outcome == "done"


def test_one_that_takes_one_item_after_the_other_is_left_at_work(tmp_path: Path) -> None:
    shop = Shop(tmp_path, NOTHING)
    process, child = sleeper(1)
    host, started = worker_name().partition(":")[0], items._started(process.pid)
    looks = Guard(shop.database, None, 0.0, lambda _name, message: pytest.fail(message))
    for _ in range(3):
        shop.add()
        with shop.database.write() as transaction:
            claim = items.claim(transaction, f"{host}:{process.pid}:{started}", shop.clock.now())
            assert claim is not None
        looks.look([("worker 1", process.pid)])
        with shop.database.write() as transaction:
            items.let_go(transaction, claim, items.State.DONE)
    assert lives(process.pid)
    guard.end(process.pid)
    process.communicate()
    assert not lives(child)


def test_what_does_not_leave_in_time_is_killed_with_what_it_started(
    tmp_path: Path, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + STARTS_ANOTHER
    tree = ProcessTree(lambda _name, _message: None)
    tree.add("worker 1", [sys.executable, "-c", deaf, "1"])
    ((_, pid),) = tree.running("worker")
    eventually(lambda: len(descendants(pid)) == 1)
    (child,) = descendants(pid)
    tree.drain(0.5)
    assert tree.running("worker") == []
    eventually(lambda: not lives(child))
