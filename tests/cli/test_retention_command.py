"""`retention`: what is old enough or belongs to a person who asks is forgotten, after it was shown."""

from __future__ import annotations

import time

from cli_office import Office

LETTERS = """\
workflow: letters
inputs: {who: text}
queue: {key: "${{ item.who }}", keep: 1s}
steps:
  - set: {seen: "${{ item.who }}"}
outputs: {seen: "${{ seen }}"}
"""


def ran(office: Office) -> str:
    office.write("workflows/letters.yaml", LETTERS)
    (done,) = office("run", "letters", "--item", "who=Jane Roe", "--json").lines
    assert done["outcome"] == "done"
    return str(done["item"])


def test_what_would_be_forgotten_is_shown_before_it_is(office: Office) -> None:
    item = ran(office)
    shown = office("retention", "erase", "--value", "Jane Roe")
    assert "nothing is forgotten yet; --yes does it" in shown.out
    assert "letters" in shown.out
    (done,) = office("retention", "erase", "--value", "Jane Roe", "--yes", "--json").lines
    assert done == {"items": 1, "files": 0, "keys_that_hold_it": ["Jane Roe"]}
    assert office("queue", "show", item, "--json").lines[0]["inputs"] == {}
    assert office("retention", "erase", "--value", "Jane Roe").code == 0


def test_a_key_that_holds_the_text_stays_and_is_told_of(office: Office) -> None:
    ran(office)
    told = office("retention", "erase", "--value", "Jane Roe", "--yes").out
    assert "forgot what 1 items held, and 0 files" in told
    assert "the key Jane Roe stays, so that it is not done again; it holds the text" in told


def test_a_hold_keeps_an_item_until_it_is_released(office: Office) -> None:
    item = ran(office)
    assert office("retention", "hold", item, "--reason", "a lawsuit").out == f"{item} is on hold\n"
    refused = office("retention", "erase", "--value", "Jane Roe", "--yes")
    assert refused.code == 2
    assert f"1 of 1 items are open or on hold, such as {item}" in refused.err
    assert office("retention", "release", item, "--json").lines == [{"released": item}]
    assert office("retention", "erase", "--value", "Jane Roe", "--yes").code == 0


def test_what_is_old_enough_is_counted_and_then_forgotten(office: Office) -> None:
    ran(office)
    time.sleep(1.1)
    assert office("retention", "run", "--dry-run", "--json").lines == [{"due": 1}]
    assert office("retention", "run").out == "forgot what 1 items held, and 0 files\n"
    assert office("retention", "run", "--json").lines == [{"items": 0, "files": 0}]
