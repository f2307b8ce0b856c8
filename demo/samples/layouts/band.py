"""An Austrian supplier's invoice: the totals in a band across the whole page; long ones turn to a second page."""

from __future__ import annotations

from collections.abc import Callable

from demo.samples.formats import comma, dots, number
from demo.samples.invoice import Invoice
from demo.samples.paper import GREY, Colour, Column, Paper, Table
from demo.samples.vendors import grouped

TEAL: Colour = (0.0, 0.42, 0.47)
PALE: Colour = (0.88, 0.94, 0.94)
WHITE: Colour = (1, 1, 1)
BOTTOM = 248


def draw(invoice: Invoice) -> bytes:
    paper = Paper(f"Rechnung {invoice.number}", invoice.vendor.address.name)
    _letterhead(paper, invoice)
    paper.block(20, 56, [invoice.buyer.name, invoice.buyer.street, invoice.buyer.town, invoice.buyer.country], 10, 4.8)
    paper.text(20, 79, f"UID-Nr. des Leistungsempfängers: {invoice.buyer.tax_id}", 7.5, colour=GREY)
    _facts(paper, invoice)
    y = _table(lambda: _next_page(paper, invoice)).draw(paper, 100, invoice.lines)
    if y > 212:
        y = _next_page(paper, invoice)
    _band(paper, y + 9, invoice)
    paper.block(
        20,
        y + 40,
        [
            f"Zahlungsziel: {dots(invoice.due)}, netto ohne Abzug. Lieferung frei Haus am {dots(invoice.delivered)}.",
            f"Bankverbindung: {invoice.vendor.bank}, IBAN {grouped(invoice.vendor.iban)}, BIC {invoice.vendor.bic}",
        ],
        8.5,
    )
    _foot(paper, invoice)
    return paper.finish()


def _letterhead(paper: Paper, invoice: Invoice) -> None:
    vendor, home = invoice.vendor, invoice.vendor.address
    paper.fill(0, 0, 210, 9, TEAL)
    paper.shape([(20, 17), (27, 13.5), (34, 17), (27, 20.5)], TEAL)
    paper.shape([(20, 18.6), (26.5, 22), (26.5, 30), (20, 26.6)], TEAL)
    paper.shape([(34, 18.6), (27.5, 22), (27.5, 30), (34, 26.6)], (0.35, 0.65, 0.67))
    paper.text(39, 22, "Donau Verpackungen", 16, bold=True, colour=TEAL)
    paper.text(39, 27.5, "Karton · Folie · Klebeband", 9, colour=GREY)
    paper.block(
        195,
        17,
        [home.name, home.street, f"A-{home.town}", vendor.phone, vendor.mail],
        8,
        3.8,
        align="right",
        colour=GREY,
    )


def _facts(paper: Paper, invoice: Invoice) -> None:
    paper.text(20, 93, "Rechnung", 16, bold=True, colour=TEAL)
    facts = [
        ("Rechnungs-Nr.", invoice.number),
        ("Datum", dots(invoice.issued)),
        ("Kundennr.", invoice.customer),
        ("Bestell-Nr.", invoice.order),
    ]
    for position, (label, value) in enumerate(facts):
        paper.text(130, 56 + 5.2 * position, label, 9, colour=GREY)
        paper.text(160, 56 + 5.2 * position, value, 9, bold=position == 0)


def _table(turn: Callable[[], float]) -> Table:
    return Table(
        [
            Column("Pos.", 20, 30, lambda position, _: str(position), "center"),
            Column("Art.-Nr.", 30, 48, lambda _, line: line.article),
            Column("Bezeichnung", 48, 120, lambda _, line: line.description),
            Column("Menge", 120, 142, lambda _, line: f"{number(line.quantity)} {line.unit}", "right"),
            Column("Preis EUR", 142, 166, lambda _, line: comma(line.price), "right"),
            Column("Betrag EUR", 166, 195, lambda _, line: comma(line.net), "right"),
        ],
        gap=3.0,
        style="zebra",
        head=TEAL,
        head_text=WHITE,
        bottom=BOTTOM,
        turn=turn,
    )


def _next_page(paper: Paper, invoice: Invoice) -> float:
    paper.text(195, BOTTOM + 7, "Fortsetzung auf der nächsten Seite", 8, align="right", colour=GREY)
    _foot(paper, invoice)
    paper.turn()
    _letterhead(paper, invoice)
    paper.text(20, 42, f"Rechnung {invoice.number} vom {dots(invoice.issued)}, Fortsetzung", 9, bold=True)
    return 48


def _band(paper: Paper, y: float, invoice: Invoice) -> None:
    rate, base, tax = invoice.taxes[0]
    paper.fill(20, y, 175, 19, PALE)
    cells = [
        ("Nettobetrag", comma(base)),
        ("USt-Satz", f"{number(rate)} %"),
        ("USt-Betrag", comma(tax)),
    ]
    for position, (label, value) in enumerate(cells):
        x = 26 + position * 36
        paper.text(x, y + 7, label, 8, colour=GREY)
        paper.text(x, y + 14, value, 10.5)
    paper.fill(140, y, 55, 19, TEAL)
    paper.text(190, y + 7, "Zu zahlen in EUR", 8, align="right", colour=WHITE)
    paper.text(190, y + 14.5, comma(invoice.printed_total), 14, bold=True, align="right", colour=WHITE)


def _foot(paper: Paper, invoice: Invoice) -> None:
    vendor, home = invoice.vendor, invoice.vendor.address
    paper.rule(20, 277, 195, width=0.3, colour=GREY)
    paper.text(20, 281.5, f"{home.name} · {vendor.register} · UID {vendor.tax_id_printed}", 7.5, colour=GREY)
    paper.text(195, 281.5, f"Seite {paper.pages}", 7.5, align="right", colour=GREY)
