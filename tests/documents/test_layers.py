"""A text layer is believed only where it is what a person sees on the page."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bots.documents.opening.load import load_pages
from bots.documents.pages.layer import better, garbled, judged
from bots.documents.pages.page import Page, Word
from bots.documents.pages.pdf_text import text_layers
from bots.documents.reader import read_document
from tests.documents.paper import ENGLISH, draw, scan

LINES = ("Harbour Books Ltd", "Invoice number INV-2026-0417", "Total due 372.00 GBP")


def layer_of(path: Path) -> Page:
    page = next(iter(text_layers(path, range(1, 2))))
    assert page is not None
    return page


def canvas(path: Path) -> Any:
    from reportlab.pdfgen.canvas import Canvas

    page = Canvas(str(path), pagesize=(300, 200))
    page.setFont("Helvetica", 11)
    return page


def picture(lines: tuple[str, ...] = ()) -> Any:
    """A page as a picture, to be laid over a whole PDF page."""
    import pypdfium2 as pdfium
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    page = Canvas(buffer, pagesize=(300, 200))
    page.setFont("Helvetica", 11)
    for index, line in enumerate(lines):
        page.drawString(30, 160 - 30 * index, line)
    page.save()
    with pdfium.PdfDocument(buffer.getvalue()) as pdf:
        return ImageReader(pdf[0].render(scale=200 / 72, grayscale=True).to_pil())


@pytest.mark.parametrize("how", ["white", "invisible", "covered"])
def test_words_that_cannot_be_seen_are_no_words_of_the_page(tmp_path: Path, how: str) -> None:
    page = canvas(tmp_path / "a.pdf")
    for index, line in enumerate(LINES):
        page.drawString(30, 160 - 30 * index, line)
    text = page.beginText(30, 40)
    if how == "white":
        text.setFillGray(1)
    if how == "invisible":
        text.setTextRenderMode(3)
    text.textLine("Total 9,999.00")
    page.drawText(text)
    if how == "covered":
        page.setFillGray(1)
        page.rect(20, 30, 200, 25, stroke=0, fill=1)
    page.save()
    seen = judged(tmp_path / "a.pdf", layer_of(tmp_path / "a.pdf"))
    assert seen is not None
    assert seen.unseen == "Total 9,999.00"
    assert [line.text for line in seen.lines] == list(LINES)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("crop", [None, (20, 30, 290, 190)])
def test_cropped_and_rotated_pages_are_seen_where_they_lie(
    tmp_path: Path, rotation: int, crop: tuple[int, int, int, int] | None
) -> None:
    import pypdf
    from pypdf.generic import RectangleObject

    page = canvas(tmp_path / "a.pdf")
    if rotation % 180:
        page.setPageSize((200, 300))
    # What is shown upright once the page is turned.
    page.translate(*{0: (0, 0), 90: (200, 0), 180: (300, 200), 270: (0, 300)}[rotation])
    page.rotate(rotation)
    page.setFont("Helvetica", 11)
    for index, line in enumerate(LINES):
        page.drawString(50, 150 - 30 * index, line)
    page.save()
    writer = pypdf.PdfWriter(clone_from=tmp_path / "a.pdf")
    writer.pages[0].rotate(rotation)
    if crop:
        writer.pages[0].cropbox = RectangleObject((15, 10, 192, 286) if rotation % 180 else crop)
    writer.write(tmp_path / "b.pdf")
    layer = layer_of(tmp_path / "b.pdf")
    assert len(layer.words) == 10
    seen = judged(tmp_path / "b.pdf", layer)
    assert seen is not None
    assert seen.unseen == ""


def test_hidden_figures_are_a_problem_and_never_a_value(tmp_path: Path) -> None:
    from reportlab.pdfgen.canvas import Canvas

    draw(tmp_path / "a.pdf", ENGLISH)
    import pypdf

    hidden = Canvas(str(tmp_path / "b.pdf"), pagesize=(595, 842))
    hidden.setFillGray(1)
    hidden.drawString(350, 300, "Total due")
    hidden.drawRightString(540, 300, "9,999.00")
    hidden.save()
    writer = pypdf.PdfWriter(clone_from=tmp_path / "a.pdf")
    writer.pages[0].merge_page(pypdf.PdfReader(tmp_path / "b.pdf").pages[0])
    writer.write(tmp_path / "c.pdf")
    document = read_document(tmp_path / "c.pdf")
    assert document.value("total") == Decimal("372.00")
    assert [problem.message for problem in document.problems if problem.code == "HIDDEN_TEXT"] == [
        "Page 1 holds figures that cannot be seen on it (Total due 9,999.00); they were not used: "
        "ask the sender what they are for"
    ]


def test_what_a_scanner_read_is_not_taken_for_the_page(tmp_path: Path) -> None:
    page = canvas(tmp_path / "a.pdf")
    page.drawImage(picture(LINES), 0, 0, 300, 200)
    text = page.beginText(30, 160)
    text.setTextRenderMode(3)
    for line in ("Harbour Boaks Lfd", "lnvoice nurnber lNV-2O26-O4l7", "Tota1 due 872.00 GBP"):
        text.textLine(line)
    page.drawText(text)
    page.save()
    assert judged(tmp_path / "a.pdf", layer_of(tmp_path / "a.pdf")) is None
    read = load_pages(tmp_path / "a.pdf", "auto")[0]
    assert "372.00" in [word.text for word in read.words]
    assert read.source == "ocr"


def test_text_upon_a_letterhead_that_is_a_picture_is_digital(tmp_path: Path) -> None:
    page = canvas(tmp_path / "a.pdf")
    page.drawImage(picture(), 0, 0, 300, 200)
    for index, line in enumerate(LINES):
        page.drawString(30, 160 - 30 * index, line)
    page.save()
    seen = judged(tmp_path / "a.pdf", layer_of(tmp_path / "a.pdf"))
    assert seen is not None
    assert seen.source == "text"
    assert [line.text for line in seen.lines] == list(LINES)


def test_a_layer_of_nothing_that_is_printed_is_read_from_the_picture(tmp_path: Path) -> None:
    page = canvas(tmp_path / "a.pdf")
    page.drawString(30, 160, "Paid")
    text = page.beginText(30, 100)
    text.setTextRenderMode(3)
    text.textLine("Invoice number 1 of a wholly different page")
    page.drawText(text)
    page.save()
    assert judged(tmp_path / "a.pdf", layer_of(tmp_path / "a.pdf")) is None


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (
            "(cid:49)(cid:36) (cid:37)(cid:3) (cid:41) (cid:82)(cid:85) (cid:80) (cid:3) (cid:51) (cid:37) (cid:16)",
            True,
        ),
        ("\ue001\ue002 \ue003\ue004 \ue005 \ue006 \ue007 \ue008 \ue009 \ue00a", True),
        ("StraÃŸe MÃ¼hle FÃ¤lligkeit GeschÃ¤ft fÃ¼r MÃ¤rz gewÃ¤hrt prÃ¼fen", True),
        ("5HFKQXQJ UHFKW VGDWX PLWJ OLHG JHVDPW EHWUDJ ]KOXQJ QHWWR EUXWWR VWHXHU NXQGH VWUDVVH", True),
        ("Rechnung Nummer Datum Mühle Straße Fälligkeit Betrag netto Mehrwertsteuer gesamt", False),
        ("KWH MWST NR PLZ GMBH 12,50 13,40 14,50 15,60 16,70 17,80 18,90", False),
        ("Faktura sprzedaży Wrocław źródło kwota należność brutto netto krzywd trwały", False),
    ],
)
def test_letters_that_are_not_the_printed_ones_are_told(text: str, wrong: bool) -> None:
    words = [Word(word, (0, 0, 1, 1)) for word in text.split()]
    assert garbled(words) is wrong


def test_a_scanners_layer_makes_doubtful_words_surer_and_stands_in_for_an_unread_page() -> None:
    scanned = Page(1, 100, 100, [Word("Total", (10, 10, 30, 20), 0.7), Word("372.00", (50, 10, 80, 20), 0.8)], "ocr")
    layer = Page(1, 100, 100, [Word("Total", (11, 11, 29, 19)), Word("872.00", (51, 11, 79, 19))], "ocr")
    assert [word.confidence for word in better(scanned, layer).words] == [0.93, 0.8]
    unread = Page(1, 100, 100, [], "ocr", unread=True)
    assert better(unread, layer).words == layer.words
    assert better(scanned, None) is scanned


def test_a_scan_still_reads_as_one(tmp_path: Path) -> None:
    page = load_pages(scan(draw(tmp_path / "a.pdf", ENGLISH), tmp_path / "scan.pdf"), "auto")[0]
    assert page.source == "ocr"
