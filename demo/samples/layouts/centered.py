"""A merchant house's invoice: centred letterhead in Times, a gridded table, the taxes of two rates in a small table."""

from __future__ import annotations

from demo.samples.formats import comma, dots, long_german, number
from demo.samples.invoice import Invoice
from demo.samples.paper import GREY, Column, Paper, Table
from demo.samples.vendors import grouped

WINE = (0.45, 0.07, 0.16)


def draw(invoice: Invoice) -> bytes:
    vendor, home = invoice.vendor, invoice.vendor.address
    paper = Paper(f"Rechnung {invoice.number}", home.name, font="Times")
    paper.text(105, 22, "Rosenhof", 27, bold=True, align="center", colour=WINE)
    paper.text(105, 28.5, "F E I N K O S T   G R O S S H A N D E L   K G", 9, align="center", colour=WINE)
    paper.text(105, 34.5, f"{home.street} · {home.town} · Telefon {vendor.phone}", 9, align="center")
    paper.rule(60, 37.5, 150, width=0.4, colour=WINE)
    paper.rule(60, 38.3, 150, width=0.4, colour=WINE)
    paper.text(22, 52, "Rechnungsempfänger", 8, colour=GREY)
    paper.block(22, 57.5, [invoice.buyer.name, invoice.buyer.street, invoice.buyer.town], 11, 5)
    paper.text(188, 57.5, f"München, {long_german(invoice.issued)}", 10.5, align="right")
    paper.text(22, 84, f"Rechnung Nr. {invoice.number}", 15, bold=True)
    paper.text(
        22,
        91,
        f"Kunde {invoice.customer}    Bestellung {invoice.order}    Lieferung am {dots(invoice.delivered)}",
        10,
    )
    y = _table().draw(paper, 96, invoice.lines)
    _taxes(paper, y + 8, invoice)
    _totals(paper, y + 8, invoice)
    paper.block(
        22,
        238,
        [
            f"Fälligkeit: {dots(invoice.due)}. Wir danken für Ihren Auftrag.",
            "Beanstandungen an Frischware bitten wir innerhalb von 24 Stunden mitzuteilen.",
        ],
        10,
    )
    paper.rule(22, 262, 188, width=0.4, colour=WINE)
    paper.text(105, 267.5, f"{vendor.bank} · IBAN {grouped(vendor.iban)} · BIC {vendor.bic}", 8.5, align="center")
    paper.text(105, 272, f"{home.name} · {vendor.register} · USt-ID {vendor.tax_id_printed}", 8.5, align="center")
    paper.text(105, 276.5, f"{vendor.web} · {vendor.mail}", 8.5, align="center")
    return paper.finish()


def _table() -> Table:
    return Table(
        [
            Column("Art.-Nr.", 22, 38, lambda _, line: line.article),
            Column("Bezeichnung", 38, 106, lambda _, line: line.description),
            Column("Menge", 106, 121, lambda _, line: number(line.quantity), "right"),
            Column("ME", 121, 132, lambda _, line: line.unit, "center"),
            Column("Preis", 132, 149, lambda _, line: comma(line.price), "right"),
            Column("MwSt %", 149, 165, lambda _, line: number(line.rate), "right"),
            Column("Betrag", 165, 188, lambda _, line: comma(line.net), "right"),
        ],
        size=10,
        style="grid",
    )


def _taxes(paper: Paper, y: float, invoice: Invoice) -> None:
    titles = ((40, "MwSt-Satz"), (63, "Netto"), (86, "MwSt"), (109, "Brutto"))
    paper.box(22, y, 89, 6 + 5.5 * len(invoice.taxes), line=0.4)
    for x, title in titles:
        paper.text(x, y + 4, title, 8.5, align="right", colour=GREY)
    paper.rule(22, y + 5.5, 111, width=0.3)
    for position, (rate, base, tax) in enumerate(invoice.taxes):
        cells = (f"{number(rate)} %", comma(base), comma(tax), comma(base + tax))
        for (x, _), words in zip(titles, cells, strict=True):
            paper.text(x, y + 9.8 + 5.3 * position, words, 9.5, align="right")


def _totals(paper: Paper, y: float, invoice: Invoice) -> None:
    paper.text(128, y + 4, "Warenwert netto", 10.5)
    paper.text(187, y + 4, comma(invoice.net), 10.5, align="right")
    paper.text(128, y + 10, "Mehrwertsteuer gesamt", 10.5)
    paper.text(187, y + 10, comma(invoice.tax), 10.5, align="right")
    paper.rule(128, y + 12.5, 188, width=0.5)
    paper.text(128, y + 18, "Endbetrag EUR", 12, bold=True)
    paper.text(187, y + 18, comma(invoice.printed_total), 12, bold=True, align="right")
    paper.rule(128, y + 20, 188, width=1.2, colour=WINE)
