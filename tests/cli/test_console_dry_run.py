"""The dry run that the console offers: `dry-run` in a process of its own, which is ended when it takes too long."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from cli_office import Office

from commands import desk
from commands.desk import dry_runs_elsewhere
from commands.registry import load_actions
from commands.session import Session
from engine.errors import UsageError
from engine.language import Workflow
from engine.workflows import Library

PAY = """\
workflow: pay
inputs:
  total: {type: money, min: 0.01}
  slip: file
  places: list
  origin: text
triggers:
  - manual: {title: Pay somebody, ask: [total, slip, places], inputs: {origin: "by hand"}}
steps:
  - name: Write it down
    files.write: {file: "out/${{ item.places[1] }}.txt", text: "${{ item.total }} ${{ item.origin }}"}
outputs: {origin: "${{ item.origin }}"}
"""
SLOW = """\
workflow: slow
steps:
  - set: {a: 1}
"""


def loaded(office: Office, name: str, text: str) -> tuple[Session, Workflow]:
    office.write(f"workflows/{name}.yaml", text)
    session = Session(project_folder=str(office.root))
    library = Library(session.project.workflow_folders, load_actions(session.project))
    assert not library.problems, library.problems
    return session, library.get(name)


def test_it_shows_what_would_be_posted_and_leaves_nothing_behind(office: Office) -> None:
    session, flow = loaded(office, "pay", PAY)
    slip = Path(office.root) / "slip.txt"
    slip.write_text("paid")
    given = {"total": "12.50", "slip": str(slip), "places": ["Berlin", "Paris"]}
    trial = dry_runs_elsewhere(session)(flow, given)
    assert (trial.outcome, trial.outputs) == ("done", {"origin": "by hand"})
    (would,) = trial.would
    assert would.step == "Write it down"
    assert "Paris.txt" in would.target + str(would.changes)
    assert not (Path(office.root) / "out").exists()
    assert office("queue", "list", "--json").lines == []


def test_one_that_takes_too_long_is_ended_with_all_that_it_began(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, flow = loaded(office, "slow", SLOW)
    monkeypatch.setattr(desk, "DRY_RUN_SECONDS", 0.2)  # less than a process needs to begin
    began = time.monotonic()
    with pytest.raises(UsageError, match=r"the dry run took longer than 0.2 s and was ended"):
        dry_runs_elsewhere(session)(flow, {})
    assert time.monotonic() - began < 5
    assert not [pid for pid in Path("/proc").glob("[0-9]*") if _asks_for(pid, f"{flow.file}\0--items")]


def _asks_for(process: Path, words: str) -> bool:
    try:
        return words.encode() in (process / "cmdline").read_bytes() and int(process.name) != os.getpid()
    except (FileNotFoundError, ProcessLookupError):
        return False
