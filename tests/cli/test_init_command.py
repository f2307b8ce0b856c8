"""`init`: a project that works at once, and never over what is there."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
from cli_office import Office


def test_a_new_project_checks_and_runs_without_any_service(office: Office, tmp_path: Path) -> None:
    root = tmp_path / "bots"
    answer = office("init", str(root), "--json")
    assert answer.code == 0
    assert answer.lines[0]["files"] == [
        ".gitignore",
        "README.md",
        "config/connections.yaml",
        "config/settings.yaml",
        "inbox/",
        "samples/invoice.pdf",
        "workflows/hello.test.yaml",
        "workflows/hello.yaml",
        "workflows/schema.json",
        "workflows/test.schema.json",
    ]
    new = Office(root, office._capsys, office._patch)
    checked = new("check")
    assert (checked.code, checked.out) == (0, "2 files, 0 errors, 0 warnings\n")
    assert new("test").code == 0
    assert new("run", "workflows/hello.yaml", "--dry-run").code == 0
    assert not (root / "ledger.xlsx").exists()
    (line,) = new("run", "workflows/hello.yaml", "--json").lines
    assert (line["outcome"], line["outputs"]) == ("done", {"number": "RE-2026-0117", "total": "1437.28"})
    sheet = openpyxl.load_workbook(root / "ledger.xlsx")["Invoices"]
    assert [cell.value for cell in sheet[1]][:2] == ["number", "date"]
    assert sheet["A2"].value == "RE-2026-0117"


def test_the_schema_for_editors_is_beside_the_workflows(office: Office, tmp_path: Path) -> None:
    office("init", str(tmp_path / "bots"))
    schema = json.loads((tmp_path / "bots" / "workflows" / "schema.json").read_text())
    assert schema["title"] == "Clerkwork workflow"
    assert "spreadsheet.upsert" in json.dumps(schema)


def test_a_folder_with_something_in_it_is_left_alone(office: Office, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    answer = office("init", str(tmp_path / "full"))
    assert (answer.code, answer.err) == (
        2,
        f"clerkwork: {tmp_path / 'full'} is there already and is not an empty folder; name a new or an empty one\n",
    )
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine.txt"]


def test_a_folder_that_cannot_be_made_is_told(office: Office, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    answer = office("init", str(tmp_path / "file" / "below"))
    assert answer.code == 2
    assert answer.err.endswith("cannot be made: Not a directory; choose a folder you can write to\n")
