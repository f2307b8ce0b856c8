"""Whose name and tax id is whose, in the ways that addresses stand on paper."""

from __future__ import annotations

from pathlib import Path

import pytest

from bots.documents.reader import read_document
from bots.documents.words.names import bare_name, name_like
from tests.documents.paper import ENGLISH, draw


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Nordpapier GmbH, Mühlenweg 12, 04109 Leipzig", "Nordpapier GmbH"),
        ("Nordpapier GmbH · Mühlenweg 12 · 04109 Leipzig", "Nordpapier GmbH"),
        ("Terranova SA, 52, quai Nord, 69002 LYON", "Terranova SA"),
        ("Meridian Drukarnia S.A. al. Jerozolimskie 40 00-001 Warszawa", "Meridian Drukarnia S.A."),
        ("Whitfield, Burke & Co.", "Whitfield, Burke & Co."),
        ("Marchand Informatique SA 14 bis, quai Nord, 69002 LYON", "Marchand Informatique SA"),
        ("Logistik & Co. AG Seeweg 3 8001 Zürich", "Logistik & Co. AG"),
        ("Hofweg 12, 8010 Graz", "Hofweg 12"),
        ("Impianti Pontes S.r.l. Fattura di vendita", "Impianti Pontes S.r.l."),
    ],
)
def test_a_name_ends_where_its_address_begins(line: str, name: str) -> None:
    assert bare_name(line) == name


@pytest.mark.parametrize("text", ["ul. Kościuszki 12", "Rua Augusta, 12", "Tel. 0341 2215", "28001 Madrid 34 55"])
def test_an_address_is_no_name(text: str) -> None:
    assert not name_like(text)


def test_where_goods_are_sent_is_neither_buyer_nor_seller(tmp_path: Path) -> None:
    buyer = "Ship to:|Dockside Stores Ltd|9 Wharf Road|Hull HU1 2AA"
    document = read_document(draw(tmp_path / "a.pdf", ENGLISH, buyer=buyer))
    assert document.value("seller.name") == "Northwind Paper Ltd"
    assert document.value("buyer.name") != "Dockside Stores Ltd"


def test_an_address_without_a_label_is_the_buyers(tmp_path: Path) -> None:
    document = read_document(
        draw(tmp_path / "a.pdf", ENGLISH, buyer="Quayside Reading Room|4 Quay Street|Bristol BS1 4RB")
    )
    assert document.value("buyer.name") == "Quayside Reading Room"


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("NIF: B-30963946", "B30963946"),
        ("P.IVA 13503000302", "13503000302"),
        ("NIP: 497-968-04-82", "4979680482"),
        ("Contribuinte n.º 564 001 341", "564001341"),
        ("VAT Reg. No. 980 7806 84", "980780684"),
    ],
)
def test_a_tax_id_without_its_country_is_told_by_its_label_and_checksum(
    tmp_path: Path, printed: str, value: str
) -> None:
    seller = f"Northwind Paper Ltd|12 Mill Lane|Leeds LS1 2AB|{printed}"
    document = read_document(draw(tmp_path / "a.pdf", ENGLISH, seller=seller))
    assert document.value("seller.tax_id") == value
    assert document.problems == []


def test_a_number_without_such_a_label_is_no_tax_id(tmp_path: Path) -> None:
    seller = "Northwind Paper Ltd|12 Mill Lane|Leeds LS1 2AB|Licence 980 7806 84"
    assert read_document(draw(tmp_path / "a.pdf", ENGLISH, seller=seller)).value("seller.tax_id") is None
