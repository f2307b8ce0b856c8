"""Whether a signature or a tick is there; what it says nobody claims to know."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bots.documents.corrections import parsed
from bots.documents.reader import Reader
from bots.documents.schemas import schema_of
from engine.errors import BusinessException
from tests.documents.paper import scan

SIGNED: dict[str, Any] = {"signed": {"type": "mark", "labels": ["Signature", "Unterschrift"]}}
Draw = Callable[[Any], None]


def scrawl(canvas: Any, x: float, y: float) -> None:
    """A signature with a blue pen, x and y from the bottom left corner."""
    canvas.setStrokeColorRGB(0.1, 0.15, 0.5)
    canvas.setLineWidth(1.2)
    path = canvas.beginPath()
    path.moveTo(x, y)
    for step in range(7):
        path.curveTo(x + 14 * step, y + 22, x + 14 * step + 6, y - 12, x + 14 * (step + 1), y + 4)
    canvas.drawPath(path)
    canvas.setStrokeColorRGB(0, 0, 0)


def tick(canvas: Any, x: float, y: float) -> None:
    canvas.setLineWidth(1.3)
    canvas.line(x + 1, y + 5, x + 4, y + 1)
    canvas.line(x + 4, y + 1, x + 12, y + 13)
    canvas.setLineWidth(1)


def page(path: Path, *draws: Draw) -> Path:
    """An agreement with two places to sign, side by side, and two boxes to tick."""
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(path), pagesize=(595, 842))
    canvas.setFont("Helvetica", 10)
    canvas.drawString(60, 760, "Agreement on the delivery of paper")
    canvas.drawString(60, 740, "The signature of both parties is needed before any goods are sent to the customer.")
    for x, label in ((60, "Signature customer"), (340, "Signature supplier")):
        canvas.line(x, 222, x + 180, 222)
        canvas.drawString(x, 208, label)
    for x, label in ((60, "Express delivery"), (340, "Insurance")):
        canvas.rect(x, 300, 10, 10)
        canvas.drawString(x + 16, 301, label)
    for draw in draws:
        draw(canvas)
    canvas.save()
    return path


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as reader:
        yield reader


BOTH: dict[str, Any] = {
    "customer_signed": {"type": "mark", "labels": ["Signature customer"]},
    "supplier_signed": {"type": "mark", "labels": ["Signature supplier"]},
    "express": {"type": "mark", "labels": ["Express delivery"]},
    "insured": {"type": "mark", "labels": ["Insurance"]},
}


def test_each_place_to_sign_is_looked_at_for_itself(reader: Reader, tmp_path: Path) -> None:
    path = page(tmp_path / "a.pdf", lambda canvas: scrawl(canvas, 350, 226), lambda canvas: tick(canvas, 59, 300))
    found = reader.read(path, BOTH).fields
    assert {name: one.value for name, one in found.items()} == {
        "customer_signed": False,
        "supplier_signed": True,
        "express": True,
        "insured": False,
    }
    box = found["supplier_signed"].box
    assert box is not None
    assert 340 < box[0] < 360
    assert 842 - 250 < box[1] < box[3] < 842 - 210
    assert min(one.confidence for one in found.values()) >= 0.7


@pytest.mark.parametrize("signed", [False, True])
def test_a_scan_is_looked_at_in_the_same_way(reader: Reader, signed: bool, tmp_path: Path) -> None:
    draws = [lambda canvas: scrawl(canvas, 350, 226)] if signed else []
    scanned = scan(page(tmp_path / "a.pdf", *draws), tmp_path / "b.pdf", dpi=150, skew=1.2)
    found = reader.read(scanned, BOTH, ocr="tesseract").fields
    assert (found["customer_signed"].value, found["supplier_signed"].value) == (False, signed)


def test_a_printed_name_is_no_signature(reader: Reader, tmp_path: Path) -> None:
    path = page(tmp_path / "a.pdf", lambda canvas: canvas.drawString(345, 226, "Mary Reed"))
    assert reader.read(path, BOTH).fields["supplier_signed"].value is False


def test_a_word_in_a_sentence_is_no_label(reader: Reader, tmp_path: Path) -> None:
    found = reader.read(page(tmp_path / "a.pdf", lambda canvas: scrawl(canvas, 80, 745)), SIGNED).fields
    assert found["signed"].value is False


def test_a_document_without_the_label_has_no_such_field(reader: Reader, tmp_path: Path) -> None:
    definitions = {"signed": {"type": "mark", "labels": ["Handtekening"], "required": True}}
    document = reader.read(page(tmp_path / "a.pdf"), definitions)
    assert document.fields == {}
    assert [(one.code, one.message) for one in document.problems] == [
        ("MISSING_FIELD", "No signed was found; look at the page and enter it")
    ]


def test_a_mark_is_true_or_false_in_json_and_for_a_person(reader: Reader, tmp_path: Path) -> None:
    told = reader.read(page(tmp_path / "a.pdf", lambda canvas: scrawl(canvas, 70, 226)), SIGNED).to_json()
    assert told["fields"]["signed"]["value"] is True
    spec = schema_of(SIGNED)["signed"]
    assert (parsed(spec, "no"), parsed(spec, True)) == (False, True)
    with pytest.raises(BusinessException, match="'perhaps' is no signed; expected yes or no"):
        parsed(spec, "perhaps")
