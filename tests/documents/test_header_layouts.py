"""Where headers and totals stand on documents of a kind: layouts drawn here, each after a habit and after no vendor."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pytest

from bots.documents.document import Document
from bots.documents.pages.page import Page
from bots.documents.pages.text_layer import text_page
from bots.documents.reader import understand
from bots.documents.schemas import schema_of

Row = tuple[float, str]
"""The distance from the top, and cells as `x text | x text`; an x with `<` is the right edge of its text."""

SPOT_INVOICE: list[list[Row]] = [
    [
        (30, "360 INVOICE | 700 Page 1 of 2"),
        (50, "120 KQZZ | 360 Invoice # | 470 2210416-3"),
        (62, "120 P.O. Box 77120 | 360 Invoice Date | 470 03/29/20"),
        (74, "120 Denver, CO 80220 | 360 Invoice Period | 470 02/24/20 - 03/17/20"),
        (86, "360 Property | 470 KQZZ | 560 Order # | 640 2210416"),
        (98, "360 Account Executive | 470 M. Serio | 560 Alt Order # | 640 09756077"),
        (110, "77 Billing Address: | 560 Deal #"),
        (122, "77 Hollow Oak Media LLC | 560 Agency Code | 640 1232"),
        (150, "19 Line | 60 Channel | 186 Day | 286 Date | 360 Air Time | 440 Ad-ID | 560< Rate"),
        (162, "19 1 | 60 KQZZ | 186 Th | 286 03/12/20 | 360 6:56 AM | 440 QQ30 | 560< $1,100.00"),
        (174, "19 2 | 60 KQZZ | 186 M | 286 03/16/20 | 360 6:55 AM | 440 QQ30 | 560< $1,300.00"),
    ],
    [
        (30, "360 INVOICE | 700 Page 2 of 2"),
        (50, "120 KQZZ | 360 Invoice # | 470 2210416-3"),
        (62, "120 P.O. Box 77120 | 360 Invoice Date | 470 03/29/20"),
        (150, "19 Line | 60 Channel | 186 Day | 286 Date | 360 Air Time | 440 Ad-ID | 560< Rate"),
        (162, "19 3 | 60 KQZZ | 186 Su | 286 03/15/20 | 360 9:50 AM | 440 QQ30 | 560< $8,000.00"),
        (200, "186 Aired Spots | 300< 3"),
        (224, "343 Gross Total | 470< $10,400.00"),
        (236, "307 Agency Commission | 470< $1,560.00"),
        (248, "319 Net Amount Due | 470< $8,840.00 | 560 Payment Terms 30 Days"),
    ],
]

TWO_PRICES: list[list[Row]] = [
    [
        *SPOT_INVOICE[0],
        (186, "19 3 | 60 KQZZ | 186 Su | 286 03/15/20 | 360 9:50 AM | 440 QQ30 | 560< $8,000.00"),
        (224, "60 Total Gross Regular Price if paying by credit card: | 470< $10,660.00"),
        (236, "60 Total Gross Cash Discount Price if paying by check, wire or ACH: | 470< $10,400.00"),
        (248, "300 Agency Commission: | 470< $1,560.00"),
        (260, "60 Total Net Regular Price if paying by credit card: | 470< $9,100.00"),
        (272, "60 Total Net Cash Discount Price if paying by check, wire or ACH: | 470< $8,840.00"),
    ]
]

ORDER_OF_TWO_MONTHS: list[list[Row]] = [
    [
        (19, "408 Print Date 05/22/20 09:59:15 | 540 Page 1 of 1"),
        (31, "277 ORDER"),
        (73, "18 Orders | 87 Order / Rev: | 170 49310"),
        (88, "87 Alt Order #: | 170 09811339"),
        (103, "87 Product Desc: | 170 Spring sale"),
        (117, "87 Estimate: | 170 6815 | 320 KQZZ-DT1"),
        (133, "87 Flight Dates: | 170 05/27/20 - 06/01/20 | 320 Primary AE: | 400 P. Forsyth"),
        (148, "87 Original Date / Rev: | 170 05/22/20 / 05/22/20 | 320 Sales Office: | 400 ER-L1"),
        (163, "320 Agency Commission: | 400 15%"),
        (283, "18 Advertiser | 87 Name: | 170 Friends of Anders Holt"),
        (395, "19 Bill Plan | 306 Totals"),
        (
            407,
            "19 Start Date | 80 End Date | 130 # Spots | 215< Gross Amount | 290< Net Amount | 306 Month | 390 # Spots |"
            " 490< Gross Amount | 560< Net Amount",
        ),
        (
            419,
            "19 05/01/20 | 80 05/31/20 | 140 6 | 215< $1,700.00 | 290< $1,445.00 | 306 May 2020 | 400 6 |"
            " 490< $1,700.00 | 560< $1,445.00",
        ),
        (
            431,
            "19 06/01/20 | 80 06/01/20 | 140 3 | 215< $850.00 | 290< $722.50 | 306 June 2020 | 400 3 |"
            " 490< $850.00 | 560< $722.50",
        ),
        (443, "306 Totals | 400 9 | 490< $2,550.00 | 560< $2,167.50"),
    ]
]

CONTRACT: list[list[Row]] = [
    [
        (30, "250 Contract # 26830017 | 420 Changes as of: 3/24/2020 at 12:23 PM | 620 Version: Original Order"),
        (41, "271 CPE: 25/27/266 | 420 Flight: 3/25/20 - 3/31/20 | 620 Station: KQZZ"),
        (52, "258 Agency: Hollow Oak Media | 420 Advertiser: HOLT, ANDERS | 620 Market: Bend | 720 Total $: $125.00"),
        (82, "294 Arlington, VA 22201 | 420 Agency Order #: 9498336 | 620 Service: N | 720 Total CPP: $0.00"),
        (163, "482 3/25 - 3/31 | 620 Total | 680 Total"),
        (175, "48 # Day/Time | 130 Program | 300 Rate | 360 Len | 482 3/25 | 620 Spots | 690< $ | 760< CPP"),
        (186, "48 1 7a-9a | 130 Morning | 300 $20.00 | 360 30 | 490 2 | 630 2 | 690< $40.00 | 760< $0.00"),
        (197, "48 2 4p-5p | 130 Judge | 300 $15.00 | 360 30 | 490 3 | 630 3 | 690< $45.00 | 760< $0.00"),
        (208, "48 3 6p-6:30p | 130 News | 300 $40.00 | 360 30 | 490 1 | 630 1 | 690< $40.00 | 760< $0.00"),
        (232, "292 TOTALS: | 490 6 | 630 6 | 690< $125.00 | 760< $0.00"),
        (560, "15 Printed on 03/24/2020 at 03:35 PM"),
    ]
]

BOXED_CONTRACT: list[list[Row]] = [
    [
        (40, "420 CONTRACT"),
        (60, "320 Contract / Revision | 470 Alt Order #"),
        (72, "320 418846 / | 470 06077"),
        (90, "320 Product"),
        (102, "320 Spring sale"),
        (120, "320 Contract Dates | 470 Estimate #"),
        (132, "320 09/17/20 - 09/23/20 | 470 5512"),
        (150, "320 Advertiser | 470 Original Date / Revision"),
        (162, "320 Friends of Anders Holt | 470 09/14/20 / 09/15/20"),
        (300, "19 Time Period | 180< # of Spots | 300< Gross Amount | 400< Net Amount"),
        (312, "19 08/31/20 - 09/23/20 | 180< 12 | 300< $5,400.00 | 400< $4,590.00"),
        (324, "19 09/24/20 - 09/27/20 | 180< 2 | 300< $600.00 | 400< $510.00"),
        (340, "19 Totals | 180< 14 | 300< $6,000.00 | 400< $5,100.00"),
    ]
]


def read(pages: Sequence[Sequence[Row]], kind: str = "invoice") -> Document:
    """What is read from pages drawn with these rows."""
    return understand("drawn", draw(pages), schema_of(kind))


def draw(pages: Sequence[Sequence[Row]]) -> list[Page]:
    import pdfplumber
    from reportlab.pdfgen.canvas import Canvas

    paper = io.BytesIO()
    canvas = Canvas(paper, pagesize=(842, 595))
    for rows in pages:
        for top, text in rows:
            canvas.setFont("Helvetica-Bold" if top < 45 else "Helvetica", 8)
            for cell in text.split("|"):
                place, _, words = cell.strip().partition(" ")
                (canvas.drawRightString if place.endswith("<") else canvas.drawString)(
                    float(place.rstrip("<")), 595 - top - 8, words
                )
        canvas.showPage()
    canvas.save()
    with pdfplumber.open(io.BytesIO(paper.getvalue())) as pdf:
        return [text_page(number, page) for number, page in enumerate(pdf.pages, start=1)]


def values(document: Document) -> dict[str, str]:
    return {name: str(found.value) for name, found in document.fields.items()}


def test_an_invoice_for_spots_has_its_own_number_and_the_gross_amount_as_total() -> None:
    found = values(read(SPOT_INVOICE))
    assert found["number"] == "2210416-3"
    assert found["order_number"] == "2210416"
    assert found["issue_date"] == "2020-03-29"
    assert (found["total"], found["net_total"]) == ("10400.00", "8840.00")


def test_of_two_totals_the_one_counts_that_the_rows_come_to() -> None:
    assert values(read(TWO_PRICES))["total"] == "10400.00"


@pytest.mark.parametrize(
    ("pages", "number", "total"),
    [
        (ORDER_OF_TWO_MONTHS, "49310", "2550.00"),
        (CONTRACT, "26830017", "125.00"),
        (BOXED_CONTRACT, "418846", "6000.00"),
    ],
)
def test_an_order_carries_its_own_number_and_the_sum_of_its_table(
    pages: list[list[Row]], number: str, total: str
) -> None:
    found = values(read(pages))
    assert (found["number"], found["total"]) == (number, total)


AGREEMENT: list[Row] = [
    (30, "40 STATION KQZZ-TV | 300 CONTRACT AGREEMENT"),
    (50, "40 Contract Num: 77120 | 300 Contract Date: 09/14/20"),
    (62, "40 Agency: Hollow Oak Media | 300 Advertiser: Holt for Senate"),
    (100, "40 Line | 100 Days | 200 Time | 300< Spots | 400< Rate | 500< Total"),
    (112, "40 1 | 100 M-F | 200 6A-7A | 300< 10 | 400< 100.00 | 500< 1,000.00"),
    (124, "40 2 | 100 SA | 200 8A-9A | 300< 2 | 400< 250.00 | 500< 500.00"),
    (150, "40 ORDER TOTALS: | 200 GROSS: 1,500.00 | 330 COMM: 225.00- | 460 NET: 1,275.00"),
]
CONFIRMATION: list[Row] = [
    (30, "40 ORDER CONFIRMATION"),
    (50, "40 Order No. | 150 3381-00012 | 300 Entered | 400 09/14/2020"),
    (62, "40 Customer | 150 Holt for Senate"),
    (150, "40 Month | 200< Spots | 300< Gross | 400< Commission | 500< Net"),
    (162, "40 Sep 2020 | 200< 10 | 300< $1,000.00 | 400< $150.00 | 500< $850.00"),
    (174, "40 Oct 2020 | 200< 5 | 300< $500.00 | 400< $75.00 | 500< $425.00"),
    (186, "40 Grand Total | 200< 15 | 300< $1,500.00 | 400< $225.00 | 500< $1,275.00"),
]


@pytest.mark.parametrize(("rows", "number"), [(AGREEMENT, "77120"), (CONFIRMATION, "3381-00012")])
def test_the_date_of_an_order_is_its_own(rows: list[Row], number: str) -> None:
    found = values(read([rows]))
    assert (found["number"], found["issue_date"]) == (number, "2020-09-14")
    assert (found["total"], found["net_total"]) == ("1500.00", "1275.00")


def test_the_date_of_an_order_is_not_that_of_the_invoice_for_it() -> None:
    rows = [(30, "40 Invoice no. 4711"), (42, "40 Order date: 12 March 2026"), (300, "40 Total | 400< 99.00")]
    assert "issue_date" not in values(read([rows]))


def test_gross_commission_and_net_may_stand_in_one_line() -> None:
    rows = [
        (30, "40 Invoice"),
        (50, "40 Inv # | 150 1188-2 | 300 Billing Period | 450 Mar 2020"),
        (62, "40 Order | 150 1188 | 300 Date | 450 03/29/2020"),
        (150, "40 Total Spots: 12 | 300 Gross: $1,200.00 | 450 Agency Comm: $180.00 | 620 Net: $1,020.00"),
    ]
    found = values(read([rows]))
    assert (found["number"], found["total"], found["net_total"]) == ("1188-2", "1200.00", "1020.00")


def test_what_was_open_before_is_not_part_of_the_total() -> None:
    rows = [
        (30, "40 INVOICE"),
        (50, "300 Invoice Number | 450 Invoice Date | 600 Contract Number"),
        (62, "300 A77120 | 450 9/30/2020 | 600 991122"),
        (150, "40 Gross Amount: | 300< $2,000.00"),
        (162, "40 Less Agency Commission: | 300< $300.00"),
        (174, "40 Net Amount Due: | 300< $1,700.00"),
        (186, "40 Previous Balance | 300< $500.00"),
        (198, "40 Total Amount Due: | 300< $2,200.00"),
    ]
    found = values(read([rows]))
    assert (found["number"], found["total"], found["net_total"]) == ("A77120", "2000.00", "1700.00")


def test_on_an_order_the_customers_order_number_is_the_order_number() -> None:
    assert values(read(CONTRACT))["order_number"] == "9498336"


def test_an_invoice_without_a_number_does_not_take_that_of_its_order() -> None:
    rows = [row for row in SPOT_INVOICE[0] if "Invoice #" not in row[1]]
    found = values(read([rows]))
    assert "number" not in found
    assert found["order_number"] == "2210416"


@pytest.mark.parametrize(
    ("head", "row", "net", "tax", "total"),
    [
        (
            "40 Net total | 200 VAT | 320 Total due",
            "170< 1,310.00 | 290< 262.00 | 420< 1,572.00",
            "1310",
            "262",
            "1572",
        ),
        (
            "40 Total HT | 160 Remise | 280 TVA 20 % de 90,00 | 430 Net à payer",
            "140< 100,00 | 260< -10,00 | 410< 18,00 | 540< 108,00",
            "100",
            "18",
            "108",
        ),
    ],
)
def test_amounts_in_a_row_of_boxes_belong_to_the_headings_in_their_order(
    head: str, row: str, net: str, tax: str, total: str
) -> None:
    found = values(read([[(30, "40 Invoice | 200 Invoice no. 4711"), (300, head), (313, row)]]))
    assert {name: found[name].removesuffix(".00") for name in ("net_total", "tax_total", "total")} == {
        "net_total": net,
        "tax_total": tax,
        "total": total,
    }


def test_the_sums_of_a_table_of_rates_stand_in_its_last_row() -> None:
    rows = [
        (30, "40 Rechnung Nr. 4711"),
        (300, "40 Satz | 200< Netto | 300< MwSt | 400< Brutto"),
        (312, "40 19 % | 200< 100,00 | 300< 19,00 | 400< 119,00"),
        (324, "40 7 % | 200< 200,00 | 300< 14,00 | 400< 214,00"),
        (336, "40 Summe | 200< 300,00 | 300< 33,00 | 400< 333,00"),
    ]
    found = values(read([rows]))
    assert (found["net_total"], found["tax_total"], found["total"]) == ("300.00", "33.00", "333.00")


def test_two_rates_are_added_up_where_no_sum_of_them_is_printed() -> None:
    rows = [
        (30, "40 Rechnungskorrektur Nr. 4711"),
        (300, "40 Netto | 400< -300,00"),
        (312, "40 MwSt 19 % | 400< -19,00"),
        (324, "40 MwSt 7 % | 400< -14,00"),
        (336, "40 Bruttobetrag | 400< -333,00"),
    ]
    assert values(read([rows]))["tax_total"] == "-33.00"


def test_a_sum_carried_over_is_no_total() -> None:
    rows = [
        [(30, "40 Fattura n. 4711"), (60, "40 Descrizione | 300< Qtà | 380< Prezzo | 480< Totale"),
         (72, "40 Corriere | 300< 2,00 | 380< 600,00 | 480< 1.200,00"), (90, "40 A riportare | 480< 1.200,00")],
        [(30, "40 Riporto | 480< 1.200,00"), (42, "40 Servizio | 300< 1,00 | 380< 50,00 | 480< 50,00"),
         (60, "40 Imponibile | 480< 1.250,00"), (72, "40 IVA 22% | 480< 275,00"), (84, "40 Totale | 480< 1.525,00")],
    ]  # fmt: skip
    found = values(read(rows))
    assert (found["net_total"], found["tax_total"], found["total"]) == ("1250.00", "275.00", "1525.00")


def test_an_advance_changes_what_is_due_and_not_the_total() -> None:
    rows = [
        (30, "40 Rechnung Nr. 4711"),
        (300, "40 Summe brutto: | 400< EUR 10.793,83"),
        (312, "40 abzgl. Anzahlung: | 400< -EUR 3.238,15"),
        (324, "40 Zahlbetrag: | 400< EUR 7.555,68"),
    ]
    assert values(read([rows]))["total"] == "10793.83"


def test_no_tax_is_read_where_the_page_says_that_there_is_none() -> None:
    rows = [
        (30, "40 Rechnung Nr. 4711"),
        (300, "40 Netto | 400< 990,00"),
        (312, "40 Gesamtbetrag | 400< 990,00"),
        (330, "40 Gemäß § 19 UStG wird keine Umsatzsteuer berechnet."),
    ]
    assert values(read([rows]))["tax_total"] == "0.00"


def test_a_paragraph_of_a_law_is_no_amount() -> None:
    rows = [
        (30, "40 Rechnung Nr. 4711"),
        (300, "40 Umsatzsteuer nach § 19 | 400< "),
        (312, "40 Gesamtbetrag | 400< 99,00"),
    ]
    assert values(read([rows])).get("tax_total") != "19"


@pytest.mark.parametrize(
    ("sentence", "due"),
    [
        ("Zahlbar bis 10.05.2026 mit 2 % Skonto, bis 30.05.2026 netto.", "2026-05-30"),
        ("Zahlbar innerhalb 30 Tagen netto bis 04.06.2026, 3% Skonto bis 15.05.2026.", "2026-06-04"),
        ("Bis zum 10.05.2026 erhalten Sie 2,000 % Skonto", None),
        ("Der Betrag wird am 20.05.2026 per Lastschrift eingezogen.", "2026-05-20"),
        ("Der Betrag ist am 20.05.2026 fällig.", "2026-05-20"),
        ("Die Rechnung ist zahlbar zum 20.05.2026 rein netto.", "2026-05-20"),
        ("Gelieve uiterlijk 20-05-2026 te betalen.", "2026-05-20"),
        ("Si prega di saldare entro il 20/05/2026.", "2026-05-20"),
        ("Pagadero antes del 20-05-2026.", "2026-05-20"),
        ("A pagar até ao dia 20 de maio de 2026.", "2026-05-20"),
        ("Ihre Zahlung haben wir am 20.05.2026 erhalten, danke; bezahlt am 21.05.2026.", None),
    ],
)
def test_a_sentence_says_when_the_money_is_due(sentence: str, due: str | None) -> None:
    rows = [(30, "40 Rechnung Nr. 4711 vom 01.05.2026"), (300, "40 Gesamtbetrag | 400< 99,00"), (330, f"40 {sentence}")]
    found = values(read([rows]))
    assert found.get("due_date") == due
    assert found["issue_date"] == "2026-05-01"


def test_a_date_may_begin_the_line_after_its_label() -> None:
    rows = [(30, "40 Rechnung Nr. 471102 vom"), (42, "40 05.03.2026"), (300, "40 Gesamtbetrag | 400< 99,00")]
    found = values(read([rows]))
    assert (found["number"], found["issue_date"]) == ("471102", "2026-03-05")


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("40 Invoice No : # BLR_2015/77", "BLR_2015/77"),
        ("40 Verkoopfactuur nr. 2026-8850", "2026-8850"),
        ("40 Nr dokumentu: | 160 FT 2026/9119", "FT 2026/9119"),
        ("40 Factura nº: | 160 A-2026-31", "A-2026-31"),
        ("40 BUCHUNGSHILFE Rechnung Nr. 471102", "471102"),
    ],
)
def test_the_number_stands_behind_its_label_however_that_is_written(line: str, number: str) -> None:
    rows = [(30, line), (60, "40 HRB Nr. 372876"), (300, "40 Total | 400< 99,00"), (500, "40 Registered No. 96997")]
    assert values(read([rows]))["number"] == number


def test_what_refers_to_another_document_is_not_this_ones_number() -> None:
    rows = [
        (30, "40 Gutschrift | 200 Nr. G-31"),
        (60, "40 Original invoice number: RE-17 | 300 Credit note no: G-31"),
        (300, "40 Total | 400< 99,00"),
    ]
    assert values(read([rows]))["number"] == "G-31"


@pytest.mark.parametrize("amount", ["22 224,44", "22.224,44", "22'224,44", "22 224,44 €"])
def test_thousands_are_grouped_as_the_document_does_it(amount: str) -> None:
    rows = [(30, "40 Fatura n.º 4711"), (300, f"40 Total s/ IVA | 400< {amount}"), (312, f"40 Total | 400< {amount}")]
    assert values(read([rows]))["total"] == "22224.44"
