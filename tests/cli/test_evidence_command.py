"""`evidence pack` and `evidence verify`."""

from __future__ import annotations

import zipfile

import pytest
from cli_office import Office


@pytest.fixture
def item(office: Office) -> str:
    """An item that was added and worked."""
    name = str(office("queue", "add", "adder", "--item", "n=1", "--json").lines[0]["item"])
    assert office("worker", "--until-idle").code == 0
    return name


def test_a_pack_is_written_and_holds(office: Office, item: str) -> None:
    told = office("evidence", "pack", item, "--to", "pack.zip", "--json").lines[0]
    assert (told["item"], told["file"], len(told["head"])) == (item, "pack.zip", 64)
    answer = office("evidence", "verify", "pack.zip", "--json")
    assert (answer.code, answer.lines[0]["holds"], answer.lines[0]["item"]) == (0, True, item)
    assert office("evidence", "verify", "pack.zip").out.startswith("pack.zip is as it was made at ")
    (line,) = office("audit", "list", "--act", "evidence", "--json").lines
    assert line["about"] == f"adder/{item}"


def test_a_pack_that_was_changed_is_told_and_ends_with_1(office: Office, item: str) -> None:
    office("evidence", "pack", item, "--to", "pack.zip")
    with zipfile.ZipFile(office.root / "pack.zip", "a") as opened:
        opened.writestr("more.txt", "what nobody packed")
    answer = office("evidence", "verify", "pack.zip")
    assert (answer.code, answer.out) == (1, "pack.zip: more.txt was added\n")


def test_an_item_that_is_not_there_is_told(office: Office) -> None:
    answer = office("evidence", "pack", "item_x", "--to", "pack.zip")
    assert answer.code == 2
    assert answer.err == "clerkwork: no item item_x; list them with `queue list`\n"
    assert not (office.root / "pack.zip").exists()
