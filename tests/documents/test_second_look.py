"""Words in doubt are read again by the other engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from bots.documents.ocr.port import OcrTimeout, Reading, engine_for
from bots.documents.ocr.second_look import SecondLook, compared, looked_again
from bots.documents.pages.page import Word


@dataclass
class Reader:
    """An engine that knows what stands on the page; `asked` are the sizes of the cuts it was shown."""

    page: list[Word] = field(default_factory=list)
    again: list[list[Word]] = field(default_factory=list)
    asked: list[tuple[int, int]] = field(default_factory=list)
    turn: int = 0
    slow: bool = False
    name: str = "reader"
    version: str = "1"
    resolution: tuple[float, float] = (100, 300)

    def read(self, image: Any, *, upright: bool = False) -> Reading:
        return Reading(self.page, 0 if upright else self.turn)

    def lines(self, cuts: Sequence[Any]) -> list[list[Word]]:
        if self.slow:
            raise OcrTimeout("too long")
        self.asked += [cut.size for cut in cuts]
        return self.again


def blank() -> Any:
    from PIL import Image

    return Image.new("L", (400, 100), 255)


DOUBTFUL = Word("Suimmary", (100, 40, 180, 60), 0.5)


def test_only_words_in_doubt_are_shown_to_the_second_engine() -> None:
    sure = Word("Invoice", (10, 10, 90, 30), 0.99)
    second = Reader(again=[[Word("Summary", (8, 7, 88, 27))]])
    assert SecondLook(Reader([sure, DOUBTFUL]), second).read(blank()).words == [
        sure,
        Word("Suimmary", DOUBTFUL.box, pytest.approx(0.4), "Summary"),
    ]
    assert second.asked == [(94, 34)]


def test_neighbours_on_the_line_are_shown_too_and_kept_apart() -> None:
    words = [Word("Tax", (60, 40, 90, 60), 0.99), DOUBTFUL, Word("due", (190, 40, 220, 60), 0.99)]
    again = [Word("Tax", (7, 7, 37, 27)), Word("Summary", (47, 7, 127, 27)), Word("due", (137, 7, 167, 27))]
    second = Reader(again=[again])
    assert [word.other for word in looked_again(blank(), words, second)] == ["", "Summary", ""]
    assert second.asked == [(174, 34)]


def test_agreement_makes_a_word_surer_and_a_quarrel_less_sure() -> None:
    assert compared(DOUBTFUL, "Suimmary").confidence == 0.9
    assert compared(DOUBTFUL, "“Suimmary.").confidence == 0.9
    disputed = compared(DOUBTFUL, "Summary")
    assert (disputed.text, disputed.other) == ("Suimmary", "Summary")
    assert disputed.confidence == pytest.approx(0.4)
    assert compared(DOUBTFUL, "") == DOUBTFUL


@pytest.mark.parametrize(("first", "again"), [("0,5O", "0,50"), ("l.234,S0", "1.234,50"), ("O1.0B.2026", "01.08.2026")])
def test_letters_that_are_figures_to_the_other_engine_become_figures(first: str, again: str) -> None:
    word = compared(Word(first, (0, 0, 9, 9), 0.5), again)
    assert (word.text, word.other, word.confidence) == (again, first, 0.9)


def test_figures_are_not_replaced_by_other_figures() -> None:
    assert compared(Word("100.10", (0, 0, 9, 9), 0.6), "300.10").text == "100.10"


def test_a_page_that_lies_on_its_side_is_turned_before_anything_is_read_again() -> None:
    second = Reader()
    assert SecondLook(Reader([], turn=1), second).read(blank()).turn == 1
    assert not second.asked


def test_words_stay_in_doubt_where_the_second_engine_takes_too_long() -> None:
    assert looked_again(blank(), [DOUBTFUL], Reader(slow=True)) == [DOUBTFUL]


def test_auto_is_rapidocr_with_tesseract_for_doubtful_words() -> None:
    pytest.importorskip("rapidocr")
    pytest.importorskip("pytesseract")
    engine = engine_for("auto")
    assert engine.name == "auto"
    assert "+" in engine.version
