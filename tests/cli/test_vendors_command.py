"""`vendors`: what corrections taught, seen, tested, taken away and carried over."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from cli_office import Office

from tests.documents.strange import strange

READING = """\
workflow: reading
inputs: {file: {type: file}}
steps:
  - name: Read the invoice
    document.read: {file: "${{ item.file }}", fields: invoice}
    as: invoice
    review: {when: true}
outputs: {number: "${{ invoice.number }}"}
"""
NAME = "Quellwerk Manufaktur GmbH"


@pytest.fixture
def reading(office: Office) -> Office:
    office.write("workflows/reading.yaml", READING)
    return office


def read(office: Office, number: str) -> str:
    """Read an invoice to its review; the item."""
    file = strange(office.root / f"{number}.pdf", number=number)
    return str(office("run", "reading", "--item", f"file={file}", "--json").lines[0]["item"])


def teach(office: Office, *numbers: str) -> None:
    for number in numbers:
        item = read(office, number)
        assert office("exceptions", "correct", item, f"number={number}").code == 0
        assert office("worker", "--until-idle").code == 0


def test_a_correction_says_what_it_leads_to(reading: Office) -> None:
    item = read(reading, "VG-20417")
    said = reading("exceptions", "correct", item, "number=VG-20417").out.splitlines()
    assert (
        said[1] == f"Saved as an example of {NAME}; with one more like it, the invoice number will be found by itself."
    )
    second = read(reading, "VG-20509")
    (line,) = reading("exceptions", "correct", second, "number=VG-20509", "--json").lines
    assert "the word right of 'Unser Vorgang', like VG-99999" in line["learned"]


def test_vendors_are_listed_and_shown_with_their_anchors_in_words(reading: Office) -> None:
    assert reading("vendors", "list").out == "no vendor is known yet\n"
    teach(reading, "VG-20417", "VG-20509")
    (listed,) = reading("vendors", "list", "--json").lines
    assert {name: listed[name] for name in ("vendor", "examples", "corrected", "tested")} == {
        "vendor": NAME,
        "examples": 2,
        "corrected": 2,
        "tested": False,
    }
    assert "to be tested" in reading("vendors", "list").out
    shown = reading("vendors", "show", "DE 811 193 231").out
    assert "known by: the name quellwerkmanufakturgmbh, VAT id DE811193231" in shown
    assert "invoice number: the word right of 'Unser Vorgang', like VG-99999" in shown
    assert "used: it fixes 2, breaks 0" in shown
    assert "number: 5512 -> VG-20509" in shown
    (told,) = reading("vendors", "show", NAME.lower(), "--json").lines
    assert [(one["field"], one["state"], one["record"]["fixes"]) for one in told["anchors"]] == [
        ("number", "active", 2)
    ]
    assert reading("vendors", "list", "--json").lines[0]["active"] == 1


def test_a_vendor_that_is_not_known_is_said(reading: Office) -> None:
    told = reading("vendors", "show", "Nobody Ltd")
    assert (told.code, told.err) == (2, "clerkwork: nothing is known of Nobody Ltd; see `vendors list`\n")


def test_every_example_is_read_again_as_a_test(reading: Office) -> None:
    teach(reading, "VG-20417")
    before = reading("vendors", "test", "--json")
    assert before.code == 3
    assert [line["wrong"] for line in before.lines] == [
        [{"field": "number", "found": "5512", "right": "VG-20417", "source": "text"}]
    ]
    assert "5512" in reading("vendors", "test", NAME).out
    teach(reading, "VG-20509")
    after = reading("vendors", "test")
    assert (after.code, after.out) == (0, "all known fields of 2 documents are read rightly\n")


def test_an_anchor_that_was_taken_away_stays_away(reading: Office) -> None:
    teach(reading, "VG-20417", "VG-20509")
    (told,) = reading("vendors", "show", NAME, "--json").lines
    gone = reading("vendors", "forget", told["anchors"][0]["id"])
    assert gone.out == "not used any more: invoice number: the word right of 'Unser Vorgang', like VG-99999\n"
    assert reading("vendors", "test").code == 3
    teach(reading, "VG-21333")
    (told,) = reading("vendors", "show", NAME, "--json").lines
    assert [(one["state"], one["reason"].split()[1:]) for one in told["anchors"]] == [
        ("forgotten", ["took", "it", "away"])
    ]


def test_an_example_and_a_vendor_can_be_forgotten(reading: Office) -> None:
    teach(reading, "VG-20417", "VG-20509")
    (told,) = reading("vendors", "show", NAME, "--json").lines
    example = told["examples"][0]["id"]
    assert reading("vendors", "forget", example).out == "the example VG-20509.pdf is forgotten\n"
    (told,) = reading("vendors", "show", NAME, "--json").lines
    assert len(told["examples"]) == 1
    assert [one["reason"] for one in told["anchors"]] == ["not used: it is right on 1 document only"]
    assert reading("vendors", "forget", NAME).out == f"{NAME} is forgotten, with its examples and anchors\n"
    assert reading("vendors", "list").out == "no vendor is known yet\n"


def test_a_vendor_is_carried_over_as_text(reading: Office, tmp_path: Path) -> None:
    teach(reading, "VG-20417", "VG-20509")
    reading("vendors", "show", NAME)
    (line,) = reading("vendors", "export", NAME, str(tmp_path / "kept"), "--json").lines
    told = yaml.safe_load(Path(line["file"]).read_text())
    assert told["vendor"] == NAME
    assert told["anchors"][0]["words"] == "invoice number: the word right of 'Unser Vorgang', like VG-99999"
    assert [one["fields"]["number"] for one in told["examples"]] == ["VG-20509", "VG-20417"]
    assert all(one["fields"]["total"] == "1558.90" for one in told["examples"])

    reading("vendors", "forget", NAME)
    assert reading("vendors", "import", line["file"]).out == f"{NAME}: 2 examples\n"
    assert reading("vendors", "test").code == 0
    (again,) = reading("vendors", "show", NAME, "--json").lines
    assert [one["state"] for one in again["anchors"]] == ["active"]


def test_a_file_that_is_no_vendor_is_refused(reading: Office) -> None:
    reading.write("other.yaml", "workflow: x\n")
    told = reading("vendors", "import", "other.yaml")
    assert (told.code, told.err) == (
        2,
        "clerkwork: other.yaml describes no vendor; name a file that `vendors export` wrote\n",
    )
