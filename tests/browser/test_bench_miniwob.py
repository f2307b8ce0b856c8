"""`bench miniwob`: a page gives its reward only for all of it, and what went wrong is said."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from benchmarks import miniwob_score
from benchmarks.miniwob_score import measure, pages, tasks
from engine.errors import ConfigurationError

pytestmark = pytest.mark.browser

SOME = ("choose-date", "click-checkboxes", "email-inbox-forward", "login-user-popup", "navigate-tree", "use-slider")

# What the pages of the package have in common: a seed, an episode, a reward.
PAGE = """<html><head><script>
Math.seedrandom = (seed) => { globalThis.seed = seed; };
var WOB_TASK_READY = true;
var core = { EP_TIMER: null };
core.startEpisodeReal = () => {
  core.EP_TIMER = 1;
  query.innerHTML = 'Enter the <b>username</b> "ann' + seed + '" and the <b>password</b> "pw" into the text fields';
};
core.endEpisode = (reward) => { core.EP_TIMER = null; cover.textContent = "START"; };
</script></head><body><div id=query></div>
<p><label>Username</label><input id=username></p><p><label>Password</label><input type=password id=password></p>
<button onclick="core.endEpisode(username.value === 'ann1' && password.value === 'pw' ? 1 : -1, true, 'compared')">Login</button>
<div id=cover></div></body></html>"""


def test_a_seed_counts_as_solved_when_the_page_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "miniwob").mkdir()
    (tmp_path / "miniwob" / "login-user.html").write_text(PAGE, "utf-8")
    monkeypatch.setattr(miniwob_score, "pages", lambda: tmp_path)
    (row,) = measure(["login-user"], seeds=[1, 2])
    assert (row.solved, row.seeds) == (1, 2)
    assert row.wrong == ["seed 2: reward -1 compared"]


def test_a_task_without_a_workflow_is_told() -> None:
    with pytest.raises(ConfigurationError, match="there is no workflow for fly-to-mars; there is one for b"):
        list(measure(["fly-to-mars"]))


def test_pages_that_cannot_be_had_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(command: list[str], **_settings: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, "", "ERROR: No matching distribution found for miniwob")

    monkeypatch.setattr(miniwob_score, "find_spec", lambda _name: None)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(subprocess, "run", refused)
    with pytest.raises(ConfigurationError, match="could not be fetched: ERROR: No matching distribution"):
        pages()


def test_there_are_workflows_for_many_kinds_of_tasks() -> None:
    assert len(tasks()) >= 45
    assert set(SOME) <= set(tasks())


def test_workflows_use_verbs_alone() -> None:
    for path in miniwob_score.HERE.glob("*.yaml"):
        assert "script" not in path.read_text("utf-8"), path.name


@pytest.mark.parametrize("task", SOME)
def test_a_task_is_solved(task: str) -> None:
    if not miniwob_score.at_hand():
        pytest.skip("the pages of MiniWoB++ are not here: `runner.py bench miniwob` fetches them")
    (row,) = measure([task], seeds=[1])
    assert row.solved == 1, json.dumps(row.wrong)
