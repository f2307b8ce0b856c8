"""Reads a bank statement: its rows, their signs, and what the balances prove about them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from bots.documents.document import DocumentProblem, Finding, Transaction
from bots.documents.pages.page import Page, union
from bots.documents.statements.account import facts, finding
from bots.documents.statements.balance import Proof, balance_problems, prove
from bots.documents.statements.column import guessed
from bots.documents.statements.day import Span, dated
from bots.documents.statements.figure import figures_of
from bots.documents.statements.ledger import Balance, ledger_of
from bots.documents.statements.period import Period, period_of
from bots.documents.statements.row import Row, Rows
from bots.documents.statements.signing import (
    ACCOUNT,
    CARD,
    CUSTOMS,
    Custom,
    Entry,
    settle_signs,
)
from bots.documents.statements.words import holds, spoken
from bots.documents.words.locale import Locale

SAID = 2  # phrases that only cards' statements have, from which on one is
CLEAR = 0.8  # by which a reading has to be likelier than the same with all signs turned
PROVEN, LIKELY, UNPROVEN, BROKEN = 0.98, 0.93, 0.6, 0.3
"""How sure a booking is where balances prove it, where they prove all others, where there are none, and where they
disagree."""


@dataclass(frozen=True)
class Statement:
    """What was read: fields, bookings in the order of print, and what is doubtful."""

    fields: dict[str, Finding]
    transactions: list[Transaction]
    problems: list[DocumentProblem]


@dataclass
class _Reading:
    """One way to read the rows: a custom of signs, a set of columns, an order of time; and what proves it."""

    entries: list[Entry]  # from the oldest to the newest
    forward: bool  # whether they are printed in that order
    opening: Balance | None
    closing: Balance | None
    proof: Proof
    custom: Custom
    likely: float = 0.0
    accounts: int = 1
    mirrored: bool = False  # with all signs the other way round it is as likely

    @property
    def worth(self) -> tuple[float, bool, float]:
        """What is proven comes first, then that there are bookings at all."""
        return (self.proof.worth, bool(self.entries), self.likely)


@dataclass
class _Dated:
    """A reading with the day, or the month, first."""

    reading: _Reading
    period: Period
    span: Span

    @property
    def days(self) -> list[date | None]:
        return [dated(entry.row.day, self.span) for entry in self.reading.entries if entry.row.day is not None]

    @property
    def forced(self) -> int:
        """How many bookings can only be read the other way round."""
        return sum(entry.row.day is not None and entry.row.day.forced for entry in self.reading.entries)

    @property
    def inside(self) -> int:
        """How many bookings fall into the period that the statement tells; none where it tells none."""
        if self.period.start is None and all(told.value != self.span.end for told in self.period.issued):
            return 0
        return sum(day is not None and self.span.holds(day) for day in self.days)

    @property
    def jumps(self) -> int:
        """Days from booking to booking, all together."""
        known = [day for day in self.days if day is not None]
        return sum(abs((after - before).days) for before, after in itertools.pairwise(known))


def statement_of(pages: Sequence[Page], locale: Locale) -> Statement:
    """The fields and bookings of a statement. Never fails: what is not found is missing, what is doubtful is told."""
    card = len(spoken((line.text for page in pages[:3] for line in page.lines), "card"))
    dated_one, undecided = _decided(pages, locale, card)
    best, period, span = dated_one.reading, dated_one.period, dated_one.span
    transactions = list(_transactions(best, span, pages))
    ends = _balances(best, pages)
    fields = {**facts(pages, locale), **_of_period(period, span, pages), **ends}
    opening, closing = (_money(ends.get(name)) for name in ("opening_balance", "closing_balance"))
    several = best.accounts > 1
    problems = [_several(best)] if several else balance_problems(transactions, opening, closing)
    if best.mirrored:
        problems.append(_either_way(best))
    if undecided:
        problems.append(_ambiguous(dated_one))
    if len(transactions) < len(best.entries):
        problems.append(_no_year(best))
    return Statement(fields, transactions, problems)


def least_sure(transactions: Sequence[Transaction]) -> float:
    """The confidence of the booking most in doubt; 1 where there is none."""
    return min((one.confidence for one in transactions), default=1.0)


def _money(found: Finding | None) -> Decimal | None:
    return found.value if found is not None and isinstance(found.value, Decimal) else None


def _decided(pages: Sequence[Page], locale: Locale, card: int) -> tuple[_Dated, bool]:
    """The reading with day or month first, as the dates themselves decide; and whether they leave it open."""
    usual = locale.day_first is not False
    first = _dated(pages, locale, card, usual)
    if locale.day_first is not None and not first.forced:
        return first, False
    other = _dated(pages, locale, card, not usual)
    if first.days == other.days:
        return first, False
    if bool(first.forced) != bool(other.forced):
        return (other if first.forced else first), False
    if first.inside != other.inside:
        return max(first, other, key=lambda one: one.inside), False
    # Bookings follow each other closely; read the wrong way round they are months apart.
    nearer, farther = sorted((first, other), key=lambda one: one.jumps)
    return nearer, farther.jumps < 3 * max(nearer.jumps, 1)


def _dated(pages: Sequence[Page], locale: Locale, card: int, day_first: bool) -> _Dated:
    period = period_of(pages, day_first)
    ranked = sorted(_readings(pages, locale.spaced, day_first, card), key=lambda one: one.worth, reverse=True)
    best = ranked[0]
    mirrored = (one for one in ranked[1:] if one.proof.worth == best.proof.worth and _mirror(best, one))
    best.mirrored = any(best.likely - one.likely < CLEAR for one in mirrored)
    return _Dated(best, period, _span(best.entries, period))


def _mirror(one: _Reading, other: _Reading) -> bool:
    """Whether two readings differ in the sign of everything: the statement of an account, and that of a debt."""
    pairs = itertools.zip_longest(one.entries, other.entries)
    return bool(one.entries) and all(a and b and a.amount == -b.amount for a, b in pairs)


def _readings(pages: Sequence[Page], spaced: bool, day_first: bool, card: int) -> Iterator[_Reading]:
    printed = Rows(spaced, day_first).read(pages)
    yield from _customs(printed, card, told=True)
    if any(row.undated for row in printed):
        # Amounts without a date of their own are bookings of the same day, or only tell more of the one above.
        yield from _customs([row for row in printed if not row.undated], card, told=True, malus=1.0)
    if any(row.kind == "booking" for row in printed):
        return
    lines = [list(figures_of(line, spaced)) for page in pages for line in page.lines]
    for columns in guessed([figures for figures in lines if figures]):
        yield from _customs(Rows(spaced, day_first, columns).read(pages), card, told=False)


def _customs(rows: Sequence[Row], card: int, *, told: bool, malus: float = 0.0) -> Iterator[_Reading]:
    bookings = [row for row in rows if row.kind == "booking"]
    marks = {figure.mark for row in bookings if (figure := row.amounts.get("amount")) is not None}
    likely = _likely(marks, card >= SAID)
    for place, custom in enumerate(CUSTOMS):
        reading = _reading(rows, custom, told, (custom == likely) - place / 10 - malus)
        owed = custom.balance < 0
        reading.likely += 1.5 * _votes(reading.entries) + 0.5 * owed * (0 < card < SAID)
        yield reading


def _votes(entries: Sequence[Entry]) -> float:
    """Whether what came and what went is described so: 1 where every description agrees, -1 where none does."""
    votes = 0
    for entry in entries:
        if entry.kind == "transaction" and entry.amount:
            text = entry.row.description
            votes += (holds(text, "came") - holds(text, "went")) * (1 if entry.amount > 0 else -1)
    return votes / max(len(entries), 1)


def _likely(marks: set[str], card: bool) -> Custom:
    """What is most likely where no balance tells: a card's charges are plain, unless they carry a minus."""
    plain, minus = "" in marks, bool(marks & {"-", "("})
    if card and plain:
        return CARD
    if plain and not minus and marks & {"+", "CR"}:
        return CUSTOMS[2]
    return ACCOUNT


