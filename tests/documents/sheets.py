"""Documents of every kind as a few words each, and how they are drawn: a heading, lines, rows with cells."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

# `Heading | line | cell > cell | ...`; the first stands large at the top, an empty one leaves a gap.
SHEETS: dict[tuple[str, str], str] = {
    (
        "invoice",
        "en",
    ): """Invoice|Harbour Books Ltd|4 Quay Street, Bristol|Invoice no. > 2026-118|Invoice date > 3 March 2026||
        Description > Qty > Price > Amount|Binding cloth, blue > 4 > 12.50 > 50.00|VAT 20% > 10.00|Total due > 60.00|
        Please pay within 30 days to IBAN GB29 NWBK 6016 1331 9268 19""",
    ("invoice", "de"): """Rechnung Nr. 4711|Buchhaus Hafen GmbH|Kaistraße 4, 28195 Bremen|Rechnungsdatum: > 03.03.2026|
        Lieferschein-Nr.: > L-882|Ihre Bestellung: > B-17||Bezeichnung > Menge > Preis > Betrag|Leinen blau > 4 > 12,50 > 50,00|
        Summe netto > 50,00|zzgl. 19 % MwSt. > 9,50|Gesamtbetrag > 59,50|Zahlbar innerhalb von 14 Tagen ohne Abzug.""",
    (
        "invoice",
        "fr",
    ): """FACTURE|Papeterie du Lac SARL|12 rue des Lilas, 69003 Lyon|Facture n° > F-2026-31|Date > 03/03/2026|
        Bon de livraison n° > BL 4410||Désignation > Qté > P.U. > Montant|Toile bleue > 4 > 12,50 > 50,00|Total HT > 50,00|
        TVA 20 % > 10,00|Total TTC > 60,00|Règlement à 30 jours""",
    (
        "invoice",
        "pl",
    ): """Faktura VAT nr 17/03/2026|Papiernia Morska Sp. z o.o.|ul. Portowa 4, 81-350 Gdynia|Data wystawienia: > 03.03.2026|
        Sprzedawca > Nabywca||Nazwa > Ilość > Cena > Wartość|Płótno niebieskie > 4 > 12,50 > 50,00|Razem > 50,00|VAT 23% > 11,50|
        Do zapłaty > 61,50 zł|Termin płatności: > 17.03.2026""",
    (
        "credit_note",
        "en",
    ): """Credit note|Harbour Books Ltd|Credit note no. > CN-31|Original invoice > 2026-118|Date > 9 March 2026||
        Binding cloth returned > 4 > 12.50 > 50.00|VAT 20% > 10.00|Total credit > 60.00""",
    (
        "credit_note",
        "de",
    ): """Rechnungskorrektur|Buchhaus Hafen GmbH|Gutschrift-Nr. > G-31|zu Rechnung Nr. > 4711|Datum > 09.03.2026||
        Leinen zurück > 4 > 12,50 > -50,00|MwSt. 19 % > -9,50|Gutschriftsbetrag > -59,50""",
    (
        "credit_note",
        "es",
    ): """Factura rectificativa|Papelería del Puerto S.L.|Número > R-31|Factura rectificada > 2026/118|Fecha > 09/03/2026||
        Tela azul devuelta > 4 > 12,50 > -50,00|IVA 21 % > -10,50|Total > -60,50 €""",
    (
        "credit_note",
        "it",
    ): """Nota di credito n. 31|Cartoleria del Porto S.r.l.|Fattura di riferimento: > 118/2026|Data: > 09/03/2026||
        Tela blu resa > 4 > 12,50 > 50,00|IVA 22% > 11,00|Totale > 61,00 €""",
    (
        "order",
        "en",
    ): """Purchase Order|Harbour Books Ltd|PO number > PO-77120|Order date > 1 March 2026|Vendor > Northwind Paper|
        Ship to > 4 Quay Street, Bristol|Requested delivery date > 12 March 2026||Item > Qty > Price > Amount|Cloth > 4 > 12.50 > 50.00|
        Order total > 50.00|Please confirm this order by mail.""",
    (
        "order",
        "de",
    ): """Bestellung|Buchhaus Hafen GmbH|Bestellnummer > B-5512|Bestelldatum > 01.03.2026|Lieferanten-Nr. > 70031|Hiermit bestellen wir:||
        Leinen blau > 4 > 12,50 > 50,00|Liefertermin > 12.03.2026|Summe > 50,00|Rechnung bitte an die Buchhaltung.""",
    (
        "order",
        "nl",
    ): """Inkooporder|Boekhandel De Haven B.V.|Bestelnummer > IO-5512|Besteldatum > 01-03-2026|Leverancier > Papier Noord|
        Gewenste leverdatum > 12-03-2026||Linnen blauw > 4 > 12,50 > 50,00|Totaal > 50,00|Factuur graag per e-mail""",
    (
        "order",
        "fr",
    ): """Bon de commande|Librairie du Port SAS|Commande n° > C-5512|Date de commande > 01/03/2026|Fournisseur > Papeterie du Lac|
        Adresse de livraison > 4 quai Nord||Toile bleue > 4 > 12,50 > 50,00|Total HT > 50,00|Date de livraison souhaitée > 12/03/2026""",
    (
        "delivery_note",
        "en",
    ): """Delivery Note|Northwind Paper Ltd|Delivery note no. > D-882|Date > 12 March 2026|Your order no. > PO-77120||
        Item > Description > Qty ordered > Qty delivered|1 > Cloth, blue > 4 > 4|2 > Board, grey > 10 > 8||Number of packages > 2|
        Gross weight > 14 kg|Received by > Signature""",
    (
        "delivery_note",
        "de",
    ): """L I E F E R S C H E I N|Nordpapier GmbH|Lieferschein-Nr. > L-882|Datum > 12.03.2026|Ihre Bestellung > B-5512||
        Pos > Artikel > Bestellt > Geliefert|1 > Leinen blau > 4 > 4|2 > Pappe grau > 10 > 8||Packstücke > 2|Bruttogewicht > 14 kg|
        Ware vollständig erhalten > Unterschrift Empfänger""",
    (
        "delivery_note",
        "it",
    ): """Documento di trasporto|Cartiera del Nord S.r.l.|DDT n. > 882|Data > 12/03/2026|Causale del trasporto > Vendita||
        Articolo > Descrizione > Quantità|1 > Tela blu > 4|2 > Cartone grigio > 8||Aspetto esteriore dei beni > Scatole|Numero colli > 2|
        Vettore > Trasporti Rossi|Firma del destinatario""",
    (
        "delivery_note",
        "es",
    ): """Albarán de entrega|Papelera del Norte S.A.|Albarán n.º > 882|Fecha > 12/03/2026|Su pedido > 5512||
        Código > Descripción > Cantidad entregada|1 > Tela azul > 4|2 > Cartón gris > 8||Bultos > 2|Recibido por > Firma""",
    (
        "statement",
        "en",
    ): """Account statement|Bank of the Quays|Account number > 12345678|Statement period > 1 to 31 March 2026||
        Date > Details > Paid out > Paid in > Balance|01 Mar > Opening balance > 1,000.00|03 Mar > Northwind Paper > 60.00 > 940.00|
        05 Mar > Rent > 500.00 > 440.00|09 Mar > Card sales > 320.10 > 760.10|12 Mar > Fees > 4.00 > 756.10|31 Mar > Closing balance > 756.10""",
    (
        "statement",
        "de",
    ): """Kontoauszug Nr. 3/2026|Kaibank eG|IBAN DE89 3704 0044 0532 0130 00|Alter Kontostand > 1.000,00 H||
        Buchungstag > Wert > Verwendung > Betrag|03.03. > 03.03. > Nordpapier GmbH > 60,00 S|05.03. > 05.03. > Miete > 500,00 S|
        09.03. > 09.03. > Kartenumsätze > 320,10 H|12.03. > 12.03. > Entgelt > 4,00 S|Neuer Kontostand > 756,10 H""",
    (
        "statement",
        "fr",
    ): """Relevé de compte|Banque des Quais|Titulaire du compte > Librairie du Port|Solde précédent au 28/02/2026 > 1 000,00||
        Date > Date valeur > Opération > Débit > Crédit|03/03 > 03/03 > Virement Papeterie > 60,00|05/03 > 05/03 > Loyer > 500,00|
        09/03 > 09/03 > Remise cartes > 320,10|12/03 > 12/03 > Frais > 4,00|Nouveau solde > 756,10""",
    (
        "statement",
        "pt",
    ): """Extrato de conta|Banco do Cais|Titular da conta > Livraria do Porto|Saldo inicial > 1.000,00||
        Data mov. > Data valor > Descrição > Valor > Saldo|03-03-2026 > 03-03-2026 > Papelaria > -60,00 > 940,00|
        05-03-2026 > 05-03-2026 > Renda > -500,00 > 440,00|09-03-2026 > 09-03-2026 > Vendas > 320,10 > 760,10|Saldo final > 760,10""",
    (
        "reminder",
        "en",
    ): """Payment reminder|Northwind Paper Ltd|Dear customer,|our records show that the invoice below has not been paid and is now overdue.||
        Invoice > Date > Due > Amount|2026-118 > 3 March 2026 > 2 April 2026 > 60.00|Late payment fee > 5.00|Amount overdue > 65.00""",
    (
        "reminder",
        "de",
    ): """2. Mahnung|Nordpapier GmbH|Sehr geehrte Damen und Herren,|für die folgende Rechnung haben wir trotz Fälligkeit noch keinen Zahlungseingang.||
        Rechnung > Datum > Fällig > Betrag|4711 > 03.03.2026 > 17.03.2026 > 59,50|Mahngebühr > 5,00|Offener Betrag > 64,50""",
    (
        "reminder",
        "it",
    ): """Sollecito di pagamento|Cartiera del Nord S.r.l.|Gentile cliente,|la fattura seguente non risulta pagata alla data odierna.||
        Fattura > Data > Scadenza > Importo|118/2026 > 03/03/2026 > 02/04/2026 > 61,00|Totale scaduto > 61,00""",
    (
        "contract",
        "en",
    ): """Consulting Agreement|This agreement is made on 1 March 2026 by and between Harbour Books Ltd and Mary Reed, hereinafter the Consultant.|
        1. Services|The Consultant shall provide the services that are described in the annex to the company in good time.|2. Term|
        The term of the agreement is one year; each of the parties may end it with a notice period of thirty days.|3. Confidentiality|
        The parties agree to keep secret whatever they learn about the business of the other one.|4. Governing law|
        This agreement is governed by the laws of England. In witness whereof the parties have signed.""",
    (
        "contract",
        "de",
    ): """Mietvertrag|Zwischen der Kaihaus GmbH, im Folgenden Vermieter, und der Buchhaus Hafen GmbH, im Folgenden Mieter, wird geschlossen:|
        § 1 Mietsache|Vermietet werden die Räume im Erdgeschoss des Hauses Kaistraße 4 zum Betrieb einer Buchhandlung.|§ 2 Mietdauer|
        Das Mietverhältnis beginnt am 1. April 2026 und läuft auf unbestimmte Zeit mit einer Kündigungsfrist von drei Monaten.|
        § 3 Miete|Die Miete beträgt monatlich 500,00 Euro und ist im Voraus zu zahlen.|§ 4 Schlussbestimmungen|
        Änderungen dieses Vertrages bedürfen der Schriftform. Gerichtsstand ist Bremen.""",
    (
        "contract",
        "fr",
    ): """Contrat de prestation de services|Entre les soussignés la Librairie du Port SAS, ci-après le Client, et Marie Roux, ci-après le Prestataire.|
        Article 1 - Objet du contrat|Le Prestataire réalise pour le Client les services qui sont décrits dans l'annexe au présent contrat.|
        Article 2 - Durée du contrat|Le présent contrat est conclu pour une durée d'un an à compter du 1er mars 2026.|Article 3 - Résiliation|
        Les parties peuvent résilier le contrat avec un préavis de trente jours. Fait en deux exemplaires.""",
    (
        "contract",
        "pl",
    ): """Umowa o świadczenie usług|zawarta w dniu 1 marca 2026 r. pomiędzy Księgarnia Port Sp. z o.o., zwaną dalej Zleceniodawcą, a Anną Nowak.|
        § 1 Przedmiot umowy|Zleceniobiorca zobowiązuje się do wykonania usług opisanych w załączniku do niniejszej umowy.|
        § 2 Okres obowiązywania|Umowa zostaje zawarta na okres jednego roku od dnia jej podpisania przez obie strony.|§ 3 Postanowienia końcowe|
        W sprawach nieuregulowanych stosuje się przepisy Kodeksu cywilnego.""",
    (
        "resume",
        "en",
    ): """Mary Reed|mary.reed@example.org|Bristol|Professional summary|Accountant with ten years in the book trade.|Work experience|
        2019 - present > Head of accounts, Harbour Books|2014 - 2019 > Clerk, Quay Trading|Education|2010 - 2014 > BSc Accounting, Bristol|Skills|
        Ledger, VAT, spreadsheets|Languages|English, French|References available on request""",
    ("resume", "de"): """Lebenslauf|Anna Hafen|Geburtsdatum > 12.04.1988|Staatsangehörigkeit > deutsch|Berufserfahrung|
        2019 - heute > Leiterin Buchhaltung, Buchhaus Hafen|2014 - 2019 > Sachbearbeiterin|Ausbildung|2010 - 2014 > Studium BWL, Bremen|Sprachkenntnisse|Englisch, Polnisch""",
    (
        "resume",
        "es",
    ): """Currículum vítae|Ana Puerto|Datos personales|Fecha de nacimiento > 12/04/1988|Experiencia laboral|2019 - actualidad > Jefa de contabilidad|
        2014 - 2019 > Administrativa|Formación académica|2010 - 2014 > Grado en Economía|Idiomas|Inglés, francés""",
    (
        "resume",
        "nl",
    ): """Curriculum vitae|Anna Haven|Persoonlijke gegevens|Geboortedatum > 12-04-1988|Werkervaring|2019 - heden > Hoofd boekhouding|
        2014 - 2019 > Medewerker|Opleiding|2010 - 2014 > HBO Economie|Vaardigheden|Excel, grootboek|Talen|Engels, Duits""",
    (
        "payslip",
        "en",
    ): """Payslip|Harbour Books Ltd|Employee > Mary Reed|Employee number > 118|Tax code > 1257L|Pay period > March 2026||Basic pay > 2,500.00|
        Overtime > 120.00|Gross pay > 2,620.00|PAYE > 314.50|National Insurance > 125.76|Total deductions > 440.26|Net pay > 2,179.74""",
    (
        "payslip",
        "de",
    ): """Entgeltabrechnung März 2026|Buchhaus Hafen GmbH|Personalnummer > 118|Steuerklasse > 1|Grundgehalt > 2.500,00|Gesamtbrutto > 2.500,00|
        Lohnsteuer > 270,50|Krankenversicherung > 203,75|Rentenversicherung > 232,50|Pflegeversicherung > 57,50|Auszahlungsbetrag > 1.735,75""",
    (
        "payslip",
        "fr",
    ): """Bulletin de paie|Librairie du Port SAS|Matricule > 118|Emploi > Libraire|Convention collective > Librairie|Salaire de base > 2 500,00|
        Salaire brut > 2 500,00|Cotisations salariales > 550,00|Net imposable > 1 990,00|Prélèvement à la source > 90,00|Net à payer > 1 860,00""",
    (
        "payslip",
        "nl",
    ): """Loonstrook maart 2026|Boekhandel De Haven B.V.|Personeelsnummer > 118|Bruto salaris > 2.500,00|Loonheffing > 420,00|Pensioenpremie > 80,00|
        Vakantiegeld > 200,00|Heffingskorting > ja|Netto uit te betalen > 2.000,00""",
    (
        "other",
        "en",
    ): """Minutes of the meeting|Harbour Books Ltd|3 March 2026|Present: Mary Reed, John Quay|The group looked at the shelves and found that they are full.|
        It was agreed that two more are bought in spring, and that the old ones are kept.|Next meeting > 7 April 2026""",
    (
        "other",
        "de",
    ): """Angebot Nr. A-31|Nordpapier GmbH|Datum > 03.03.2026|Gültig bis > 31.03.2026|Vielen Dank für Ihre Anfrage. Wir bieten Ihnen an:||
        Leinen blau > 4 > 12,50 > 50,00|Summe netto > 50,00|zzgl. 19 % MwSt. > 9,50|Gesamtbetrag > 59,50""",
    (
        "other",
        "fr",
    ): """Devis n° 31|Papeterie du Lac SARL|Date > 03/03/2026|Valable jusqu'au > 31/03/2026||Toile bleue > 4 > 12,50 > 50,00|Total HT > 50,00|
        TVA 20 % > 10,00|Total TTC > 60,00|Bon pour accord, signature""",
}

RECEIPTS: dict[str, str] = {
    "en": """QUAY STORE|4 Quay Street, Bristol|VAT no. GB980780684|TAX INVOICE|03/03/2026 14:05|Till 2 Mary|Tea > 2.10|Milk > 1.40|Bread > 1.90|
        TOTAL > 5.40|Cash > 10.00|Change > 4.60|Thank you""",
    "de": """KAI-MARKT|Kaistraße 4|28195 Bremen|03.03.2026 14:05|Kasse 2|Tee > 2,10 B|Milch > 1,40 B|Brot > 1,90 B|SUMME EUR > 5,40|Bar > 10,00|
        Rückgeld > 4,60|Es bediente Sie Anna|Vielen Dank für Ihren Einkauf""",
    "fr": """SUPERETTE DU QUAI|4 quai Nord, Lyon|03/03/2026 14:05|Caisse 2|Thé > 2,10|Lait > 1,40|Pain > 1,90|TOTAL EUR > 5,40|ESPECES > 10,00|
        RENDU MONNAIE > 4,60|3 articles|Merci de votre visite""",
    "pl": """SKLEP PORTOWY|ul. Portowa 4, Gdynia|NIP 9512345678|PARAGON FISKALNY|Herbata > 2,10 A|Mleko > 1,40 A|Chleb > 1,90 A|SUMA PLN > 5,40|
        Gotówka > 10,00|Reszta > 4,60|Kasjer 2|03-03-2026 14:05|Dziękujemy""",
}


def parts(sheet: str) -> list[str]:
    """The lines of a sheet."""
    return [line.strip() for line in sheet.replace("\n", " ").split("|")]


def draw_sheet(canvas: Any, sheet: str, *, heading: float = 18) -> None:
    """One A4 page: the heading, then a line each, cells spread over the width; long lines are wrapped."""
    font, bold = _fonts()
    y = 780.0
    for index, line in enumerate(parts(sheet)):
        cells = [cell.strip() for cell in line.split(" > ")]
        canvas.setFont(bold if not index else font, heading if not index else 10)
        step = 480 / max(len(cells), 2)
        for place, cell in enumerate(cells):
            for row, text in enumerate(_wrapped(cell, 95)):
                canvas.drawString(55 + place * step, y - 13 * row, text)
        y -= 34 if not index else 13 * max(len(_wrapped(cell, 95)) for cell in cells) + 6


def draw_sheets(path: Path, sheets: Sequence[str], **options: Any) -> Path:
    """A PDF with a page for each sheet."""
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(path), pagesize=A4)
    for sheet in sheets:
        draw_sheet(canvas, sheet, **options)
        canvas.showPage()
    canvas.save()
    return path


def draw_receipt(path: Path, sheet: str) -> Path:
    """A till's roll: 80 mm wide, as long as it needs."""
    from reportlab.pdfgen.canvas import Canvas

    lines = parts(sheet)
    width, height = 227, 16 * len(lines) + 60
    canvas = Canvas(str(path), pagesize=(width, height))
    canvas.setFont(_fonts()[0], 9)
    for index, line in enumerate(lines):
        left, _, right = line.partition(" > ")
        canvas.drawString(14, height - 30 - 16 * index, left)
        canvas.drawRightString(width - 14, height - 30 - 16 * index, right)
    canvas.save()
    return path


def _fonts() -> tuple[str, str]:
    """A font that has the letters of all eight languages."""
    import reportlab
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    if "Sheet" not in pdfmetrics.getRegisteredFontNames():
        folder = Path(str(reportlab.__file__)).parent / "fonts"
        pdfmetrics.registerFont(TTFont("Sheet", str(folder / "Vera.ttf")))
        pdfmetrics.registerFont(TTFont("SheetBold", str(folder / "VeraBd.ttf")))
    return "Sheet", "SheetBold"


def _wrapped(text: str, width: int) -> list[str]:
    import textwrap

    return textwrap.wrap(text, width) or [""]
