"""The business side of a made-up invoice: who, what, when and how much, with sums that hold to the cent."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from tests.documents.zoo_people import COUNTRIES, MONTHS, Country, Party, party, percent

CENT = Decimal("0.01")


@lru_cache(maxsize=1)
def vocabulary() -> dict[str, dict[str, list[str]]]:
    """The words of `zoo_words.yaml` by language."""
    loaded: dict[str, dict[str, list[str]]] = yaml.safe_load(
        Path(__file__).with_name("zoo_words.yaml").read_text(encoding="utf-8")
    )
    return loaded


def cents(value: Decimal) -> Decimal:
    """Rounded to the cent as tax is."""
    return value.quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True)
class Item:
    """One thing sold. `details` are the further lines of its description."""

    text: str
    details: tuple[str, ...]
    code: str
    quantity: Decimal
    unit: str
    price: Decimal
    discount: Decimal  # per cent
    rate: Decimal
    net: Decimal
    on: date


@dataclass(frozen=True)
class Hand:
    """How one vendor writes numbers, money and dates."""

    country: Country
    thousands: str
    decimal: str
    dates: str
    mark: str  # with {} for the number, around totals
    item_mark: str  # the same around the amounts of items

    def number(self, value: Decimal, places: int = 2) -> str:
        """A number with the vendor's signs."""
        whole, _, rest = f"{abs(value):,.{places}f}".partition(".")
        text = whole.replace(",", self.thousands) + (self.decimal + rest if rest else "")
        return f"-{text}" if value < 0 else text

    def money(self, value: Decimal) -> str:
        """An amount among the totals."""
        text = self.mark.format(self.number(abs(value)))
        return f"-{text}" if value < 0 else text

    def item_money(self, value: Decimal) -> str:
        """An amount in the rows of items."""
        return self.item_mark.format(self.number(value))

    def date(self, value: date) -> str:
        """A date; months by name are in the vendor's language."""
        month = MONTHS[self.country.language].split()[value.month - 1]
        short = month if len(month) <= 3 or self.country.language != "en" else month[:3]
        pattern = self.dates.replace("%B", month).replace("%b", short)
        if "%d %B" in self.dates or "%d. %B" in self.dates or "%B %d" in self.dates:
            pattern = pattern.replace("%d", str(value.day))
        return value.strftime(pattern)

    def rate(self, rate: Decimal) -> str:
        """A tax rate without the per cent sign."""
        return percent(rate, self.decimal)


@dataclass
class Bill:
    """Everything an invoice says."""

    country: Country
    hand: Hand
    words: dict[str, str]  # one word for each thing, as this vendor says it
    seller: Party
    buyer: Party
    ship: Party
    number: str
    issued: date
    due: date
    due_as: str  # `date`, `sentence`, `terms` or nothing
    days: int
    order: str
    customer_no: str
    delivery_no: str
    credit: bool
    reverse: bool
    gross_prices: bool
    items: list[Item]
    rebate: Decimal
    shipping: Decimal
    prepaid: Decimal
    bases: dict[Decimal, Decimal] = field(default_factory=dict)
    taxes: dict[Decimal, Decimal] = field(default_factory=dict)

    @property
    def goods(self) -> Decimal:
        """The sum of the rows as printed."""
        return sum((item.net for item in self.items), Decimal(0))

    @property
    def net(self) -> Decimal:
        return sum(self.bases.values(), Decimal(0))

    @property
    def tax(self) -> Decimal:
        return sum(self.taxes.values(), Decimal(0))

    @property
    def total(self) -> Decimal:
        return self.net + self.tax


def other_party(country: Country, rng: random.Random, *known: Party) -> Party:
    """A company with none of the words that the known ones' names begin with."""
    while True:
        found = party(country, rng)
        if not any(set(found.brand.split()) & set(one.brand.split()) - {"&"} for one in known):
            return found


