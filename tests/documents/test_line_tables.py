"""Rows of items in tables that are not as tidy as one would like, drawn row by row."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from bots.documents.document import LineItem
from bots.documents.pages.page import Page, Word
from bots.documents.reader import understand
from bots.documents.schemas import INVOICE

Placed = tuple[float, str]


def page(rows: Sequence[tuple[float, Sequence[Placed]]], number: int = 1) -> Page:
    """A page with texts at x from the left, each of their words five points a letter wide, ten points high."""
    words = []
    for y, cells in rows:
        for x, text in cells:
            for word in text.split(" "):
                words.append(Word(word, (x, y, x + 5 * len(word), y + 10)))
                x += 5 * len(word) + 4
    return Page(number, 595, 842, words)


def read(*pages: Page) -> list[LineItem]:
    return understand("a.pdf", list(pages), INVOICE).lines


HEAD = (100.0, ((50, "Description"), (300, "Qty"), (380, "Unit price"), (480, "Amount")))
TITLE = (40.0, ((50, "Invoice number: A-17"), (300, "Invoice date: 14 March 2026")))


def test_a_total_in_the_table_is_no_row() -> None:
    lines = read(
        page(
            [
                TITLE,
                HEAD,
                (120, ((50, "Copy paper"), (300, "2"), (380, "5.00"), (480, "10.00"))),
                (135, ((50, "Ink"), (300, "1"), (380, "7.50"), (480, "7.50"))),
                (150, ((50, "Everything together"), (480, "17.50"))),
            ]
        )
    )
    assert [line.net_total for line in lines] == [Decimal("10.00"), Decimal("7.50")]


def test_a_sum_carried_over_is_no_row_and_the_table_goes_on() -> None:
    first = page(
        [
            TITLE,
            HEAD,
            (120, ((50, "Copy paper"), (300, "2"), (380, "5.00"), (480, "10.00"))),
            (135, ((50, "Carried forward"), (480, "10.00"))),
        ]
    )
    second = page(
        [
            HEAD,
            (120, ((50, "Brought forward"), (480, "10.00"))),
            (135, ((50, "Ink"), (300, "3"), (380, "2.50"), (480, "7.50"))),
        ],
        number=2,
    )
    assert [(line.page, line.description) for line in read(first, second)] == [(1, "Copy paper"), (2, "Ink")]


def test_a_discount_on_all_is_no_row() -> None:
    lines = read(
        page(
            [
                TITLE,
                HEAD,
                (120, ((50, "Copy paper"), (300, "2"), (380, "5.00"), (480, "10.00"))),
                (135, ((50, "Discount 10 %"), (480, "-1.00"))),
            ]
        )
    )
    assert [line.description for line in lines] == ["Copy paper"]


def test_a_table_of_descriptions_and_amounts_alone_is_one() -> None:
    lines = read(
        page(
            [
                TITLE,
                (100, ((50, "Description of services"), (480, "Amount"))),
                (120, ((50, "Design of the catalogue"), (480, "900.00"))),
                (135, ((50, "Proof reading"), (480, "120.00"))),
                (160, ((380, "Total"), (480, "1,020.00"))),
            ]
        )
    )
    assert [(line.description, line.net_total) for line in lines] == [
        ("Design of the catalogue", Decimal("900.00")),
        ("Proof reading", Decimal("120.00")),
    ]


def test_rows_that_prove_themselves_need_no_heads_that_are_known() -> None:
    lines = read(
        page(
            [
                TITLE,
                (100, ((50, "Was"), (300, "Wieviel"), (380, "Zu"), (480, "Macht"))),
                (120, ((50, "Copy paper"), (300, "4"), (380, "5.25"), (480, "21.00"))),
                (135, ((50, "Ink"), (300, "3"), (380, "7.50"), (480, "22.50"))),
                (160, ((380, "Total"), (480, "43.50"))),
            ]
        )
    )
    assert [(line.description, line.quantity, line.unit_price, line.net_total) for line in lines] == [
        ("Copy paper", Decimal(4), Decimal("5.25"), Decimal("21.00")),
        ("Ink", Decimal(3), Decimal("7.50"), Decimal("22.50")),
    ]


def test_an_amount_printed_lower_than_its_row_belongs_to_it() -> None:
    lines = read(
        page(
            [
                TITLE,
                HEAD,
                (120, ((50, "Copy paper"), (300, "2"), (380, "5.00"))),
                (128, ((480, "10.00"),)),
                (160, ((50, "Ink"), (300, "1"), (380, "7.50"))),
                (168, ((480, "7.50"),)),
            ]
        )
    )
    assert [(line.description, line.quantity, line.net_total) for line in lines] == [
        ("Copy paper", Decimal(2), Decimal("10.00")),
        ("Ink", Decimal(1), Decimal("7.50")),
    ]


def test_a_discount_is_no_tax_rate() -> None:
    head = (100.0, ((50, "Description"), (300, "Qty"), (360, "Price"), (420, "Discount"), (480, "Amount")))
    lines = read(page([TITLE, head, (120, ((50, "Ink"), (300, "2"), (360, "10.00"), (420, "15 %"), (480, "17.00")))]))
    assert [(line.tax_rate, line.net_total) for line in lines] == [(None, Decimal("17.00"))]


def test_a_description_around_the_line_with_the_numbers_is_the_rows_own() -> None:
    lines = read(
        page(
            [
                TITLE,
                HEAD,
                (120, ((50, "Copy paper"),)),
                (126, ((300, "2"), (380, "5.00"), (480, "10.00"))),
                (132, ((50, "five reams"),)),
                (150, ((50, "Ink"),)),
                (156, ((300, "1"), (380, "7.50"), (480, "7.50"))),
                (162, ((50, "black"),)),
            ]
        )
    )
    assert [line.description for line in lines] == ["Copy paper five reams", "Ink black"]


def test_an_amount_in_the_middle_of_its_description_belongs_to_it() -> None:
    lines = read(
        page(
            [
                TITLE,
                (100, ((50, "Description of services"), (480, "Amount"))),
                (118, ((50, "Design of the catalogue"), (480, "900.00"))),
                (136, ((50, "Proof reading"),)),
                (142, ((480, "120.00"),)),
                (148, ((50, "second round"),)),
                (170, ((380, "Total"), (480, "1,020.00"))),
            ]
        )
    )
    assert [(line.description, line.net_total) for line in lines] == [
        ("Design of the catalogue", Decimal("900.00")),
        ("Proof reading second round", Decimal("120.00")),
    ]


def test_heads_of_two_lines_are_read_as_one() -> None:
    lines = read(
        page(
            [
                TITLE,
                (100, ((50, "Details"), (480, "Line"))),
                (111, ((480, "total"),)),
                (128, ((50, "Design of the catalogue"), (480, "900.00"))),
                (150, ((380, "Total"), (480, "900.00"))),
            ]
        )
    )
    assert [(line.description, line.net_total) for line in lines] == [("Design of the catalogue", Decimal("900.00"))]
