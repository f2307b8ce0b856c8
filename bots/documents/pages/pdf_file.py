"""Opens a file of unknown origin and says plainly what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from bots.documents.document import DocumentProblem

FileKind: TypeAlias = Literal["pdf", "image", "xml"]
MOST_BYTES = 100 * 1024 * 1024
_IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*", b"BM", b"GIF8", b"RIFF")


@dataclass
class Unreadable(Exception):
    """The file gives nothing to read; carries the problem that says why."""

    problem: DocumentProblem


def refuse(code: str, message: str) -> Unreadable:
    """The error for a file that cannot be read."""
    return Unreadable(DocumentProblem(code, message))


def kind_of(path: Path) -> FileKind:
    """What a file is by its first bytes, whatever its name says. Raises Unreadable."""
    name = path.name
    if not path.is_file():
        raise refuse("FILE_MISSING", f"There is no file {name}; check the path, or whether it was moved")
    size = path.stat().st_size
    if size == 0:
        raise refuse("EMPTY_FILE", f"{name} is empty (0 bytes); ask the sender for the file again")
    if size > MOST_BYTES:
        raise refuse(
            "TOO_LARGE", f"{name} has {size // 2**20} MB; at most {MOST_BYTES // 2**20} MB are read; split the file"
        )
    with path.open("rb") as file:
        head = file.read(2048)
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(_IMAGES):
        return "image"
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<") and b"<html" not in head.lower():
        return "xml"
    if path.suffix.lower() == ".pdf":
        raise refuse("NOT_A_PDF", f"{name} is named .pdf but is not a PDF; ask the sender for the right file")
    raise refuse("UNREADABLE", f"{name} is neither a PDF, nor an image, nor an e-invoice in XML; convert it to PDF")


def check_pdf(path: Path, most: int) -> int:
    """The number of pages of a PDF. Raises Unreadable for one that is encrypted, broken or longer than `most`."""
    import pypdfium2 as pdfium

    name = path.name
    try:
        pdf = pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise refuse(
                "PASSWORD_PROTECTED", f"{name} is protected with a password; ask the sender for a copy without one"
            ) from error
        raise refuse(
            "CORRUPT_FILE", f"{name} is damaged and cannot be opened as a PDF; ask the sender for the file again"
        ) from error
    try:
        pages = len(pdf)
    finally:
        pdf.close()
    if pages == 0:
        raise refuse("CORRUPT_FILE", f"{name} is a PDF without pages; ask the sender for the file again")
    if pages > most:
        raise refuse("TOO_LARGE", f"{name} has {pages} pages; at most {most} are read as one document; split the file")
    return pages
