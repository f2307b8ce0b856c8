"""Doubtful words of one engine read again by another: agreement makes a word surer, disagreement less sure.

On receipts and scanned invoices nine of ten words in doubt that both engines read alike are right; where the engines
differ, the first is right three to five times as often as the second. So a second reading never replaces a word, but
for figures that were taken for letters.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bots.documents.document import Box
from bots.documents.ocr.port import OcrEngine, OcrTimeout, Reading
from bots.documents.pages.page import Word, union

DOUBT = 0.9  # a word less sure than this is read again
FIGURES_DOUBT = 0.97  # the same for figures, of which each one counts
AGREED = 0.9  # at least, for a word in doubt that both engines read alike
DISPUTED = 0.8  # of its confidence, for one that they do not
MOST = 60  # words of a page: one so doubtful throughout is poor, and stays so
NEIGHBOURS = 3  # words on either side that are read with it
_ROOM = 0.35  # of a word's height, on each side of what is cut out for the second engine
_ALIKE = str.maketrans("OoQDSsIlBZz|", "000055118221")
_FIGURES = re.compile(r"[-+]?\d{1,3}(?:[.,' ]?\d{3})*(?:[.,]\d{1,4})?[-%]?|\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\d+")


@dataclass(frozen=True)
class SecondLook:
    """An engine that has another one look at its doubtful words: `auto`, where both are installed."""

    first: OcrEngine
    second: OcrEngine

    @property
    def name(self) -> str:
        return "auto"

    @property
    def version(self) -> str:
        return f"{self.first.version}+{self.second.version}"

    @property
    def resolution(self) -> tuple[float, float]:
        return self.first.resolution

    def read(self, image: Any, *, upright: bool = False) -> Reading:
        reading = self.first.read(image, upright=upright)
        return replace(reading, words=looked_again(image, reading.words, self.second))

    def lines(self, cuts: Sequence[Any]) -> list[list[Word]]:
        return self.first.lines(cuts)


def looked_again(image: Any, words: Sequence[Word], engine: OcrEngine) -> list[Word]:
    """The words of a picture, those in doubt compared with what `engine` reads there; boxes in pixels."""
    doubtful = sorted(
        (index for index, word in enumerate(words) if _in_doubt(word)), key=lambda index: words[index].confidence
    )[-MOST:]
    if not doubtful:
        return list(words)
    stretches = [_stretch(words, index) for index in doubtful]
    try:
        read = engine.lines([cut(image, stretch) for stretch in stretches])
    except OcrTimeout:  # they stay in doubt
        return list(words)
    found = list(words)
    for index, stretch, again in zip(doubtful, stretches, read, strict=True):
        left, right = (edge - max(stretch[0] - _room(stretch), 0) for edge in words[index].box[::2])
        there = (word.text for word in again if left <= (word.box[0] + word.box[2]) / 2 <= right)
        found[index] = compared(words[index], "".join(there))
    return found


def _stretch(words: Sequence[Word], index: int) -> Box:
    """A word with its neighbours of the same line, since print is read better in its context."""
    box = words[index].box
    for step in (-1, 1):
        place = index + step
        while 0 <= place < len(words) and abs(place - index) <= NEIGHBOURS and _beside(words[place].box, box):
            box = union((box, words[place].box))
            place += step
    return box


def _beside(one: Box, other: Box) -> bool:
    height = other[3] - other[1]
    apart = max(one[0] - other[2], other[0] - one[2])
    return apart < 1.5 * height and abs(one[1] + one[3] - other[1] - other[3]) < 0.6 * height


def _room(box: Box) -> float:
    return _ROOM * (box[3] - box[1])


def cut(image: Any, box: Box) -> Any:
    """What a box of the picture shows, with a little room around it."""
    room = _room(box)
    left, top = max(box[0] - room, 0), max(box[1] - room, 0)
    right, bottom = min(box[2] + room, image.width), min(box[3] + room, image.height)
    return image.crop((round(left), round(top), max(round(right), round(left) + 1), max(round(bottom), round(top) + 1)))


def compared(word: Word, again: str) -> Word:
    """A word in the light of a second reading of it."""
    if not again:
        return word
    if _plain(again) == _plain(word.text):
        return replace(word, confidence=max(word.confidence, AGREED))
    if not _FIGURES.fullmatch(word.text) and _FIGURES.fullmatch(again) and word.text.translate(_ALIKE) == again:
        return replace(word, text=again, confidence=max(word.confidence, AGREED), other=word.text)
    return replace(word, confidence=word.confidence * DISPUTED, other=again)


def _in_doubt(word: Word) -> bool:
    figures = sum(letter.isdigit() for letter in word.text) > 1
    return word.confidence < (FIGURES_DOUBT if figures else DOUBT) and sum(map(str.isalnum, word.text)) > 1


def _plain(text: str) -> str:
    """Letters and figures with the signs that change a value: engines differ in quotes and dashes at the ends."""
    return re.sub(r"[^\w.,/%@€$£+-]", "", text).strip(".,-")
