"""`bench queue` in small: it measures, and its figures count only if the items are done."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import queue


def test_the_figures_of_one_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, small in (("SAMPLE", 6), ("COMMITS", 5), ("PACED", 3), ("WARM", 2)):
        monkeypatch.setattr(queue, name, small)
    found = [figure for figure, _ in queue._store("SQLite", tmp_path, f"sqlite:///{tmp_path}/q.sqlite", (20, 40))]
    told = {figure.name: figure for figure in found}
    assert told["SQLite, 40 items wait: worked"].value > 0
    assert told["SQLite, 40 items wait: the limit / ours"].goal == "<= 2"
    assert told["SQLite: queued to begun, p50"].value > 0
    assert len(told) == len(found) - 1  # the limit is measured anew beside each size


def test_items_that_are_not_done_count_for_nothing(tmp_path: Path) -> None:
    load = queue.Load(tmp_path, f"sqlite:///{tmp_path}/q.sqlite")
    load.fill(2)
    with pytest.raises(RuntimeError, match="2 of 3 items are done: this figure counts for nothing"):
        load.work(3)
    load.close()
