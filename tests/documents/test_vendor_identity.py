"""What one vendor taught never changes the document of another one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bots.documents.document import Document
from bots.documents.pages.page import Page
from bots.documents.pages.text_layer import text_page
from bots.documents.reader import understand
from bots.documents.schemas import INVOICE
from bots.documents.vendors.memory import StoredVendors
from bots.documents.vendors.study import Door
from engine.memory import Memory
from engine.store.memory import StoredMemory
from tests.documents.strange import strange
from tests.documents.teaching import NOW, Desk
from tests.documents.zoo import specimen


@pytest.fixture
def taught(tmp_path: Path) -> Iterator[Desk]:
    """A project that knows one vendor: where its number stands, what it is called, and that it names no buyer."""
    desk = Desk(tmp_path)
    for number in ("VG-20417", "VG-20509"):
        report = desk.read(strange(tmp_path / f"{number}.pdf", number=number))
        desk.correct(report.item, {"number": number, "seller.name": "Quellwerk Süd", "buyer.name": ""})
    yield desk
    desk.close()


def door_of(desk: Desk) -> Door:
    from contextlib import contextmanager

    @contextmanager
    def door(*, change: bool = False) -> Iterator[Memory]:
        with desk.database.write() if change else desk.database.read() as transaction:
            yield StoredMemory(transaction, "document")

    return door


def pages_of(file: Path) -> list[Page]:
    import pdfplumber

    with pdfplumber.open(file) as pdf:
        return [text_page(number, page) for number, page in enumerate(pdf.pages, start=1)]


def read(desk: Desk, pages: list[Page]) -> tuple[Document, Document, str]:
    """The document read without memory and with it, and the vendor that it was taken for."""
    vendors = StoredVendors(door_of(desk), NOW)
    alone = understand("a.pdf", pages, INVOICE)
    helped = understand("a.pdf", pages, INVOICE, memory=vendors)
    return alone, helped, vendors.vendor.name if vendors.vendor else ""


def other(desk: Desk, **changes: str) -> tuple[Document, Document, str]:
    return read(desk, pages_of(strange(desk.folder / "other.pdf", number="VG-30001", **changes)))


def test_the_vendor_itself_is_known_and_helped(taught: Desk) -> None:
    alone, helped, vendor = other(taught)
    assert vendor == "Quellwerk Süd"
    assert (alone.value("number"), helped.value("number")) == ("5512", "VG-30001")
    assert helped.value("seller.name") == "Quellwerk Süd"


def test_made_up_vendors_are_read_as_if_nothing_had_been_taught(taught: Desk) -> None:
    for seed in range(7000, 7024):
        alone, helped, vendor = read(taught, specimen(seed).pages())
        assert (vendor, helped) == ("", alone), seed


@pytest.mark.parametrize(
    "changes",
    [
        {"seller": "Anders & Co. KG", "street": "Ring 9, 50667 Köln", "tax_id": "USt-IdNr. DE 136 695 976"},
        {"seller": "Anders & Co. KG", "tax_id": "USt-IdNr. DE 136 695 976", "label": "Unser Vorgang"},
        {"seller": "Quellwerk Süd", "tax_id": "USt-IdNr. DE 136 695 976"},
        {"seller": "Anders & Co. KG", "tax_id": ""},
        {"seller": "Anders & Co. KG", "buyer": "Quellwerk Süd", "tax_id": ""},
        {"seller": "Anders & Co. KG", "buyer": "Quellwerk Süd", "tax_id": "USt-IdNr. DE 136 695 976"},
        {"seller": "Anders & Co. KG", "other": "Unser Partner: Quellwerk Süd", "tax_id": "UStIdNr DE136695976"},
    ],
    ids=[
        "the layout",
        "the label",
        "the name",
        "the layout, no ids",
        "as its buyer",
        "as its buyer, with ids",
        "mentioned",
    ],
)
def test_what_looks_like_the_vendor_in_one_way_is_not_taken_for_it(taught: Desk, changes: dict[str, str]) -> None:
    alone, helped, vendor = other(taught, **changes)
    assert vendor == ""
    assert helped == alone


def test_a_vendor_without_ids_is_known_by_its_name(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    for number in ("VG-20417", "VG-20509"):
        report = desk.read(strange(tmp_path / f"{number}.pdf", number=number, tax_id=""))
        desk.correct(report.item, {"number": number})
    assert other(desk, tax_id="")[1].value("number") == "VG-30001"
    assert other(desk, tax_id="USt-IdNr. DE 136 695 976")[2] == ""
    desk.close()


def test_a_vendor_whose_name_is_a_picture_is_known_by_its_layout(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    for number in ("VG-20417", "VG-20509"):
        report = desk.read(strange(tmp_path / f"{number}.pdf", number=number, tax_id="", seller=""))
        desk.correct(report.item, {"number": number, "seller.name": "Quellwerk Manufaktur GmbH"})
    _, helped, vendor = other(desk, tax_id="", seller="")
    assert (vendor, helped.value("number")) == ("Quellwerk Manufaktur GmbH", "VG-30001")
    assert helped.value("seller.name") == "Quellwerk Manufaktur GmbH"
    desk.close()


def test_two_vendors_of_one_house_are_told_apart_by_their_ids(taught: Desk) -> None:
    ids = {"tax_id": "USt-IdNr. DE 136 695 976"}
    report = taught.read(strange(taught.folder / "x.pdf", number="VG-1", seller="Quellwerk Nord", **ids))
    taught.correct(report.item, {"number": "VG-1"})
    assert taught.vendors() == ["Quellwerk Nord", "Quellwerk Süd"]
    assert other(taught, seller="Quellwerk Nord", **ids)[2] == "Quellwerk Nord"
    assert other(taught)[2] == "Quellwerk Süd"
