"""`bench faults`: a row for each fault, and an exit code that says whether every goal was met."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.faults.bad_certificate import bad_certificate
from benchmarks.faults.connection_faults import connection_fault
from benchmarks.faults.disk_fault import disk_fault
from benchmarks.faults.power_loss import power_loss
from benchmarks.faults.process_faults import kills, pauses, poison
from benchmarks.faults.restored_store import restored_store
from benchmarks.faults.row import percentile
from benchmarks.faults.table import measure

RUNNER = Path(__file__).parents[2] / "runner.py"


def test_the_command_prints_a_row_and_ends_with_0_where_every_goal_is_met(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, str(RUNNER), "bench", "faults", "--json", "--only", "power_loss"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=120,
        check=False,
    )
    rows = [json.loads(line) for line in answer.stdout.splitlines()]
    assert answer.returncode == 0, answer.stderr
    assert [(row["fault"], row["met"]) for row in rows] == [
        ("power loss, synchronous=FULL", True),
        ("power loss, synchronous=NORMAL", True),
    ]
    assert (rows[0]["lost"], rows[1]["lost"] > 0) == (0, True)


def test_workers_that_are_killed_lose_and_double_nothing(tmp_path: Path) -> None:
    row = kills(tmp_path, f"sqlite:///{tmp_path}/store.sqlite", "sqlite", 2, 40, 4)
    assert (row.lost, row.doubled, row.uncertain, row.times) == (0, 0, 0, 4)


def test_workers_of_other_hosts_that_stand_still_double_nothing(tmp_path: Path) -> None:
    row = pauses(tmp_path, f"sqlite:///{tmp_path}/store.sqlite", "sqlite", 2, 2, hosts=True)
    assert (row.lost, row.doubled) == (0, 0)


def test_an_item_that_kills_its_workers_is_parked(tmp_path: Path) -> None:
    row = poison(tmp_path, f"sqlite:///{tmp_path}/store.sqlite", "sqlite", 2, 5)
    assert (row.lost, row.doubled, row.met) == (0, 0, True)


def test_power_loss_without_a_compiler_is_left_out_and_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    row = power_loss(tmp_path, 1, 1)
    assert (row.times, row.met, row.told) == (0, None, "left out: needs a C compiler (apt install gcc)")


def test_a_percentile_of_nothing_is_nothing() -> None:
    assert percentile([]) is None
    assert percentile([3.0, 1.0, 2.0]) == 3.0


def test_the_items_of_a_host_that_is_cut_off_are_taken_over_and_nothing_is_doubled() -> None:
    (row,) = measure(only="two_hosts")
    if row.times == 0:
        pytest.skip(row.told)
    assert (row.lost, row.doubled, row.met) == (0, 0, True)


def test_a_full_disk_is_waited_for_and_said_plainly(tmp_path: Path) -> None:
    row = disk_fault(tmp_path, 1, 20, 1.0, errno.ENOSPC)
    if row.times == 0:
        pytest.skip(row.told)
    assert (row.lost, row.doubled, row.met) == (0, 0, True), row.told
    assert "full" in (tmp_path / "worker-0.log").read_text()


def test_a_backup_put_back_elsewhere_posts_nothing_twice(tmp_path: Path) -> None:
    other = f"sqlite:///{tmp_path}/elsewhere/clerkwork.sqlite"
    row = restored_store(tmp_path, f"sqlite:///{tmp_path}/store.sqlite", other, "sqlite", 1, 16)
    assert (row.lost, row.doubled, row.met) == (0, 0, True), row.told


def test_a_system_that_is_down_rests_and_nothing_is_lost(tmp_path: Path) -> None:
    row = connection_fault(tmp_path, f"sqlite:///{tmp_path}/store.sqlite", "sqlite", 1, 40, "down", 2.0)
    assert (row.lost, row.doubled, row.met) == (0, 0, True), row.told


def test_nothing_is_sent_to_a_system_with_a_bad_certificate(tmp_path: Path) -> None:
    row = bad_certificate(tmp_path)
    if row.times == 0:
        pytest.skip(row.told)
    assert row.met, row.told


def test_a_clock_that_jumps_and_an_outage_of_schedulers_fire_each_time_once() -> None:
    found = list(measure(only="clock"))
    assert [(row.lost, row.doubled, row.met) for row in found] == [(0, 0, True)] * 5, found
