"""Sorting, splitting and code reading as steps of a workflow, through to one item for each document of a stack."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from fakes.surroundings import FolderSurroundings
from pydantic import ValidationError
from pypdf import PdfReader, PdfWriter
from sqlalchemy import select

from bots.documents.actions import reader_of
from bots.documents.stack_actions import (
    ClassifyDocument,
    ReadCodes,
    SplitDocument,
    classify_document,
    preview_split,
    read_codes,
    split_document,
)
from engine.action import REGISTRY
from engine.errors import BusinessException
from engine.store import tables
from engine.store.database import Database, rows
from engine.work import Engine
from engine.workflows import Library
from tests.documents.code_stamps import barcode_image, page_with, stamp_qr, swiss
from tests.documents.paper import GERMAN, draw, scan
from tests.documents.sheets import SHEETS, draw_sheets
from tests.fakes.context import PlainContext

STACK = (SHEETS["invoice", "en"], SHEETS["delivery_note", "de"], SHEETS["payslip", "fr"])


def test_a_file_is_classified_with_its_language(tmp_path: Path) -> None:
    draw_sheets(tmp_path / "a.pdf", [SHEETS["delivery_note", "de"]])
    with PlainContext(tmp_path) as context:
        found = classify_document(ClassifyDocument(file="a.pdf"), context)
    assert (found.type, found.language, found.pages) == ("delivery_note", "de", 1)
    assert found.confidence > Decimal("0.8")
    assert next(iter(found.shares)) == "delivery_note"


def test_a_stack_becomes_files_that_say_why_they_are_apart(tmp_path: Path) -> None:
    draw_sheets(tmp_path / "scan.pdf", STACK)
    with PlainContext(tmp_path) as context:
        found = split_document(SplitDocument(file="scan.pdf", to="parts"), context)
    assert [part.file.name for part in found.parts] == ["scan-01.pdf", "scan-02.pdf", "scan-03.pdf"]
    assert [(part.first, part.last, part.type) for part in found.parts] == [
        (1, 1, "invoice"),
        (2, 2, "delivery_note"),
        (3, 3, "payslip"),
    ]
    assert (found.pages, found.left_out, found.problems) == (3, [], [])
    for part, word in zip(found.parts, ("2026-118", "L-882", "Matricule"), strict=True):
        (page,) = PdfReader(part.file.path).pages
        assert word in page.extract_text()


def test_splitting_again_leaves_the_same_files(tmp_path: Path) -> None:
    draw_sheets(tmp_path / "scan.pdf", STACK)
    step = SplitDocument(file="scan.pdf", to="parts")
    with PlainContext(tmp_path) as context:
        first = split_document(step, context)
        assert preview_split(step, context).changes["scan-02.pdf"] == ("replaced", "pages 2 to 2")
        assert split_document(step, context) == first


def test_a_scanned_stack_is_parted_by_its_bar_code_sheets(tmp_path: Path) -> None:
    sheet = page_with((barcode_image("Code128", "NEXT-DOCUMENT", 4), 300, 500))
    letter = page_with((barcode_image("EAN13", "4006381333931"), 800, 100))
    for index in range(40):  # a letter's lines, as dark as print
        letter.paste(40, (120, 300 + 30 * index, 900, 310 + 30 * index))
    sheet.save(tmp_path / "scan.pdf", save_all=True, append_images=[letter, sheet, letter, letter], resolution=150)
    step = SplitDocument(file="scan.pdf", to="parts", by="barcode", code="^NEXT-", ocr="tesseract")
    with PlainContext(tmp_path, seconds=240) as context:
        found = split_document(step, context)
    assert [part.pages for part in found.parts] in ([[2], [4, 5]], [[2], [4]])
    assert set(found.left_out) >= {1, 3}


def test_a_picture_with_several_pages_is_split_into_pdfs(tmp_path: Path) -> None:
    pages = [page_with((barcode_image("QRCode", f"page {number}", 8), 300, 300)) for number in (1, 2)]
    pages[0].save(tmp_path / "scan.tif", save_all=True, append_images=pages[1:], dpi=(150, 150))
    with PlainContext(tmp_path, seconds=240) as context:
        found = split_document(SplitDocument(file="scan.tif", to="parts", by="pages", ocr="tesseract"), context)
        again = read_codes(ReadCodes(file="parts/scan-02.pdf"), context)
    assert [part.file.name for part in found.parts] == ["scan-01.pdf", "scan-02.pdf"]
    assert [code.text for code in again.codes] == ["page 2"]


def test_the_pages_of_a_part_are_not_read_a_second_time(tmp_path: Path) -> None:
    scan(draw(tmp_path / "a.pdf", GERMAN), tmp_path / "b.pdf", dpi=150)
    step = SplitDocument(file="b.pdf", to="parts", by="pages", ocr="tesseract")
    with PlainContext(tmp_path, seconds=240) as context:
        (part,) = split_document(step, context).parts
        reader = reader_of(context)
        asked = replace(reader.source.request(Path(part.file.path), "tesseract", einvoice=True), first=1)
        assert reader.source.cache is not None
        assert asked.content is not None
        kept = reader.source.cache.find(asked, asked.content)
    assert kept is not None
    assert (kept.count, [page.number for page in kept.pages]) == (1, [1])
    assert "Nordpapier" in " ".join(word.text for word in kept.pages[0].words)


def test_codes_are_read_and_a_payment_is_taken_apart(tmp_path: Path) -> None:
    stamp_qr(draw(tmp_path / "a.pdf", GERMAN), swiss())
    with PlainContext(tmp_path) as context:
        found = read_codes(ReadCodes(file="a.pdf"), context)
    assert [(code.page, code.kind) for code in found.codes] == [(1, "qr")]
    assert found.payment is not None
    assert found.payment["iban"] == "CH4431999123000889012"
    assert (found.payment["amount"], found.payment["due_date"]) == (Decimal("1949.75"), date(2020, 6, 14))
    assert found.payment["problems"] == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"by": "document", "every": 2}, "every: 2 is only for by: pages; leave it out"),
        ({"by": "blank", "code": "X"}, "code is only for by: barcode or by: document; leave it out"),
        ({"by": "barcode", "code": "X("}, "code 'X\\(' is no regular expression"),
    ],
)
def test_options_that_do_not_fit_are_told(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        SplitDocument.model_validate({"file": "a.pdf", "to": "parts", **options})


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [("a.pdf", b"%PDF-1.4 broken", "CORRUPT_FILE"), ("a.xml", b"<?xml version='1.0'?><a/>", "NO_PAGES")],
)
def test_a_file_that_cannot_be_split_is_an_exception_of_the_business(
    name: str, content: bytes, code: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    with PlainContext(tmp_path) as context, pytest.raises(BusinessException) as caught:
        split_document(SplitDocument(file=name, to="parts"), context)
    assert caught.value.code == code


def test_a_stack_of_blank_pages_is_told(tmp_path: Path) -> None:
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    writer.write(tmp_path / "a.pdf")
    with PlainContext(tmp_path, seconds=240) as context, pytest.raises(BusinessException) as caught:
        split_document(SplitDocument(file="a.pdf", to="parts", ocr="tesseract"), context)
    assert caught.value.code == "NO_PAGES"
    assert "a.pdf has only blank pages" in str(caught.value)


def test_a_workflow_adds_one_item_for_each_document_of_a_stack(tmp_path: Path) -> None:
    (tmp_path / "post.yaml").write_text(
        """
