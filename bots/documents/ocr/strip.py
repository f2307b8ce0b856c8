"""One line of print cut from a page: the letters an engine read in it, its ink, and the words they make.

Neural readers lose the spaces of Latin print and draw their boxes wider than the print; the ink knows both.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

from bots.documents.document import Box
from bots.documents.pages.page import Word

Quad: TypeAlias = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]
"""The corners of a line on the page: top left, top right, bottom right, bottom left."""

# Gaps of ink that part words though no space was read, in heights of the print. On receipts and scanned invoices 99 of
# 100 gaps within words are narrower, and the spaces that the engine missed are mostly beside punctuation.
WORD_GAP = 0.45
MARK_GAP = 0.33  # after a point
LABEL_GAP = 0.20  # after a colon or a comma
HUMP_GAP = 0.25  # between a small letter and a capital or figure, a figure and a capital
THIN_GAP = 0.62  # beside an I or an l, which stand alone in the middle of their place in the print of tills
FIGURE_GAP = 0.70  # between figures and their points, which tills print far apart
COMMA_GAP = 0.27  # after a comma between figures that make no number, or the day and the year of a date
PITCH = 1.75  # and at least so many times the usual gap between the line's letters
MARK_PITCH = 1.5  # the same beside punctuation
CUT_GAP = 0.06  # a narrower gap parts nothing, whatever was read
LEAST_BAND = 0.35  # of the cut's height: less than this in ink is a dash or a row of points, no measure of a line
PLAIN_BAND = 0.62  # of the cut's height that is print, where the ink does not tell
# Heights in sizes of the type: capitals and figures, capitals with accents, small letters, what hangs below the line.
CAPITAL, ACCENTED, SMALL, HANGING, COMMA = 0.72, 0.9, 0.53, 0.21, 0.12
TYPE_SIZES = (0.62, 0.95)  # of the cut's height: no type is smaller or larger in it
_LOW = frozenset("acegmnopqrsuvwxyzçñ.,:;-_=~+*·•")
_HANGS = frozenset("gjpqyç()[]{}|$§@Qµ")
_FIGURES, _FIGURES_END = re.compile(r"[\d.]+"), re.compile(r"[\d.,]+$")
_NUMBER = re.compile(r"\d{1,3}(?:[.,]\d{3})*(?:[.,]\d{1,4})?|\d+,\d{1,4}")
_DATE_END = re.compile(r"(?<!\d)\d{1,2}([/.-])\d{1,2}\1(?:19|20)\d\d$")
_ADDRESS_END = re.compile(r"(?i)(?:@|www\.|https?:|urn:)[\w.:/-]*$|^(?:www|https?|urn)[.:]$")
_YEAR = re.compile(r"(?:19|20)\d\d")
_PRINT = str.maketrans({"（": "(", "）": ")", "，": ",", "：": ":", "；": ";", "！": "!", "？": "?", "。": "."})
_POINTS = frozenset(".,")
_THIN = frozenset("Iil1|")
_MARKS = frozenset(",:;")


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as it was read: its confidence 0..1, and its middle as a share of the line's width."""

    text: str
    confidence: float
    middle: float


@dataclass(frozen=True)
class Ink:
    """Where a cut has ink, in shares of it: the runs of columns with none, the ends, the rows of the print."""

    gaps: tuple[tuple[float, float], ...]
    left: float
    right: float
    top: float
    bottom: float
    shape: float  # width of the cut in heights of it

    @property
    def band(self) -> float:
        """The height of the print in widths of the cut."""
        return (self.bottom - self.top) / self.shape


def ink_of(cut: Any) -> Ink:
    """The ink of an upright grey cut (a numpy array). Print is what differs from the paper at its edge."""
    import numpy

    height, width = cut.shape
    edge = numpy.concatenate([cut[0], cut[-1], cut[:, 0], cut[:, -1]])
    apart = numpy.abs(cut.astype(numpy.int16) - int(numpy.median(edge)))
    dark = apart > max(0.45 * float(numpy.percentile(apart, 98)), 18.0)
    rows = dark.sum(axis=1)
    # Rules of tables and of underlined words run through the whole cut.
    dark[rows > 0.85 * width, :] = False
    top, bottom = _band(dark.sum(axis=1), width)
    columns = dark[top:bottom].any(axis=0)
    inked = numpy.flatnonzero(columns)
    if not len(inked) or bottom - top < LEAST_BAND * height:
        middle = (top + bottom) / 2 / height if len(inked) else 0.5
        top_share = min(max(middle - PLAIN_BAND / 2, 0.0), 1.0 - PLAIN_BAND)
        top, bottom = round(top_share * height), round((top_share + PLAIN_BAND) * height)
    left, right = (int(inked[0]), int(inked[-1]) + 1) if len(inked) else (0, width)
    steps = numpy.flatnonzero(numpy.diff(inked) > 1)
    gaps = tuple((float(inked[step] + 1) / width, float(inked[step + 1]) / width) for step in steps)
    return Ink(gaps, left / width, right / width, top / height, bottom / height, width / height)


def _band(rows: Any, width: int) -> tuple[int, int]:
    """The rows of the print itself: the heaviest run, with its dots and accents, without slices of the lines beside."""
    import numpy

    height = len(rows)
    inked = numpy.flatnonzero(rows > max(1, 0.004 * width))
    if not len(inked):
        return 0, height
    runs: list[list[int]] = []
    for row in inked:
        if runs and row - runs[-1][1] <= 1:
            runs[-1][1] = int(row)
        else:
            runs.append([int(row), int(row)])
    heaviest = max(runs, key=lambda run: int(rows[run[0] : run[1] + 1].sum()))
    top, bottom = heaviest
    for first, last in runs:
        whole = first > 0 and last < height - 1  # what is cut off at the edge belongs to another line
        if whole and max(first - bottom, top - last) <= 0.15 * height:
            top, bottom = min(top, first), max(bottom, last)
    return top, bottom + 1


