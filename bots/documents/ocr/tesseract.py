"""Tesseract behind the OCR port: light, at home in the accents of its language packs."""

from __future__ import annotations

import bisect
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from bots.documents.ocr.port import LONGEST, OcrTimeout, Reading
from bots.documents.pages.page import Word

DPI = 300  # what Tesseract's models were made for
SURE_ENOUGH = 0.2  # words below this confidence are specks and rules
POOR = 0.6  # mean confidence of a page's words below which the page may not stand upright
TURN_SURE = 2.0  # Tesseract's own measure of how sure it is of that
LINE = 52  # pixels of a cut's height on the sheet of them: capitals of some 30, as in print at 300 dots an inch
MARGIN = 24  # of white around each
_WANTED = ("eng", "deu", "fra", "spa", "ita", "nld", "por", "pol")
_STROKES = frozenset("|[]{}_~—=\\\"'`“”‘’")


@dataclass(frozen=True)
class Tesseract:
    """Tesseract with the language packs that are installed. `layout` is its page segmentation mode."""

    languages: tuple[str, ...]
    layout: int = 3
    name: str = "tesseract"
    resolution: tuple[float, float] = (DPI, DPI)
    longest: float = LONGEST

    @property
    def version(self) -> str:
        import pytesseract

        return f"{pytesseract.get_tesseract_version()}/{'+'.join(self.languages)}/{self.layout}"

    def read(self, image: Any, *, upright: bool = False) -> Reading:
        words = self._words(image)
        # A page that stands upright costs nothing more than its reading.
        turn = _turn(image) if not upright and _poor(words) else 0
        return Reading([], turn) if turn else Reading(words)

    def lines(self, cuts: Sequence[Any]) -> list[list[Word]]:
        """All cuts are read at once, one under the other: starting Tesseract takes longer than reading a line."""
        sheet, tops, scales = _sheet(cuts)
        found: list[list[Word]] = [[] for _ in cuts]
        for word in self._words(sheet):
            index = max(bisect.bisect_right(tops, word.middle) - 1, 0)
            left, top, right, bottom = word.box
            edges = (left - MARGIN, top - tops[index] - MARGIN, right - MARGIN, bottom - tops[index] - MARGIN)
            box = (
                edges[0] / scales[index],
                edges[1] / scales[index],
                edges[2] / scales[index],
                edges[3] / scales[index],
            )
            found[index].append(replace(word, box=box))
        return [sorted(words, key=lambda word: word.box[0]) for words in found]

    def _words(self, image: Any) -> list[Word]:
        import pytesseract

        try:
            found = pytesseract.image_to_data(
                image,
                lang="+".join(self.languages),
                config=f"--psm {self.layout} --dpi {DPI}",
                output_type=pytesseract.Output.DICT,
                timeout=self.longest,
            )
        except RuntimeError as error:  # what pytesseract raises when the time is over
            raise OcrTimeout(f"Tesseract did not finish a page within {self.longest:g} seconds") from error
        return list(_words(found))


def _sheet(cuts: Sequence[Any]) -> tuple[Any, list[float], list[float]]:
    """Cuts as lines of one page, with where each begins and how much it was enlarged."""
    from PIL import Image

    scales = [LINE / max(cut.height, 1) for cut in cuts]
    enlarged = [
        cut.convert("L").resize((max(round(cut.width * scale), 1), LINE), Image.Resampling.BICUBIC)
        for cut, scale in zip(cuts, scales, strict=True)
    ]
    step = LINE + MARGIN
    width = max((image.width for image in enlarged), default=0) + 2 * MARGIN
    sheet = Image.new("L", (width, step * len(enlarged) + MARGIN), 255)
    for index, image in enumerate(enlarged):
        sheet.paste(image, (MARGIN, MARGIN + step * index))
    return sheet, [float(step * index) for index in range(len(enlarged))], scales


def _words(found: dict[str, list[Any]]) -> Iterator[Word]:
    columns = (found[name] for name in ("text", "conf", "left", "top", "width", "height"))
    for printed, confidence, left, top, width, height in zip(*columns, strict=True):
        sure = float(confidence) / 100
        text = printed.strip().strip("|")  # the rules of tables are read as strokes
        if not set(text) <= _STROKES and sure >= SURE_ENOUGH:
            yield Word(text, (left, top, left + width, top + height), min(sure, 1.0))


def _poor(words: list[Word]) -> bool:
    """Whether words are doubtful on the whole, or stand upright as on a page that lies on its side."""
    letters = sum(len(word.text) for word in words)
    if sum(len(word.text) * word.confidence for word in words) < POOR * letters:
        return True
    long = [word for word in words if len(word.text) > 2]
    return sum(word.height > word.box[2] - word.box[0] for word in long) > 0.5 * len(long)


def _turn(image: Any) -> int:
    """The quarter turns, counter-clockwise, that bring a page upright, as far as Tesseract is sure of them."""
    import pytesseract

    try:
        found = pytesseract.image_to_osd(image, config=f"--dpi {DPI}", output_type=pytesseract.Output.DICT)
    except pytesseract.TesseractError:  # too few letters to tell, or no pack that tells
        return 0
    if float(found["orientation_conf"]) < TURN_SURE:
        return 0
    return round(int(found["orientation"]) / 90) % 4


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
