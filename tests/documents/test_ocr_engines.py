"""What every OCR engine promises, tried on each that is installed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bots.documents.ocr.port import OcrEngine, OcrTimeout, engine_for
from bots.documents.ocr.scan import scanned_page
from bots.documents.pages.page import Page
from bots.documents.pages.pdf_file import Unreadable

DPI = 200
LINES = ("Harbour Books Ltd, Bristol", "Invoice number: INV-2026-0417", "Total due 1,372.00")


@pytest.fixture(params=["tesseract", "rapidocr"])
def engine(request: pytest.FixtureRequest) -> OcrEngine:
    pytest.importorskip({"tesseract": "pytesseract", "rapidocr": "rapidocr"}[request.param])
    return engine_for(request.param)


def paper(lines: tuple[str, ...] = LINES, *, size: int = 11, font: str = "Helvetica") -> Any:
    """A grey picture of a small page, a line every 30 points from 40 points down, from 30 points right."""
    import io

    import pypdfium2 as pdfium
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(300, 200))
    canvas.setFont(font, size)
    for index, line in enumerate(lines):
        canvas.drawString(30, 200 - 40 - 30 * index, line)
    canvas.save()
    with pdfium.PdfDocument(buffer.getvalue()) as pdf:
        page = pdf[0]
        image: Any = page.render(scale=DPI / 72, grayscale=True).to_pil().copy()
        page.close()
    return image


def texts(page: Page) -> list[str]:
    return [" ".join(line.text.split()) for line in page.lines]


def test_words_are_read_where_they_are_printed(engine: OcrEngine) -> None:
    page = scanned_page(1, paper(), DPI, engine)
    assert texts(page) == list(LINES)
    assert (page.width, page.height) == pytest.approx((300, 200), abs=1)
    word = next(word for word in page.words if word.text == "Invoice")
    assert word.box == pytest.approx((31, 61, 64, 72), abs=3)
    assert all(0.5 < word.confidence <= 1 for word in page.words)


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_page_on_its_side_or_head_is_turned_and_its_boxes_are_where_it_lies(engine: OcrEngine, quarters: int) -> None:
    lines = (*LINES, "Thank you for your order of the fourth of March", "Please pay within thirty days of this date")
    lying = paper(lines).rotate(-90 * quarters, expand=True)
    page = scanned_page(1, lying, DPI, engine)
    assert page.quarters == quarters
    assert texts(page) == list(lines)
    assert page.paper == pytest.approx((lying.width * 72 / DPI, lying.height * 72 / DPI), abs=1)
    word = next(word for word in page.words if word.text == "Invoice")
    x0, y0, x1, y1 = 31, 61, 64, 72
    lies = {
        1: (200 - y1, x0, 200 - y0, x1),
        2: (300 - x1, 200 - y1, 300 - x0, 200 - y0),
        3: (y0, 300 - x1, y1, 300 - x0),
    }[quarters]
    assert page.on_paper(word.box) == pytest.approx(lies, abs=3)


def test_an_empty_page_has_no_words(engine: OcrEngine) -> None:
    page = scanned_page(1, paper(()), DPI, engine)
    assert not page.words
    assert not page.unread


@pytest.mark.parametrize("size", [(3, 2), (5000, 4), (4, 5000), (1, 1)])
def test_a_picture_of_any_shape_is_read_within_bounds(engine: OcrEngine, size: tuple[int, int]) -> None:
    from PIL import Image

    assert not scanned_page(1, Image.new("L", size, 255), 300, engine).words


def test_a_page_that_takes_too_long_is_given_up(engine: OcrEngine) -> None:
    hasty = replace(engine, longest=0.001)  # type: ignore[type-var]
    with pytest.raises(OcrTimeout, match="did not finish a page within 0.001 seconds"):
        hasty.read(paper())
    assert scanned_page(1, paper(), DPI, hasty).unread


def test_cuts_of_lines_are_read_each_for_itself(engine: OcrEngine) -> None:
    image = paper(size=12)
    cuts = [image.crop((60, top, 800, top + 60)) for top in (80, 163, 246)]
    read = engine.lines([*cuts, paper(()).crop((0, 0, 200, 60))])
    assert [" ".join(word.text for word in words) for words in read] == [*LINES, ""]
    assert read[1][0].box == pytest.approx((24, 8, 127, 40), abs=9)


def test_an_engine_says_what_its_readings_depend_on(engine: OcrEngine) -> None:
    assert engine.version[0].isdigit()
    assert engine.name in ("tesseract", "rapidocr")


def test_rapidocr_reads_without_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("rapidocr")
    import socket

    from bots.documents.ocr import rapid

    def refuse(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    rapid._model.cache_clear()
    assert texts(scanned_page(1, paper(), DPI, engine_for("rapidocr"))) == list(LINES)


@pytest.mark.parametrize(
    ("missing", "choice", "message"),
    [
        (
            {"rapidocr"},
            "rapidocr",
            "The OCR engine rapidocr is not installed; install the packages rapidocr and onnxruntime, "
            "or set ocr: tesseract",
        ),
        (
            {"rapidocr", "tesseract"},
            "auto",
            "This page is a picture and no OCR engine is there to read it; install the packages rapidocr and "
            "onnxruntime, or tesseract-ocr, tesseract-ocr-eng and tesseract-ocr-deu",
        ),
        (
            {"tesseract"},
            "tesseract",
            "The OCR engine tesseract is not installed; install tesseract-ocr, tesseract-ocr-eng and "
            "tesseract-ocr-deu, or set ocr: rapidocr",
        ),
    ],
)
def test_a_missing_engine_is_named_with_what_to_install(
    missing: set[str], choice: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bots.documents.ocr import port, tesseract

    if "rapidocr" in missing:
        monkeypatch.setattr(port, "find_spec", lambda name: None)
    if "tesseract" in missing:
        monkeypatch.setattr(tesseract, "installed_languages", tuple)
    with pytest.raises(Unreadable) as refused:
        engine_for(choice)
    assert refused.value.problem.code == "OCR_UNAVAILABLE"
    assert refused.value.problem.message == message


def test_auto_makes_do_with_tesseract(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("pytesseract")
    from bots.documents.ocr import port

    monkeypatch.setattr(port, "find_spec", lambda name: None)
    assert engine_for("auto").name == "tesseract"


SPACED = (
    "Tel: 07-8263254 Fax: 07-8266888",
    "GERBANG ALAF SDN. BHD. (65351-M)",
    "NO. 12, JALAN 3/5, TAMAN JAYA",
    "Total: 1,234.50 EUR 20.07.2026",
)


@pytest.mark.parametrize("font", ["Helvetica", "Times-Roman", "Courier", "Helvetica-Bold"])
def test_rapidocr_words_are_parted_as_they_are_printed(font: str) -> None:
    pytest.importorskip("rapidocr")
    page = scanned_page(1, paper(SPACED, font=font, size=10), DPI, engine_for("rapidocr"))
    # A typewriter's l and 1 are alike; this is about what stands between the words.
    assert [text.replace("1", "l") for text in texts(page)] == [text.replace("1", "l") for text in SPACED]


def test_columns_of_one_line_are_cells_of_their_own() -> None:
    pytest.importorskip("rapidocr")
    page = scanned_page(1, paper(("Copy paper      20     8.50    170.00",)), DPI, engine_for("rapidocr"))
    assert [cell.text for cell in page.lines[0].cells] == ["Copy paper", "20", "8.50", "170.00"]