def _reading(rows: Sequence[Row], custom: Custom, told: bool, likely: float) -> _Reading:
    ledger = ledger_of(rows, custom, told)
    ways = []
    for order in (ledger.entries, ledger.entries[::-1]):
        for begin, end in ledger.ends():
            made = [replace(one) for one in order]
            start = Decimal(0) if ledger.forward else begin.value if begin else None
            settle_signs(made, start, end.value if end else None)
            proof = prove(made, start, end.value if end else None)
            if end in ledger.totals and not proof.closed:
                continue  # a total is a balance only where the sum says so
            ways.append((proof.worth, made, proof, begin, end, order is ledger.entries))
    # Of two ways that prove as much, the first: in the order of print, with the balance that is labelled last.
    _, made, proof, begin, end, forward = max(ways, key=lambda way: way[0])
    for place in proof.proven:
        made[place].proven = True
    return _Reading(made, forward, begin, end, proof, custom, likely, ledger.accounts)


def _either_way(reading: _Reading) -> DocumentProblem:
    row = next(entry.row for entry in reading.entries)
    message = (
        f"The pages do not tell whether this is an account or a card: {row.description[:40]} on page {row.line.page} "
        "may have come or gone, and so all others; look at the page"
    )
    return DocumentProblem("AMBIGUOUS_SIGN", message)


def _several(reading: _Reading) -> DocumentProblem:
    message = (
        f"The statement holds the bookings of {reading.accounts} accounts; the balances were not checked: split the "
        "file where the next account begins, and read each part"
    )
    return DocumentProblem("SEVERAL_ACCOUNTS", message)


def _no_year(reading: _Reading) -> DocumentProblem:
    line = reading.entries[0].row.line
    message = (
        f"The {len(reading.entries)} bookings from page {line.page} on ({line.text[:40]}) are left out: neither they "
        "nor the pages tell a year; enter them by hand"
    )
    return DocumentProblem("NO_YEAR", message)


