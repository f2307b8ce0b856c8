"""A German business letter after DIN 5008: window address, information block at the right, totals under the table."""

from __future__ import annotations

from typing import Any

from demo.samples.formats import comma, dots, number
from demo.samples.invoice import Invoice
from demo.samples.paper import GREY, Column, Paper, Table
from demo.samples.vendors import grouped

GREEN = (0.05, 0.36, 0.27)


def draw(invoice: Invoice) -> bytes:
    home = invoice.vendor.address
    paper = Paper(f"Rechnung {invoice.number}", home.name)
    paper.shape([(25, 27), (25, 15), (31, 15), (34, 19), (31, 27)], GREEN)
    paper.text(37, 21, "Bergmann & Söhne", 17, bold=True, colour=GREEN)
    paper.text(37, 26.5, "Bürobedarf · Einrichtung · Drucksysteme seit 1954", 8.5, colour=GREY)
    paper.rule(25, 32, 200, width=1.2, colour=GREEN)
    paper.text(25, 50, f"{home.name} · {home.street} · {home.town}", 6.5, colour=GREY)
    paper.rule(25, 51.2, 105, width=0.3, colour=GREY)
    paper.block(25, 57, [invoice.buyer.name, "Rechnungsprüfung", invoice.buyer.street, invoice.buyer.town], 10, 4.8)
    paper.pairs(
        125,
        195,
        50,
        [
            ("Rechnungsnummer:", invoice.number),
            ("Rechnungsdatum:", dots(invoice.issued)),
            ("Kundennummer:", invoice.customer),
            ("Ihre Bestellung:", invoice.order),
            ("Lieferdatum:", dots(invoice.delivered)),
            ("Ihre USt-IdNr.:", invoice.buyer.tax_id),
        ],
    )
    paper.rule(0, 105, 5, width=0.3, colour=GREY)  # fold mark
    paper.text(25, 98, "Rechnung", 14, bold=True)
    paper.text(25, 107, "Sehr geehrte Damen und Herren, für unsere Lieferung erlauben wir uns zu berechnen:", 9.5)
    y = _table().draw(paper, 113, invoice.lines)
    y = _totals(paper, y + 6, invoice)
    paper.block(
        25,
        y + 9,
        [
            f"Zahlbar bis {dots(invoice.due)} ohne Abzug auf das unten genannte Konto.",
            "Die Ware bleibt bis zur vollständigen Bezahlung unser Eigentum.",
        ],
    )
    _foot(paper, invoice)
    paper.text(195, 292, "Seite 1 von 1", 7, align="right", colour=GREY)
    return paper.finish()


def _table() -> Table:
    return Table(
        [
            Column("Pos.", 25, 34, lambda position, _: str(position)),
            Column("Artikel", 34, 52, lambda _, line: line.article),
            Column("Bezeichnung", 52, 116, lambda _, line: line.description),
            Column("Menge", 116, 136, lambda _, line: f"{number(line.quantity)} {line.unit}", "right"),
            Column("USt", 136, 149, lambda _, line: f"{number(line.rate)} %", "right"),
            Column("Einzelpreis", 149, 171, lambda _, line: comma(line.price), "right"),
            Column("Gesamt EUR", 171, 195, lambda _, line: comma(line.net), "right"),
        ],
        style="ruled",
    )


def _totals(paper: Paper, y: float, invoice: Invoice) -> float:
    pairs = [("Nettobetrag", comma(invoice.net))]
    pairs += [(f"zzgl. {number(rate)} % USt auf {comma(base)}", comma(tax)) for rate, base, tax in invoice.taxes]
    paper.pairs(125, 194, y, pairs)
    y += 5 * len(pairs)
    paper.rule(125, y - 2.5, 195)
    paper.text(125, y + 2.5, "Rechnungsbetrag", 10.5, bold=True)
    paper.text(194, y + 2.5, f"{comma(invoice.printed_total)} EUR", 10.5, bold=True, align="right")
    paper.rule(125, y + 4.5, 195)
    paper.rule(125, y + 5.2, 195)
    return y + 6


def _foot(paper: Paper, invoice: Invoice) -> None:
    vendor, home = invoice.vendor, invoice.vendor.address
    paper.rule(25, 268, 195, width=0.4, colour=GREEN)
    style: dict[str, Any] = {"colour": GREY}
    paper.block(25, 273, [home.name, home.street, home.town], 7, 3.4, **style)
    paper.block(85, 273, [f"Telefon {vendor.phone}", vendor.mail, vendor.web], 7, 3.4, **style)
    paper.block(135, 273, [vendor.bank, f"IBAN {grouped(vendor.iban)}", f"BIC {vendor.bic}"], 7, 3.4, **style)
    paper.text(25, 284.5, f"{vendor.register} · USt-IdNr. {vendor.tax_id_printed} · St.-Nr. 231/105/44718", 7, **style)
