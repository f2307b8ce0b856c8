"""A file that cannot be read gives one plain problem and never an error."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bots.documents.ocr import port
from bots.documents.pages.limits import Limits
from bots.documents.pages.pdf_file import Unreadable
from bots.documents.reader import Reader, read_document
from tests.documents.paper import ENGLISH, draw


def missing(folder: Path) -> Path:
    return folder / "a.pdf"


def empty(folder: Path) -> Path:
    (folder / "a.pdf").touch()
    return folder / "a.pdf"


def text_named_pdf(folder: Path) -> Path:
    (folder / "a.pdf").write_text("Dear Sir or Madam, please find attached our invoice.")
    return folder / "a.pdf"


def truncated(folder: Path) -> Path:
    path = draw(folder / "a.pdf", ENGLISH)
    path.write_bytes(path.read_bytes()[:600])
    return path


def noise(folder: Path) -> Path:
    (folder / "a.pdf").write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 20)
    return folder / "a.pdf"


def password(folder: Path) -> Path:
    from pypdf import PdfWriter

    writer = PdfWriter(clone_from=draw(folder / "plain.pdf", ENGLISH))
    writer.encrypt("secret", algorithm="AES-256")
    writer.write(folder / "a.pdf")
    return folder / "a.pdf"


def white_page(folder: Path) -> Path:
    from PIL import Image

    Image.new("L", (1240, 1754), 255).save(folder / "a.pdf", "PDF", resolution=150)
    return folder / "a.pdf"


def broken_picture(folder: Path) -> Path:
    (folder / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"not a picture" * 9)
    return folder / "a.png"


def spreadsheet(folder: Path) -> Path:
    (folder / "a.xlsx").write_bytes(b"PK\x03\x04" + b"\x00" * 99)
    return folder / "a.xlsx"


def other_xml(folder: Path) -> Path:
    (folder / "a.xml").write_text("<?xml version='1.0'?><feed><entry>1</entry></feed>")
    return folder / "a.xml"


@pytest.mark.parametrize(
    ("make", "code", "message"),
    [
        (missing, "FILE_MISSING", "There is no file a.pdf; check the path, or whether it was moved"),
        (empty, "EMPTY_FILE", "a.pdf is empty (0 bytes); ask the sender for the file again"),
        (text_named_pdf, "NOT_A_PDF", "a.pdf is named .pdf but is not a PDF; ask the sender for the right file"),
        (truncated, "CORRUPT_FILE", "a.pdf is damaged and cannot be opened as a PDF; ask the sender for the file again"),
        (noise, "CORRUPT_FILE", "a.pdf is damaged and cannot be opened as a PDF; ask the sender for the file again"),
        (password, "PASSWORD_PROTECTED", "a.pdf is protected with a password; ask the sender for a copy without one"),
        (white_page, "NO_TEXT", "a.pdf has no text that can be read; scan it again, darker or straighter, or enter the values by hand"),
        (broken_picture, "CORRUPT_FILE", "a.png is damaged and cannot be opened as a picture; ask the sender for the file again"),
        (spreadsheet, "UNREADABLE", "a.xlsx is neither a PDF, nor an image, nor an e-invoice in XML; convert it to PDF"),
        (other_xml, "UNREADABLE", "a.xml is XML, but no e-invoice in CII or UBL; ask the sender for a PDF or an XRechnung"),
    ],
)  # fmt: skip
def test_a_bad_file_says_what_is_wrong(tmp_path: Path, make: Callable[[Path], Path], code: str, message: str) -> None:
    document = read_document(make(tmp_path))
    assert [(problem.code, problem.message) for problem in document.problems] == [(code, message)]
    assert document.confidence == 0
    assert document.fields == {}


def test_a_pdf_of_too_many_pages_is_refused(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", ENGLISH)
    with Reader(Limits(pages=0)) as reader:
        document = reader.read(path)
    assert [problem.message for problem in document.problems] == [
        "a.pdf has 1 pages; at most 0 are read as one document; split the file"
    ]


def test_a_picture_of_too_many_pixels_is_refused(tmp_path: Path) -> None:
    from PIL import Image

    Image.new("L", (1200, 900), 255).save(tmp_path / "a.png")
    with Reader(Limits(pixels=1_000_000)) as reader:
        document = reader.read(tmp_path / "a.png")
    assert [(problem.code, problem.message) for problem in document.problems] == [
        ("TOO_LARGE", "a.png has 1200 x 900 pixels; at most 1 million are read; scan it coarser")
    ]


def test_an_engine_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(port, "find_spec", lambda name: None)
    with pytest.raises(Unreadable) as caught:
        port.engine_for("rapidocr")
    assert (caught.value.problem.code, caught.value.problem.message) == (
        "OCR_UNAVAILABLE",
        "The OCR engine rapidocr is not installed; install the packages rapidocr and onnxruntime, "
        "or set ocr: tesseract",
    )