def hand_of(country: Country, rng: random.Random) -> Hand:
    """A vendor's way of writing."""
    numbers = rng.choice(country.numbers)
    thousands, decimal = (numbers[:-1], numbers[-1])
    signs = {
        "EUR": ("{} €", "€ {}", "{}", "{} EUR", "EUR {}", "{}€"),
        "USD": ("${}", "${}", "{}", "$ {}", "USD {}"),
        "GBP": ("£{}", "£{}", "{}", "GBP {}"),
        "CHF": ("CHF {}", "{}", "Fr. {}", "{} CHF"),
        "PLN": ("{} zł", "{} PLN", "{}"),
    }[country.currency]
    mark = rng.choice(signs)
    return Hand(country, thousands, decimal, rng.choice(country.dates), mark, rng.choice(("{}", "{}", mark)))


def _numbers(rng: random.Random, issued: date) -> str:
    year, serial = issued.year, rng.randint(1, 9999)
    shapes = (
        f"{year}-{serial:04}", f"RE{year % 100}{serial:05}", f"{serial + 10000}", f"F-{year}-{serial:03}", f"{year}/{serial:04}",
        f"INV-{serial:05}", f"{serial + 4000000}", f"A{serial:04}/{year % 100}", f"FT {year}/{serial}", f"{serial}/{issued:%m}/{year}",
        f"VK-{rng.randint(100, 999)}-{serial:04}", f"{rng.choice('KMTX')}{serial:06}", f"{year}{issued:%m}{serial % 1000:03}",
        f"{serial % 900 + 100}",
    )  # fmt: skip
    return rng.choice(shapes)


def bill(seed: int, country: str | None = None, *, discounts: bool = True) -> Bill:
    """An invoice by its seed; the same seed gives the same invoice. Without `discounts` no row has one."""
    rng = random.Random(f"bill {seed}")
    land = COUNTRIES[country or rng.choice(sorted(COUNTRIES))]
    words = {name: rng.choice(listed) for name, listed in vocabulary()[land.language].items()}
    abroad = land.land != "US" and rng.random() < 0.12
    buyer_land = rng.choice([one for one in COUNTRIES.values() if one.land not in ("US", "CH")]) if abroad else land
    seller = party(land, rng, sole=rng.random() < 0.12)
    buyer = other_party(buyer_land, rng, seller)
    issued = date(2023, 1, 2) + timedelta(days=rng.randint(0, 1100))
    days = rng.choice((7, 10, 14, 14, 30, 30, 30, 45, 60))
    made = Bill(
        country=land, hand=hand_of(land, rng), words=words, seller=seller, buyer=buyer, ship=other_party(land, rng, seller, buyer),
        number=_numbers(rng, issued), issued=issued, due=issued + timedelta(days=days), days=days,
        due_as=rng.choice(("date", "date", "date", "sentence", "sentence", "terms", "")),
        order=rng.choice(("", f"PO-{rng.randint(1000, 99999)}", f"{rng.randint(4500000000, 4599999999)}", f"B{rng.randint(100, 9999)}/7")),
        customer_no=str(rng.randint(10000, 79999)), delivery_no=f"LS{rng.randint(100000, 999999)}",
        credit=rng.random() < 0.08, reverse=abroad and land.land not in ("GB", "CH"),
        gross_prices=rng.random() < 0.07 and land.land not in ("US", "PL") and not abroad,
        items=[], rebate=Decimal(0), shipping=Decimal(0), prepaid=Decimal(0),
    )  # fmt: skip
    if made.words["open"] == made.words["total"]:
        made.words["open"] = next(word for word in vocabulary()[land.language]["open"] if word != made.words["total"])
    _fill(made, rng, discounts)
    return made


