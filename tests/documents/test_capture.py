"""A box drawn on a page gives a field its value; what was drawn once is where the vendor's template looks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bots.documents.capture import capture, pages_anew, words_on
from bots.documents.document import Box
from bots.documents.pages.page import Page, Word
from engine.errors import BusinessException
from tests.documents.strange import strange
from tests.documents.teaching import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> list[Page]:
    return pages_anew(strange(tmp_path_factory.mktemp("paper") / "strange.pdf"))


def around(pages: list[Page], *texts: str) -> Box:
    """A box drawn loosely around some words of the first page."""
    boxes = [box for text, box in words_on(pages[0]) if text in texts]
    assert boxes, words_on(pages[0])
    edges = list(zip(*boxes, strict=True))
    return (min(edges[0]) - 3, min(edges[1]) - 2, max(edges[2]) + 3, max(edges[3]) + 2)


@pytest.mark.parametrize(
    ("field", "words", "value", "printed"),
    [
        ("total", ("1.558,90",), "1558.90", "1.558,90"),
        ("issue_date", ("Datum:", "14.03.2026"), "2026-03-14", "14.03.2026"),
        ("number", ("Unser", "Vorgang", "VG-20417"), "VG-20417", "VG-20417"),
        ("seller.tax_id", ("USt-IdNr.", "DE", "811", "193", "231"), "DE811193231", "DE 811 193 231"),
        ("buyer.name", ("Buchhaus", "Hafen"), "Buchhaus Hafen GmbH", "Buchhaus Hafen GmbH"),
    ],
)
def test_the_words_in_a_box_are_read_as_the_field(
    pages: list[Page], field: str, words: tuple[str, ...], value: str, printed: str
) -> None:
    box = around(pages, *words)
    if field == "buyer.name":
        box = (box[0], box[1], box[2] + 40, box[3])
    taken = capture(pages, "invoice", field, 1, box)
    assert (taken.value, taken.printed.replace(" €", "")) == (value, printed)
    assert taken.page == 1
    assert box[0] <= taken.box[0] < taken.box[2] <= box[2] + 1


def test_what_is_no_value_of_the_field_is_told_and_not_guessed(pages: list[Page]) -> None:
    taken = capture(pages, "invoice", "total", 1, around(pages, "Unser", "Vorgang"))
    assert (taken.value, taken.note) == ("", "“Unser Vorgang” is no total: type what it says")


def test_an_empty_box_a_strange_field_and_a_missing_page_are_refused(pages: list[Page]) -> None:
    with pytest.raises(BusinessException, match="No words were read in this box"):
        capture(pages, "invoice", "total", 1, (1, 1, 5, 5))
    with pytest.raises(BusinessException, match="no page 9"):
        capture(pages, "invoice", "total", 9, (1, 1, 500, 500))
    with pytest.raises(BusinessException, match="no field 'colour'"):
        capture(pages, "invoice", "colour", 1, (1, 1, 500, 500))


def test_a_date_that_can_be_read_in_two_ways_says_so() -> None:
    page = Page(1, 500, 500, [Word("03/04/2026", (10, 10, 80, 20))])
    taken = capture([page], "invoice", "issue_date", 1, (5, 5, 90, 25))
    assert taken.note == "03/04/2026 may also be 2026-03-04"
    assert taken.value == "2026-04-03"


def test_a_box_on_a_page_that_was_scanned_sideways_finds_its_words() -> None:
    page = Page(1, 800, 500, [Word("VG-1", (100, 40, 140, 52)), Word("VG-2", (100, 400, 140, 412))], quarters=1)
    (_, box), _ = words_on(page)
    assert (box[2] - box[0], box[3] - box[1]) == (12, 40)
    taken = capture([page], "invoice", "number", 1, (box[0] - 1, box[1] - 1, box[2] + 1, box[3] + 1))
    assert (taken.value, taken.box) == ("VG-1", box)


def shown(file: Path, field: str, *words: str) -> dict[str, dict[str, object]]:
    """A correction of a field that a person drew a box for."""
    pages = pages_anew(file)
    taken = capture(pages, "invoice", field, 1, around(pages, *words))
    return {field: {"value": taken.value, "page": taken.page, "box": list(taken.box)}}


def test_the_box_is_the_evidence_of_the_corrected_field(desk: Desk) -> None:
    file = strange(desk.folder / "1.pdf", number="VG-20417")
    item = desk.read(file).item
    given = shown(file, "number", "VG-20417")
    desk.correct(item, given)
    field = desk.result(item)["fields"]["number"]
    assert (field["value"], field["page"], field["source"]) == ("VG-20417", 1, "person")
    drawn = given["number"]["box"]
    assert isinstance(drawn, list)
    assert [float(edge) for edge in field["box"]] == pytest.approx(drawn, abs=0.05)


def test_one_value_shown_on_the_page_is_found_on_the_next_document(desk: Desk) -> None:
    file = strange(desk.folder / "1.pdf", number="VG-20417")
    told = desk.correct(desk.read(file).item, shown(file, "number", "VG-20417"))
    assert told == (
        "Saved as an example of Quellwerk Manufaktur GmbH; invoice number: the word right of 'Unser Vorgang', like "
        "VG-99999: used from now on if it proves right on the past documents."
    )
    second = desk.read(strange(desk.folder / "2.pdf", number="VG-20509"))
    assert desk.field(second.item, "number") == ("VG-20509", "template")
    assert desk.result(second.item)["fields"]["number"]["confidence"] < 0.85, "one document alone makes nobody sure"


def test_the_box_says_which_of_two_equal_values_is_meant(desk: Desk) -> None:
    """Typed, the same number in a column of its own would do as well; drawn, only the place that was shown does."""
    same = {"label": "Unser Vorgang", "number": "VG-20417", "date": "Kundenzeichen VG-20417"}
    file = strange(desk.folder / "1.pdf", **same)
    pages = pages_anew(file)
    places = sorted(box for text, box in words_on(pages[0]) if text == "VG-20417")
    assert len(places) == 2
    left = min(places, key=lambda box: box[1])
    desk.correct(desk.read(file).item, {"number": {"value": "VG-20417", "page": 1, "box": list(left)}})
    second = desk.read(strange(desk.folder / "2.pdf", **{**same, "number": "VG-1", "date": "Kundenzeichen VG-20509"}))
    assert desk.field(second.item, "number") == ("VG-20509", "template")


@pytest.mark.parametrize("box", [[1, 2, 3], [5, 5, 1, 9], ["a", 1, 2, 3], [1, 2, "NaN", 4], None])
def test_a_place_that_is_none_is_refused_and_nothing_is_changed(desk: Desk, box: object) -> None:
    item = desk.read(strange(desk.folder / "1.pdf")).item
    with pytest.raises(BusinessException, match="is no place on a page; expected a page and a box"):
        desk.correct(item, {"number": {"value": "VG-20417", "page": 1, "box": box}})
    assert desk.field(item, "number") == ("5512", "text")
