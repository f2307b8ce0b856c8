"""`read`: one JSON object a line, in the order given, whatever the files are."""

from __future__ import annotations

import os
import shutil
import signal
from functools import partial
from pathlib import Path

from cli_office import Office

from bots.documents.schemas import SCHEMAS
from commands.read import _read_many

SAMPLE = Path(__file__).parents[2] / "commands" / "new_project" / "samples" / "invoice.pdf"


def test_a_document_is_an_object_of_the_contract(office: Office) -> None:
    answer = office("read", str(SAMPLE), "--json")
    (line,) = answer.lines
    assert answer.code == 0
    assert list(line) == [
        "file", "pages", "type", "language", "fields", "lines", "tables", "problems", "confidence",
    ]  # fmt: skip
    assert (line["file"], line["pages"], line["type"], line["language"]) == (str(SAMPLE), 1, "invoice", "de")
    total = line["fields"]["total"]
    assert list(total) == ["value", "confidence", "page", "box", "source"]
    assert (total["value"], total["page"], total["source"], len(total["box"])) == ("1437.28", 1, "text", 4)


def test_bad_files_are_objects_with_problems_and_stop_nothing(office: Office) -> None:
    shutil.copy(SAMPLE, office.write("good.pdf", ""))
    office.write("text.pdf", "this is no PDF")
    office.write("empty.pdf", "")
    answer = office("read", "text.pdf", "gone.pdf", "good.pdf", "empty.pdf", "--jobs", "2")
    assert answer.code == 0
    assert [(line["file"], [problem["code"] for problem in line["problems"]]) for line in answer.lines] == [
        ("text.pdf", ["NOT_A_PDF"]),
        ("gone.pdf", ["FILE_MISSING"]),
        ("good.pdf", []),
        ("empty.pdf", ["EMPTY_FILE"]),
    ]


def test_fields_of_ones_own_come_from_a_file(office: Office) -> None:
    office.write("fields.yaml", "invoice_no: {type: text, labels: [Rechnungsnummer, Rechnungs-Nr.]}\n")
    (line,) = office("read", str(SAMPLE), "--fields", "fields.yaml").lines
    assert set(line["fields"]) <= {"invoice_no"}


def test_a_wrong_field_set_is_told(office: Office) -> None:
    answer = office("read", str(SAMPLE), "--fields", "bill")
    assert (answer.code, answer.err) == (
        2,
        "clerkwork: --fields bill: there is no such field set and no such file; "
        f"expected {', '.join(SCHEMAS)}, or the path of a YAML file\n",
    )
    office.write("fields.yaml", "po: {type: nonsense}\n")
    wrong = office("read", str(SAMPLE), "--fields", "fields.yaml")
    assert wrong.code == 2
    assert wrong.err.startswith("clerkwork: --fields fields.yaml: ")


def read_or_die(file: str) -> dict[str, object]:
    if file == "bomb":
        os.kill(os.getpid(), signal.SIGKILL)
    return {"file": file, "problems": []}


def test_a_file_that_kills_its_reader_is_named_and_the_others_are_read() -> None:
    files = ["a", "b", "bomb", "c", "bomb", "d"]
    found = list(_read_many(partial(read_or_die), files, 2))
    assert [line["file"] for line in found] == files
    assert [bool(line["problems"]) for line in found] == [False, False, True, False, True, False]
    assert found[2]["problems"][0]["code"] == "READER_KILLED"