def _ambiguous(read: _Dated) -> DocumentProblem:
    row = next(entry.row for entry in read.reading.entries if entry.row.day is not None)
    assert row.day is not None
    printed = row.line.text[row.day.start : row.day.end]
    message = (
        f"The dates of the {len(read.reading.entries)} bookings, such as {printed} on page {row.line.page}, may be "
        "read with the day or with the month first; the pages do not decide"
    )
    return DocumentProblem("AMBIGUOUS_DATE", message)


def _transactions(reading: _Reading, span: Span, pages: Sequence[Page]) -> Iterator[Transaction]:
    by_number = {page.number: page for page in pages}
    printed = reading.entries if reading.forward else reading.entries[::-1]
    days = list(_days(printed, span))
    astray = _astray(days, [entry.row.hint for entry in printed])
    for place, (entry, day) in enumerate(zip(printed, days, strict=True)):
        if day is None:
            continue
        row = entry.row
        page = by_number[row.line.page]
        figure = row.money
        assert figure is not None
        lines = [line for line in (row.line, figure.line, *row.more) if line.page == row.line.page]
        sure = PROVEN if entry.proven else _sure(reading)
        if row.day is not None and page.source == "ocr":
            sure *= 0.5 + 0.5 * row.line.confidence_of(row.day.start, row.day.end)
        if not entry.proven and page.source == "ocr":
            sure *= figure.confidence
        if (page.source == "ocr" and place in astray) or (row.day is not None and dated(row.day, span) is None):
            sure = min(sure, UNPROVEN)
        yield Transaction(
            day,
            row.description,
            entry.amount,
            entry.balance,
            entry.kind,
            round(sure, 3),
            row.line.page,
            page.on_paper(union(line.box for line in lines)),
        )


def _days(entries: Sequence[Entry], span: Span) -> Iterator[date | None]:
    """The date of each entry; one without has that of the entry above it, or at the top that of the one below."""
    found = [dated(entry.row.day, span) if entry.row.day else None for entry in entries]
    last = next((day for day in found if day is not None), None) or span.start or span.end
    for day in found:
        last = day or last
        yield last


def _astray(days: Sequence[date | None], sections: Sequence[int]) -> set[int]:
    """The places of days that break the order of their section: read from a picture, a figure of it may be wrong."""
    found = set()
    for place in range(1, len(days) - 1):
        before, day, after = days[place - 1 : place + 2]
        if before is None or day is None or after is None or len(set(sections[place - 1 : place + 2])) > 1:
            continue
        if not (before <= day <= after or before >= day >= after):
            found.add(place)
    return found


def _span(entries: Sequence[Entry], period: Period) -> Span:
    """Of the days that may be the statement's own, the one that its bookings are near to."""

    def near(span: Span) -> int:
        days = [dated(entry.row.day, span) for entry in entries if entry.row.day is not None]
        return sum(day is not None and span.holds(day) for day in days)

    return max(period.spans, key=near, default=Span())


def _of_period(period: Period, span: Span, pages: Sequence[Page]) -> dict[str, Finding]:
    issued = next((told for told in period.issued if told.value == span.end), None)
    told = {"period.start": (period.start, 0.95), "period.end": (period.end or issued, 0.95 if period.end else 0.7)}
    return {
        name: finding(one.value, sure, one.line, (one.start, one.end), pages)
        for name, (one, sure) in told.items()
        if one is not None
    }


def _balances(reading: _Reading, pages: Sequence[Page]) -> dict[str, Finding]:
    """The balance before and after; where none is labelled, those that the running balance begins and ends with."""
    sure = _sure(reading)
    found = {}
    forward = [entry for entry in reading.entries if entry.kind == "brought_forward"]
    if forward:
        first = forward[0].row
        value = sum((entry.amount for entry in forward), Decimal(0))
        found["opening_balance"] = _at(value, first, sure, pages)
    elif reading.opening is not None:
        found["opening_balance"] = _at(reading.opening.value, reading.opening.row, sure, pages)
    elif reading.entries and (first_entry := reading.entries[0]).balance is not None:
        found["opening_balance"] = Finding(first_entry.balance - first_entry.amount, min(sure, LIKELY))
    if reading.closing is not None:
        found["closing_balance"] = _at(reading.closing.value, reading.closing.row, sure, pages)
    elif reading.entries and reading.entries[-1].balance is not None:
        last = reading.entries[-1]
        found["closing_balance"] = _at(last.balance or Decimal(0), last.row, min(sure, 0.95), pages, "balance")
    return found


def _sure(reading: _Reading) -> float:
    """How sure a booking is that no balance proves; the first has none before it where no opening one is printed."""
    if reading.proof.breaks:
        return BROKEN
    if not reading.proof.held:
        return UNPROVEN
    left = [place for place, entry in enumerate(reading.entries) if not entry.proven]
    if not left:
        return PROVEN
    first_alone = left == [0] and reading.proof.held > 1 and not reading.entries[0].open
    return LIKELY if first_alone else UNPROVEN


def _at(value: Decimal, row: Row, sure: float, pages: Sequence[Page], kind: str = "") -> Finding:
    figure = row.amounts.get(kind) or row.money
    assert figure is not None
    return replace(finding(value, sure, figure.line, (figure.start, figure.end), pages), confidence=round(sure, 3))