def _fill(made: Bill, rng: random.Random, discounts: bool) -> None:
    rates = _rates(made, rng)
    count = rng.choice((1, 2, 2, 3, 3, 4, 5, 6, 8, 14, 38))
    signed = -1 if made.credit and rng.random() < 0.5 else 1
    made.items = [_item(made, rng, rng.choice(rates), signed, discounts) for _ in range(count)]
    if not made.gross_prices and rng.random() < 0.12:
        made.shipping = signed * Decimal(rng.choice(("6.90", "12.50", "45.00")))
    if not made.gross_prices and len(rates) == 1 and rng.random() < 0.1:
        made.rebate = -cents(made.goods * Decimal(rng.choice(("0.02", "0.05", "0.10"))))
    printed: dict[Decimal, Decimal] = defaultdict(Decimal)
    for item in made.items:
        printed[item.rate] += item.net
    first = made.items[0].rate
    printed[first] += made.shipping + made.rebate
    for rate, amount in sorted(printed.items(), reverse=True):
        if made.gross_prices:
            made.bases[rate] = cents(amount / (1 + rate / 100))
            made.taxes[rate] = amount - made.bases[rate]
        else:
            made.bases[rate], made.taxes[rate] = amount, cents(amount * rate / 100)
    if rng.random() < 0.07 and made.total > 50:
        made.prepaid = cents(made.total * Decimal("0.3"))


def _rates(made: Bill, rng: random.Random) -> list[Decimal]:
    listed = [Decimal(rate) for rate in made.country.rates]
    if made.reverse:
        return [Decimal(0)]
    if made.country.land == "US":
        return [rng.choice(listed)]
    usual = [rate for rate in listed if rate]
    return usual[: rng.choice((1, 1, 1, 2, 2, 3))]


def _item(made: Bill, rng: random.Random, rate: Decimal, signed: int, discounts: bool) -> Item:
    words = vocabulary()[made.country.language]
    quantity = Decimal(rng.choice(("1", "1", "2", "3", "5", "10", "12", "24", "100", "1.5", "7.25", "250")))
    price = Decimal(rng.choice((rng.randint(90, 999), rng.randint(1000, 9999), rng.randint(10000, 190000)))) / 100
    discount = Decimal(rng.choice(("0", "0", "0", "5", "10", "15"))) if discounts else Decimal(0)
    net = signed * cents(quantity * price * (100 - discount) / 100)
    details = tuple(rng.sample(words["extras"], rng.choice((0, 0, 0, 1, 1, 2))))
    code = rng.choice(
        (
            f"{rng.randint(10000, 99999)}",
            f"{rng.choice('ABT')}-{rng.randint(100, 999)}",
            f"{rng.randint(10, 99)}.{rng.randint(100, 999)}",
        )
    )
    return Item(
        rng.choice(words["items"]), details, code, signed * quantity, rng.choice(words["units"]), price, discount, rate,
        net, made.issued - timedelta(days=rng.randint(1, 25)),
    )  # fmt: skip


def truth(made: Bill, printed: dict[str, Any]) -> dict[str, Any]:
    """The row of `truth.jsonl` for an invoice; `printed` says what its layout shows of it."""
    rows: list[dict[str, Any]] = [
        {
            "description": item.text,
            "quantity": str(item.quantity) if printed["quantity"] else None,
            "unit_price": str(item.price) if printed["price"] else None,
            "amount": str(item.net),
            "tax_rate": str(item.rate) if printed["rate"] else None,
        }
        for item in made.items
    ]
    return {
        "doc_kind": "credit_note" if made.credit else "invoice",
        "language": made.country.language,
        "country": made.country.code,
        "invoice_number": made.number,
        "invoice_date": made.issued.isoformat(),
        "due_date": made.due.isoformat() if made.due_as in ("date", "sentence") else None,
        "terms_days": made.days if made.due_as == "terms" else None,
        "currency": made.country.currency if (made.hand.mark, made.hand.item_mark) != ("{}", "{}") else None,
        "seller_name": made.seller.name,
        "seller_vat_id": printed["seller_vat_id"],
        "buyer_name": made.buyer.name,
        "buyer_vat_id": printed["buyer_vat_id"],
        "iban": printed["iban"],
        "purchase_order": made.order or None,
        "net_total": str(made.net) if printed["net"] else None,
        "tax_total": str(made.tax) if printed["tax"] else None,
        "gross_total": str(made.total),
        "tax_breakdown": [
            {"rate": str(rate), "basis": str(basis), "amount": str(made.taxes[rate])}
            for rate, basis in made.bases.items()
        ]
        if printed["breakdown"]
        else None,
        "line_items": rows,
    }
