"""Some pages of a file as a file of their own: the parts of a stack. Runs in the reading child."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bots.documents.pages.limits import Limits
from bots.documents.pages.pdf_file import kind_of, refuse

_ID = re.compile(rb"/ID\[<[0-9A-F]{32}><[0-9A-F]{32}>\]")


def part_of(path: Path, numbers: Sequence[int], limits: Limits) -> bytes:
    """A PDF of these pages (numbers from 1) of a PDF or a picture. The same pages give the same bytes.

    Raises Unreadable for a file that cannot be opened.
    """
    buffer = io.BytesIO()
    if kind_of(path) == "pdf":
        _copy_pages(path, numbers, buffer)
    else:
        _copy_pictures(path, numbers, buffer, limits)
    return _steady(buffer.getvalue(), path, numbers)


def _copy_pages(path: Path, numbers: Sequence[int], target: io.BytesIO) -> None:
    import pypdfium2 as pdfium

    try:
        with pdfium.PdfDocument(path) as stack:
            part = pdfium.PdfDocument.new()
            part.import_pages(stack, [number - 1 for number in numbers])
            part.save(target)
            part.close()
    except pdfium.PdfiumError as error:
        listed = ", ".join(map(str, numbers))
        raise refuse(
            "CORRUPT_FILE",
            f"Page {listed} of {path.name} cannot be copied; print the file into a new PDF and split that",
        ) from error


def _copy_pictures(path: Path, numbers: Sequence[int], target: io.BytesIO, limits: Limits) -> None:
    from bots.documents.pages.raster import picture_pages

    found = [picture for number in numbers for picture in picture_pages(path, range(number, number + 1), limits)]
    images: list[Any] = [image for _, image, _ in found]
    images[0].save(
        target, "PDF", save_all=True, append_images=images[1:], resolution=found[0][2], creationDate=None, modDate=None
    )


def _steady(content: bytes, path: Path, numbers: Sequence[int]) -> bytes:
    """The file with an identifier made of what it holds, in place of one made of the time."""
    with path.open("rb") as file:
        stack = hashlib.file_digest(file, "sha256").hexdigest()
    digest = hashlib.sha256(f"{stack}/{','.join(map(str, numbers))}".encode()).hexdigest()[:32].upper().encode()
    return _ID.sub(b"/ID[<" + digest + b"><" + digest + b">]", content)
