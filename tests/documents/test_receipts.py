"""Receipts of many lands: the shop, its address, the date of the sale and what was to be paid."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bots.documents.document import Document
from bots.documents.reader import understand
from bots.documents.schemas import schema_of
from bots.documents.words.lexicon import squeeze
from tests.documents.rolls import roll, tills, worn

TILLS = tills()


def read(text: str, **how: float) -> Document:
    return understand("roll", [roll(text, **how)], schema_of("receipt"))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", TILLS)
def test_a_receipt_gives_shop_address_date_and_total(name: str) -> None:
    known = TILLS[name]
    found = read(known["text"])
    assert squeeze(str(found.value("seller.name"))) == squeeze(known["seller.name"])
    assert squeeze(str(found.value("seller.address"))) == squeeze(known["seller.address"])
    assert str(found.value("issue_date")) == str(known["issue_date"])
    assert found.value("total") == Decimal(known["total"])
    assert found.problems == []


def test_totals_stand_although_letters_of_their_words_are_worn() -> None:
    right = 0
    for seed, known in enumerate(TILLS.values()):
        right += read(worn(known["text"], seed)).value("total") == Decimal(known["total"])
    assert right >= 0.9 * len(TILLS)


def test_rows_of_a_tilted_photograph_find_their_amounts() -> None:
    right = 0
    for known in TILLS.values():
        right += read(known["text"], tilt=1.5).value("total") == Decimal(known["total"])
    assert right >= 0.9 * len(TILLS)


@pytest.mark.parametrize("tilt", [-8.0, 6.0])
def test_a_page_that_was_not_straightened_is_read_along_its_slope(tilt: float) -> None:
    right = 0
    for known in TILLS.values():
        found = read(known["text"], tilt=tilt)
        right += all(
            squeeze(str(found.value(name))) == squeeze(str(known[name]))
            for name in ("seller.name", "seller.address", "issue_date", "total")
        )
    assert right >= 0.9 * len(TILLS)


def test_the_sum_after_rounding_is_the_total() -> None:
    text = """
    NICE SHOP SDN BHD
    NO 1, JALAN BESAR, 43000 KAJANG
    01/02/2018 10:00
    THING  10.02
    TOTAL  10.02
    ROUNDING ADJ  -0.02
    AMOUNT ROUNDED  10.00
    CASH  20.00
    CHANGE  10.00
    """
    assert read(text).value("total") == Decimal("10.00")


def test_a_misread_total_gives_way_to_what_payment_taxes_and_items_prove() -> None:
    text = """
    NICE SHOP SDN BHD
    NO 1, JALAN BESAR, 43000 KAJANG
    01/02/2018 10:00
    FLOUR   358.70
    RICE    400.00
    Total Inc. GST  758.70
    Final Total     753.70
    Cash            760.00
    Change            1.30
    """
    assert read(text).value("total") == Decimal("758.70")


def test_cash_and_change_that_give_another_sum_are_a_problem() -> None:
    text = """
    NICE SHOP SDN BHD
    NO 1, JALAN BESAR, 43000 KAJANG
    01/02/2018 10:00
    THING  17.00
    TOTAL  12.00
    CASH   20.00
    CHANGE  3.00
    """
    found = read(text)
    assert [problem.code for problem in found.problems] == ["TOTALS_DISAGREE"]
    assert found.problems[0].message == (
        "Paid 20.00 and given back 3.00 makes 17.00, but the total says 12.00; compare them with the page"
    )


def test_a_date_that_may_be_two_is_a_problem_where_no_sign_tells_the_country() -> None:
    text = """
    BLUE DOOR
    04/05/2024 10:00
    THING  5.00
    TOTAL  5.00
    """
    found = read(text)
    assert [problem.code for problem in found.problems] == ["AMBIGUOUS_DATE"]
    assert found.fields["issue_date"].confidence <= 0.5


def test_nothing_is_made_up_on_an_empty_roll() -> None:
    found = read("")
    assert found.fields == {}
    assert {problem.fields for problem in found.problems} == {("seller.name",), ("issue_date",), ("total",)}


def test_a_receipt_asked_for_as_an_invoice_gives_the_same_shop_date_and_total() -> None:
    right = 0
    for known in TILLS.values():
        found = understand("roll", [roll(known["text"])], schema_of("invoice"))
        right += found.value("total") == Decimal(known["total"]) and str(found.value("issue_date")) == str(
            known["issue_date"]
        )
    assert right >= 0.85 * len(TILLS)
