"""Pictures of pages to words: the port for OCR engines, and the choice among those that are installed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol

from bots.documents.pages.page import Word
from bots.documents.pages.pdf_file import refuse

if TYPE_CHECKING:
    from bots.documents.ocr.rapid import RapidOcr
    from bots.documents.ocr.tesseract import Tesseract

LONGEST = 60  # seconds for one page
DPI = 300  # the finest resolution at which a page is drawn for OCR


_MISSING = {
    "rapidocr": "The OCR engine rapidocr is not installed; install the packages rapidocr and onnxruntime, "
    "or set ocr: tesseract",
    "tesseract": "The OCR engine tesseract is not installed; install tesseract-ocr, tesseract-ocr-eng and "
    "tesseract-ocr-deu, or set ocr: rapidocr",
    "auto": "This page is a picture and no OCR engine is there to read it; install the packages rapidocr and "
    "onnxruntime, or tesseract-ocr, tesseract-ocr-eng and tesseract-ocr-deu",
}


class OcrTimeout(Exception):
    """The engine did not finish a page: noise over the whole page is read as thousands of letters."""


@dataclass(frozen=True)
class Reading:
    """What an engine read: words with their boxes in pixels and their confidence, 0..1.

    Where the page does not stand upright, no words but the quarter turns, counter-clockwise, that bring it there.
    """

    words: list[Word]
    turn: int = 0


class OcrEngine(Protocol):
    """Reads words from a grey Pillow image. Raises OcrTimeout where a page takes too long."""

    @property
    def name(self) -> str:
        """What `ocr:` calls it."""

    @property
    def version(self) -> str:
        """What a reading depends on beside the picture: results of another version are not the same."""

    @property
    def resolution(self) -> tuple[float, float]:
        """The least and the most dots an inch that the engine reads well; pictures are scaled to that."""

    def read(self, image: Any, *, upright: bool = False) -> Reading:
        """Read a page; with `upright` it is known to stand that way up."""

    def lines(self, cuts: Sequence[Any]) -> list[list[Word]]:
        """Read cuts of a page, each with one line of print or a part of one; boxes in pixels of the cut."""


def engine_for(choice: str, *, second: bool = False) -> OcrEngine:
    """The engine that an `ocr:` setting names; `second` is the other one, for another look at the same page.

    `auto` is RapidOCR, whose doubtful words Tesseract reads again, or the one of them that is installed. Raises
    Unreadable, saying what to install, where the engine is missing.
    """
    rapid = None if choice == "tesseract" else _rapidocr()
    tesseract = None if choice == "rapidocr" else _tesseract(second=second)
    if rapid and tesseract:
        from bots.documents.ocr.second_look import SecondLook

        return tesseract if second else SecondLook(rapid, replace(tesseract, layout=6))
    engine = rapid or tesseract
    if engine is None:
        raise refuse("OCR_UNAVAILABLE", _MISSING.get(choice, _MISSING["auto"]))
    return engine


def _rapidocr() -> RapidOcr | None:
    if find_spec("rapidocr") is None or find_spec("onnxruntime") is None:
        return None
    from bots.documents.ocr.rapid import RapidOcr

    return RapidOcr()


def _tesseract(*, second: bool) -> Tesseract | None:
    from bots.documents.ocr.tesseract import Tesseract, installed_languages

    languages = installed_languages()
    return Tesseract(languages, layout=6 if second else 3) if languages else None
