"""A stack of scans becomes its documents; what is doubtful about a boundary is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from bots.documents.opening.load import text_pages
from bots.documents.pages.page import Code, Page, Word
from bots.documents.stacks.leaf import numbering
from bots.documents.stacks.split import Split, split
from tests.documents.sheets import SHEETS, draw_sheets

INVOICE = SHEETS["invoice", "en"]
LONG = (
    """Invoice|Northwind Paper Ltd|www.northwind.example|Invoice no. > 7001|Invoice date > 4 March 2026||Description > Qty > Price > Amount|
    Copy paper > 20 > 8.50 > 170.00|Carried forward > 170.00|Page 1 of 2""",
    """Northwind Paper Ltd|www.northwind.example|Invoice no. > 7001||Description > Qty > Price > Amount|Brought forward > 170.00|
    Folder, blue > 40 > 3.50 > 140.00|Net total > 310.00|VAT 20% > 62.00|Total due > 372.00|Page 2 of 2""",
)
TERMS = """General terms|www.northwind.example|Goods remain ours until they are paid in full, whatever was said before.|
    Complaints have to reach us within eight days after the goods were received by the customer.|Page 3 of 3"""


def pages_of(tmp_path: Path, *sheets: str) -> list[Page]:
    return text_pages(draw_sheets(tmp_path / "stack.pdf", sheets))


def runs(found: Split) -> list[tuple[int, ...]]:
    return [part.pages for part in found.parts]


def blank(number: int) -> Page:
    return Page(number, 595, 842, [], "ocr")


def sheet_with(number: int, text: str) -> Page:
    page = Page(number, 595, 842, [Word("SEPARATOR", (100, 100, 200, 112))], "ocr")
    page.codes = [Code("code128", text, (100, 200, 300, 240))]
    return page


def test_different_documents_are_told_apart(tmp_path: Path) -> None:
    kinds = ["invoice", "delivery_note", "contract", "payslip", "statement"]
    found = split(pages_of(tmp_path, *(SHEETS[kind, "en"] for kind in kinds)))
    assert runs(found) == [(1,), (2,), (3,), (4,), (5,)]
    assert [part.kind.type for part in found.parts] == kinds
    assert min(part.confidence for part in found.parts) > 0.8


def test_pages_of_one_document_stay_together(tmp_path: Path) -> None:
    found = split(pages_of(tmp_path, INVOICE, *LONG, SHEETS["order", "en"]))
    assert runs(found) == [(1,), (2, 3), (4,)]
    assert found.problems == ()


def test_two_invoices_of_one_vendor_are_two_by_their_numbers(tmp_path: Path) -> None:
    second = INVOICE.replace("2026-118", "2026-119").replace("3 March", "5 March")
    found = split(pages_of(tmp_path, INVOICE, second))
    assert runs(found) == [(1,), (2,)]
    assert "the document's number is another" in found.parts[1].reason


def test_page_numbers_hold_even_without_anything_else(tmp_path: Path) -> None:
    sheets = [
        "Notes|Some words|Page 1 of 3",
        "More|of them|Page 2 of 3",
        "And|an end|Page 3 of 3",
        "Notes|Again|Page 1 of 1",
    ]
    assert runs(split(pages_of(tmp_path, *sheets))) == [(1, 2, 3), (4,)]


def test_a_page_of_terms_belongs_to_the_invoice_before_it(tmp_path: Path) -> None:
    first, second = (text.replace("of 2", "of 3") for text in LONG)
    assert runs(split(pages_of(tmp_path, first, second, TERMS, INVOICE))) == [(1, 2, 3), (4,)]


def test_a_doubtful_boundary_is_a_problem_and_lowers_both_documents(tmp_path: Path) -> None:
    loose = "Annex|Northwind Paper Ltd|Copy paper > 20 > 8.50 > 170.00"
    found = split(pages_of(tmp_path, INVOICE, loose))
    (problem,) = found.problems
    assert problem.code == "DOUBTFUL_BOUNDARY"
    assert problem.message.startswith("Pages 1 and 2 were taken for ")
    assert problem.message.endswith("; look at both pages")
    assert max(part.confidence for part in found.parts) <= 0.85


def test_blank_backs_are_left_out_and_part_nothing_by_themselves(tmp_path: Path) -> None:
    one, two = pages_of(tmp_path, *LONG)
    two.number = 3
    found = split([one, blank(2), two, blank(4)])
    assert runs(found) == [(1, 2, 3)]
    assert found.left_out == (4,)


def test_a_stack_is_parted_by_blank_pages_where_that_is_asked(tmp_path: Path) -> None:
    pages = pages_of(tmp_path, INVOICE, INVOICE, INVOICE)
    pages[2].number = 4
    found = split([pages[0], pages[1], blank(3), pages[2]], "blank")
    assert runs(found) == [(1, 2), (4,)]
    assert found.left_out == (3,)


def test_a_stack_is_parted_by_sheets_with_a_bar_code(tmp_path: Path) -> None:
    pages = pages_of(tmp_path, INVOICE, INVOICE)
    pages[0].number, pages[1].number = 2, 4
    stack = [sheet_with(1, "SEP-A"), pages[0], sheet_with(3, "SEP-B"), pages[1]]
    found = split(stack, "barcode")
    assert runs(found) == [(2,), (4,)]
    assert found.left_out == (1, 3)
    assert runs(split(stack, "document")) == [(2,), (4,)]
    only = split(stack, "barcode", code="SEP-B")
    assert runs(only) == [(1, 2), (4,)]


def test_a_code_on_a_first_page_keeps_the_page(tmp_path: Path) -> None:
    pages = pages_of(tmp_path, INVOICE, LONG[0], LONG[1])
    for page in pages[:2]:
        page.codes = [Code("code128", f"IN-{page.number}", (400, 20, 500, 40))]
    assert runs(split(pages, "barcode", code=r"^IN-\d+$")) == [(1,), (2, 3)]


@pytest.mark.parametrize(
    ("by", "message"),
    [
        ("blank", "No blank page was found in 3 pages, so they are one document; check how the stack was scanned"),
        (
            "barcode",
            "No page with such a bar code was found in 3 pages, so they are one document; check how the stack was scanned",
        ),
    ],
)
def test_a_stack_without_the_separators_it_should_have_is_a_problem(by: str, message: str, tmp_path: Path) -> None:
    found = split(pages_of(tmp_path, INVOICE, *LONG), by)  # type: ignore[arg-type]
    assert runs(found) == [(1, 2, 3)]
    assert [(problem.code, problem.message) for problem in found.problems] == [("NO_SEPARATOR", message)]


def test_counted_pages_say_when_one_is_missing(tmp_path: Path) -> None:
    pages = pages_of(tmp_path, *LONG, INVOICE)
    assert runs(split(pages, "pages")) == [(1,), (2,), (3,)]
    found = split(pages, "pages", every=2)
    assert runs(found) == [(1, 2), (3,)]
    assert found.problems[0].message == (
        "3 pages are no multiple of 2: the last document has 1; look whether a page is missing"
    )


def test_an_empty_stack_has_no_documents() -> None:
    assert split([]) == Split((), (), ())
    assert runs(split([blank(1), blank(2)])) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Page 1 of 3", (1, 3)),
        ("Seite 2/4", (2, 4)),
        ("Seite: 2 von 4", (2, 4)),
        ("Pagina 1 di 2", (1, 2)),
        ("Página 3 de 3", (3, 3)),
        ("Strona 1 z 2", (1, 2)),
        ("page 2", (2, 0)),
        ("2 / 3", (2, 3)),
        ("Blatt 5 von 3", (0, 0)),
        ("Total 12 of 34.50", (0, 0)),
        ("Invoice 2026", (0, 0)),
    ],
)
def test_page_numbers_are_read_in_many_forms(text: str, expected: tuple[int, int], tmp_path: Path) -> None:
    (page,) = pages_of(
        tmp_path, f"A|b|c|d|e|f|g|h|i|j|k|l|m|n|o|p|q|r|s|t|u|v|w|x|y|z|1|2|3|4|5|6|7|8|9|10|11|12|13|{text}"
    )
    assert numbering(page) == expected
