"""`queue`, `exceptions`, `effects`: what stands, and the decisions, under the rules of the console."""

from __future__ import annotations

import getpass
from pathlib import Path

import pytest
from cli_office import Office

SAMPLE = Path(__file__).parents[2] / "commands" / "new_project" / "samples" / "invoice.pdf"


@pytest.fixture
def standing(office: Office) -> dict[str, str]:
    """Items of the queue `adder` by their key: 1 is done, 4 waits for an approval, 9 is an exception."""
    office.write("items.csv", "n\n1\n4\n9\n")
    return {line["key"]: line["item"] for line in office("run", "adder", "--items", "items.csv", "--json").lines}


def test_items_are_listed_oldest_first_and_by_state(office: Office, standing: dict[str, str]) -> None:
    listed = office("queue", "list", "--json").lines
    assert [(line["id"], line["state"]) for line in listed] == [
        (standing["1"], "done"),
        (standing["4"], "waiting"),
        (standing["9"], "exception"),
    ]
    assert [line["key"] for line in office("queue", "list", "adder", "--state", "done", "--json").lines] == ["1"]
    told = office("queue", "list", "--state", "gone")
    assert told.code == 2
    assert told.err.startswith("clerkwork: there is no state gone; the states are discarded, done, exception")


def test_an_empty_queue_says_so(office: Office) -> None:
    assert office("queue", "list").out == "no items\n"
    assert office("exceptions", "list").out == "nothing waits for a person\n"
    assert office("effects", "list").out == "the ledger is empty\n"
    assert office("effects", "reconcile").out == "nothing is uncertain\n"


def test_one_item_is_shown_with_its_steps(office: Office, standing: dict[str, str]) -> None:
    (line,) = office("queue", "show", standing["4"], "--json").lines
    assert [(step["title"], step["status"]) for step in line["steps"]] == [
        ("Double", "done"),
        ("Not too big", "skipped"),
        ("Ask the lead", "parked"),
    ]
    shown = office("queue", "show", standing["9"]).out
    assert "message:   18 is too big" in shown
    told = office("queue", "show", "item_none")
    assert (told.code, told.err) == (2, "clerkwork: no item item_none; list them with `queue list`\n")


def test_an_item_is_queued_for_the_workers_and_worked_until_idle(office: Office) -> None:
    (line,) = office("queue", "add", "adder", "--item", "n=2", "--json").lines
    assert line["new"] is True
    assert office("queue", "add", "adder", "--item", "n=2", "--json").lines == [{**line, "new": False}]
    answer = office("worker", "--until-idle", "--json")
    assert answer.code == 0
    assert [(report["item"], report["outcome"]) for report in answer.lines] == [(line["item"], "done")]


def test_an_approval_lets_the_item_go_on_from_where_it_stopped(office: Office, standing: dict[str, str]) -> None:
    (line,) = office("exceptions", "list", "--kind", "approval", "--json").lines
    assert (line["item"], line["assigned"]) == (standing["4"], "lead")
    answer = office("exceptions", "approve", standing["4"])
    assert answer.code == 0
    assert answer.out == (f"{standing['4']}  goes on; a worker takes it up (`start`, or `worker --until-idle` here)\n")
    assert office("worker", "--until-idle", "--json").lines[0]["outcome"] == "done"
    again = office("exceptions", "approve", standing["4"])
    assert (again.code, again.err) == (
        2,
        f"clerkwork: nothing stands in the exception queue as {standing['4']}; see `exceptions list`\n",
    )


def test_a_rejection_needs_a_reason_and_is_kept_with_the_name(office: Office, standing: dict[str, str]) -> None:
    assert office("exceptions", "reject", standing["9"]).err == (
        "clerkwork: missing option '--reason'; see `clerkwork exceptions reject --help`\n"
    )
    assert office("exceptions", "reject", standing["9"], "--reason", "a typo", "--json").lines == [
        {"item": standing["9"], "state": "rejected"}
    ]
    (line,) = office("queue", "show", standing["9"], "--json").lines
    assert line["message"] == f"rejected by {getpass.getuser()}: a typo"
    assert [(decision["kind"], decision["person"]) for decision in line["decisions"]] == [("reject", getpass.getuser())]


def test_an_exception_is_shown_and_tried_again(office: Office, standing: dict[str, str]) -> None:
    shown = office("exceptions", "show", standing["9"]).out
    assert "code:      TOO_BIG" in shown
    (line,) = office("exceptions", "show", standing["9"], "--json").lines
    assert (line["code"], line["decisions"]) == ("TOO_BIG", [])
    assert office("queue", "retry", standing["9"]).out == f"{standing['9']}  goes on\n"
    assert office("worker", "--until-idle", "--json").code == 3


def test_what_cannot_be_corrected_says_why(office: Office, standing: dict[str, str]) -> None:
    answer = office("exceptions", "correct", standing["9"], "n=4")
    assert (answer.code, answer.err) == (
        2,
        "clerkwork: nothing in step Not too big can be corrected; retry it once the cause is mended, or reject it\n",
    )
    assert office("exceptions", "correct", standing["9"], "n").err == (
        "clerkwork: 'n' is not FIELD=VALUE; for example total=119.00\n"
    )


def test_items_are_closed_all_or_none(office: Office, standing: dict[str, str]) -> None:
    answer = office("queue", "discard", standing["9"], "item_none", "--reason", "a test")
    assert answer.code == 2
    assert [line["state"] for line in office("queue", "list", "--json").lines] == ["done", "waiting", "exception"]
    assert office("queue", "discard", standing["9"], "--reason", "a test").out == f"{standing['9']}  discarded\n"
    assert office("queue", "skip", standing["4"], "--reason", "by hand").out == f"{standing['4']}  skipped\n"
    assert office("exceptions", "list", "--json").lines == []


