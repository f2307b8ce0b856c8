"""Pictures of pages to words: the port for OCR engines, and Tesseract behind it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from bots.documents.page import Word
from bots.documents.pdf_file import refuse

LONGEST = 60  # seconds for one page
DPI = 300  # what Tesseract's models were made for
_WANTED = ("eng", "deu", "fra", "spa", "ita", "nld", "por", "pol")
_STROKES = frozenset("|[]{}_~—=\\\"'`“”‘’")
SURE_ENOUGH = 0.2  # words below this confidence are specks and rules


class OcrTimeout(Exception):
    """The engine did not finish a page: noise over the whole page is read as thousands of letters."""


class OcrEngine(Protocol):
    """Reads words from a picture, grey and straight. Raises OcrTimeout where a page takes too long."""

    @property
    def name(self) -> str:
        """What `ocr:` calls it."""

    def words(self, image: Any) -> list[Word]:
        """The words with their boxes in pixels and their confidence, 0..1."""


@dataclass(frozen=True)
class Tesseract:
    """Tesseract with the language packs that are installed. `layout` is its page segmentation mode."""

    languages: tuple[str, ...]
    layout: int = 3
    name: str = "tesseract"

    def words(self, image: Any) -> list[Word]:
        import pytesseract

        try:
            found = pytesseract.image_to_data(
                image,
                lang="+".join(self.languages),
                config=f"--psm {self.layout} --dpi {DPI}",
                output_type=pytesseract.Output.DICT,
                timeout=LONGEST,
            )
        except RuntimeError as error:  # what pytesseract raises when the time is over
            raise OcrTimeout(f"Tesseract did not finish a page within {LONGEST} seconds") from error
        return list(_words(found))


def _words(found: dict[str, list[Any]]) -> Iterator[Word]:
    columns = (found[name] for name in ("text", "conf", "left", "top", "width", "height"))
    for printed, confidence, left, top, width, height in zip(*columns, strict=True):
        sure = float(confidence) / 100
        text = printed.strip().strip("|")  # the rules of tables are read as strokes
        if not set(text) <= _STROKES and sure >= SURE_ENOUGH:
            yield Word(text, (left, top, left + width, top + height), min(sure, 1.0))


@lru_cache(maxsize=1)
def installed_languages() -> tuple[str, ...]:
    """The language packs of Tesseract among those we know; empty where Tesseract itself is missing."""
    import pytesseract

    # One thread a page: pages run side by side, and Tesseract's own threads only wait for each other.
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")
    try:
        there = set(pytesseract.get_languages(config=""))
    except pytesseract.TesseractNotFoundError:
        return ()
    return tuple(language for language in _WANTED if language in there)


def engine_for(choice: str, *, second: bool = False) -> OcrEngine:
    """The engine that an `ocr:` setting names; `second` reads the page as one block, which finds other words.

    Raises Unreadable, saying what to install, where the engine is missing.
    """
    if choice == "rapidocr":
        raise refuse(
            "OCR_UNAVAILABLE",
            "The OCR engine rapidocr is not installed; install the package rapidocr, or set ocr: tesseract",
        )
    languages = installed_languages()
    if not languages:
        raise refuse(
            "OCR_UNAVAILABLE",
            "This page is a picture and Tesseract is not installed; install tesseract-ocr, tesseract-ocr-eng "
            "and tesseract-ocr-deu",
        )
    return Tesseract(languages, layout=6 if second else 3)