@dataclass(frozen=True)
class Strip:
    """A line as an engine read it: the letters without spaces, after which of them a space was read, and its ink."""

    letters: tuple[Letter, ...]
    spaces: frozenset[int]
    quad: Quad
    ink: Ink

    @property
    def text(self) -> str:
        """What was read, without spaces."""
        return "".join(letter.text for letter in self.letters)

    def words(self) -> Iterator[Word]:
        """The words with their boxes on the page: tight to the ink sideways, as high as the line's type."""
        gaps = self._gaps()
        usual = sorted(end - start for start, end in gaps[:-1] if end > start)
        pitch = usual[len(usual) // 2] if len(usual) > 3 else 0.0
        begin, left = 0, self.ink.left
        for index in range(len(self.letters)):
            last = index == len(self.letters) - 1
            if last or self._parts(index, gaps[index], pitch):
                right = self.ink.right if last else gaps[index][0]
                yield self._word(self.letters[begin : index + 1], left, right)
                begin, left = index + 1, gaps[index][1]

    def _gaps(self) -> list[tuple[float, float]]:
        """The widest run without ink after each letter; one of no width where the letters touch."""
        found = []
        for one, two in zip(self.letters, self.letters[1:], strict=False):
            inside = [gap for gap in self.ink.gaps if one.middle <= (gap[0] + gap[1]) / 2 < two.middle]
            middle = (one.middle + two.middle) / 2
            found.append(max(inside, key=lambda gap: gap[1] - gap[0]) if inside else (middle, middle))
        found.append((self.ink.right, self.ink.right))
        return found

    def _parts(self, index: int, gap: tuple[float, float], pitch: float) -> bool:
        wide = gap[1] - gap[0]
        band = self.ink.band
        before, one, two = (self.letters[place].text if place >= 0 else "0" for place in range(index - 1, index + 2))
        if one.isdigit() and (two.isdigit() or two in _POINTS or two == ":"):
            if two.isdigit() and (index in self.spaces or self._is_date(index)):
                return wide > CUT_GAP * band
            return wide > FIGURE_GAP * band
        if (one in _POINTS or one == ":") and before.isdigit() and two.isdigit():
            return wide > (FIGURE_GAP if self._is_number(index) else COMMA_GAP) * band
        if (one in ".:" and self._is_address(index)) or (index not in self.spaces and (one in "([" or two in ")]")):
            return wide > FIGURE_GAP * band
        if index in self.spaces:
            return wide > (WORD_GAP if two in _POINTS else CUT_GAP) * band
        if one in _MARKS and two.isalnum():
            return wide > max(LABEL_GAP * band, MARK_PITCH * pitch)
        if one == "." and two.isalnum():
            return wide > max(MARK_GAP * band, MARK_PITCH * pitch)
        hump = (one.islower() and (two.isupper() or two.isdigit())) or (one.isdigit() and two.isupper())
        least = HUMP_GAP if hump else THIN_GAP if _THIN & {one, two} else WORD_GAP
        return wide > max(least * band, PITCH * pitch)

    def _is_date(self, index: int) -> bool:
        """Whether a date with its year ends here, so that the next figure is of the time."""
        return bool(_DATE_END.search(self.text[: index + 1]))

    def _is_address(self, index: int) -> bool:
        """Whether a point or colon is within an address of the web or of mail."""
        return bool(_ADDRESS_END.search(self.text[: index + 1])) and self.text[index + 1].isalnum()

    def _is_number(self, index: int) -> bool:
        """Whether the figures around a point or comma make one number, a time or a date, as far as anyone can tell."""
        text = self.text
        before = _FIGURES_END.search(text[:index])
        after = _FIGURES.match(text[index + 1 :])
        if text[index] != "," or before is None or after is None:
            return True
        return bool(_NUMBER.fullmatch(f"{before[0]},{after[0]}")) and not (
            len(before[0]) <= 2 and _YEAR.fullmatch(after[0])
        )

    def _word(self, letters: tuple[Letter, ...], left: float, right: float) -> Word:
        text = unicodedata.normalize("NFKC", "".join(letter.text for letter in letters).translate(_PRINT))
        return Word(text, self._box(left, max(right, left)), min(letter.confidence for letter in letters))

    def _type(self) -> tuple[float, float]:
        """The rows of the line's type, as a text layer would give them: as high for `an` as for `Ag`."""
        text = self.text
        plain = unicodedata.normalize("NFD", text)
        rises = SMALL if set(text) <= _LOW else CAPITAL
        if any(one.isupper() and unicodedata.combining(two) for one, two in pairwise(plain)):
            rises = ACCENTED
        hangs = HANGING if set(text) & _HANGS else COMMA if set(text) & {",", ";"} else 0.0
        size = min(max((self.ink.bottom - self.ink.top) / (rises + hangs), TYPE_SIZES[0]), TYPE_SIZES[1])
        line = self.ink.bottom - hangs * size
        return line - (1 - HANGING) * size, line + HANGING * size

    def _box(self, left: float, right: float) -> Box:
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = self.quad
        middle = (left + right) / 2
        top, bottom = ay + (by - ay) * middle, dy + (cy - dy) * middle
        above, below = self._type()
        first, last = (ax + dx) / 2, (bx + cx) / 2
        return (
            first + (last - first) * left,
            top + (bottom - top) * above,
            first + (last - first) * right,
            top + (bottom - top) * below,
        )
