"""kill -9 at every journal point: nothing lost, nothing doubled."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from engine_shop import Shop

from engine import ledger

WORKFLOW = """
steps:
  - world.read: {value: "${{ item.n }}"}
    as: reading
  - name: Searchable
    world.post: {world: WORLD, value: "post ${{ reading.value }}"}
    effect: {key: "n/${{ item.n }}"}
    as: post
  - name: Keyed
    world.put: {world: WORLD, value: "put ${{ post.id }}"}
  - for_each: ${{ [1, 2] }}
    world.post: {world: WORLD, value: "turn ${{ each }}"}
  - name: Looked up by the workflow
    world.shout: {world: WORLD, value: shout}
    effect: {key: "shout/${{ item.n }}", verify: find_shout}
verify:
  find_shout:
    - world.list: {world: WORLD, value: shout}
      as: found
    - settle: {done: "${{ found.value == 1 }}", not_done: "${{ found.value == 0 }}"}
outputs: {id: "${{ post.id }}"}
"""
EXPECTED = ["post 1", "put 1", "turn 1", "turn 2", "shout"]


def run_child(folder: Path, crash_at: int) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": f"{root}:{root / 'tests'}"}
    command = [sys.executable, str(Path(__file__).with_name("crash_child.py")), str(folder), str(crash_at)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)


def points_of(folder: Path) -> int:
    folder.mkdir()
    Shop(folder, WORKFLOW).add(n=1)
    done = run_child(folder, 0)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.mark.slow
def test_killed_at_every_point_nothing_is_lost_and_nothing_doubled(tmp_path: Path) -> None:
    points = points_of(tmp_path / "none")
    assert points > 20
    for at in range(1, points + 1):
        folder = tmp_path / f"at{at}"
        folder.mkdir()
        shop = Shop(folder, WORKFLOW)
        item = shop.add(n=1)
        assert run_child(folder, at).returncode == -9
        again = run_child(folder, 0)
        assert again.returncode == 0, again.stderr
        report = shop.engine.report(item)
        assert (report.outcome, shop.posts) == ("done", EXPECTED), f"killed at point {at}"
        with shop.database.read() as transaction:
            assert {row["status"] for row in ledger.effects(transaction)} == {"done"}, f"killed at point {at}"


@pytest.mark.slow
def test_killed_twice_in_a_row_still_nothing_is_doubled(tmp_path: Path) -> None:
    for at in range(3, 21, 3):
        folder = tmp_path / f"at{at}"
        folder.mkdir()
        shop = Shop(folder, WORKFLOW)
        item = shop.add(n=1)
        for crash_at in (at, 4, 0):
            run_child(folder, crash_at)
        assert (shop.engine.report(item).outcome, shop.posts) == ("done", EXPECTED), f"killed at {at}, then at 4"


def test_an_effect_that_nobody_can_look_up_is_never_repeated_after_a_crash(tmp_path: Path) -> None:
    shop = Shop(tmp_path, "steps:\n  - world.shout: {world: WORLD, value: once}")
    item = shop.add()
    crashed_after_the_post = 6  # claim (2 points), intent (2), before the post, after the post
    assert run_child(tmp_path, crashed_after_the_post).returncode == -9
    assert run_child(tmp_path, 0).returncode == 0
    assert (shop.engine.report(item).outcome, shop.posts) == ("uncertain", ["once"])
