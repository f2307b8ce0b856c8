"""An American supplier's invoice from an old accounting program: US letter, Courier, remittance slip at the foot."""

from __future__ import annotations

from demo.samples.formats import american, number, point
from demo.samples.invoice import Invoice
from demo.samples.paper import LETTER, Column, Paper, Table


def draw(invoice: Invoice) -> bytes:
    vendor, home = invoice.vendor, invoice.vendor.address
    paper = Paper(f"Invoice {invoice.number}", home.name, size=LETTER, font="Courier")
    paper.text(20, 22, home.name.upper(), 14, bold=True)
    paper.block(20, 27.5, [home.street, home.town, f"Phone {vendor.phone}", f"Tax ID {vendor.tax_id_printed}"], 9)
    paper.text(195, 22, "INVOICE", 18, bold=True, align="right")
    paper.block(
        130,
        30,
        [
            f"Invoice #  : {invoice.number}",
            f"Date       : {american(invoice.issued)}",
            f"Terms      : Net {(invoice.due - invoice.issued).days}",
            f"Due date   : {american(invoice.due)}",
            f"P.O. number: {invoice.order}",
        ],
        9,
    )
    buyer = [invoice.buyer.name, invoice.buyer.street, invoice.buyer.town, "GERMANY"]
    for x, title in ((20, "BILL TO"), (112, "SHIP TO")):
        paper.box(x, 60, 83, 30, line=0.5)
        paper.text(x + 3, 65.5, title, 8, bold=True)
        paper.block(x + 3, 71, buyer, 9)
    y = _table().draw(paper, 98, invoice.lines)
    _totals(paper, y + 10, invoice)
    paper.block(20, y + 14, ["Export sale, no sales tax.", "FOB Denver, CO.", "Thank you for your business!"], 9)
    paper.text(107.9, 222, "-" * 84, 8.5, align="center")
    paper.text(20, 229, "REMITTANCE - please return with your payment", 9, bold=True)
    paper.block(20, 235, [f"Make checks payable to {home.name}", f"Wire: {vendor.bank}, account 4417 209 883"], 9)
    paper.text(195, 247, f"Customer {invoice.customer}   Invoice {invoice.number}", 9, align="right")
    return paper.finish()


def _table() -> Table:
    return Table(
        [
            Column("ITEM", 20, 42, lambda _, line: line.article),
            Column("DESCRIPTION", 42, 113, lambda _, line: line.description),
            Column("QTY", 113, 128, lambda _, line: number(line.quantity, "."), "right"),
            Column("U/M", 128, 140, lambda _, line: line.unit, "center"),
            Column("PRICE", 140, 165, lambda _, line: point(line.price), "right"),
            Column("AMOUNT", 165, 195, lambda _, line: point(line.net), "right"),
        ],
        style="grid",
    )


def _totals(paper: Paper, y: float, invoice: Invoice) -> None:
    rows = [
        ("Subtotal", point(invoice.net)),
        ("Sales tax", point(invoice.tax)),
        ("TOTAL USD", f"${point(invoice.printed_total)}"),
    ]
    for position, (label, value) in enumerate(rows):
        paper.text(140, y + 4 + 6 * position, label, 10, bold=position == 2)
        paper.text(194, y + 4 + 6 * position, value, 10, bold=position == 2, align="right")
    paper.rule(140, y + 11.5, 195, width=0.6)
