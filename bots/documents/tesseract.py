"""Tesseract behind the OCR port: light, at home in the accents of its language packs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bots.documents.ocr import LONGEST, OcrTimeout
from bots.documents.page import Word

DPI = 300  # what Tesseract's models were made for
SURE_ENOUGH = 0.2  # words below this confidence are specks and rules
_WANTED = ("eng", "deu", "fra", "spa", "ita", "nld", "por", "pol")
_STROKES = frozenset("|[]{}_~—=\\\"'`“”‘’")


@dataclass(frozen=True)
class Tesseract:
    """Tesseract with the language packs that are installed. `layout` is its page segmentation mode."""

    languages: tuple[str, ...]
    layout: int = 3
    name: str = "tesseract"
    resolution: tuple[float, float] = (DPI, DPI)

    @property
    def version(self) -> str:
        import pytesseract

        return f"{pytesseract.get_tesseract_version()}/{'+'.join(self.languages)}/{self.layout}"

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
