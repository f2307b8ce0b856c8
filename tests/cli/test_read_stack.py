"""`read --split`: a stack is an object for each of its documents."""

from __future__ import annotations

from pathlib import Path

from cli_office import Office

from tests.documents.sheets import SHEETS, draw_sheets

SHORT = SHEETS["invoice", "en"]
OTHER = SHEETS["invoice", "de"]


def test_a_stack_is_an_object_for_each_document(office: Office, tmp_path: Path) -> None:
    pages = [SHORT + "|Page 1 of 2", "Annex to the invoice|Harbour Books Ltd|Page 2 of 2", OTHER]
    stack = draw_sheets(tmp_path / "scan.pdf", pages)
    answer = office("read", str(stack), "--split", "--json")
    assert answer.code == 0
    assert [(line["page_range"], line["pages"], line["type"]) for line in answer.lines] == [
        ([1, 2], 2, "invoice"),
        ([3, 3], 1, "invoice"),
    ]
    assert [line["fields"]["number"]["value"] for line in answer.lines] == ["2026-118", "4711"]
    assert [line["fields"]["number"]["page"] for line in answer.lines] == [1, 3]
    assert answer.lines[1]["part_confidence"] > 0.8


def test_a_doubtful_document_says_so(office: Office, tmp_path: Path) -> None:
    stack = draw_sheets(
        tmp_path / "scan.pdf", [SHORT, "Annex|Northwind Paper Ltd|Copy paper > 20 > 8.50 > 170.00", OTHER]
    )
    lines = office("read", str(stack), "--split", "--json").lines
    doubted = [line for line in lines if line["part_confidence"] < 0.85]
    assert doubted
    for line in doubted:
        assert line["problems"][-1]["code"] == "DOUBTFUL_BOUNDARY"
        assert line["confidence"] < 0.85


def test_one_document_and_a_broken_file_are_objects_all_the_same(office: Office, tmp_path: Path) -> None:
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
    single = draw_sheets(tmp_path / "one.pdf", [SHORT])
    one, broken = office("read", str(single), str(tmp_path / "broken.pdf"), "--split", "--json").lines
    assert (one["page_range"], one["fields"]["number"]["value"]) == ([1, 1], "2026-118")
    assert broken["problems"][0]["code"] == "CORRUPT_FILE"
