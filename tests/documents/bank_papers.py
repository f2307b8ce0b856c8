"""Bank statements of ten layouts and seven languages, drawn with whatever bookings a test wants."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal, TypeAlias

from tests.documents import paper

WIDTH, HEIGHT = 595.0, 842.0
Align: TypeAlias = Literal["left", "right"]
Booking: TypeAlias = tuple[date, str, Decimal]


@dataclass(frozen=True)
class Column:
    """A column: its head, what it shows of a booking, and where."""

    head: str
    shows: str  # date, value_date, text, debit, credit, amount, marked, word, balance
    x: float
    align: Align = "left"


@dataclass(frozen=True)
class Layout:
    """How a bank prints its statements. `number` and `day` say how figures and dates look."""

    bank: str
    head: Sequence[str]  # lines above the table; {first} {last} {opening} {closing} {account} are filled in
    columns: Sequence[Column]
    number: Callable[[Decimal], str]
    day: Callable[[date], str]
    full_day: Callable[[date], str]
    opening: str = ""  # the label of a row at the top, without which it is in the head alone
    closing: str = ""
    account: str = ""
    iban: str = ""
    currency: str = "EUR"
    rows_a_page: int = 30
    carried: tuple[str, str] | None = None  # at the foot and at the top of pages in between
    sections: tuple[str, str] | None = None  # money in, money out
    card: bool = False
    newest_first: bool = False
    same_day_once: bool = False
    wrapped: bool = False
    words: tuple[str, str] = ("", "")  # of money out and in, for a column `word` or `marked`
    foot: Sequence[str] = field(default=())


def comma(value: Decimal) -> str:
    return f"{value:,.2f}".replace(",", " ").replace(".", ",").replace(" ", ".")


def point(value: Decimal) -> str:
    return f"{value:,.2f}"


def space(value: Decimal) -> str:
    return f"{value:,.2f}".replace(",", " ").replace(".", ",")


def dots(day: date) -> str:
    return day.strftime("%d.%m.%Y")


def slashes(day: date) -> str:
    return day.strftime("%d/%m/%Y")


def english(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


LAYOUTS: dict[str, Layout] = {
    "german": Layout(
        bank="Sparkasse Lindental",
        head=(
            "Kontoauszug 3/2026",
            "Kontonummer 4711 0815   IBAN DE89 3704 0044 0532 0130 00",
            "Zeitraum {first} bis {last}",
        ),
        columns=(
            Column("Bu-Tag", "date", 50),
            Column("Wert", "value_date", 95),
            Column("Vorgang", "text", 140),
            Column("Betrag EUR", "marked", 545, "right"),
        ),
        number=comma,
        day=lambda day: day.strftime("%d.%m."),
        full_day=dots,
        opening="Kontostand am {first}",
        closing="Kontostand am {last}",
        account="4711 0815",
        iban="DE89370400440532013000",
        words=("-", "+"),
        wrapped=True,
    ),
    "german S and H": Layout(
        bank="Volksbank Waldeck eG",
        head=("Kontoauszug", "Konto 83920017", "Auszug vom {first} bis {last}"),
        columns=(
            Column("Bu-Tag", "date", 50),
            Column("Vorgang", "text", 110),
            Column("Betrag", "marked", 545, "right"),
        ),
        number=comma,
        day=lambda day: day.strftime("%d.%m."),
        full_day=dots,
        opening="alter Kontostand vom {first}",
        closing="neuer Kontostand vom {last}",
        account="83920017",
        words=(" S", " H"),
        wrapped=True,
    ),
    "french": Layout(
        bank="Banque du Ponant",
        head=("Relevé de compte", "Compte n° 00012345678", "du {first} au {last}"),
        columns=(
            Column("Date", "date", 45),
            Column("Valeur", "value_date", 90),
            Column("Libellé", "text", 140),
            Column("Débit", "debit", 450, "right"),
            Column("Crédit", "credit", 545, "right"),
        ),
        number=space,
        day=lambda day: day.strftime("%d/%m"),
        full_day=slashes,
        opening="Ancien solde au {first}",
        closing="Nouveau solde au {last}",
        account="00012345678",
        foot=("Banque du Ponant, SA au capital de 1 200 000,00 EUR",),
    ),
    "british": Layout(
        bank="Harbour & County Bank",
        head=(
            "Your current account statement",
            "Sort code 20-00-01   Account number 12345678",
            "{first} to {last}",
        ),
        columns=(
            Column("Date", "date", 45),
            Column("Description", "text", 110),
            Column("Paid out", "debit", 400, "right"),
            Column("Paid in", "credit", 470, "right"),
            Column("Balance", "balance", 545, "right"),
        ),
        number=point,
        day=lambda day: f"{day.day} {day:%b}",
        full_day=english,
        opening="Balance brought forward",
        closing="Balance carried forward",
        account="12345678",
        currency="GBP",
        same_day_once=True,
        wrapped=True,
    ),
    "american": Layout(
        bank="First Prairie Bank",
        head=(
            "Account number: 000123456789",
            "Statement period {first} through {last}",
            "Beginning balance  ${opening}",
            "Ending balance  ${closing}",
        ),
        columns=(
            Column("Date", "date", 45),
            Column("Description", "text", 110),
            Column("Amount", "amount", 545, "right"),
        ),
        number=point,
        day=lambda day: day.strftime("%m/%d"),
        full_day=lambda day: f"{day:%B} {day.day}, {day.year}",
        sections=("Deposits and additions", "Electronic withdrawals"),
        account="000123456789",
        currency="USD",
    ),
    "spanish": Layout(
        bank="Banco del Levante",
        head=("Extracto de cuenta", "IBAN ES91 2100 0418 4502 0005 1332", "Periodo: {first} a {last}"),
        columns=(
            Column("Fecha", "date", 45),
            Column("F. Valor", "value_date", 105),
            Column("Concepto", "text", 165),
            Column("Importe", "signed", 450, "right"),
            Column("Saldo", "balance", 545, "right"),
        ),
        number=comma,
        day=slashes,
        full_day=slashes,
        opening="Saldo anterior",
        iban="ES9121000418450200051332",
    ),
    "dutch": Layout(
        bank="Zuiderbank",
        head=(
            "Rekeningafschrift",
            "Rekening NL91 ABNA 0417 1643 00",
            "Periode {first} t/m {last}",
            "Beginsaldo  {opening}",
            "Eindsaldo  {closing}",
        ),
        columns=(
            Column("Datum", "date", 45),
            Column("Omschrijving", "text", 120),
            Column("Af/Bij", "word", 400),
            Column("Bedrag", "amount", 545, "right"),
        ),
        number=comma,
        day=lambda day: day.strftime("%d-%m-%Y"),
        full_day=lambda day: day.strftime("%d-%m-%Y"),
        iban="NL91ABNA0417164300",
        words=("Af", "Bij"),
    ),
    "card": Layout(
        bank="Meridian Card Services",
        head=(
            "Credit card statement   Credit limit 9,000.00",
            "Card number 4929 1234 5678 9012",
            "Statement period {first} to {last}",
        ),
        columns=(
            Column("Posting date", "date", 45),
            Column("Description", "text", 130),
            Column("Amount (GBP)", "marked", 545, "right"),
        ),
        number=point,
        day=lambda day: day.strftime("%d %b"),
        full_day=english,
        opening="Previous balance",
        closing="New balance",
        account="4929 1234 5678 9012",
        currency="GBP",
        words=("", " CR"),
        card=True,
    ),
    "italian, carried": Layout(
        bank="Cassa Rurale di Valdoro",
        head=("Estratto conto", "Conto n. 1000/00012345", "dal {first} al {last}"),
        columns=(
            Column("Data", "date", 45),
            Column("Valuta", "value_date", 105),
            Column("Descrizione", "text", 165),
            Column("Dare", "debit", 390, "right"),
            Column("Avere", "credit", 465, "right"),
            Column("Saldo", "balance", 545, "right"),
        ),
        number=comma,
        day=slashes,
        full_day=slashes,
        opening="Saldo iniziale",
        closing="Saldo finale",
        account="1000/00012345",
        rows_a_page=9,
        carried=("A riportare", "Riporto"),
    ),
    "newest first": Layout(
        bank="Online Bank Nord",
        head=("Transaction history", "Account no 55501234", "From {first} to {last}"),
        columns=(
            Column("Date", "date", 45),
            Column("Details", "text", 120),
            Column("Amount", "signed", 450, "right"),
            Column("Balance", "balance", 545, "right"),
        ),
        number=point,
        day=lambda day: day.isoformat(),
        full_day=lambda day: day.isoformat(),
        account="55501234",
        newest_first=True,
    ),
}


WENT = (
    "Rent Mill Lane 4",
    "Card payment Green Grocer",
    "Standing order 4711",
    "Transfer J. Hale",
    "Cash machine Quay Street",
    "Insurance policy 88/21",
)
CAME = ("Salary Harbour Books Ltd", "Transfer J. Hale", "Refund Nordpapier", "Payment received, thank you")


def bookings(seed: int, count: int) -> list[Booking]:
    """Random bookings of March 2026, in order."""
    chance = random.Random(seed)
    made = []
    for place in range(count):
        size = Decimal(chance.choice([chance.randint(100, 9999), chance.randint(10000, 250000)])) / 100
        sign = chance.choice((-1, -1, 1))
        made.append((date(2026, 3, 1 + place * 30 // count), chance.choice(WENT if sign < 0 else CAME), size * sign))
    return made


def save(seeds: Iterable[int], folder: Path, *, scan: bool) -> None:
    """Statements, a layout after the other, and their truth.jsonl; scans have one page."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for seed in seeds:
        name, layout = list(LAYOUTS.items())[seed % len(LAYOUTS)]
        made = bookings(seed, random.Random(seed).randint(3, 9 if scan else 60))
        opening = Decimal("-812.40") if layout.card else Decimal("1200.00")
        file = folder / f"{seed:04}-{name.split()[0].strip(',')}.pdf"
        if scan:
            with tempfile.TemporaryDirectory() as temporary:
                draw_statement(Path(temporary) / "s.pdf", layout, made, opening)
                paper.scan(Path(temporary) / "s.pdf", file, seed=seed, skew=random.Random(seed).uniform(-1.5, 1.5))
        else:
            draw_statement(file, layout, made, opening)
        transactions = [{"date": str(day), "description": text, "amount": str(amount)} for day, text, amount in made]
        rows.append(json.dumps({"file": file.name, "bank": layout.bank, "transactions": transactions}) + "\n")
    (folder / "truth.jsonl").write_text("".join(rows), encoding="utf-8")