def test_a_paused_queue_keeps_its_items(office: Office) -> None:
    assert office("queue", "pause", "adder", "--reason", "month end").out == "adder is paused\n"
    assert office("run", "adder", "--item", "n=1", "--json").lines[0]["outcome"] == "waiting"
    assert office("queue", "list").out.endswith("the queue adder is paused: month end\n")
    assert office("queue", "resume", "adder").out == "adder goes on\n"
    assert office("run", "adder", "--item", "n=1", "--json").lines[0]["outcome"] == "done"
    assert office("queue", "pause", "nobody").code == 2


def test_a_user_of_the_console_has_the_same_rights_here(office: Office, standing: dict[str, str]) -> None:
    name = getpass.getuser()
    added = office("user", "add", name, "--role", "viewer", "--password-stdin", stdin="correct horse battery\n")
    assert added.out == f"{name} is a user now, as viewer\n"
    answer = office("exceptions", "approve", standing["4"])
    assert (answer.code, answer.err) == (
        2,
        f"clerkwork: {name} is viewer and may not approve; somebody with that permission has to do it\n",
    )
    assert office("queue", "discard", standing["9"], "--reason", "x").code == 2


def test_users_are_added_with_a_link_listed_and_removed(office: Office) -> None:
    (line,) = office("user", "add", "ann", "--role", "supervisor", "--team", "ap-clerks", "--json").lines
    assert line["link"].startswith("http://127.0.0.1:8600/set-up/")
    (listed,) = office("user", "list", "--json").lines
    assert (listed["user"], listed["role"], listed["teams"], listed["can_sign_in"]) == (
        "ann", "supervisor", ["ap-clerks"], False,
    )  # fmt: skip
    assert office("user", "add", "ann").err == "clerkwork: there is a user ann already; choose another name\n"
    assert office("user", "rm", "ann").out == "ann is no user any more\n"
    assert office("user", "rm", "ann").err == "clerkwork: there is no user ann; see `user list`\n"


READER = """\
workflow: reader
inputs: {file: file}
steps:
  - name: Read
    document.read: {file: "${{ item.file }}", fields: invoice}
    as: invoice
    review: {when: true}
"""


def test_a_correction_that_cannot_be_is_a_wrong_command_line(office: Office) -> None:
    office.write("workflows/reader.yaml", READER)
    (line,) = office("run", "reader", "--item", f"file={SAMPLE}", "--json").lines
    doubts = line["message"].split("least sure: ")[1]
    assert doubts.startswith("currency (")
    assert doubts.count("%") == 3
    told = office("exceptions", "correct", line["item"], "totl=5")
    assert told.code == 2
    assert told.err.startswith("clerkwork: The document has no field 'totl'; its fields are number, ")
    told = office("exceptions", "correct", line["item"], "total=abc")
    assert (told.code, told.err) == (
        2,
        "clerkwork: 'abc' is no total; expected an amount such as 1234.56; enter the value again\n",
    )
    assert office("exceptions", "correct", line["item"], "total=1437.29").code == 0


def test_many_items_are_queued_from_a_file_all_or_none(office: Office) -> None:
    office.write("many.jsonl", "".join(f'{{"n": {n}}}\n' for n in range(30)))
    assert office("queue", "add", "adder", "--items", "many.jsonl").out == "30 queued, 0 were queued before\n"
    assert office("queue", "add", "adder", "--items", "many.jsonl").out == "0 queued, 30 were queued before\n"
    office.write("wrong.csv", "n\n40\nx\n")
    refused = office("queue", "add", "adder", "--items", "wrong.csv")
    assert refused.code == 2
    assert "wrong.csv:3: item of adder: n is 'x', expected a whole number" in refused.err
    assert len(office("queue", "list", "--json").lines) == 30


def test_only_what_was_done_has_a_result(office: Office, standing: dict[str, str]) -> None:
    refused = office("effects", "reconcile", standing["9"], "--not-done", "--result", "id=4711")
    assert refused.code == 2
    assert refused.err == "clerkwork: --result was given without --done; only what was done has a result\n"
    refused = office("effects", "reconcile", standing["9"], "--done", "--result", "4711")
    assert "--result '4711' is not NAME=VALUE, each name once; for example --result id=4711" in refused.err


def test_what_a_colleague_has_is_not_decided_before_it_is_taken_over_with_a_note(
    office: Office, standing: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    item = standing["9"]
    monkeypatch.setattr(getpass, "getuser", lambda: "ada")
    assert office("exceptions", "claim", item).out == f"{item}  is yours\n"
    monkeypatch.setattr(getpass, "getuser", lambda: "ben")
    answer = office("exceptions", "retry", item)
    assert (answer.code, answer.err) == (
        2,
        f"clerkwork: ada has item {item}; take it over with a note, or let them decide\n",
    )
    assert office("exceptions", "claim", item).err == (
        f"clerkwork: ada has item {item} already; say in a note why you take it over; they read it\n"
    )
    (line,) = office("exceptions", "claim", item, "--note", "ada is away", "--json").lines
    assert line["holder"] == "ben"
    (line,) = office("exceptions", "release", item, "--json").lines
    assert line["holder"] is None
    assert office("exceptions", "retry", item).code == 0
