"""The parts of a receipt by themselves: dates however they are printed, words beside amounts, lines of the head."""

from __future__ import annotations

from datetime import date

import pytest

from bots.documents.receipts.country import country_of
from bots.documents.receipts.date import days_of
from bots.documents.receipts.header import cleaned, head_of
from bots.documents.receipts.rows import role_of, rows_of
from bots.documents.receipts.spelling import unmixed
from bots.documents.receipts.words import vocabulary
from bots.documents.words.lexicon import squeeze
from tests.documents.rolls import heads, roll


@pytest.mark.parametrize(
    ("printed", "meant"),
    [
        ("23-MAR-18", date(2018, 3, 23)),
        ("23/03/2018 10:11:12PM", date(2018, 3, 23)),
        ("2018-03-23T10:11", date(2018, 3, 23)),
        ("Date:23/03/201810:11", date(2018, 3, 23)),
        ("27/06/185:02:32 PM", date(2018, 6, 27)),
        ("11/02/1819:21 Slip No.: 6030098553", date(2018, 2, 11)),
        ("23 /03/ 2018", date(2018, 3, 23)),
        ("Oct 3, 201612:16:25 PM", date(2016, 10, 3)),
        ("05~05-17 02:49PM", date(2017, 5, 5)),
        ("O1/06/2O18 6:31", date(2018, 6, 1)),
        ("Tarikh : 14.02.2018", date(2018, 2, 14)),
        ("Sat 21/10/2017 01:31:54 PM", date(2017, 10, 21)),
        ("05 MAY 18", date(2018, 5, 5)),
        ("le 15 janvier 2024", date(2024, 1, 15)),
    ],
)
def test_dates_are_read_however_they_are_printed(printed: str, meant: date) -> None:
    assert days_of([roll(printed)], day_first=True)[0].value == meant


@pytest.mark.parametrize("code", ["HD03-04-06 - 5/40/160", "INV-2018-03-2311", "TEL 03-04-0612345", "12.50 x 3"])
def test_codes_are_no_dates(code: str) -> None:
    assert days_of([roll(code)], day_first=True) == []


def test_the_weekday_tells_which_number_is_the_month() -> None:
    first = days_of([roll("Fri 04/05/2018 10:00")], day_first=False)[0]
    assert (first.value, first.certain) == (date(2018, 5, 4), True)


def test_the_day_of_the_sale_is_not_the_day_a_promotion_ends() -> None:
    text = "14/02/2018 10:00\nVALID UNTIL 28/02/2018\nEXPIRY DATE 31/12/2020"
    assert days_of([roll(text)], day_first=True)[0].value == date(2018, 2, 14)


@pytest.mark.parametrize(
    ("label", "role"),
    [
        ("TOTAL INCL.GST@6%", "total"),
        ("Total Rounded", "total"),
        ("NET À PAYER", "total"),
        ("Zu zahlen EUR", "total"),
        ("TOTALSALESINCLGST", "total"),
        ("TOTAL INCLUDES 6% GST", "tax"),
        ("GST @6% included in total", "tax"),
        ("GST PAYABLE", "tax"),
        ("dont TVA 10%", "tax"),
        ("TOTAL EXCL GST", "net"),
        ("Zwischensumme", "subtotal"),
        ("CHANGE DUE", "change"),
        ("Rückgeld", "change"),
        ("Amount Tendered", "tender"),
        ("Total Payment", "tender"),
        ("TTL CASH", "cash"),
        ("Rounding Adj", "rounding"),
        ("TOTAL SAVINGS", "other"),
        ("TOTAL POINTS", "other"),
        ("Service Charge 10%", "service"),
        ("CHICKEN RICE", "item"),
    ],
)
def test_the_words_beside_an_amount_give_it_its_role(label: str, role: str) -> None:
    assert role_of(label)[0] == role


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("GOOD MART S/B (519537-X)", "GOOD MART S/B"),
        ("GOOD MART 5/B (519537-X)", "GOOD MART S/B"),
        ("GOOD CO. (M) BHD (126926-H)", "GOOD CO. (M) BHD"),
        ("GOOD BAKERIES (KL) SDN BHD (139386 X)", "GOOD BAKERIES (KL) SDN BHD"),
        ("GOOD SDN BHD ROC NO: 538358-H", "GOOD SDN BHD"),
        ("GOOD SDN BHD 201901012345 (1321674-P)", "GOOD SDN BHD"),
        ("Good Food Sdn Bnd", "Good Food Sdn Bhd"),
        ("GOOD PHARMACY SDN BHDI", "GOOD PHARMACY SDN BHD"),
        ("GOOD (M) SIN BHD", "GOOD (M) SDN BHD"),
        ("GOOD TOOLS SDN. BHD.", "GOOD TOOLS SDN. BHD."),
        ("Route 66 Diner", "Route 66 Diner"),
    ],
)
def test_a_name_is_given_without_its_registration_number(printed: str, name: str) -> None:
    assert cleaned(printed) == name


