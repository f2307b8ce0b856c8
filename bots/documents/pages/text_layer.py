"""The text layer of a PDF as words. Characters are joined by their distance, not by the spaces the file claims.

Programs write spaces over or behind the letters they belong to, letter-space their headings and print bold text twice;
so a space in the file counts only where there is also a gap on the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bots.documents.pages.page import Page, Word, union
from bots.documents.pages.rulings import drawn_rulings

WORD_GAP = 0.17  # of the letter size: a wider gap parts words even where the file has no space
SPACE_GAP = 0.06  # the least gap at which a space character is believed


@dataclass(frozen=True, slots=True)
class _Letter:
    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float


def text_page(number: int, page: Any) -> Page:
    """The words of a pdfplumber page, in points from its top left corner."""
    x, y = float(page.bbox[0]), float(page.bbox[1])
    letters: list[_Letter] = []
    spaces: list[_Letter] = []
    for char in page.chars:
        if not char["upright"] or not char["text"]:
            continue
        letter = _Letter(
            char["text"],
            char["x0"] - x,
            char["x1"] - x,
            char["top"] - y,
            char["bottom"] - y,
            max(char["size"], 1.0),
        )
        (spaces if letter.text.isspace() or not letter.text.isprintable() else letters).append(letter)
    words = list(_words(letters, spaces))
    return Page(number, float(page.width), float(page.height), words, rulings=drawn_rulings(page))


def _words(letters: list[_Letter], spaces: list[_Letter]) -> Iterator[Word]:
    believed = {(round(space.top), round(space.x0)) for space in spaces}
    for row in _rows(letters):
        yield from _rejoined([_word(run) for run in _runs(row, believed)])


def _rows(letters: list[_Letter]) -> Iterator[list[_Letter]]:
    """Letters of one baseline, left to right, without those printed twice for boldness."""
    row: list[_Letter] = []
    for letter in sorted(letters, key=lambda letter: (round(letter.bottom, 0), letter.x0)):
        if row and abs(letter.bottom - row[0].bottom) > 0.3 * min(letter.size, row[0].size):
            yield _unique(row)
            row = []
        row.append(letter)
    if row:
        yield _unique(row)


def _unique(row: list[_Letter]) -> list[_Letter]:
    kept: list[_Letter] = []
    for letter in sorted(row, key=lambda letter: letter.x0):
        twin = any(letter.text == other.text and letter.x0 - other.x0 < 0.12 * letter.size for other in kept[-2:])
        if not twin:
            kept.append(letter)
    return kept


def _runs(row: list[_Letter], believed: set[tuple[int, int]]) -> Iterator[list[_Letter]]:
    run = [row[0]]
    for letter in row[1:]:
        last = run[-1]
        gap = (letter.x0 - last.x1) / min(letter.size, last.size)
        spaced = gap > SPACE_GAP and any(
            (top, left) in believed
            for top in range(round(last.top) - 1, round(last.top) + 2)
            for left in range(round(last.x1) - 1, round(letter.x0) + 1)
        )
        if gap > WORD_GAP or spaced or gap < -1.5:
            yield run
            run = []
        run.append(letter)
    yield run


def _word(run: list[_Letter]) -> Word:
    text = "".join(letter.text for letter in run)
    return Word(text, union((letter.x0, letter.top, letter.x1, letter.bottom) for letter in run))


def _rejoined(words: list[Word]) -> Iterator[Word]:
    """Letter-spaced text (`I N V O I C E`) as words again."""
    run: list[Word] = []
    for word in words:
        if len(word.text) == 1 and word.text.isalpha() and (not run or _near(run, word)):
            run.append(word)
            continue
        yield from _joined(run)
        run = [word] if len(word.text) == 1 and word.text.isalpha() else []
        if not run:
            yield word
    yield from _joined(run)


def _near(run: list[Word], word: Word) -> bool:
    gap = word.box[0] - run[-1].box[2]
    if len(run) < 2:
        return gap < 0.9 * word.height
    usual = (run[-1].box[0] - run[0].box[2]) / max(len(run) - 1, 1)
    return gap < 1.6 * (run[1].box[0] - run[0].box[2]) or gap < usual


def _joined(run: list[Word]) -> Iterator[Word]:
    if len(run) < 4:
        yield from run
        return
    yield Word("".join(word.text for word in run), union(word.box for word in run))
