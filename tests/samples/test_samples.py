"""The sample invoices: the same bytes each time, valid numbers, and a truth that stands on the page."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from pypdf import PdfReader
from stdnum import get_cc_module, iban
from stdnum.us import ein

from demo.samples import FOLDER, INVOICES, render, samples, write
from demo.samples.bad import bad_files
from demo.samples.catalogue import Kind
from demo.samples.formats import blank, comma, point
from demo.samples.invoice import Invoice
from demo.samples.truth import fields_of, truth_of
from demo.samples.vendors import BUYER, VENDORS

DIGITAL = [sample for sample in samples() if sample.scanner is None]
LIMIT = Decimal(5000)


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        text = "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()
    return re.sub(r"\s+", " ", text.replace("\u00a0", " "))


def of_kind(kind: Kind) -> list[Invoice]:
    return [sample.invoice for sample in samples() if sample.kind is kind]


def test_two_runs_write_the_same_bytes(tmp_path: Path) -> None:
    for name in ("first", "second"):
        assert len(list(write(tmp_path / name))) == 25
    for file in sorted((tmp_path / "first").iterdir()):
        assert file.read_bytes() == (tmp_path / "second" / file.name).read_bytes(), file.name


def test_the_committed_set_is_whole_and_small() -> None:
    names = {sample.file for sample in samples()} | {"truth.jsonl"}
    assert {file.name for file in INVOICES.iterdir()} == names
    assert sum(file.stat().st_size for file in INVOICES.iterdir()) < 3_000_000


def test_the_committed_truth_is_what_the_package_says() -> None:
    committed = [json.loads(row) for row in (INVOICES / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
    assert committed == [truth_of(sample) for sample in samples()]


@pytest.mark.parametrize("sample", DIGITAL, ids=lambda sample: sample.file)
def test_the_truth_stands_on_the_page(sample) -> None:
    text = text_of(render(sample))
    truth = truth_of(sample)["fields"]
    for name in ("number", "seller.name", "buyer.name", "order_number"):
        assert truth[name] in text or truth[name].upper() in text, name
    taxes = [tax for _, _, tax in sample.invoice.taxes]  # some vendors print the tax of each rate and no sum of them
    for amount in (Decimal(truth["net_total"]), Decimal(truth["total"]), *taxes):
        assert {comma(amount), point(amount), blank(amount).replace("\u00a0", " ")} & set(amounts_in(text)), amount
    assert Decimal(truth["tax_total"]) == sum(taxes)
    squeezed = re.sub(r"\s", "", text)
    for name in ("seller.tax_id", "seller.iban", "buyer.tax_id"):
        assert truth[name] is None or truth[name] in squeezed, name
    for row in sample.invoice.lines:
        assert row.description.split(",")[0] in text


def amounts_in(text: str) -> list[str]:
    return re.findall(r"\d{1,3}(?:[., ]\d{3})*[.,]\d\d(?!\d)", text)


def test_tax_ids_and_ibans_pass_their_checksums() -> None:
    assert get_cc_module("de", "vat").is_valid(BUYER.tax_id)
    for vendor in VENDORS:
        if vendor.country_code == "US":
            assert ein.is_valid(vendor.address.tax_id)
            continue
        assert get_cc_module(vendor.country_code.lower(), "vat").is_valid(vendor.address.tax_id), vendor.id
        assert iban.is_valid(vendor.iban), vendor.id


def test_scans_are_pictures_without_text() -> None:
    for sample in samples():
        if sample.scanner is not None:
            assert text_of((INVOICES / sample.file).read_bytes()).strip() == "", sample.file


def test_the_duplicate_repeats_an_invoice_that_came_in_before() -> None:
    (repeated,) = of_kind(Kind.DUPLICATE)
    assert repeated in of_kind(Kind.DIGITAL)


def test_one_invoice_has_a_total_that_does_not_add_up() -> None:
    (wrong,) = of_kind(Kind.WRONG_TOTAL)
    assert Decimal(fields_of(wrong)["total"] or 0) != wrong.net + wrong.tax
    assert [sample.invoice.number for sample in samples() if sample.invoice.misprint] == [wrong.number]


def test_only_one_invoice_is_over_the_approval_limit() -> None:
    assert [sample.kind for sample in samples() if sample.invoice.total > LIMIT] == [Kind.OVER_LIMIT]


def test_one_invoice_has_two_pages_and_some_have_two_tax_rates() -> None:
    pages = {sample.file: len(PdfReader(BytesIO(render(sample))).pages) for sample in DIGITAL}
    assert [file for file, count in pages.items() if count == 2] == ["08_donau_2026-0512.pdf"]
    assert sum(len(sample.invoice.taxes) == 2 for sample in samples()) >= 3


def test_the_e_invoice_carries_the_same_numbers_as_its_page() -> None:
    (sample,) = [sample for sample in samples() if sample.kind is Kind.E_INVOICE]
    reader = PdfReader(BytesIO(render(sample)))
    (attached,) = reader.attachments["factur-x.xml"]
    root = ElementTree.fromstring(attached)
    ram = "{urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100}"
    assert root.find(f".//{ram}GrandTotalAmount").text == str(sample.invoice.total)
    assert root.find(f".//{ram}ID").text == "urn:cen.eu:en16931:2017"
    assert len(root.findall(f".//{ram}IncludedSupplyChainTradeLineItem")) == len(sample.invoice.lines)
    assert comma(sample.invoice.total) in text_of(render(sample))


def test_the_bad_files_are_committed() -> None:
    assert {file.name for file in (FOLDER / "bad").iterdir()} == set(bad_files())
    assert PdfReader(FOLDER / "bad" / "password.pdf").is_encrypted
    assert (FOLDER / "bad" / "empty.pdf").read_bytes() == b""
