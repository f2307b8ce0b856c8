"""A French stationer's invoice: letterhead at the left, customer in a frame, totals in a grid."""

from __future__ import annotations

from demo.samples.formats import NO_BREAK, blank, number, slashes
from demo.samples.invoice import Invoice
from demo.samples.paper import GREY, Column, Paper, Table
from demo.samples.vendors import grouped

RUST = (0.65, 0.27, 0.10)


def draw(invoice: Invoice) -> bytes:
    vendor, home = invoice.vendor, invoice.vendor.address
    paper = Paper(f"Facture {invoice.number}", home.name)
    paper.text(20, 22, "Papeterie Lumière", 20, bold=True, colour=RUST, font="Times")
    paper.block(20, 28, [home.name, home.street, home.town, f"Tél. {vendor.phone}", vendor.mail], 8.5, 4.0, colour=GREY)
    paper.box(110, 36, 82, 28, line=0.4)
    paper.text(113, 41, "Facturé à", 7.5, colour=GREY)
    paper.block(113, 47, [invoice.buyer.name, invoice.buyer.street, invoice.buyer.town, "Allemagne"], 9.5, 4.6)
    paper.fill(20, 76, 172, 9, (0.97, 0.92, 0.88))
    paper.text(23, 82, f"Facture n° {invoice.number}", 12, bold=True, colour=RUST)
    paper.text(189, 82, f"Date de facture : {slashes(invoice.issued)}", 10, align="right")
    paper.block(
        20,
        93,
        [
            f"Votre commande : {invoice.order}        Client : {invoice.customer}",
            f"N° TVA client : {invoice.buyer.tax_id}        Livraison : {slashes(invoice.delivered)}",
        ],
        9,
        5,
    )
    y = _table().draw(paper, 105, invoice.lines)
    y = _totals(paper, max(y + 10, 150), invoice)
    paper.block(
        20,
        y + 14,
        [
            f"Échéance : {slashes(invoice.due)}, par virement bancaire",
            f"{vendor.bank} · IBAN {grouped(vendor.iban)} · BIC {vendor.bic}",
        ],
        9,
        5,
    )
    paper.block(
        20,
        y + 28,
        [
            "En cas de retard de paiement, pénalités au taux de trois fois l'intérêt légal et indemnité forfaitaire",
            "pour frais de recouvrement de 40 €. Pas d'escompte pour paiement anticipé.",
        ],
        7.5,
        3.8,
        colour=GREY,
    )
    paper.rule(20, 276, 192, width=0.6, colour=RUST)
    paper.text(106, 281, f"{home.name} · {vendor.register}", 7.5, align="center", colour=GREY)
    paper.text(106, 285, f"N° TVA intracommunautaire : {vendor.tax_id_printed}", 7.5, align="center", colour=GREY)
    return paper.finish()


def _table() -> Table:
    return Table(
        [
            Column("Réf.", 20, 40, lambda _, line: line.article),
            Column("Désignation", 40, 114, lambda _, line: line.description),
            Column("Qté", 114, 128, lambda _, line: number(line.quantity), "right"),
            Column("P.U. HT", 128, 150, lambda _, line: blank(line.price), "right"),
            Column("TVA", 150, 166, lambda _, line: f"{number(line.rate)}{NO_BREAK}%", "right"),
            Column("Montant HT", 166, 192, lambda _, line: blank(line.net), "right"),
        ],
        gap=3,
        style="grid",
    )


def _totals(paper: Paper, y: float, invoice: Invoice) -> float:
    rate = invoice.taxes[0][0]
    rows = [
        ("Total HT", blank(invoice.net)),
        (f"TVA {number(rate)}{NO_BREAK}%", blank(invoice.tax)),
        ("Total TTC", blank(invoice.printed_total)),
    ]
    for position, (label, value) in enumerate(rows):
        top = y + 7 * position
        paper.box(128, top, 64, 7, line=0.4)
        paper.text(131, top + 4.8, label, 9.5, bold=position == 2)
        paper.text(190, top + 4.8, f"{value} €", 9.5, bold=position == 2, align="right")
    return y + 21
