"""A British forwarder's invoice: centred letterhead, facts in two framed columns, VAT summary at the left."""

from __future__ import annotations

from demo.samples.formats import long_english, number, point
from demo.samples.invoice import Invoice
from demo.samples.paper import GREY, Column, Paper, Table
from demo.samples.vendors import grouped

NAVY = (0.07, 0.13, 0.30)
SYMBOLS = {"GBP": "£", "EUR": "€", "USD": "$"}


def draw(invoice: Invoice) -> bytes:
    vendor, home = invoice.vendor, invoice.vendor.address
    paper = Paper(f"Invoice {invoice.number}", home.name)
    paper.fill(20, 13, 170, 14, NAVY)
    paper.text(105, 22.4, "BRIGHTWATER FREIGHT", 19, bold=True, align="center", colour=(1, 1, 1))
    paper.text(105, 32, f"{home.name}, {home.street}, {home.town}", 8.5, align="center", colour=GREY)
    paper.text(105, 36, f"{vendor.phone}   {vendor.mail}   {vendor.web}", 8.5, align="center", colour=GREY)
    paper.text(105, 48, "VAT INVOICE", 13, bold=True, align="center", colour=NAVY)
    _facts(paper, invoice)
    y = _table(invoice.currency).draw(paper, 98, invoice.lines)
    _vat(paper, y + 10, invoice)
    _totals(paper, y + 10, invoice)
    paper.text(20, 232, "How to pay", 9.5, bold=True, colour=NAVY)
    paper.block(
        20,
        237.5,
        [
            f"{vendor.bank}, account name {home.name}",
            f"IBAN {grouped(vendor.iban)}   SWIFT {vendor.bic}",
            f"Please quote {invoice.number} with your payment. Queries within seven days to {vendor.mail}.",
        ],
        8.5,
    )
    paper.rule(20, 272, 190, width=0.4, colour=NAVY)
    paper.text(
        105, 276.5, f"{vendor.register}. VAT registration no. {vendor.tax_id_printed}", 8, align="center", colour=GREY
    )
    paper.text(
        105, 280.5, "All goods are carried under the RHA Conditions of Carriage.", 7, align="center", colour=GREY
    )
    return paper.finish()


def _facts(paper: Paper, invoice: Invoice) -> None:
    buyer = invoice.buyer
    paper.box(20, 54, 170, 36, line=0.6)
    paper.upright(105, 54, 90, width=0.6)
    paper.text(24, 60, "Invoice to", 8, colour=GREY)
    paper.block(24, 66, [buyer.name, buyer.street, buyer.town, "Germany"], 10, 4.7)
    paper.text(24, 87, f"VAT no. {buyer.tax_id}", 8.5)
    facts = [
        ("Invoice no.", invoice.number),
        ("Invoice date", long_english(invoice.issued)),
        ("Payment due", long_english(invoice.due)),
        ("Your order no.", invoice.order),
        ("Account", invoice.customer),
    ]
    paper.pairs(109, 186, 61, facts, 5.8)


def _table(currency: str) -> Table:
    return Table(
        [
            Column("Code", 20, 40, lambda _, line: line.article),
            Column("Description", 40, 110, lambda _, line: line.description),
            Column("Qty", 110, 124, lambda _, line: number(line.quantity, "."), "right"),
            Column("Unit", 124, 140, lambda _, line: line.unit, "center"),
            Column("Price", 140, 156, lambda _, line: point(line.price), "right"),
            Column("VAT", 156, 169, lambda _, line: f"{number(line.rate, '.')}%", "right"),
            Column(f"Net {currency}", 169, 190, lambda _, line: point(line.net), "right"),
        ],
        gap=3.2,
        style="ruled",
    )


def _vat(paper: Paper, y: float, invoice: Invoice) -> None:
    paper.text(20, y + 4, "VAT summary", 8.5, bold=True, colour=NAVY)
    for x, title in ((36, "Rate"), (60, "Goods"), (84, "VAT")):
        paper.text(x, y + 10, title, 8.5, align="right", colour=GREY)
    for position, (rate, base, tax) in enumerate(invoice.taxes):
        for x, words in ((36, f"{number(rate, '.')}%"), (60, point(base)), (84, point(tax))):
            paper.text(x, y + 15 + 5 * position, words, 8.5, align="right")


def _totals(paper: Paper, y: float, invoice: Invoice) -> None:
    symbol = SYMBOLS[invoice.currency]
    paper.pairs(
        125, 189, y + 4, [("Net amount", symbol + point(invoice.net)), ("VAT amount", symbol + point(invoice.tax))], 6
    )
    paper.fill(122, y + 13, 68, 8.5, NAVY)
    paper.text(125, y + 18.8, f"Total due ({invoice.currency})", 10.5, bold=True, colour=(1, 1, 1))
    paper.text(189, y + 18.8, symbol + point(invoice.printed_total), 10.5, bold=True, align="right", colour=(1, 1, 1))
