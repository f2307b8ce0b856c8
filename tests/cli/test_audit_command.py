"""`audit list`, `audit verify`, `audit anchor`."""

from __future__ import annotations

import getpass
import json

import pytest
from cli_office import Office

from engine.store import tables
from engine.store.database import Database

ME = getpass.getuser()


@pytest.fixture
def acted(office: Office) -> Office:
    """Three things were done on the command line."""
    office("user", "add", "ada", "--role", "supervisor")
    office("user", "link", "ada")
    office("user", "rm", "ada")
    return office


def test_what_was_done_is_listed(acted: Office) -> None:
    told = acted("audit", "list", "--json").lines
    assert [(line["person"], line["origin"], line["act"], line["about"], line["text"]) for line in told] == [
        (ME, "command line", "user", "ada", "removed"),
        (ME, "command line", "user", "ada", "given a new link"),
        (ME, "command line", "user", "ada", "added as supervisor"),
    ]
    assert acted("audit", "list", "--about", "bob").out == "nothing was written down yet\n"
    assert len(acted("audit", "list", "--limit", "2", "--json").lines) == 2


def test_a_log_that_is_as_it_was_written_holds(acted: Office) -> None:
    assert acted("audit", "anchor", "--json").lines[0]["number"] == 3
    assert acted("audit", "verify").out == "3 lines are as they were written; 1 anchors agree\n"
    assert acted("audit", "anchor").out == f"{acted.root}/data/audit.anchors has the head already\n"


def test_a_log_that_was_changed_is_told_with_the_line(acted: Office) -> None:
    acted("audit", "anchor", "--to", "elsewhere")
    database = Database(f"sqlite:///{acted.root}/data/clerkwork.db")
    with database.write() as transaction:
        table = tables.audit
        transaction.execute(table.update().where(table.c.number == 2).values(person="somebody"))
    answer = acted("audit", "verify")
    assert answer.code == 1
    assert "line 2: the line is not what was written: " in answer.out
    assert "somebody user ada; expected the hash it was written with" in answer.out
    assert "keep a copy of the store as it is" in answer.out
    with database.write() as transaction:
        transaction.execute(tables.audit.delete())
        transaction.execute(tables.audit_head.update().values(number=0, mac="0" * 64))
    database.close()
    assert acted("audit", "verify").code == 0
    answer = acted("audit", "verify", "--anchors", "elsewhere", "--json")
    assert answer.code == 1
    assert answer.lines[0]["found"] == "the lines after this one are gone"
    kept = json.loads((acted.root / "elsewhere").read_text())
    assert answer.lines[0]["expected"] == f"line 3, anchored at {kept['at']}"