def draw_statement(
    path: Path,
    layout: Layout,
    bookings: Sequence[Booking],
    opening: Decimal = Decimal("1200.00"),
    printed: dict[int, Decimal] | None = None,
) -> Path:
    """A PDF of one account over March 2026. `printed` replaces the amount that is printed for a booking."""
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(path), pagesize=(WIDTH, HEIGHT))
    _Pen(canvas, layout, bookings, opening, printed or {}).draw()
    canvas.save()
    return path


class _Pen:
    def __init__(
        self, canvas: object, layout: Layout, bookings: Sequence[Booking], opening: Decimal, printed: dict[int, Decimal]
    ) -> None:
        self.canvas, self.layout, self.opening, self.printed = canvas, layout, opening, printed
        self.bookings = list(bookings)
        self.closing = opening + sum((amount for _, _, amount in bookings), Decimal(0))
        self.y = 0.0
        self.rows = 0

    def draw(self) -> None:
        self._title()
        if self.layout.sections:
            for title, sign in zip(self.layout.sections, (1, -1), strict=True):
                self._line(title, 45, 11)
                self._heads()
                self._rows([index for index, (_, _, amount) in enumerate(self.bookings) if amount * sign > 0])
                self._line(f"Total {title.lower()}  ${self.layout.number(self._sum(sign))}", 45)
        else:
            self._heads()
            if self.layout.opening:
                self._balance(self.layout.opening, self.opening)
            order = list(range(len(self.bookings)))
            self._rows(order[::-1] if self.layout.newest_first else order)
            if self.layout.closing:
                self._balance(self.layout.closing, self.closing)
        for text in self.layout.foot:
            self._line(text, 45, 7)

    def _sum(self, sign: int) -> Decimal:
        return sum((abs(amount) for _, _, amount in self.bookings if amount * sign > 0), Decimal(0))

    def _title(self) -> None:
        self.y = 60
        self._line(self.layout.bank, 45, 15)
        told = {
            "first": self.layout.full_day(date(2026, 3, 1)),
            "last": self.layout.full_day(date(2026, 3, 31)),
            "opening": self.layout.number(self.opening),
            "closing": self.layout.number(self.closing),
        }
        for text in self.layout.head:
            self._line(text.format(**told), 45)
        self.y += 14

    def _heads(self) -> None:
        for column in self.layout.columns:
            self._put(column.head, column.x, column.align, bold=True)
        self.y += 15

    def _rows(self, order: Sequence[int]) -> None:
        before: date | None = None
        for place, index in enumerate(order):
            if self.rows >= self.layout.rows_a_page:
                self._new_page(order, place)
            day, text, amount = self.bookings[index]
            shown = self.layout.number(abs(self.printed.get(index, amount)))
            balance = self.opening + sum((one for _, _, one in self.bookings[: index + 1]), Decimal(0))
            repeated = self.layout.same_day_once and day == before
            for column in self.layout.columns:
                self._cell(column, "" if repeated else self.layout.day(day), text, amount, shown, balance)
            self.y += 12
            if self.layout.wrapped and index % 3 == 0:
                column = next(one for one in self.layout.columns if one.shows == "text")
                self._put(f"Reference {index + 1}", column.x, "left")
                self.y += 12
            before = day
            self.rows += 1

    def _cell(self, column: Column, day: str, text: str, amount: Decimal, shown: str, balance: Decimal) -> None:
        out, into = self.layout.words
        told = {
            "date": day,
            "value_date": day,
            "text": text,
            "debit": shown if amount < 0 else "",
            "credit": shown if amount > 0 else "",
            "amount": shown,
            "signed": f"-{shown}" if amount < 0 else shown,
            "marked": shown + (out if amount < 0 else into),
            "word": out if amount < 0 else into,
            "balance": f"{'-' if balance < 0 else ''}{self.layout.number(abs(balance))}",
        }[column.shows]
        self._put(told, column.x, column.align)

    def _new_page(self, order: Sequence[int], place: int) -> None:
        balance = self.opening + sum((self.bookings[index][2] for index in order[:place]), Decimal(0))
        if self.layout.carried:
            self._balance(self.layout.carried[0], balance)
        self.canvas.showPage()  # type: ignore[attr-defined]
        self.y, self.rows = 60, 0
        self._heads()
        if self.layout.carried:
            self._balance(self.layout.carried[1], balance)

    def _balance(self, label: str, value: Decimal) -> None:
        told = {"first": self.layout.full_day(date(2026, 3, 1)), "last": self.layout.full_day(date(2026, 3, 31))}
        text = next(one for one in self.layout.columns if one.shows == "text")
        self._put(label.format(**told), text.x, "left")
        out, into = self.layout.words
        shown = self.layout.number(abs(value))
        if self.layout.card:
            shown += " CR" if value > 0 else ""
        elif out.strip() and self.layout.columns[-1].shows == "marked":
            shown += into if value >= 0 else out
        elif value < 0:
            shown = f"-{shown}"
        last = self.layout.columns[-1]
        if last.shows == "credit" and value < 0:
            last = self.layout.columns[-2]
            shown = shown.lstrip("-")
        self._put(shown, last.x, last.align)
        self.y += 12

    def _line(self, text: str, x: float, size: float = 9) -> None:
        self._put(text, x, "left", size=size)
        self.y += size * 1.5

    def _put(self, text: str, x: float, align: Align, size: float = 9, bold: bool = False) -> None:
        if not text:
            return
        self.canvas.setFont("Helvetica-Bold" if bold else "Helvetica", size)  # type: ignore[attr-defined]
        draw = self.canvas.drawRightString if align == "right" else self.canvas.drawString  # type: ignore[attr-defined]
        draw(x, HEIGHT - self.y, text)
