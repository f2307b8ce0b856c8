"""A craftsman's invoice: logo at the right, a row of boxes with the label above its value, totals in a box."""

from __future__ import annotations

from demo.samples.formats import comma, dots, number
from demo.samples.invoice import Invoice
from demo.samples.paper import GREY, Column, Paper, Table
from demo.samples.vendors import grouped

BLUE = (0.06, 0.22, 0.47)
AMBER = (0.96, 0.65, 0.10)


def draw(invoice: Invoice) -> bytes:
    vendor, home = invoice.vendor, invoice.vendor.address
    paper = Paper(f"Rechnung {invoice.number}", home.name, font="Vera")
    _logo(paper)
    paper.block(
        194,
        33,
        [home.name, home.street, home.town, f"Tel. {vendor.phone}", vendor.mail],
        7.5,
        3.7,
        align="right",
        colour=GREY,
    )
    paper.text(20, 48, f"{home.name}, {home.street}, {home.town}", 6, colour=GREY)
    paper.block(20, 55, [invoice.buyer.name, invoice.buyer.street, invoice.buyer.town], 9.5, 4.9)
    paper.text(20, 88, "RECHNUNG", 15, bold=True, colour=BLUE)
    _row_of_boxes(paper, invoice)
    paper.text(
        20, 117, f"Bauvorhaben: Speicherstraße 12, Ihr Auftrag {invoice.order}, USt-IdNr. des Kunden: DE136695976", 8
    )
    y = _table().draw(paper, 122, invoice.lines)
    _totals(paper, max(y + 8, 186), invoice)
    paper.block(
        20,
        236,
        [
            f"Bitte überweisen Sie den Betrag bis zum {dots(invoice.due)} unter Angabe der Beleg-Nr.",
            "Leistungszeitraum entspricht dem Leistungsdatum. Es gelten unsere Allgemeinen Geschäftsbedingungen.",
        ],
        8,
    )
    paper.fill(20, 262, 174, 0.6, AMBER)
    paper.block(20, 267, [vendor.register, f"USt-IdNr. {vendor.tax_id_printed}", vendor.web], 7, 3.6, colour=GREY)
    paper.block(115, 267, [vendor.bank, f"IBAN: {grouped(vendor.iban)}", f"BIC: {vendor.bic}"], 7, 3.6, colour=GREY)
    return paper.finish()


def _logo(paper: Paper) -> None:
    paper.disc(136, 21.5, 5.5, BLUE)
    paper.shape([(136.6, 17.2), (133.4, 22.4), (135.7, 22.4), (134.6, 26), (138.4, 20.6), (136.1, 20.6)], AMBER)
    paper.text(194, 24, "HAFENLICHT", 20, bold=True, align="right", colour=BLUE)
    paper.text(194, 28.4, "ELEKTROTECHNIK", 8, align="right", colour=AMBER)


def _row_of_boxes(paper: Paper, invoice: Invoice) -> None:
    cells = [
        ("Beleg-Nr.", invoice.number),
        ("Belegdatum", dots(invoice.issued)),
        ("Kunden-Nr.", invoice.customer),
        ("Leistungsdatum", dots(invoice.delivered)),
        ("Fällig am", dots(invoice.due)),
    ]
    width = 174 / len(cells)
    for position, (label, value) in enumerate(cells):
        x = 20 + position * width
        paper.fill(x, 94, width, 5.4, (0.90, 0.93, 0.97))
        paper.box(x, 94, width, 14, line=0.4)
        paper.text(x + 2, 97.9, label, 7, colour=BLUE)
        paper.text(x + 2, 105, value, 9.5, bold=label == "Beleg-Nr.")


def _table() -> Table:
    return Table(
        [
            Column("Pos", 20, 30, lambda position, _: f"{position:02}"),
            Column("Leistung / Material", 30, 112, lambda _, line: line.description),
            Column("Menge", 112, 128, lambda _, line: number(line.quantity), "right"),
            Column("Einheit", 128, 144, lambda _, line: line.unit, "center"),
            Column("E-Preis", 144, 168, lambda _, line: f"{comma(line.price)} €", "right"),
            Column("G-Preis", 168, 194, lambda _, line: f"{comma(line.net)} €", "right"),
        ],
        size=8,
        gap=2.8,
        style="plain",
    )


def _totals(paper: Paper, y: float, invoice: Invoice) -> None:
    rate, _, tax = invoice.taxes[0]
    paper.box(112, y, 82, 27, line=0.8)
    paper.pairs(115, 191, y + 7, [("Summe netto", f"{comma(invoice.net)} €")])
    paper.pairs(115, 191, y + 13.5, [(f"Umsatzsteuer {number(rate)} %", f"{comma(tax)} €")])
    paper.fill(112.2, y + 17, 81.6, 9.8, (0.90, 0.93, 0.97))
    paper.text(115, y + 23.3, "Gesamtbetrag", 10, bold=True, colour=BLUE)
    paper.text(191, y + 23.3, f"{comma(invoice.printed_total)} €", 10, bold=True, align="right", colour=BLUE)