@pytest.mark.parametrize("head", heads(), ids=lambda head: head["name"])
def test_the_head_gives_the_name_and_the_address_and_nothing_else(head: dict[str, str]) -> None:
    page = roll(head["lines"] + "TAX INVOICE\nDATE : 12/03/2018 10:11\nTHING   RM 12.00\nTOTAL   RM 12.00\n")
    names, addresses = head_of(page, country_of([page]))
    assert squeeze(names[0].text) == squeeze(head["name"])
    assert squeeze(addresses[0].text) == squeeze(head["address"])


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("HARTLEY & 5ONS LTD", "HARTLEY & SONS LTD"),
        ("TRAFIK HU8ER", "TRAFIK HUBER"),
        ("COMMUNlCATIONS", "COMMUNICATIONS"),
        ("LOT SS21/39, UPTOWN3, U13/X", "LOT SS21/39, UPTOWN3, U13/X"),
        ("B2B 99 G38-G41 3RD FLR", "B2B 99 G38-G41 3RD FLR"),
    ],
)
def test_a_digit_taken_for_a_letter_inside_a_word_is_put_right(read: str, meant: str) -> None:
    assert unmixed(read) == meant


def test_what_was_stamped_over_the_name_is_not_the_name() -> None:
    text = "A04119\n   (4) POSTED\n  GOOD TRADING\n NO 1, JALAN BESAR,\n 43000 KAJANG\n TEL: 03-87331122"
    names, addresses = head_of(roll(text), country_of([roll(text)]))
    assert names[0].text == "GOOD TRADING"
    assert addresses[0].text == "NO 1, JALAN BESAR, 43000 KAJANG"


def test_former_names_and_licensees_are_not_the_name() -> None:
    text = (
        "NEW FOODS SDN BHD\n(65351-M)\nformerly known as\nOLD FOODS SDN BHD\nLicensee of Great Burgers\n"
        "LEVEL 6, BANGUNAN TH,\n47400 PETALING JAYA\nGST ID No: 000504664064"
    )
    names, addresses = head_of(roll(text), country_of([roll(text)]))
    assert names[0].text == "NEW FOODS SDN BHD"
    assert addresses[0].text == "LEVEL 6, BANGUNAN TH, 47400 PETALING JAYA"


def test_a_name_goes_on_where_only_the_legal_form_follows() -> None:
    text = "GRAND BOOK\nCO. (M) SDN BHD\n(113825-W)\nNO 8, JALAN 7/118B,\n56000 KUALA LUMPUR"
    names, _ = head_of(roll(text), country_of([roll(text)]))
    assert names[0].text == "GRAND BOOK CO. (M) SDN BHD"


def test_words_that_stick_together_are_still_told_apart() -> None:
    found = vocabulary("amounts").find("TOTALSALESINCLGST")
    assert [one.letters for one in found] == ["total", "sales", "incl", "gst"]


def test_amounts_beside_a_row_that_the_tilt_put_on_the_next_line_belong_to_it() -> None:
    words = roll("TOTAL").words
    amount = roll("                  12.50").words[0]
    x0, y0, x1, y1 = amount.box
    page = roll("")
    page.words = [words[0], type(amount)(amount.text, (x0, y0 + 6, x1, y1 + 6))]
    page.lines = type(page)(1, 300, 100, page.words).lines
    rows = [row for row in rows_of([page]) if row.amounts]
    assert len(page.lines) == 2
    assert [(row.label, str(row.last.value)) for row in rows] == [("TOTAL", "12.50")]
