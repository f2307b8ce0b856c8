"""The layouts an invoice may have: sixty-four of them, each a mixture of what is seen on real paper."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from tests.documents.zoo_sheet import FAMILIES

LAYOUTS = 64
Choice = TypeVar("Choice")

COLUMNS = (
    "text quantity price net",
    "pos text quantity unit price net",
    "pos code text quantity unit price rate net",
    "code text quantity price discount net",
    "code text unit quantity price discount net rate",
    "quantity text price net",
    "text net",
    "pos text unit quantity price net rate tax gross",
    "service_date text quantity price net",
    "pos quantity unit code text price net",
    "text quantity price rate net",
    "quantity unit text price rate net",
)


@dataclass(frozen=True)
class Layout:
    """How a vendor lays out its paper. Each field names one way of doing one thing."""

    number: int
    head: str
    buyer: str
    ship: str
    meta: str
    colon: str  # between a label and its value
    columns: tuple[str, ...]
    ruling: str
    valign: str
    upright_numbers: str  # `right`, `left` or `middle`
    totals: str
    breakdown: str
    footer: str
    ids: str
    title: str
    terms: str
    family: str
    size: float
    gap: float  # of lines, in sizes
    margin: float
    repeat_head: bool
    carry: bool
    places: int  # decimals of prices
    quantity_places: int | None  # None: as few as needed
    heading_lines: bool  # heads of columns wrap to two lines
    units_in_quantity: bool

    @property
    def name(self) -> str:
        return f"{self.number:02} {self.head}/{self.buyer}/{self.meta}/{self.ruling}/{self.totals}"


@cache
def _dealt(name: str, options: tuple[Any, ...]) -> list[Any]:
    """Options for all layouts, each as often as the others, in an order of its own."""
    dealt = [options[index % len(options)] for index in range(LAYOUTS)]
    random.Random(f"deal {name}").shuffle(dealt)
    return dealt


def layout(number: int) -> Layout:
    """A layout by its number, 0 to 63."""
    at = number % LAYOUTS

    def of(name: str, options: tuple[Choice, ...]) -> Choice:
        chosen: Choice = _dealt(name, options)[at]
        return chosen

    head = of("head", ("sender_window", "sender_window", "left_block", "right_block", "centre", "wordmark", "two_boxes",
                       "footer_only", "logo_left", "two_columns"))  # fmt: skip
    footer = of("footer", ("columns3", "columns4", "columns2", "line", "block", "none"))
    if head in ("footer_only", "sender_window", "wordmark") and footer == "none":
        footer = "columns3"
    ids = of("ids", ("head", "footer", "footer", "meta", "payment"))
    if ids == "footer" and footer in ("none", "block"):
        ids = "head"
    if ids == "head" and head in ("sender_window", "footer_only", "wordmark"):
        ids = "payment"
    return Layout(
        number=at,
        head=head,
        buyer=of("buyer", ("window", "window", "labelled", "labelled", "inline", "right", "salutation")),
        ship=of("ship", ("none", "none", "none", "beside", "below")),
        meta=of("meta", ("list_right", "list_colon", "right_flush", "grid", "cells", "stacked", "title_line", "sentence",
                         "two_lists", "list_left")),
        colon=of("colon", (":", ":", "", " :")),
        columns=tuple(of("columns", COLUMNS).split()),
        ruling=of("ruling", ("grid", "rows", "head", "zebra", "none", "outer", "shaded")),
        valign=of("valign", ("top", "top", "top", "top", "top", "top", "middle", "bottom")),
        upright_numbers=of("upright", ("right", "right", "right", "right", "left", "middle")),
        totals=of("totals", ("right_list", "right_list", "right_list", "grid_row", "boxed", "in_table", "leaders", "left_list",
                             "right_labels")),
        breakdown=of("breakdown", ("rows", "rows_on", "table", "table_left", "plain")),
        footer=footer,
        ids=ids,
        title=of("title", ("left", "right", "centre", "spread", "above_meta", "small")),
        terms=of("terms", ("below", "below", "meta", "above_totals")),
        family=of("family", FAMILIES),
        size=of("size", (8.0, 9.0, 9.5, 10.0, 10.0, 11.0)),
        gap=of("gap", (1.2, 1.3, 1.45)),
        margin=of("margin", (36.0, 48.0, 57.0, 70.0)),
        repeat_head=of("repeat", (True, True, False)),
        carry=of("carry", (True, False)),
        places=of("places", (2, 2, 2, 2, 3, 4)),
        quantity_places=of("quantity", (None, None, None, 2, 2, 3)),
        heading_lines=of("heading", (False, False, False, True)),
        units_in_quantity=of("units", (False, False, False, True)),
    )  # fmt: skip
