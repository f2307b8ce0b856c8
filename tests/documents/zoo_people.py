"""Made-up companies and people of thirteen kinds of country, with addresses, tax ids and accounts whose checksums hold."""

from __future__ import annotations

import random
import string
from dataclasses import dataclass, field
from decimal import Decimal

from stdnum import iban
from stdnum.eu import vat


@dataclass(frozen=True)
class Country:
    """How invoices are written in one country (or one language of it)."""

    code: str
    land: str
    language: str
    currency: str
    rates: tuple[str, ...]
    dates: tuple[str, ...]
    numbers: tuple[str, ...]  # thousands sign and decimal sign
    forms: tuple[str, ...]
    cities: tuple[str, ...]  # with their postal codes, as written
    streets: tuple[str, ...]  # {n} is the house number
    phone: str
    first: tuple[str, ...]
    last: tuple[str, ...]
    trades: tuple[str, ...]
    name: str = ""


_DE_NAMES = ("Brandt", "Köhler", "Sommerfeld", "Vogel", "Lindner", "Özdemir", "Hartwig", "Nowak", "Pfeiffer")
_DE_TRADES = ("Elektrotechnik", "Bürobedarf", "Malermeister", "Logistik", "Werbetechnik", "Metallbau", "Gartenbau",
              "Druckerei", "IT-Service", "Feinkost")  # fmt: skip
_FR_NAMES = ("Lefèvre", "Moreau", "Girard", "Rousseau", "Chevalier", "Dubois", "Marchand")
_FR_TRADES = (
    "Bâtiment",
    "Imprimerie",
    "Menuiserie",
    "Transports",
    "Informatique",
    "Traiteur",
    "Papeterie",
    "Électricité",
)

