"""The vendors, all of them invented, and the one company that they all send their invoices to.

Tax ids and IBANs have valid checksums, as the real ones have; nobody holds them that we know of.
"""

from __future__ import annotations

from demo.samples.invoice import Address, Vendor

BUYER = Address("Nordwind Handels GmbH", "Speicherstraße 12", "20457 Hamburg", "Deutschland", "DE136695976")

BERGMANN = Vendor(
    id="bergmann",
    address=Address(
        "Bergmann & Söhne Bürobedarf GmbH", "Lützner Straße 148", "04177 Leipzig", "Deutschland", "DE284710936"
    ),
    layout="letter",
    country_code="DE",
    tax_id_printed="DE284710936",
    phone="+49 341 5590 22-0",
    mail="rechnung@bergmann-buero.example",
    web="www.bergmann-buero.example",
    register="Amtsgericht Leipzig HRB 31877 · Geschäftsführer: Jens Bergmann",
    bank="Pleißebank Leipzig",
    iban="DE68860500990104728315",
    bic="PLBADE8LXXX",
)
HAFENLICHT = Vendor(
    id="hafenlicht",
    address=Address(
        "Hafenlicht Elektrotechnik GmbH", "Veddeler Damm 31", "20457 Hamburg", "Deutschland", "DE291508623"
    ),
    layout="boxes",
    country_code="DE",
    tax_id_printed="DE 291 508 623",
    phone="040 / 77 40 19-0",
    mail="buchhaltung@hafenlicht.example",
    web="hafenlicht.example",
    register="HRB 140992 Amtsgericht Hamburg",
    bank="Elbkontor Bank AG",
    iban="DE81200400990053172846",
    bic="ELKODEHHXXX",
)
ROSENHOF = Vendor(
    id="rosenhof",
    address=Address(
        "Rosenhof Feinkost Großhandel KG", "Schäftlarnstraße 64", "81371 München", "Deutschland", "DE267384158"
    ),
    layout="centered",
    country_code="DE",
    tax_id_printed="DE267384158",
    phone="089 / 411 27 85",
    mail="service@rosenhof-feinkost.example",
    web="www.rosenhof-feinkost.example",
    register="Registergericht München HRA 70215",
    bank="Isartaler Volkskasse",
    iban="DE36700200990618394027",
    bic="ISVKDEMMXXX",
)
DONAU = Vendor(
    id="donau",
    address=Address("Donau Verpackungen GmbH", "Handelskai 214", "1020 Wien", "Österreich", "ATU69142732"),
    layout="band",
    country_code="AT",
    tax_id_printed="ATU69142732",
    phone="+43 1 706 48 20",
    mail="faktura@donau-verpackungen.example",
    web="donau-verpackungen.example",
    register="FN 418273 k, Handelsgericht Wien",
    bank="Praterstern Bank",
    iban="AT482099900041837265",
    bic="PRSTATWWXXX",
)
BRIGHTWATER = Vendor(
    id="brightwater",
    address=Address(
        "Brightwater Freight Ltd", "Unit 7, Trafford Point", "Manchester M17 1WS", "United Kingdom", "GB381729430"
    ),
    layout="columns",
    country_code="GB",
    tax_id_printed="GB 381 7294 30",
    phone="+44 161 496 0182",
    mail="accounts@brightwaterfreight.example",
    web="www.brightwaterfreight.example",
    register="Registered in England no. 09418276",
    bank="Brightwater Commercial Bank",
    iban="GB10BRWT20718436519027",
    bic="BRWTGB2LXXX",
    currency="GBP",
)
NORTHQUAY = Vendor(
    id="northquay",
    address=Address("Northquay Software B.V.", "Vlampijpstraat 50", "3534 AR Utrecht", "Netherlands", "NL852741042B01"),
    layout="modern",
    country_code="NL",
    tax_id_printed="NL852741042B01",
    phone="+31 30 799 4120",
    mail="billing@northquay.example",
    web="northquay.example",
    register="KvK 57720418",
    bank="Noorderhaven Bank",
    iban="NL47NRDQ0417382956",
    bic="NRDQNL2UXXX",
)
SUMMIT = Vendor(
    id="summit",
    address=Address("Summit Ridge Supply Inc.", "2815 Larimer Street", "Denver, CO 80205", "USA", "84-2917365"),
    layout="typewriter",
    country_code="US",
    tax_id_printed="84-2917365",
    phone="(303) 555-0147",
    mail="ar@summitridge.example",
    web="summitridge.example",
    register="",
    bank="Front Range Trust, Denver CO",
    currency="USD",
)
LUMIERE = Vendor(
    id="lumiere",
    address=Address("Papeterie Lumière SARL", "27 rue de la Charité", "69002 Lyon", "France", "FR83842173650"),
    layout="papeterie",
    country_code="FR",
    tax_id_printed="FR 83 842173650",
    phone="04 78 55 19 40",
    mail="facturation@papeterie-lumiere.example",
    web="www.papeterie-lumiere.example",
    register="RCS Lyon 842 173 650 · SARL au capital de 20 000 €",
    bank="Banque des Terreaux",
    iban="FR1219906004170018372645173",
    bic="BTERFRPPXXX",
)
VENDORS = (BERGMANN, HAFENLICHT, ROSENHOF, DONAU, BRIGHTWATER, NORTHQUAY, SUMMIT, LUMIERE)


def grouped(iban: str) -> str:
    """An IBAN in groups of four, as it is printed."""
    return " ".join(iban[at : at + 4] for at in range(0, len(iban), 4))
