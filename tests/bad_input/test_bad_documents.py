"""Documents that cannot be read: one sentence, nothing lost, and the item goes on once there is a good file."""

from __future__ import annotations

import io
from typing import Any

import pytest
from bad_input_office import KEYS, Office

READER = """\
workflow: reader
inputs: {path: text}
queue: {key: "${{ item.path }}", retry: {attempts: 1}}
steps:
  - name: Read the invoice
    document.read: {file: "${{ item.path }}"}
    as: invoice
  - name: Write it down
    spreadsheet.append: {file: ledger.xlsx, sheet: Invoices, row: {path: "${{ item.path }}"}}
outputs: {number: "${{ invoice.number }}"}
"""

KEEPER = """\
workflow: keeper
inputs: {file: {type: file}}
queue: {key: "${{ sha256(item.file) }}", retry: {attempts: 1}}
steps:
  - name: Read the invoice
    document.read: {file: "${{ item.file }}"}
    as: invoice
  - name: Write it down
    spreadsheet.append: {file: ledger.xlsx, sheet: Invoices, row: {number: "${{ invoice.number }}"}}
outputs: {number: "${{ invoice.number }}"}
"""

PROTECTED = "{0} is protected with a password; ask the sender for a copy without one"
EMPTY = "{0} is empty (0 bytes); ask the sender for the file again"
TEXT = "{0} is named .pdf but is not a PDF; ask the sender for the right file"
GONE = "There is no file {0}; check the path, or whether it was moved"
DAMAGED = "{0} is damaged and cannot be opened as a PDF; ask the sender for the file again"


@pytest.fixture(scope="session")
def protected(invoice: bytes) -> bytes:
    """The invoice behind a password."""
    import pypdf

    writer = pypdf.PdfWriter(clone_from=io.BytesIO(invoice))
    writer.encrypt("geheim", algorithm="AES-256")
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


@pytest.fixture
def bad_files(invoice: bytes, protected: bytes) -> dict[str, tuple[bytes, str, str]]:
    """By name: the content, the code, the message."""
    return {
        "protected": (protected, "PASSWORD_PROTECTED", PROTECTED),
        "empty": (b"", "EMPTY_FILE", EMPTY),
        "text": (b"Dear Sir or Madam,\nplease find enclosed\n", "NOT_A_PDF", TEXT),
        "truncated": (invoice[: len(invoice) // 3], "CORRUPT_FILE", DAMAGED),
    }


def test_bad_files_wait_for_a_person_and_are_booked_once_when_they_are_replaced(
    office: Office, invoice: bytes, bad_files: dict[str, tuple[bytes, str, str]]
) -> None:
    office.write("workflows/reader.yaml", READER)
    names = {kind: f"Post vom März/{kind}.pdf" for kind in [*bad_files, "gone"]}
    for kind, (content, _, _) in bad_files.items():
        office.write(names[kind], content)
    office.write("items.csv", "path\n" + "\n".join(names.values()) + "\n")
    answer = office("run", "reader", "--items", "items.csv", "--json")
    assert (answer.code, answer.err) == (3, "")
    assert [list(line) for line in answer.lines] == [KEYS] * 5
    told = {line["key"]: (line["outcome"], line["code"], line["message"], line["step"]) for line in answer.lines}
    assert told == {
        names[kind]: ("exception", code, message.format(f"{kind}.pdf"), "Read the invoice")
        for kind, (_, code, message) in {**bad_files, "gone": (b"", "FILE_MISSING", GONE)}.items()
    }
    assert [one["kind"] for one in office("exceptions", "list", "--json").lines] == ["business"] * 5
    for name in names.values():
        office.write(name, invoice)
    assert office("queue", "retry", *(line["item"] for line in answer.lines)).code == 0
    done = office("worker", "--until-idle", "--json")
    assert done.code == 0
    assert {line["item"] for line in done.lines} == {line["item"] for line in answer.lines}
    assert [(line["outcome"], line["outputs"]) for line in done.lines] == [("done", {"number": "RE-2026-0117"})] * 5
    assert sorted(row["path"] for row in office.ledger()) == sorted(names.values())


def test_an_item_keeps_the_file_it_was_given_and_the_better_copy_is_an_item_of_its_own(
    office: Office, invoice: bytes, protected: bytes
) -> None:
    office.write("workflows/keeper.yaml", KEEPER)
    file = office.write("bill.pdf", protected)
    bad = office.run("keeper", file="bill.pdf", code=3)
    assert bad["message"] == PROTECTED.format("bill.pdf")
    file.write_bytes(invoice)
    assert office.retry(bad["item"])["code"] == "PASSWORD_PROTECTED"
    good = office.run("keeper", file="bill.pdf", code=0)
    assert good["item"] != bad["item"]
    answer = office("queue", "discard", bad["item"], "--reason", "the sender sent a copy without a password")
    assert (answer.code, answer.out) == (0, f"{bad['item']}  discarded\n")
    assert office.states() == ["discarded", "done"]
    assert [row["number"] for row in office.ledger()] == ["RE-2026-0117"]


def test_the_same_file_run_by_two_at_the_same_moment_and_again_later_is_one_item_and_one_row(
    office: Office, invoice: bytes
) -> None:
    office.write("workflows/keeper.yaml", KEEPER)
    office.write("bill.pdf", invoice)
    office.write("copy of bill.pdf", invoice)
    calls = [office.begin("run", "keeper", "--item", "file=bill.pdf", "--json") for _ in range(2)]
    answers = [office.end(call) for call in calls]
    assert [answer.code for answer in answers] == [0, 0]
    (first,), (second,) = (answer.lines for answer in answers)
    again = office.run("keeper", file="copy of bill.pdf", code=0)
    for name in ("item", "key", "run", "outcome", "outputs"):
        assert first[name] == second[name] == again[name]
    assert first["outputs"] == {"number": "RE-2026-0117"}
    assert office.states() == ["done"]
    assert len(office.ledger()) == 1


def test_read_keeps_the_order_and_tells_bad_files_as_objects(
    office: Office, invoice: bytes, bad_files: dict[str, tuple[bytes, str, str]]
) -> None:
    names = ["zz good.pdf", *(f"{kind}.pdf" for kind in bad_files), "gone.pdf", "a gütes.pdf"]
    for name in (names[0], names[-1]):
        office.write(name, invoice)
    for kind, (content, _, _) in bad_files.items():
        office.write(f"{kind}.pdf", content)
    answer = office("read", *names, "--fields", "invoice", "--json")
    assert (answer.code, answer.err) == (0, "")
    found: list[dict[str, Any]] = answer.lines
    assert [line["file"] for line in found] == names
    shape = [
        "file",
        "pages",
        "type",
        "language",
        "fields",
        "lines",
        "tax_breakdown",
        "tables",
        "problems",
        "confidence",
    ]
    assert all(list(line) == shape for line in found)
    told = {line["file"]: [(one["code"], one["message"]) for one in line["problems"]] for line in found}
    assert told == {
        "zz good.pdf": [],
        **{f"{kind}.pdf": [(code, text.format(f"{kind}.pdf"))] for kind, (_, code, text) in bad_files.items()},
        "gone.pdf": [("FILE_MISSING", GONE.format("gone.pdf"))],
        "a gütes.pdf": [],
    }
    assert all(list(problem) == ["code", "message", "fields"] for line in found for problem in line["problems"])
    assert [line["confidence"] for line in found[1:-1]] == [0] * 5
    assert {found[at]["fields"]["number"]["value"] for at in (0, -1)} == {"RE-2026-0117"}