workflow: post
inputs: {stack: file}
steps:
  - name: Split the stack
    document.split: {file: "${{ item.stack }}", to: parts}
    as: stack
    review: {when: "${{ len(stack.problems) > 0 }}", assign: post-room}
  - for_each: ${{ stack.parts }}
    each: part
    queue.add: {workflow: letter, items: [{letter: "${{ part.file }}", type: "${{ part.type }}"}]}
outputs: {documents: "${{ stack.count }}"}
"""
    )
    (tmp_path / "letter.yaml").write_text(
        """
workflow: letter
inputs: {letter: file, type: text}
queue: {key: "${{ sha256(item.letter) }}"}
steps:
  - document.classify: {file: "${{ item.letter }}"}
    as: kind
outputs: {type: "${{ kind.type }}", expected: "${{ item.type }}", name: "${{ item.letter.name }}"}
"""
    )
    database = Database(f"sqlite:///{tmp_path}/clerkwork.sqlite")
    database.migrate()
    library = Library([tmp_path / "post.yaml", tmp_path / "letter.yaml"], REGISTRY)
    stack = draw_sheets(tmp_path / "scan.pdf", STACK)
    engine = Engine(database, FolderSurroundings(tmp_path), REGISTRY, library)
    try:
        item = engine.add(engine.new_item(library.get("post"), {"stack": str(stack)}))[0]
        while engine.work_one():
            pass
    finally:
        engine.close()
    report = engine.report(item)
    assert (report.outcome, report.message, report.outputs) == ("done", None, {"documents": 3})
    with database.read() as transaction:
        letters = rows(transaction, select(tables.items.c.id).where(tables.items.c.parent == item))
    outputs = [engine.report(letter["id"]).outputs for letter in letters]
    assert sorted(outputs, key=lambda output: str(output["name"])) == [
        {"type": kind, "expected": kind, "name": f"scan-0{number}.pdf"}
        for number, kind in enumerate(("invoice", "delivery_note", "payslip"), start=1)
    ]
