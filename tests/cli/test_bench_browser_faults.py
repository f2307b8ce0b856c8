"""`bench browser-faults`: its figures as a table and as JSON; the drills themselves are tested with the browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cli_office import Office

from benchmarks import browser_faults
from benchmarks.browser_faults import Figure

FIGURES = [
    Figure("memory growth after warm-up", 0.45, "MB an item", "< 5", True),
    Figure("browser killed: entries saved twice", 1, "entries", "0", False),
]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    whole: list[bool] = []

    def measure(*, full: bool) -> Iterator[Figure]:
        whole.append(full)
        return iter(FIGURES)

    monkeypatch.setattr(browser_faults, "measure", measure)
    return whole


def test_the_figures_in_json(office: Office, asked: list[bool]) -> None:
    answer = office("bench", "browser-faults", "--full", "--json")
    assert answer.code == 0
    assert [line["met"] for line in answer.lines] == [True, False]
    assert answer.lines[0] == {"name": "memory growth after warm-up", "value": 0.45, "unit": "MB an item",
                               "goal": "< 5", "met": True}  # fmt: skip
    assert asked == [True]


def test_a_goal_that_is_missed_is_told_in_the_table(office: Office, asked: list[bool]) -> None:
    out = office("bench", "browser-faults").out
    (missed,) = [line for line in out.splitlines() if "missed" in line]
    assert "browser killed: entries saved twice" in missed
    assert asked == [False]
