"""The total of a receipt: every amount weighed by the words beside it and by what the other amounts say about it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from bots.documents.receipts.rows import Money, Role, Row

CENT = Decimal("0.01")
COINS = Decimal("0.05")  # by how much a sum may be rounded where small coins are not used
_ZERO = Decimal(0)
FLOOR = 0.2  # of the score of an amount with anything to speak for it: such a total is more likely than none
LEAST = -3.0
# What each measure is worth, on the scale of log odds.
_WORTH = {
    "label": 4.0,
    "paid": 2.2,
    "adds_up": 1.0,
    "taxes_fit": 0.9,
    "items_fit": 0.9,
    "repeated": 0.8,
    "rounded": 1.5,
    "unrounded": -2.2,
    "part": -1.5,
}
_START = -3.2
# An amount with this role may be the total itself, and how surely, where nothing is printed as the total.
_INSTEAD: Mapping[Role, float] = {
    "subtotal": 0.45,
    "card": 0.6,
    "tender": 0.4,
    "cash": 0.35,
    "net": 0.1,
    "summary": 0.1,
}


_PROOFS = ("paid", "adds_up", "taxes_fit", "items_fit", "repeated")


@dataclass(frozen=True)
class Sum:
    """A possible total: where it stands, its score 0..1, the words beside it, and the measures behind the score."""

    value: Decimal
    place: Money
    score: float
    label: str
    measures: dict[str, float] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Ledger:
    """The amounts of a receipt by their roles."""

    rows: Sequence[Row]

    def values(self, *roles: Role) -> list[Decimal]:
        """The last amounts of the rows with these roles, each value once."""
        return list(dict.fromkeys(row.last.value for row in self.rows if row.role in roles and row.amounts))

    @property
    def payments(self) -> set[Decimal]:
        """What was kept: what was given less what was given back, for every such pair."""
        given = [abs(value) for value in self.values("cash", "tender", "card", "total")]
        back = [abs(value) for value in self.values("change")]
        kept = {g - b for g in given for b in back if b and g > b}
        cash = [abs(value) for value in self.values("cash", "tender", "card")]
        # A bill paid half by card and half in notes.
        kept |= {one + other - b for one, other in itertools.combinations(cash, 2) for b in (*back, _ZERO)}
        return kept

    @property
    def exact(self) -> set[Decimal]:
        """What was paid with nothing given back."""
        back = self.values("change")
        cards = set(self.values("card"))
        return cards | set(self.values("tender", "cash")) if not any(back) else cards

    @property
    def roundings(self) -> list[Decimal]:
        return [value for value in self.values("rounding") if abs(value) <= 10 * COINS]

    @property
    def taxed(self) -> set[Decimal]:
        """What the table of taxes gives: net and tax of its rows added up."""
        nets, taxes = _ZERO, _ZERO
        sums: set[Decimal] = set()
        for row in self.rows:
            if row.role != "summary" or len(row.amounts) < 2:
                continue
            first, second = row.amounts[0].value, row.amounts[1].value
            if len(row.amounts) >= 3 and abs(first + second - row.amounts[2].value) <= 2 * CENT:
                sums.add(row.amounts[2].value)
            net, tax = max(first, second), min(first, second)
            if tax < net or not tax:
                sums.add(net + tax)
                if nets + taxes != net + tax:  # its last row may add up the others
                    nets, taxes = nets + net, taxes + tax
                sums.add(nets + taxes)
        return sums - {_ZERO}

    @property
    def parts(self) -> set[Decimal]:
        """Sums of what the rows over the total add: subtotal or net, with tax, service and rounding."""
        sums: set[Decimal] = set()
        added = self.values("tax", "service")
        extras = [*self.roundings, _ZERO]
        for base in self.values("subtotal", "net", "total"):
            for count in range(1, min(len(added), 3) + 1):
                for some in itertools.combinations(added[:4], count):
                    sums |= {base + sum(some, _ZERO) + extra for extra in extras}
            sums |= {base - abs(value) for value in self.values("other") if value}
        return sums

    @property
    def items(self) -> set[Decimal]:
        """The sum of the rows over the first total, without rows that give a unit price alone.

        A row without known words that gives the sum of all over it is a total whose words were not read.
        """
        running, sums = _ZERO, set()
        for row in self.rows:
            if row.role in ("total", "subtotal", "cash", "change"):
                break
            if row.role not in ("item", "other") or row.unit_price_only:
                continue
            if running and row.last.value == running:
                sums.add(running)
            else:
                running += row.last.value
        tax = sum(self.values("tax")[:1], _ZERO)
        return sums | {running, running + tax} if running else sums


def sums_of(rows: Sequence[Row]) -> list[Sum]:
    """The possible totals, best first, each value once."""
    ledger = Ledger([row for row in rows if row.amounts])
    seen: dict[Decimal, list[tuple[Row, Money]]] = {}
    for row in ledger.rows:
        for money in row.amounts if row.role in ("item", "other", "summary") else row.amounts[-1:]:
            if money.value:
                seen.setdefault(money.value, []).append((row, money))
    sign = -1 if _is_refund(ledger) else 1
    facts = _Facts(ledger)
    found = [_weighed(value, places, facts) for value, places in seen.items() if value * sign > 0]
    return sorted(found, key=lambda one: -one.score)


def _is_refund(ledger: Ledger) -> bool:
    """Whether the sums themselves are negative, as on the slip for goods given back."""
    totals = ledger.values("total", "subtotal")
    return bool(totals) and all(value <= 0 for value in totals)


class _Facts:
    """What the ledger says, worked out once."""

    def __init__(self, ledger: Ledger) -> None:
        self.payments, self.exact = ledger.payments, ledger.exact
        self.taxed, self.parts, self.items = ledger.taxed, ledger.parts, ledger.items
        self.roundings = [value for value in ledger.roundings if value]
        self.printed = {money.value for row in ledger.rows for money in row.amounts}
        self.totals = set(ledger.values("total", "subtotal"))
        self.taxes = ledger.values("tax", "service")

    def rounded_from(self, value: Decimal) -> bool:
        """Whether another printed total, rounded, gives this one."""
        return any(
            other in self.totals and other != value
            for rounding in self.roundings
            for other in (value - rounding, value + rounding)
        )

    def before_rounding(self, value: Decimal) -> bool:
        """Whether this one, rounded, gives a sum that is printed and fits what was paid."""
        rest = value % COINS
        goals = {value + rounding for rounding in self.roundings} | {value - rounding for rounding in self.roundings}
        return any(
            goal in self.printed and goal != value and (not goal % COINS or goal in self.payments) and bool(rest)
            for goal in goals
        )

    def part_of(self, value: Decimal) -> bool:
        """Whether tax or service on top of this one gives another printed total."""
        return any(value + tax in self.totals for tax in self.taxes if tax > 0)


def _weighed(value: Decimal, places: Sequence[tuple[Row, Money]], facts: _Facts) -> Sum:
    best, place = max(places, key=lambda one: (_named(one[0]), one[1].confidence))
    speaking = [row for row, _ in places if row.role != "item"]
    near = _close(value, facts.payments)
    measures = {
        "label": _named(best),
        "paid": 1.0 if near else 0.7 if value in facts.exact else 0.0,
        "adds_up": 1.0 if value in facts.parts else 0.0,
        "taxes_fit": 1.0 if _close(value, facts.taxed, COINS) else 0.0,
        "items_fit": 1.0 if _close(value, facts.items, 0 * CENT) else 0.0,
        "repeated": min(max(len(speaking) - 1, 0), 2) / 2,
        "rounded": 1.0 if facts.rounded_from(value) and not facts.before_rounding(value) else 0.0,
        "unrounded": 1.0 if facts.before_rounding(value) else 0.0,
        "part": 1.0 if facts.part_of(value) else 0.0,
    }
    logit = _START + sum(_WORTH[name] * measure for name, measure in measures.items())
    score = FLOOR + (1 - FLOOR) / (1 + math.exp(-logit)) if logit > LEAST else 0.0
    kept = {name: measure for name, measure in measures.items() if _WORTH[name] > 0}
    kept["proofs"] = min(sum(measures[name] for name in _PROOFS), 3) / 3
    kept["whole"] = 1.0 - max(measures["unrounded"], measures["part"])
    return Sum(value, place, score, best.label if _named(best) else "", kept)


def _named(row: Row) -> float:
    """How surely the words of a row call its amount the total."""
    return row.strength if row.role == "total" else _INSTEAD.get(row.role, 0.0)


def _close(value: Decimal, goals: Iterable[Decimal], by: Decimal = CENT) -> bool:
    return any(abs(value - goal) <= by for goal in goals)


def disagreement(total: Decimal, rows: Sequence[Row]) -> tuple[Decimal, Decimal] | None:
    """Cash and change of a receipt whose difference is clearly another sum than its total; None where they fit."""
    pairs = list(_cash_and_change(rows))
    if len(pairs) != 1:
        return None
    given, back = pairs[0]
    apart = abs(given - back - total)
    return (given, back) if apart > COINS and total <= given and given > back else None


def _cash_and_change(rows: Sequence[Row]) -> Iterator[tuple[Decimal, Decimal]]:
    given = [abs(row.last.value) for row in rows if row.amounts and row.role in ("cash", "tender")]
    back = [abs(row.last.value) for row in rows if row.amounts and row.role == "change"]
    if len(set(given)) == 1 and len(set(back)) == 1 and back[0]:
        yield given[0], back[0]