COUNTRIES = {
    country.code: country
    for country in (
        Country("US", "US", "en", "USD", ("8.25", "0", "6.5"), ("%m/%d/%Y", "%B %d, %Y", "%b %d, %Y", "%m/%d/%y"), (",.",),
                ("Inc.", "LLC", "Corp.", "", "& Co.", "Company"),
                ("Springfield, IL 62704", "Austin, TX 78701", "Portland, OR 97205", "Columbus, OH 43215-2210"),
                ("{n}00 Main St", "{n}20 Oak Avenue, Suite 400", "P.O. Box {n}41", "{n}15 W. 7th Street"), "({a}) 555-0{b}",
                ("Dana", "Luis", "Karen"), ("Whitfield", "Ortega", "McAllister", "Burke"),
                ("Supply", "Plumbing", "Media", "Industrial", "Landscaping", "Catering", "Office Products"), "United States"),
        Country("GB", "GB", "en", "GBP", ("20", "5", "0"), ("%d/%m/%Y", "%d %B %Y", "%d %b %Y", "%d-%b-%y"), (",.",),
                ("Ltd", "Limited", "LLP", "plc", "", "Ltd."),
                ("Leeds LS1 2AB", "Bristol BS1 4RB", "London EC1A 1BB", "Edinburgh EH3 9QA"),
                ("{n} High Street", "Unit {n}, Mill Lane", "{n} Quay Road"), "0{a} 496 0{b}",
                ("Oliver", "Priya", "Gareth"), ("Hargreaves", "Thornton", "Whitby", "Ashcroft", "Pembroke"),
                ("Joinery", "Stationery", "Logistics", "Electrical", "Print", "Interiors", "Engineering"), "United Kingdom"),
        Country("DE", "DE", "de", "EUR", ("19", "7", "0"), ("%d.%m.%Y", "%d. %B %Y", "%d.%m.%y"), (".,", ".,", ","),
                ("GmbH", "GmbH & Co. KG", "KG", "AG", "e.K.", "UG (haftungsbeschränkt)", "", "OHG", "GbR"),
                ("04109 Leipzig", "28195 Bremen", "80333 München", "D-50667 Köln", "70173 Stuttgart"),
                ("Hauptstraße {n}", "Am Mühlbach {n}a", "Kaistr. {n}", "Lange Gasse {n}"), "0{a} / {b}-0",
                ("Jens", "Ayşe", "Katrin"), _DE_NAMES, _DE_TRADES, "Deutschland"),
        Country("AT", "AT", "de", "EUR", ("20", "10", "13"), ("%d.%m.%Y", "%d. %B %Y"), (".,", " ,"),
                ("GmbH", "Ges.m.b.H.", "KG", "e.U.", "", "AG", "OG"),
                ("1010 Wien", "A-5020 Salzburg", "8010 Graz", "6020 Innsbruck"),
                ("Ringstraße {n}", "Linzer Gasse {n}/12", "Hofweg {n}"), "+43 {a} {b}",
                ("Lukas", "Eva"), ("Hofer", "Steinbauer", "Gruber", "Leitner"), _DE_TRADES, "Österreich"),
        Country("CH", "CH", "de", "CHF", ("8.1", "2.6"), ("%d.%m.%Y", "%d. %B %Y"), ("'.", "’.", "'."),
                ("AG", "GmbH", "", "& Co. AG"),
                ("8001 Zürich", "CH-3011 Bern", "9000 St. Gallen", "4051 Basel"),
                ("Bahnhofstrasse {n}", "Seeweg {n}", "Industriestrasse {n}"), "0{a} {b} 40",
                ("Reto", "Ursina"), ("Zürcher", "Ammann", "Bühler", "Gerber"), _DE_TRADES, "Schweiz"),
        Country("CHF", "CH", "fr", "CHF", ("8.1", "2.6"), ("%d.%m.%Y", "%d %B %Y"), ("'.", "’."),
                ("SA", "Sàrl", ""), ("1003 Lausanne", "CH-1204 Genève", "2000 Neuchâtel"),
                ("Rue du Lac {n}", "Avenue de la Gare {n}", "Chemin des Vignes {n}"), "0{a} {b} 20",
                ("Luc", "Chantal"), _FR_NAMES, _FR_TRADES, "Suisse"),
        Country("FR", "FR", "fr", "EUR", ("20", "10", "5.5"), ("%d/%m/%Y", "%d %B %Y", "%d/%m/%y", "%d-%m-%Y"),
                ("\u00a0,", " ,", "\u202f,", ".,"), ("SARL", "SAS", "SA", "EURL", "", "SCI", "SASU"),
                ("75011 Paris", "69002 LYON", "F-33000 Bordeaux", "44000 Nantes"),
                ("{n}, rue de la Paix", "{n} avenue Jean Jaurès", "ZI des Prés, {n} rue du Port", "{n} bis, quai Nord"),
                "0{c} {b} 12", ("Hélène", "Thierry"), _FR_NAMES, _FR_TRADES, "France"),
        Country("BEF", "BE", "fr", "EUR", ("21", "6"), ("%d/%m/%Y", "%d %B %Y"), (".,", " ,"),
                ("SPRL", "SRL", "SA", ""), ("1000 Bruxelles", "B-4000 Liège", "5000 Namur"),
                ("Rue Neuve {n}", "Chaussée de Mons {n}", "Avenue Louise {n} bte 3"), "0{c}/{b}",
                ("Benoît", "Sophie"), ("Lambert", "Dumont", "Peeters", "Claes"), _FR_TRADES, "Belgique"),
        Country("BE", "BE", "nl", "EUR", ("21", "6", "12"), ("%d/%m/%Y", "%d-%m-%Y", "%d %B %Y"), (".,",),
                ("BV", "NV", "BVBA", "VOF", ""), ("2000 Antwerpen", "B-9000 Gent", "8000 Brugge"),
                ("Meir {n}", "Kortrijksesteenweg {n}", "Industrielaan {n} bus 2"), "0{c} {b}",
                ("Wouter", "Lies"), ("Peeters", "Van den Broeck", "Claes", "De Smet"),
                ("Drukkerij", "Bouwmaterialen", "Schilderwerken", "Logistiek", "Horeca", "Kantoor"), "België"),
        Country("NL", "NL", "nl", "EUR", ("21", "9"), ("%d-%m-%Y", "%d %B %Y", "%d-%m-%y"), (".,",),
                ("B.V.", "BV", "V.O.F.", "", "N.V."), ("1012 AB Amsterdam", "3011 XD  Rotterdam", "9711 LM Groningen"),
                ("Keizersgracht {n}", "Dorpsstraat {n}a", "Havenweg {n}"), "0{a}-{b}",
                ("Daan", "Anneke"), ("de Vries", "Van Dijk", "Jansen", "Bakker", "Visser"),
                ("Installatietechniek", "Drukwerk", "Hoveniers", "Transport", "Webbureau", "Horeca"), "Nederland"),
        Country("ES", "ES", "es", "EUR", ("21", "10", "4"), ("%d/%m/%Y", "%d de %B de %Y", "%d-%m-%Y", "%d/%m/%y"), (".,", ".,", ","),
                ("S.L.", "S.A.", "SL", "S.L.U.", "", "C.B."), ("28001 Madrid", "08036 Barcelona", "46002 VALENCIA", "41001 Sevilla"),
                ("Calle Mayor, {n}", "C/ Alcalá {n}, 2º B", "Avda. de la Constitución, {n}", "Pol. Ind. Norte, nave {n}"), "9{c} {b} 33",
                ("Marta", "Íñigo"), ("Fernández", "Ruiz", "Ibáñez", "Castro"),
                ("Suministros", "Reformas", "Distribuciones", "Transportes", "Gráficas", "Informática"), "España"),
        Country("IT", "IT", "it", "EUR", ("22", "10", "4"), ("%d/%m/%Y", "%d %B %Y", "%d-%m-%Y", "%d.%m.%Y"), (".,",),
                ("S.r.l.", "S.p.A.", "SRL", "S.n.c.", "", "di {last} & C. S.a.s."),
                ("20121 Milano (MI)", "40125 Bologna BO", "10121 - Torino (TO)", "50122 Firenze"),
                ("Via Roma, {n}", "Via G. Garibaldi {n}/A", "Corso Italia, {n}", "Piazza Dante {n}"), "0{c} {b}",
                ("Giulia", "Marco"), ("Rossi", "Ferrari", "Colombo", "Esposito", "Conti"),
                ("Forniture", "Impianti", "Costruzioni", "Tipografia", "Trasporti", "Alimentari"), "Italia"),
        Country("PT", "PT", "pt", "EUR", ("23", "13", "6"), ("%d/%m/%Y", "%d-%m-%Y", "%Y-%m-%d", "%d de %B de %Y"), (".,", " ,", ".,"),
                ("Lda.", "S.A.", "Lda", "Unipessoal Lda", ""), ("1100-053 Lisboa", "4000-322 Porto", "3000-150 COIMBRA"),
                ("Rua Augusta, {n}", "Av. da Liberdade {n}, 2.º Esq.", "Zona Industrial, Lote {n}"), "2{c} {b}",
                ("Inês", "Rui"), ("Ferreira", "Gonçalves", "Sousa", "Carvalho"),
                ("Papelaria", "Construções", "Transportes", "Informática", "Distribuição"), "Portugal"),
        Country("PL", "PL", "pl", "PLN", ("23", "8", "5"), ("%d.%m.%Y", "%Y-%m-%d", "%d-%m-%Y", "%d %B %Y"), (" ,", "\u00a0,", ","),
                ("Sp. z o.o.", "S.A.", "sp.j.", "", "Spółka z o.o."), ("00-001 Warszawa", "31-042 Kraków", "50-101 Wrocław"),
                ("ul. Długa {n}/4", "ul. Kościuszki {n}", "al. Jerozolimskie {n}"), "{c}{b}",
                ("Łukasz", "Agnieszka"), ("Kowalski", "Wiśniewska", "Zieliński", "Wójcik"),
                ("Hurtownia", "Usługi Budowlane", "Transport", "Drukarnia", "Elektronika"), "Polska"),
    )
}  # fmt: skip

MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
}
_BODIES = {
    "GB": ("", 9, ""), "DE": ("", 9, ""), "AT": ("U", 8, ""), "FR": ("", 11, ""), "BE": ("0", 9, ""), "NL": ("", 9, "B01"),
    "ES": ("B", 8, ""), "IT": ("", 11, ""), "PT": ("5", 8, ""), "PL": ("", 10, ""),
}  # fmt: skip
_ACCOUNTS = {
    "GB": "NWBK{14}", "DE": "{18}", "AT": "{16}", "CH": "{17}", "FR": "{23}", "BE": "{12}", "NL": "INGB{10}",
    "ES": "{20}", "IT": "X{22}", "PT": "{21}", "PL": "{24}",
}  # fmt: skip
_WORDS = ("Aurora", "Nordwind", "Delta", "Bellavista", "Quercus", "Solaris", "Kompass", "Meridian", "Pontes", "Vertex", "Alba",
          "Rosenhof", "Terranova", "Lumière", "Zenit", "Orbis")  # fmt: skip


@dataclass(frozen=True)
class Party:
    """A company or a person as it stands on paper. `brand` is its name without the legal form."""

    name: str
    brand: str
    person: str
    street: str
    city: str
    country: Country
    tax_id: str  # compact; empty where it has none
    iban: str
    phone: str
    domain: str
    digits: str  # for register, bank and other numbers
    lines: tuple[str, ...] = field(default=())

    def address(self, foreign: bool = False) -> list[str]:
        """Street, city and, abroad, the country."""
        return [*self.lines, self.street, self.city, *([self.country.name.upper()] if foreign else [])]


