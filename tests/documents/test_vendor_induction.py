"""Where fields stand, induced from two examples: on made-up vendors, and in the cases that decide."""

from __future__ import annotations

from decimal import Decimal

import pytest

from benchmarks.vendor_memory import Found, Gain, measure, measure_blind
from bots.documents.document import Value
from bots.documents.pages.page import Page, Word
from bots.documents.schemas import INVOICE
from bots.documents.vendors.anchor import Anchor
from bots.documents.vendors.form import form_of
from bots.documents.vendors.induction import Told, induce
from bots.documents.vendors.sheet import Sheet


def sheet(*lines: str, top: float = 100.0) -> Sheet:
    """A page with these lines; a cell is put at its own place: `40:Nr. 12` begins 40 points from the left."""
    words = []
    for row, line in enumerate(lines):
        y = top + 20 * row
        for cell in line.split("|"):
            left, _, text = cell.partition(":")
            x = float(left)
            for word in text.split():
                words.append(Word(word, (x, y, x + 6 * len(word), y + 10)))
                x += 6 * len(word) + 3
    return Sheet([Page(1, 595, 842, words)])


def told(field: str, *examples: tuple[Sheet, Value | None]) -> list[Anchor]:
    return induce(INVOICE[field], [Told(page, value) for page, value in examples])


def found(anchor: Anchor, page: Sheet) -> object:
    hit = anchor.hit(page)
    return hit.value if hit is not None and hit.whole else None


def test_made_up_vendors_are_learned_from_two_invoices_each() -> None:
    counts = Found()
    for seed in range(9000, 9012):
        measure_blind(seed, 2, 2, counts)
    fields = sum(map(counts.total, ("right", "wrong", "silent", "none")))
    assert fields > 150
    assert counts.total("right") >= 0.95 * fields, "\n".join(counts.notes)
    assert counts.total("wrong") <= 0.01 * fields, "\n".join(counts.notes)


def test_what_was_taught_breaks_nothing_that_was_read_rightly() -> None:
    gain = Gain()
    for seed in range(9000, 9010):
        measure(seed, 2, 2, gain)
    assert gain.broken.total() == 0, gain.notes
    assert gain.after.total() >= gain.before.total()


def test_a_label_on_the_line_comes_first() -> None:
    one, two = sheet("40:Ref|200:Belegnr. AB-1001"), sheet("40:Ref|200:Belegnr. AB-1002")
    (anchor,) = told("number", (one, "AB-1001"), (two, "AB-1002"))
    assert anchor.aloud == "invoice number: the word right of 'Belegnr.', like AB-9999"
    assert found(anchor, sheet("40:new here", "300:Belegnr.|400:AB-20177")) == "AB-20177"


def test_the_head_of_a_column_comes_next() -> None:
    one = sheet("40:Kunde|200:Vorgang", "40:4711|200:77120")
    two = sheet("40:Kunde|200:Vorgang", "40:4711|200:77345")
    (anchor,) = told("number", (one, "77120"), (two, "77345"))
    assert anchor.aloud == "invoice number: what stands under 'Vorgang', like 99999"
    assert found(anchor, sheet("60:Kunde|250:Vorgang", "60:4711|250:80001")) == "80001"


def test_a_place_on_the_page_is_the_last_resort() -> None:
    one, two = sheet("40:8x8|300:AB-1001"), sheet("40:7x7|300:AB-1002")
    (anchor,) = told("number", (one, "AB-1001"), (two, "AB-1002"))
    assert anchor.aloud.startswith(
        "invoice number: what begins 11 cm from the left and 4 cm from the top of the first page"
    )
    assert found(anchor, sheet("40:9x9|303:AB-1003")) == "AB-1003"
    assert found(anchor, sheet("40:9x9", "40:9x9", "300:AB-1003")) is None


def test_examples_that_stand_elsewhere_each_time_give_nothing() -> None:
    one = sheet("40:8x8|300:AB-1001")
    two = sheet("40:7x7", "40:7x7", "60:AB-1002|200:7x7")
    assert told("number", (one, "AB-1001"), (two, "AB-1002")) == []


def test_one_example_is_not_enough() -> None:
    assert told("number", (sheet("40:Belegnr. AB-1001"), "AB-1001")) == []


def test_a_value_that_is_not_on_the_page_teaches_nothing_of_its_place() -> None:
    pages = sheet("40:Belegnr. AB-1001"), sheet("40:Belegnr. AB-1002")
    assert told("number", (pages[0], "ZZ-1"), (pages[1], "ZZ-2")) == []


def test_the_last_label_counts_where_a_column_has_the_same_name() -> None:
    def page(total: str) -> Sheet:
        return sheet("40:Artikel|300:Summe", "40:Papier|300:10,00", "200:Rest|300:5,00", "40:Summe|300:" + total)

    (anchor,) = told("total", (page("15,00"), Decimal("15.00")), (page("16,00"), Decimal("16.00")))
    assert found(anchor, page("18,50")) == Decimal("18.50")


def test_two_layouts_of_one_vendor_give_an_anchor_each() -> None:
    old = [sheet(f"40:Belegnr. {n}") for n in ("1001", "1002")]
    new = [sheet("40:Ihr Zeichen", f"200:Vorgang|300:RX-{n}") for n in ("77", "78")]
    anchors = told("number", (new[0], "RX-77"), (new[1], "RX-78"), (old[0], "1001"), (old[1], "1002"))
    assert [anchor.aloud for anchor in anchors] == [
        "invoice number: the word right of 'Vorgang', like RX-99",
        "invoice number: the word right of 'Belegnr.', like 9999",
    ]


@pytest.mark.parametrize(
    ("values", "fits", "fits_not"),
    [
        (("RE-1001", "RE-1002"), ("RE-1003", "RE-10003", "re-999"), ("RX-1003", "RE-1", "RE1003", "RE-1003-7")),
        (("2025/0911", "2026/0012"), ("2027/0001",), ("2027-0001", "20270001")),
        (("A100", "KX200"), ("BB300",), ("300", "ABCD300")),
        (("A-100", "7/2026"), ("X9", "12.7/3"), ("words", "-")),
        (("R 60731", "R 60732"), ("R 60800", "R60800"), ("60800",)),
    ],
)
def test_a_form_grows_from_the_values_that_were_entered(
    values: tuple[str, ...], fits: tuple[str, ...], fits_not: tuple[str, ...]
) -> None:
    form = form_of("id", values)
    assert form is not None

    def whole(text: str) -> bool:
        return (0, len(text)) in list(form.codes(text))

    assert [text for text in (*values, *fits) if not whole(text)] == []
    assert [text for text in fits_not if whole(text)] == []


def test_an_anchor_travels_as_plain_data() -> None:
    one, two = sheet("40:Belegnr. AB-1001"), sheet("40:Belegnr. AB-1002")
    for anchor in (
        *told("number", (one, "AB-1001"), (two, "AB-1002")),
        *told("seller.name", (one, "ACME"), (two, "ACME")),
        *told("due_date", (one, None), (two, None)),
    ):
        assert Anchor.of_data(anchor.field, anchor.to_data()) == anchor
