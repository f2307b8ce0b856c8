"""A software house's invoice: a coloured side band, labels above their values, much white, no rules."""

from __future__ import annotations

from demo.samples.formats import long_english, number, point
from demo.samples.invoice import Invoice
from demo.samples.paper import GREY, Column, Paper, Table
from demo.samples.vendors import grouped

VIOLET = (0.33, 0.22, 0.62)
INK = (0.13, 0.12, 0.22)


def draw(invoice: Invoice) -> bytes:
    vendor, home = invoice.vendor, invoice.vendor.address
    paper = Paper(f"Invoice {invoice.number}", home.name, font="Vera")
    paper.fill(0, 0, 6, 297, VIOLET)
    paper.disc(27, 21, 5, VIOLET)
    paper.disc(30, 21, 3.4, (0.78, 0.73, 0.93))
    paper.text(38, 23, "northquay", 17, bold=True, colour=INK)
    paper.text(190, 23, "Invoice", 17, align="right", colour=VIOLET)
    _above(paper, invoice)
    _parties(paper, invoice)
    y = _table().draw(paper, 122, invoice.lines)
    y = _totals(paper, y + 8, invoice)
    paper.block(
        22,
        y + 12,
        [
            "VAT reverse charge: the recipient is liable for VAT (Art. 196 Directive 2006/112/EC).",
            f"Please transfer to IBAN {grouped(vendor.iban)} (BIC {vendor.bic}), {vendor.bank}.",
        ],
        7.5,
        4.4,
    )
    paper.text(22, 280, f"{home.name}   {home.street}   {home.town}   {home.country}", 7, colour=GREY)
    paper.text(22, 284, f"{vendor.register}   VAT ID {vendor.tax_id_printed}   {vendor.mail}", 7, colour=GREY)
    return paper.finish()


def _above(paper: Paper, invoice: Invoice) -> None:
    facts = [
        ("Invoice number", invoice.number),
        ("Issue date", long_english(invoice.issued)),
        ("Due date", long_english(invoice.due)),
        ("Your reference", invoice.order),
    ]
    for position, (label, value) in enumerate(facts):
        x = 22 + position * 43
        paper.text(x, 43, label, 7, colour=GREY)
        paper.text(x, 49, value, 9.5, bold=position == 0, colour=INK)


def _parties(paper: Paper, invoice: Invoice) -> None:
    home, buyer = invoice.vendor.address, invoice.buyer
    for x, title, party, country in ((22, "From", home, home.country), (108, "Billed to", buyer, "Germany")):
        paper.text(x, 66, title, 7, colour=GREY)
        paper.text(x, 72, party.name, 9.5, bold=True, colour=INK)
        paper.block(x, 77.5, [party.street, party.town, country, f"VAT ID {party.tax_id}"], 8.5, 4.8)


def _table() -> Table:
    return Table(
        [
            Column("Description", 21, 112, lambda _, line: line.description),
            Column("Quantity", 112, 138, lambda _, line: f"{number(line.quantity, '.')} {line.unit}", "right"),
            Column("Unit price", 138, 164, lambda _, line: f"€{point(line.price)}", "right"),
            Column("Amount", 164, 191, lambda _, line: f"€{point(line.net)}", "right"),
        ],
        size=8.5,
        gap=4,
        style="plain",
    )


def _totals(paper: Paper, y: float, invoice: Invoice) -> float:
    paper.rule(112, y - 3, 190, width=0.3, colour=GREY)
    paper.pairs(
        113,
        190,
        y + 2,
        [("Subtotal", f"€{point(invoice.net)}"), ("VAT 0% (reverse charge)", f"€{point(invoice.tax)}")],
        6,
    )
    paper.text(113, y + 17, "Amount due", 11, bold=True, colour=VIOLET)
    paper.text(190, y + 17, f"€{point(invoice.printed_total)}", 11, bold=True, align="right", colour=VIOLET)
    return y + 20
