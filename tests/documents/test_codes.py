"""Bar codes and QR codes on pages, drawn or scanned."""

from __future__ import annotations

from pathlib import Path

import numpy
import pytest
from PIL import Image, ImageFilter

from bots.documents.codes.finding import SEARCHED, codes_in_pdf, codes_of, codes_on_page, upright
from bots.documents.pages.page import Code, Page
from tests.documents.code_stamps import barcode_image, epc, page_with, stamp_picture, stamp_qr, swiss
from tests.documents.paper import ENGLISH, GERMAN, draw, scan


@pytest.mark.parametrize(
    ("made", "kind", "text"),
    [
        ("QRCode", "qr", "Größe 12 €"),
        ("Code128", "code128", "DOC-SEPARATOR-01"),
        ("EAN13", "ean13", "4006381333931"),
        ("DataMatrix", "datamatrix", "LOT 4711"),
        ("PDF417", "pdf417", "Parcel 9 of 12"),
        ("Code39", "code39", "PO77120"),
        ("ITF", "itf", "12345678901231"),
    ],
)
def test_a_code_is_read_with_its_kind_and_its_place(made: str, kind: str, text: str) -> None:
    image = barcode_image(made, text)
    (code,) = codes_of(page_with((image, 300, 600)), 150)
    assert (code.kind, code.text) == (kind, text)
    x0, y0, x1, y1 = (edge * 150 / 72 for edge in code.box)
    assert 300 <= x0 < x1 <= 300 + image.width
    assert 600 <= y0 < y1 <= 600 + image.height


def test_several_codes_come_from_top_to_bottom() -> None:
    page = page_with((barcode_image("Code128", "second-one"), 100, 900), (barcode_image("QRCode", "first"), 600, 100))
    assert [code.text for code in codes_of(page, 150)] == ["first", "second-one"]


def test_only_qr_codes_are_looked_for_where_only_they_are_wanted() -> None:
    page = page_with((barcode_image("Code128", "a-bar-code"), 100, 900), (barcode_image("QRCode", "a qr"), 600, 100))
    assert [code.text for code in codes_of(page, 150, "qr")] == ["a qr"]


@pytest.mark.parametrize("turn", [0, 90, 180, 270, 4])
def test_a_noisy_scan_that_lies_askew_or_upside_down_is_read(turn: int) -> None:
    page = page_with((barcode_image("QRCode", swiss()), 400, 900), (barcode_image("Code128", "STACK-0042"), 200, 200))
    grey = page.rotate(turn, expand=True, fillcolor=255).filter(ImageFilter.GaussianBlur(0.7))
    grain = numpy.random.default_rng(3).normal(0, 14, (grey.height, grey.width))
    noisy = Image.fromarray(numpy.clip(numpy.asarray(grey, dtype=float) * 0.85 + 20 + grain, 0, 255).astype("uint8"))
    assert {code.text for code in codes_of(noisy, 150)} == {swiss(), "STACK-0042"}


def test_print_and_rulings_are_no_codes(tmp_path: Path) -> None:
    assert codes_in_pdf(draw(tmp_path / "a.pdf", ENGLISH)) == {1: []}


def test_a_qr_code_drawn_as_lines_is_read_in_a_pdf_and_in_its_scan(tmp_path: Path) -> None:
    digital = stamp_qr(draw(tmp_path / "a.pdf", GERMAN), epc())
    scanned = scan(digital, tmp_path / "b.pdf", dpi=150)
    for path in (digital, scanned):
        (code,) = codes_in_pdf(path, wanted="qr")[1]
        assert code.text == epc()
        assert abs(code.box[0] - 190) < 25
        assert abs(code.box[3] - (842 - 40)) < 25


def test_a_code_of_a_page_that_was_turned_lies_where_the_page_shows_it() -> None:
    page = Page(1, 842, 595, [], quarters=1, turned=0.02)
    box = (100.0, 200.0, 160.0, 260.0)
    (code,) = upright([Code("qr", "x", page.on_paper(box))], page)
    assert all(abs(one - other) < 4 for one, other in zip(code.box, box, strict=True))


@pytest.mark.parametrize("drawn", ["lines", "picture", "payment part"])
def test_a_digital_page_is_drawn_only_where_it_can_have_a_code(drawn: str, tmp_path: Path) -> None:
    plain = draw(tmp_path / "a.pdf", ENGLISH)
    assert codes_on_page(plain, 1) == []
    if drawn == "lines":
        stamp_qr(plain, epc())
    else:
        size = (600, 300) if drawn == "payment part" else (330, 330)
        stamp_picture(plain, page_with((barcode_image("QRCode", epc(), 3), 40, 40), size=size), width=size[0] * 0.7)
    assert [code.text for code in codes_on_page(plain, 1)] == [epc()]
    assert codes_on_page(plain, 1)[0].box[3] > 600


def test_payment_codes_are_not_looked_for_on_every_page_of_a_book(tmp_path: Path) -> None:
    assert codes_on_page(tmp_path / "not-even-opened.pdf", SEARCHED + 1) == []
