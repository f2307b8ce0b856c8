"""What kind of document it is, by title, words and shape, in eight languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from bots.documents.deciding.classify import TYPES, classify
from bots.documents.opening.load import text_pages
from bots.documents.pages.page import Page
from tests.documents.paper import ENGLISH, GERMAN, draw
from tests.documents.sheets import RECEIPTS, SHEETS, draw_receipt, draw_sheets


def pages_of(path: Path) -> list[Page]:
    return text_pages(path)


@pytest.mark.parametrize(("kind", "language"), SHEETS)
def test_a_document_is_what_its_title_and_words_say(kind: str, language: str, tmp_path: Path) -> None:
    found = classify(pages_of(draw_sheets(tmp_path / "a.pdf", [SHEETS[kind, language]])))
    assert found.type == kind, found.shares
    assert found.confidence > 0.5


@pytest.mark.parametrize("language", RECEIPTS)
def test_a_tills_roll_is_a_receipt_even_where_it_calls_itself_an_invoice(language: str, tmp_path: Path) -> None:
    found = classify(pages_of(draw_receipt(tmp_path / "a.pdf", RECEIPTS[language])))
    assert found.type == "receipt", found.shares


@pytest.mark.parametrize("text", [ENGLISH, GERMAN])
def test_an_invoice_stays_one_beside_an_order_number(text: dict[str, str], tmp_path: Path) -> None:
    found = classify(pages_of(draw(tmp_path / "a.pdf", text)))
    assert (found.type, found.confidence > 0.9) == ("invoice", True), found.shares


@pytest.mark.parametrize("kind", sorted({kind for kind, _ in SHEETS} - {"other"}))
def test_without_its_title_a_document_is_less_sure_and_its_kind_is_still_in_question(kind: str, tmp_path: Path) -> None:
    sheet = SHEETS[kind, "en"]
    whole = classify(pages_of(draw_sheets(tmp_path / "a.pdf", [sheet])))
    headless = classify(pages_of(draw_sheets(tmp_path / "b.pdf", ["Dear reader" + sheet[sheet.index("|") :]])))
    assert headless.shares[kind] > 0.08, headless.shares
    assert headless.shares[kind] <= whole.shares[kind]


def test_a_document_that_says_nothing_is_other_and_the_shares_add_up(tmp_path: Path) -> None:
    found = classify(pages_of(draw_sheets(tmp_path / "a.pdf", ["Hello|Nothing to be seen here"])))
    assert found.type == "other"
    assert sum(found.shares.values()) == pytest.approx(1.0)
    assert classify([]).type == "other"
    assert classify([Page(1, 595, 842, [])]).confidence == 0.0


def test_every_kind_is_drawn_here() -> None:
    assert {kind for kind, _ in SHEETS} | {"receipt"} == set(TYPES)
