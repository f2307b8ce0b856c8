"""What splitting and sorting ask of a file beyond its words: all its codes, and some of its pages as a file."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from bots.documents.opening.load import OcrChoice
from bots.documents.opening.page_source import PageSource
from bots.documents.opening.stretch import STRETCH, Stretch
from bots.documents.pages.codec import from_plain
from bots.documents.pages.page import Code, Page
from bots.documents.pages.pdf_file import Unreadable, refuse


def codes_in(source: PageSource, path: Path) -> dict[int, list[Code]]:
    """All bar codes of a file by page number, read by a child. Raises Unreadable."""
    found: dict[int, list[Code]] = {}
    with source.children.one() as child:
        for _, value in child.ask({"ask": "codes", "path": str(path.absolute())}, path.name):
            try:
                number, codes = from_plain(tuple[int, list[Code]], value)
            except (ValueError, TypeError) as error:
                raise _nonsense(path) from error
            found[number] = codes
    return found


def parts_of(source: PageSource, path: Path, groups: Sequence[Sequence[int]]) -> Iterator[bytes]:
    """A PDF for each group of page numbers, in their order, made by a child. Raises Unreadable."""
    asked = {"ask": "parts", "path": str(path.absolute()), "groups": [list(group) for group in groups]}
    with source.children.one() as child:
        for _, value in child.ask(asked, path.name):
            try:
                yield base64.b64decode(value, validate=True)
            except (binascii.Error, ValueError, TypeError) as error:
                raise _nonsense(path) from error


def remember(source: PageSource, path: Path, ocr: OcrChoice, pages: Sequence[Page]) -> None:
    """Keep the pages of a part as what reading its own file would give, so that OCR is paid for only once."""
    if source.cache is None or source.share != 1 or len(pages) > STRETCH:
        return
    counted = [replace(page, number=number, lines=[]) for number, page in enumerate(pages, start=1)]
    stretch = Stretch(count=len(counted), pages=counted)
    for einvoice in (False, True):  # a part that was made here holds none
        asked = replace(source.request(path, ocr, einvoice=einvoice), first=1, last=STRETCH)
        if asked.content is not None:
            source.cache.keep(asked, asked.content, stretch)


def _nonsense(path: Path) -> Unreadable:
    return refuse("READER_FAULT", f"{path.name} made the reader answer nonsense; split it by hand")
