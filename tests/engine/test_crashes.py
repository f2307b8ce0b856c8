"""kill -9 at every journal point: nothing lost, nothing doubled."""

from __future__ import annotations

import multiprocessing
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import crash_child
import pytest
from fakes.shop import Shop

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


# A fork has everything imported; a new interpreter for each of a hundred crashes would take minutes.
FORKS = multiprocessing.get_context("fork")


def run_child(folder: Path, crash_at: int) -> int:
    """The exit code of a process that works the queue and is killed at a point."""
    process = FORKS.Process(target=crash_child.work, args=(folder, crash_at))
    process.start()
    process.join(60)
    assert process.exitcode is not None, "the process hangs"
    return process.exitcode


@pytest.fixture
def queued(tmp_path: Path) -> Iterator[Callable[[str], tuple[Shop, str]]]:
    """Makes projects with one queued item each, from one database that was migrated once."""
    template = tmp_path / "template"
    template.mkdir()
    first = Shop(template, WORKFLOW)
    item = first.add(n=1)
    first.database.close()

    def make(name: str) -> tuple[Shop, str]:
        folder = tmp_path / name
        folder.mkdir()
        shutil.copy(template / "clerkwork.sqlite", folder)
        return Shop(folder, WORKFLOW), item

    yield make


def test_killed_at_every_point_nothing_is_lost_and_nothing_doubled(
    queued: Callable[[str], tuple[Shop, str]],
) -> None:
    shop, _ = queued("uncut")
    assert run_child(shop.folder, 0) == 0
    points = int((shop.folder / "points").read_text())
    assert points > 20
    for at in range(1, points + 1):
        shop, item = queued(f"at{at}")
        assert run_child(shop.folder, at) == -9
        assert run_child(shop.folder, 0) == 0
        report = shop.engine.report(item)
        assert (report.outcome, shop.posts) == ("done", EXPECTED), f"killed at point {at}"
        with shop.database.read() as transaction:
            assert {row["status"] for row in ledger.effects(transaction)} == {"done"}, f"killed at point {at}"
        shop.database.close()


def test_killed_twice_in_a_row_still_nothing_is_doubled(queued: Callable[[str], tuple[Shop, str]]) -> None:
    for at in range(3, 21, 3):
        shop, item = queued(f"at{at}")
        for crash_at in (at, 4, 0):
            run_child(shop.folder, crash_at)
        assert (shop.engine.report(item).outcome, shop.posts) == ("done", EXPECTED), f"killed at {at}, then at 4"
        shop.database.close()


def test_an_effect_that_nobody_can_look_up_is_never_repeated_after_a_crash(tmp_path: Path) -> None:
    shop = Shop(tmp_path, "steps:\n  - world.shout: {world: WORLD, value: once}")
    item = shop.add()
    crashed_after_the_post = 6  # claim (2 points), intent (2), before the post, after the post
    assert run_child(tmp_path, crashed_after_the_post) == -9
    assert run_child(tmp_path, 0) == 0
    assert (shop.engine.report(item).outcome, shop.posts) == ("uncertain", ["once"])


NESTED = """
queue: {retry: {attempts: 1}}
steps:
  - group:
      steps:
        - for_each: ${{ ['', 'refused', ''] }}
          world.post: {world: WORLD, value: "turn ${{ each }}", fail: "${{ each }}"}
          effect: {key: "${{ item.n }}/${{ each or 'none' }}"}
          on_error:
            - world.post: {world: WORLD, value: "instead of ${{ each }}"}
        - set: {inside: bound in the group}
      finally:
        - world.post: {world: WORLD, value: at last}
  - if: ${{ item.n == 1 }}
    queue.add: {workflow: shop, items: [{n: 2}]}
    as: children
  - world.post: {world: WORLD, value: "${{ inside }}"}
outputs: {added: "${{ children.added if children is not none else 0 }}"}
"""
ONE_ITEM = ["turn ", "instead of refused", "at last", "bound in the group"]


def test_killed_at_every_point_of_groups_loops_and_on_error_nothing_is_doubled(tmp_path: Path) -> None:
    template = tmp_path / "template"
    template.mkdir()
    first = Shop(template, NESTED)
    item = first.add(n=1)
    first.database.close()
    points, at = 0, 0
    while at <= points:
        folder = tmp_path / f"at{at}"
        folder.mkdir()
        shutil.copy(template / "clerkwork.sqlite", folder)
        shop = Shop(folder, NESTED)
        run_child(folder, at)
        if at == 0:
            points = int((folder / "points").read_text())
        assert run_child(folder, 0) == 0
        assert shop.posts == ONE_ITEM * 2, f"killed at point {at} of {points}"
        assert shop.engine.report(item).outputs == {"added": 1}
        shop.database.close()
        at += 1


def test_a_loop_goes_on_where_it_was_killed_and_repeats_no_row(tmp_path: Path) -> None:
    rows = [str(number) for number in range(1, 31)]
    loop = f"steps:\n  - for_each: ${{{{ {rows} }}}}\n    world.post: {{world: WORLD, value: '${{{{ each }}}}'}}"
    shop = Shop(tmp_path, loop)
    item = shop.add()
    assert run_child(tmp_path, 60) == -9
    before = shop.posts
    assert 3 < len(before) < 27, "it is killed amid the rows"
    with shop.database.read() as transaction:
        settled = {row["id"]: row["settled"] for row in ledger.effects(transaction) if row["status"] == "done"}
    assert run_child(tmp_path, 0) == 0
    assert (shop.engine.report(item).outcome, shop.posts) == ("done", rows)
    with shop.database.read() as transaction:
        after = {row["id"]: row["settled"] for row in ledger.effects(transaction)}
    assert len(after) == len(rows)
    assert {one: after[one] for one in settled} == settled, "what was done before the crash was not touched again"