def tax_id(land: str, rng: random.Random) -> str:
    """A tax id whose checksum holds; in Switzerland only its form, in the US an employer's number."""
    if land == "US":
        return f"{rng.randint(10, 98)}-{rng.randint(1000000, 9999999)}"
    if land == "CH":
        return f"CHE{rng.randint(100000000, 499999999)}"
    head, count, tail = _BODIES[land]
    while True:
        compact = land + head + "".join(rng.choices(string.digits, k=count)) + tail
        if vat.is_valid(compact) if land != "GB" else _british(compact):
            return compact


def _british(compact: str) -> bool:
    digits = [int(digit) for digit in compact[2:]]
    weighted = sum(weight * digit for weight, digit in zip((8, 7, 6, 5, 4, 3, 2), digits, strict=False))
    return digits[0] > 0 and (weighted + 10 * digits[7] + digits[8]) % 97 == 0


def account(land: str, rng: random.Random) -> str:
    """An IBAN whose checksum holds; empty in the US."""
    if land not in _ACCOUNTS:
        return ""
    head, _, count = _ACCOUNTS[land].rstrip("}").partition("{")
    while True:
        body = head + "".join(rng.choices(string.digits, k=int(count)))
        compact = f"{land}{iban.calc_check_digits(f'{land}00{body}')}{body}"
        if land in ("BE", "ES", "IT") or iban.is_valid(compact):
            if land == "IT":
                compact = _letter(body, land)
            if iban.is_valid(compact):
                return compact


def _letter(body: str, land: str) -> str:
    """An Italian account with the check letter of its country's own scheme, if one fits."""
    for letter in string.ascii_uppercase:
        tried = letter + body[1:]
        compact = f"{land}{iban.calc_check_digits(f'{land}00{tried}')}{tried}"
        if iban.is_valid(compact):
            return compact
    return ""


def spaced(compact: str) -> str:
    """An account in groups of four, as it is printed."""
    return " ".join(compact[at : at + 4] for at in range(0, len(compact), 4))


def party(country: Country, rng: random.Random, *, sole: bool = False) -> Party:
    """A company of a country, or a sole trader."""
    form = rng.choice(country.forms)
    last, first, trade, word = (rng.choice(names) for names in (country.last, country.first, country.trades, _WORDS))
    if sole:
        form, brand = "", rng.choice((f"{first} {last}", f"{trade} {last}", f"{trade} {first} {last}"))
    else:
        brand = rng.choice(
            (f"{word} {trade}", f"{last} {trade}", f"{last} & {rng.choice(country.last)}", f"{trade} {word}", word)
        )
        if not form and " " not in brand:
            brand = f"{brand} {trade}"
    name = f"{brand} {form}".strip().format(last=last)
    phone = country.phone.format(a=rng.randint(211, 899), b=rng.randint(100000, 999999), c=rng.randint(1, 9))
    if country.land == "US":
        phone = f"({rng.randint(211, 899)}) 555-0{rng.randint(100, 199)}"
    ascii_brand = brand.lower().translate(str.maketrans("äöüéèêíóãçłśşñâ", "aoueeeioaclssna")).replace("&", "-")
    domain = "".join(letter for letter in ascii_brand if letter.isascii() and (letter.isalnum() or letter == "-"))
    tld = {"US": "com", "GB": "co.uk"}.get(country.land, country.land.lower())
    return Party(
        name=name,
        brand=brand,
        person=f"{first} {last}",
        street=rng.choice(country.streets).format(n=rng.randint(2, 98)),
        city=rng.choice(country.cities),
        country=country,
        tax_id=tax_id(country.land, rng),
        iban=account(country.land, rng),
        phone=phone,
        domain=f"{domain}.{tld}" if rng.random() < 0.8 else "mailbox.example",
        digits="".join(rng.choices(string.digits[1:], k=12)),
    )


def percent(rate: Decimal | str, decimal: str) -> str:
    """A tax rate as it is written."""
    return format(Decimal(rate).normalize(), "f").replace(".", decimal)
