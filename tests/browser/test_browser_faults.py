"""The drills in small: many items through one worker, and items whose renderer or browser is killed."""

from __future__ import annotations

import random

import pytest

from benchmarks.browser_faults import GROWTH, growth, killed

pytestmark = pytest.mark.browser


def test_items_after_items_leave_neither_memory_nor_processes_behind() -> None:
    found = {figure.name: figure for figure in growth(12)}
    assert [figure for figure in found.values() if not figure.met] == []
    assert found["memory growth after warm-up"].value < GROWTH
    assert found["memory of all processes at the end"].value > 50  # else nothing was measured


@pytest.mark.parametrize("what", ["renderer", "browser"])
def test_an_item_whose_process_is_killed_is_done_or_uncertain_and_never_done_twice(what: str) -> None:
    found = {figure.name: figure for figure in killed(what, 2, random.Random(11))}
    assert [figure for figure in found.values() if not figure.met] == []
    told = sum(found[f"{what} killed: {end}"].value for end in ("items done", "items uncertain, for a person"))
    assert told >= 2
