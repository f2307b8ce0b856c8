"""`bench soak` in small: a real office at work, a worker killed in it, and what was counted and watched."""

from __future__ import annotations

import pytest

from benchmarks import soak
from benchmarks.soak import Part, Watched, measure


def test_an_office_under_small_faults_loses_and_doubles_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soak, "SAMPLE_SECONDS", 0.5)
    monkeypatch.setattr(soak, "KILL_SECONDS", 4.0)
    said: list[str] = []
    found = {figure.name: figure for figure in measure(seconds=9, told=said.append)}
    assert found["items queued"].last >= 10
    assert found["workers killed"].last >= 1
    assert found["lost"].met is True
    assert found["doubled"].met is True
    assert found["processes that killed workers left behind"].met is True
    assert found["worker: memory, second and last third"].last > 10
    assert found["console: open files, second and last third"].last >= 3


def test_what_grows_is_seen_between_the_second_and_the_last_third() -> None:
    watched = Watched("worker", [Part(float(n), n, 4) for n in range(30)])
    assert watched.third(1, lambda part: part.memory) == 14.5
    assert watched.third(2, lambda part: part.handles) == 24.5
