"""Scans are turned straight and read; a poor one never passes for sure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from bots.documents.ocr.deskew import skew_of
from bots.documents.reader import read_document
from tests.documents.paper import ENGLISH, GERMAN, draw, scan

pytest.importorskip("pytesseract")


def test_a_scan_askew_is_read_with_boxes_on_the_paper(tmp_path: Path) -> None:
    document = read_document(scan(draw(tmp_path / "a.pdf", GERMAN), tmp_path / "scan.pdf", skew=1.3))
    assert document.value("number") == "RE-20417"
    assert document.value("issue_date") == date(2026, 3, 14)
    assert document.value("total") == Decimal("1558.90")
    assert document.fields["total"].source == "ocr"
    digital = read_document(tmp_path / "a.pdf").fields["total"].box
    found = document.fields["total"].box
    assert digital is not None
    assert found is not None
    # The scan was turned about the middle of the page, so the place has moved by a few points.
    assert found[0] == pytest.approx(digital[0], abs=14)
    assert found[1] == pytest.approx(digital[1], abs=14)


def test_a_plain_picture_is_a_document_of_one_page(tmp_path: Path) -> None:
    document = read_document(scan(draw(tmp_path / "a.pdf", ENGLISH), tmp_path / "scan.png", skew=0))
    assert document.pages == 1
    assert document.value("total") == Decimal("372.00")
    assert document.sizes[0] == pytest.approx((595, 842), abs=2)


def test_a_scan_with_wrong_totals_says_so(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", ENGLISH, total="Total due|£392.00")
    document = read_document(scan(path, tmp_path / "scan.pdf"))
    assert "TOTALS_DISAGREE" in [problem.code for problem in document.problems]
    assert document.confidence < 0.9


def test_a_hardly_legible_scan_never_passes_unseen(tmp_path: Path) -> None:
    path = scan(draw(tmp_path / "a.pdf", ENGLISH), tmp_path / "scan.pdf", dpi=75, noise=60)
    document = read_document(path)
    assert document.confidence < 0.9
    assert document.problems


def test_ocr_can_be_turned_off(tmp_path: Path) -> None:
    document = read_document(scan(draw(tmp_path / "a.pdf", ENGLISH), tmp_path / "scan.pdf"), ocr="never")
    assert [problem.message for problem in document.problems] == [
        "scan.pdf has no text that can be read; read it with OCR, or enter the values by hand"
    ]


@pytest.mark.parametrize("turned", [-6.0, -2.0, -0.4, 0.0, 0.7, 1.8, 5.0])
def test_the_skew_is_found_to_a_fifth_of_a_degree(tmp_path: Path, turned: float) -> None:
    from PIL import Image

    with Image.open(scan(draw(tmp_path / "a.pdf", ENGLISH), tmp_path / "a.png", skew=turned)) as image:
        assert skew_of(image) == pytest.approx(-turned, abs=0.2)
