"""Words come from distances on the page, and labels from their letters."""

from __future__ import annotations

from pathlib import Path

import pytest

from bots.documents.opening.load import text_pages
from bots.documents.pages.page import Page, Word
from bots.documents.words.lexicon import lexicon, squeeze
from bots.documents.words.locale import locale_of


def printed(path: Path, *pieces: tuple[float, float, str], spacing: float = 0) -> Page:
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(path), pagesize=(400, 200))
    canvas.setFont("Courier", 12)
    for x, y, text in pieces:
        canvas.drawString(x, y, text, charSpace=spacing)
    canvas.save()
    return text_pages(path)[0]


def test_a_space_printed_over_a_digit_does_not_split_the_number(tmp_path: Path) -> None:
    # Courier 12 is 7.2 points a letter; the space lies over the 4, as some programs write it.
    page = printed(tmp_path / "a.pdf", (50, 100, "No."), (78.8, 100, " "), (78.8, 100, "471102"))
    assert page.lines[0].text == "No. 471102"


def test_a_heading_in_spaced_letters_is_one_word(tmp_path: Path) -> None:
    assert printed(tmp_path / "a.pdf", (50, 100, "INVOICE"), spacing=5).lines[0].text == "INVOICE"


def test_letters_printed_twice_for_boldness_count_once(tmp_path: Path) -> None:
    assert printed(tmp_path / "a.pdf", (50, 100, "Total"), (50.4, 100, "Total")).lines[0].text == "Total"


def test_columns_are_cells_and_boxes_follow_the_letters(tmp_path: Path) -> None:
    (line,) = printed(tmp_path / "a.pdf", (50, 100, "Invoice no."), (200, 100, "A-1")).lines
    assert [cell.text for cell in line.cells] == ["Invoice no.", "A-1"]
    x0, _, x1, _ = line.box_of(line.text.index("A-1"), len(line.text))
    assert (x0, x1) == pytest.approx((200, 221.6), abs=0.5)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("Rechnungs-Nr.: 4711", "number"),
        ("FACTURE N° : F2018", "number"),
        ("Datum der Rechnung: 1.1.", "issue_date"),
        ("Zahlbar bis", "due_date"),
        ("Total à payer", "total"),
        ("Base imponible", "net_total"),
        ("Partita IVA", "seller.tax_id"),
        ("Numer faktury", "number"),
        ("Te betalen", "total"),
        ("Valor do IVA", "tax_total"),
        ("Kundennummer", "other.id"),
    ],
)
def test_labels_are_known_whatever_their_spelling(text: str, field: str) -> None:
    assert field in {meaning.field for meaning in lexicon().find(text)[0].meanings}


def test_one_wrong_letter_is_forgiven_only_in_scans() -> None:
    assert lexicon().find("Rechnungsnunmer") == []
    (label,) = lexicon().find("Rechnungsnunmer", forgiving=True)
    assert "number" in {meaning.field for meaning in label.meanings}


def test_brackets_only_explain_a_label() -> None:
    assert [label.letters for label in lexicon().find("Rechnungssumme brutto (inkl. USt.)")] == [
        "rechnungssumme",
        "brutto",
    ]


def test_a_value_that_begins_like_a_label_is_a_value() -> None:
    assert [label.letters for label in lexicon().find("PO number: PO-77120")] == ["ponumber"]


def test_squeezing_keeps_letters_and_digits() -> None:
    assert squeeze("Straße 5, Łódź!") == "strasse5lodz"


def test_the_document_decides_its_locale() -> None:
    def page(*texts: str) -> list[Page]:
        words = [
            Word(text, (50, 20 * row, 50 + 6 * len(text), 20 * row + 10)) for row, text in enumerate(texts, start=1)
        ]
        return [Page(1, 600, 800, words)]

    german = locale_of(page("Rechnung für die Lieferung", "1.234,50 €", "Bitte auf das Konto"))
    assert (german.language, german.decimal, german.day_first, german.currency) == ("de", ",", True, "EUR")
    american = locale_of(page("Invoice for the order", "$1,234.50", "Denver, CO 80205", "your payment is due"))
    assert (american.decimal, american.day_first, american.currency) == (".", False, "USD")
    open_one = locale_of(page("Invoice for the order", "1.234", "03/04/2026"))
    assert (open_one.decimal, open_one.day_first) == (None, None)
