"""The warm browser of a worker: what hangs is ended in a second, what has grown or is old is replaced."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from bots.browser.pool import Limits, Pool, warm_pool
from bots.browser.processes import argument, memory, parent_of, tree
from bots.browser.watchdog import GRACE, Watchdog
from engine.errors import ApplicationException, Outcome

pytestmark = pytest.mark.browser

OPEN = {"open": "/"}


def hangs(quick: Any, *lines: Any, seconds: float = 1.0) -> tuple[ApplicationException, float]:
    began = time.monotonic()
    with pytest.raises(ApplicationException) as caught:
        quick(OPEN, *lines, seconds=seconds)
    return caught.value, time.monotonic() - began


def test_a_page_in_an_endless_loop_is_ended_a_second_after_its_verb_was_due(site: Any, bot: Any, quick: Any) -> None:
    site.page("/", "<p>Seen</p><script>setTimeout(() => { while (true) {} }, 150)</script>")
    error, took = hangs(quick, {"wait": {"seconds": 0.3}}, {"see": "Seen"})
    assert (error.code, error.outcome) == ("PAGE_TIMEOUT", Outcome.NOT_DONE)
    assert "the page did not answer any more" in error.message
    assert "it was in an endless loop, or far too busy" in error.message
    assert took < 12  # the step has 60 s, the verb one: the rest is a busy machine's
    site.page("/", "<p>Seen</p>")
    quick(OPEN, {"see": "Seen"})


def test_a_page_that_loops_after_a_click_leaves_the_outcome_open(site: Any, quick: Any) -> None:
    site.page("/", "<button onclick='for (;;);'>Save</button>")
    error, _took = hangs(quick, {"click": "Save"}, {"see": "Saved"})
    assert (error.code, error.outcome) == ("PAGE_TIMEOUT", Outcome.UNKNOWN)


def test_a_page_that_loops_while_it_is_asked_does_not_hold_the_worker(site: Any, quick: Any) -> None:
    site.page("/", "<input id=a aria-label=Vendor><script>document.querySelector('#a')"
                   ".addEventListener('input', () => { for (;;); })</script>")  # fmt: skip
    error, took = hangs(quick, {"fill": {"Vendor": "x"}})
    assert error.code == "PAGE_TIMEOUT"
    assert took < 12


def test_waiting_long_for_something_is_no_hang(site: Any, quick: Any) -> None:
    site.page("/", "<script>setTimeout(() => document.body.append('Ready at last'), 2600)</script><p>x</p>")
    quick(OPEN, {"wait": {"see": "Ready at last", "timeout": 8}}, seconds=0.8)
    quick(OPEN, {"wait": 2.2}, {"see": "x"}, seconds=0.5)


def test_nothing_of_a_browser_that_was_ended_stays_behind(site: Any, bot: Any, quick: Any) -> None:
    site.page("/", "<p>Seen</p>")
    quick(OPEN)
    before = warm_pool(bot.context, True).processes()
    assert len(before) >= 3  # the driver, the browser and at least one page
    site.page("/", "<script>setTimeout(() => { while (true) {} }, 100)</script>")
    hangs(quick, {"wait": {"seconds": 0.2}}, {"see": "x"})
    end = time.monotonic() + 5
    while (left := [pid for pid in before if tree(pid)]) and time.monotonic() < end:
        time.sleep(0.05)
    assert left == []


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(runs=1), "it has served "),
        (Limits(hours=0), "it is 0.0 hours old"),
        (Limits(memory=1_000_000), "it takes "),
    ],
)
def test_a_browser_that_has_had_its_time_is_replaced_before_the_next_run(
    site: Any, bot: Any, limits: Limits, reason: str
) -> None:
    site.page("/", "<p>Seen</p>")
    bot.do(OPEN)
    pool = warm_pool(bot.context, True)
    assert warm_pool(bot.context, True, limits) is pool  # never in the middle of a run
    bot.context.run = "another"
    assert warm_pool(bot.context, True) is pool
    assert warm_pool(bot.context, True, limits) is not pool
    assert not pool.alive
    ((name, data),) = [event for event in bot.context.events if event[0] == "browser.replaced"]
    assert (name, data["reason"].startswith(reason)) == ("browser.replaced", True)


def test_the_memory_of_a_browser_is_that_of_all_its_processes(site: Any, bot: Any) -> None:
    bot.do({"open": "about:blank"})
    pool: Pool = warm_pool(bot.context, True)
    small = memory(pool.processes())
    site.page("/", "<p>Seen</p><script>big = new Uint8Array(150e6).fill(1)</script>")
    bot.do(OPEN, {"see": "Seen"})
    assert memory(pool.processes()) - small > 120_000_000


def test_the_folder_of_a_browser_that_was_killed_goes_with_it(site: Any, bot: Any) -> None:
    site.page("/", "<p>Seen</p>")
    bot.do(OPEN)
    pool = warm_pool(bot.context, True)
    folders = {argument(pid, "user-data-dir") for pid in pool.processes()} - {None}
    (folder,) = {Path(str(one)) for one in folders}
    assert folder.is_dir()
    pool.kill()
    bot.run = "another"
    bot.fresh()
    bot.do(OPEN)
    assert not folder.exists()


def test_a_browser_that_fails_while_it_starts_leaves_no_driver_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bots.browser.pool.child_above", lambda _pid: 1 / 0)
    with ThreadPoolExecutor(1) as thread:  # one of its own: each has one Playwright at a time
        with pytest.raises(ZeroDivisionError):
            thread.submit(Pool, "browser/twice", True).result()
        monkeypatch.undo()
        thread.submit(lambda: Pool("browser/twice", True).close()).result()


def test_a_tree_of_processes_has_children_of_children_and_no_dead() -> None:
    inner = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()'])"
    with subprocess.Popen([sys.executable, "-c", inner], stdin=subprocess.PIPE) as process:
        end = time.monotonic() + 10
        while len(tree(process.pid)) < 2 and time.monotonic() < end:
            time.sleep(0.02)
        family = tree(process.pid)
        assert len(family) == 2
        assert parent_of(family[1]) == process.pid
        process.communicate(b"\n")
    assert tree(process.pid) == []


def test_a_watchdog_does_not_wait_for_what_is_gone_and_barks_until_the_work_comes_back() -> None:
    barks: list[float] = []
    twice = threading.Event()

    def bark() -> None:
        barks.append(time.monotonic())
        if len(barks) == 2:
            twice.set()

    dog = Watchdog(bark, lambda: True)
    began = time.monotonic()
    with dog.guard(60):
        assert twice.wait(8)
    assert GRACE <= barks[0] - began < GRACE + 4
    assert GRACE - 0.1 <= barks[1] - barks[0] < GRACE + 4
    dog.close()


def test_a_call_that_waits_for_a_browser_that_died_comes_back(site: Any, bot: Any) -> None:
    site.page("/", "<p>Seen</p>")
    bot.do(OPEN)
    pool = warm_pool(bot.context, True)
    driver, *browser = pool.processes()
    assert parent_of(driver) == os.getpid()
    os.kill(driver, signal.SIGSTOP)  # it tells nothing, as if it had missed the end of its browser
    for pid in browser:
        os.kill(pid, signal.SIGKILL)
    began = time.monotonic()
    with pytest.raises(ApplicationException) as caught:
        bot.do({"read": {"x": "Seen"}})
    assert (caught.value.code, caught.value.outcome) == ("BROWSER_CRASHED", Outcome.NOT_DONE)
    assert time.monotonic() - began < 12
    bot.do(OPEN, {"see": "Seen"})


def test_a_watchdog_barks_once_and_only_while_it_guards() -> None:
    barks: list[float] = []
    done = threading.Event()
    dog = Watchdog(lambda: (barks.append(time.monotonic()), done.set())[0], lambda: False)
    began = time.monotonic()
    with dog.guard(0.0):
        dog.until(time.monotonic() + 0.2)
        assert done.wait(5)
    assert 0.15 + GRACE < barks[0] - began < 0.2 + GRACE + 4
    with dog.guard(0.0):
        pass
    dog.until(time.monotonic() - 10)  # nothing is guarded
    time.sleep(0.1)
    assert len(barks) == 1
    dog.close()
