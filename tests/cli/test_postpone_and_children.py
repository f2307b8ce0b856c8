"""`queue postpone`, and the children of an item in `queue show`."""

from __future__ import annotations

import getpass

from cli_office import Office

from engine.store.database import Database

SENDER = """\
workflow: sender
inputs: {n: integer}
steps:
  - name: Queue them
    queue.add: {workflow: adder, items: [{n: 1}, {n: 9}]}
"""


def test_an_item_is_not_begun_before_the_time_that_a_person_gave(office: Office) -> None:
    (added,) = office("queue", "add", "adder", "--item", "n=2", "--json").lines
    item = added["item"]
    answer = office("queue", "postpone", item, "--until", "2 days", "--reason", "the month is closed")
    assert answer.code == 0
    assert answer.out.startswith(f"{item}  postponed until 20")
    (line,) = office("queue", "show", item, "--json").lines
    assert line["not_before"] > line["created"]
    (act,) = line["acts"]
    assert (act["kind"], act["person"], act["text"]) == ("postponed", getpass.getuser(), "the month is closed")
    assert "not before:" in office("queue", "show", item).out
    assert office("queue", "postpone", item, "--until", "2999-01-01T08:00").code == 0
    database = Database(f"sqlite:///{office.root}/data/clerkwork.db")
    with database.write() as transaction:
        transaction.exec_driver_sql("UPDATE items SET not_before = '2020-01-01 00:00:00.000000'")
    database.close()
    assert office("worker", "--until-idle", "--json").lines[0]["outcome"] == "done"


def test_what_cannot_be_postponed_says_why_and_nothing_is_changed(office: Office) -> None:
    office.write("items.csv", "n\n1\n4\n")
    done, waits = (line["item"] for line in office("run", "adder", "--items", "items.csv", "--json").lines)
    (new,) = office("queue", "add", "adder", "--item", "n=2", "--json").lines
    refused = office("queue", "postpone", new["item"], done, "--until", "1 hour")
    assert (refused.code, refused.err) == (
        2,
        f"clerkwork: item {done} is done and cannot be postponed; expected one that is ready or put off; "
        "an exception is put aside in the console; see `queue list --state ready`\n",
    )
    assert office("queue", "show", new["item"], "--json").lines[0]["not_before"] is None
    assert f"item {waits} is waiting for a person and" in office("queue", "postpone", waits, "--until", "1h").err
    assert office("queue", "postpone", new["item"], "--until", "2020-01-01T10:00Z").err == (
        f"clerkwork: item {new['item']} cannot be postponed until 2020-01-01 10:00 UTC, that is over; "
        "give a time that is to come\n"
    )
    assert office("queue", "postpone", new["item"], "--until", "soon").err == (
        "clerkwork: 'soon' is neither a time nor a length of time; "
        "write 2026-03-31T17:00, 2026-03-31, 30m or 2 business hours\n"
    )


def test_an_item_tells_its_parent_and_its_children_with_their_states(office: Office) -> None:
    office.write("workflows/sender.yaml", SENDER)
    (sent,) = office("run", "sender", "--item", "n=1", "--json").lines
    office("worker", "--until-idle")
    (line,) = office("queue", "show", sent["item"], "--json").lines
    assert [(child["workflow"], child["key"], child["state"]) for child in line["children"]] == [
        ("adder", "1", "done"),
        ("adder", "9", "exception"),
    ]
    child = line["children"][1]["id"]
    shown = office("queue", "show", sent["item"]).out
    assert f"{child}   adder      9     exception" in shown
    assert f"parent:    {sent['item']}" in office("queue", "show", child).out
