"""`exceptions retry --workflow --code`: all that stopped for one cause, at once or one first."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from cli_office import Office

from engine import retrials
from engine.store.database import Database

NEEDY = """\
workflow: needy
inputs: {n: integer}
queue: {key: "${{ item.n }}", retry: {attempts: 1}}
steps:
  - name: Read the list
    files.read: {file: list.csv}
    as: list
"""
GROUP = ("exceptions", "retry", "--workflow", "needy", "--code")


@pytest.fixture
def code(office: Office) -> str:
    """Three items stand for the same cause: a file that is missing. The code with which they stand."""
    office.write("workflows/needy.yaml", NEEDY)
    office.write("items.csv", "n\n1\n2\n3\n")
    office("run", "needy", "--items", "items.csv")
    codes = {line["code"] for line in office("exceptions", "list", "--json").lines}
    assert len(codes) == 1
    return codes.pop()


def test_a_preview_tells_the_count_and_changes_nothing(office: Office, code: str) -> None:
    (line,) = office(*GROUP, code, "--preview", "--json").lines
    assert line == {"workflow": "needy", "code": code, "step": "Read the list", "standing": 3}
    assert len(office("exceptions", "list", "--json").lines) == 3
    assert office(*GROUP, "OTHER").out == "nothing of needy stands with OTHER\n"
    assert office(*GROUP, code, "--step", "Another").out == f"nothing of needy stands with {code}\n"


def test_all_go_on_at_once(office: Office, code: str) -> None:
    (line,) = office(*GROUP, code, "--json").lines
    assert (line["retried"], line["state"], line["note"]) == (3, "done", "")
    office.write("list.csv", "a\n1\n")
    assert [line["outcome"] for line in office("worker", "--until-idle", "--json").lines] == ["done"] * 3


def test_one_goes_first_and_the_others_follow_while_the_command_waits(office: Office, code: str) -> None:
    office.write("list.csv", "a\n1\n")
    work = threading.Thread(target=_work_once_it_is_there, args=(office.root,))
    work.start()
    answer = office(*GROUP, code, "--canary", "--wait", "30", "--json")
    work.join()
    assert answer.code == 0, answer
    assert (answer.lines[0]["retried"], answer.lines[0]["state"]) == (3, "done")
    assert [line["outcome"] for line in office("worker", "--until-idle", "--json").lines] == ["done"] * 2


def test_the_others_stay_where_the_first_stands_again(office: Office, code: str) -> None:
    told = office(*GROUP, code, "--canary", "--json")
    assert (told.code, told.lines[0]["state"], told.lines[0]["retried"]) == (0, "trying", 1)
    assert "goes first; the others follow by the scheduler" in told.lines[0]["note"]
    again = office(*GROUP, code, "--canary")
    assert (again.code, again.err) == (
        2,
        "clerkwork: this cause is being retried already; wait for what comes of it\n",
    )
    assert office("worker", "--until-idle").code == 3
    database = Database(f"sqlite:///{office.root}/data/clerkwork.db")
    with database.read() as transaction:
        row = retrials.get(transaction, told.lines[0]["retrial"])
    retrials.advance(database, row["changed"])
    with database.read() as transaction:
        assert retrials.get(transaction, row["id"])["state"] == "stopped"
    database.close()
    assert len(office("exceptions", "list", "--json").lines) == 3


def test_a_first_one_that_nobody_works_on_is_told_after_the_wait(office: Office, code: str) -> None:
    answer = office(*GROUP, code, "--canary", "--wait", "0.1", "--json")
    assert (answer.code, answer.lines[0]["state"]) == (3, "trying")
    assert answer.lines[0]["note"].endswith("is not through; is a worker there? `worker --until-idle` is one")


def test_a_group_is_named_by_workflow_and_code(office: Office) -> None:
    assert office("exceptions", "retry", "--code", "X").err == (
        "clerkwork: exceptions retry takes a NAME, or --workflow and --code; see `exceptions list`\n"
    )
    assert office(*GROUP, "X", "--wait", "3").err == (
        "clerkwork: --wait was given without --canary; without --canary all go on at once\n"
    )


def _work_once_it_is_there(root: Path) -> None:
    """What a worker does, of which the command sees only the store: the item that goes first is done."""
    database = Database(f"sqlite:///{root}/data/clerkwork.db")
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with database.write() as transaction:
            if transaction.exec_driver_sql("UPDATE items SET state = 'done' WHERE state = 'ready'").rowcount:
                break
        time.sleep(0.05)
    database.close()
