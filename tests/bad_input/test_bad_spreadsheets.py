"""Workbooks that are open, broken or out of bounds: nothing is written, and nothing is written twice later."""

from __future__ import annotations

from pathlib import Path

import openpyxl
from bad_input_office import Office

WRITER = """\
workflow: writer
inputs: {number: text, file: {type: text, default: ledger.xlsx}}
queue: {key: "${{ item.number }}", retry: {attempts: 1}}
steps:
  - name: Write it down
    spreadsheet.append: {file: "${{ item.file }}", sheet: Invoices, row: {number: "${{ item.number }}"}}
    timeout: 1s
    as: row
outputs: {row: "${{ row.row }}"}
"""


def test_a_ledger_that_is_open_in_excel_is_left_alone_until_it_is_closed(office: Office) -> None:
    office.write("workflows/writer.yaml", WRITER)
    office.run("writer", number="R-1", code=0)
    before = (office.root / "ledger.xlsx").read_bytes()
    mark = office.write("~$ledger.xlsx", b"\x0aAnn Miller".ljust(54) + b"\0" * 110)
    line = office.run("writer", number="R-2", code=1)
    assert (line["outcome"], line["code"], line["step"]) == ("failed", "SPREADSHEET_LOCKED", "Write it down")
    assert line["message"] == (
        "ledger.xlsx is open: Ann Miller holds it; close it there; if nobody has it open, "
        "delete the left-over file ~$ledger.xlsx, then try again"
    )
    assert (office.root / "ledger.xlsx").read_bytes() == before
    mark.unlink()
    assert office.retry(line["item"])["outcome"] == "done"
    assert [row["number"] for row in office.ledger()] == ["R-1", "R-2"]


def test_a_ledger_that_is_no_workbook_is_not_overwritten(office: Office) -> None:
    office.write("workflows/writer.yaml", WRITER)
    broken = office.write("ledger.xlsx", b"PK\x03\x04 and then nothing that makes sense")
    line = office.run("writer", number="R-1", code=3)
    assert (line["outcome"], line["code"]) == ("exception", "NOT_A_SPREADSHEET")
    assert line["message"] == (
        "ledger.xlsx cannot be read as a spreadsheet: it is no .xlsx file; "
        "open it in Excel or LibreOffice and save it as .xlsx"
    )
    assert broken.read_bytes() == b"PK\x03\x04 and then nothing that makes sense"
    book = openpyxl.Workbook()
    book.active.title = "Invoices"
    book.active.append(["number"])
    book.save(broken)
    told = office("exceptions", "retry", line["item"], "--json")
    assert (told.code, told.lines) == (0, [{"item": line["item"], "state": "ready"}])
    assert office.run("writer", number="R-1", code=0)["item"] == line["item"]
    assert [row["number"] for row in office.ledger()] == ["R-1"]


def test_attack_10_read_traversal_a_path_out_of_the_project_is_refused_until_the_folder_is_allowed(
    office: Office, tmp_path: Path
) -> None:
    office.write("workflows/writer.yaml", WRITER)
    (tmp_path / "shared").mkdir()
    line = office.run("writer", number="R-1", file="../shared/ledger.xlsx", code=3)
    assert (line["outcome"], line["code"]) == ("exception", "PATH_REFUSED")
    assert line["message"] == (
        "../shared/ledger.xlsx lies outside the project's files; "
        "use a path inside the project, or name the folder in `allowed_folders` of config/settings.yaml"
    )
    assert list((tmp_path / "shared").iterdir()) == []
    office.write("config/settings.yaml", "allowed_folders: [../shared]\n")
    assert office.retry(line["item"])["outcome"] == "done"
    assert [row["number"] for row in office.ledger("../shared/ledger.xlsx")] == ["R-1"]


def test_attack_11_write_traversal_a_bot_never_writes_into_its_own_settings_or_secrets(office: Office) -> None:
    office.write("workflows/writer.yaml", WRITER)
    line = office.run("writer", number="R-1", file="data/secrets.json", code=3)
    assert (line["code"], line["message"]) == (
        "PATH_REFUSED",
        "data/secrets.json belongs to Clerkwork itself (its settings, secrets or store); "
        "use another file; a step never reads or writes these",
    )


def test_a_queue_that_was_paused_by_failures_says_so_and_goes_on_when_resumed(office: Office) -> None:
    office.write(
        "workflows/writer.yaml", WRITER.replace("attempts: 1}", "attempts: 1}, stop_after: 1 failures in a row")
    )
    mark = office.write("~$ledger.xlsx", b"\x03Ann")
    answer = office("run", "writer", "--item", "number=R-1", "--json")
    (first,) = answer.lines
    assert (answer.code, first["code"]) == (1, "SPREADSHEET_LOCKED")
    assert "queue.paused" in answer.err
    second = office.run("writer", number="R-2", code=3)
    assert (second["outcome"], second["code"], second["message"]) == (
        "waiting",
        "QUEUE_PAUSED",
        "the queue is paused: 1 failures in a row; `queue resume writer` lets it go on",
    )
    mark.unlink()
    assert office("queue", "resume", "writer").code == 0
    assert office.run("writer", number="R-2", code=0)["item"] == second["item"]
    assert office.retry(first["item"])["outcome"] == "done"
    assert sorted(row["number"] for row in office.ledger()) == ["R-1", "R-2"]
