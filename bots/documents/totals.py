"""The totals, chosen together: net and tax must give the total, the lines must give the net."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from bots.documents.candidates import Candidate, Evidence
from bots.documents.document import Box, LineItem
from bots.documents.page import union

CENT = Decimal("0.02")  # what rounding may leave between a sum and its parts
NONE = 0.2  # what leaving net or tax open is worth
AGREES, EXPLAINED, DISAGREES = 0.9, 0.45, -0.3
_RATE = re.compile(r"(?<![\d.,])(\d{1,2}(?:[.,]\d{1,2})?)\s?%")


@dataclass(frozen=True)
class Totals:
    """One way to read the totals. `agreement` is `sum`, `explained`, `rate`, `lines`, `none` or `conflict`."""

    total: Candidate | None
    net: Candidate | None
    tax: Candidate | None
    score: float
    agreement: str

    @property
    def values(self) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
        return amount(self.net), amount(self.tax), amount(self.total)


def amount(candidate: Candidate | None) -> Decimal | None:
    """The value of a money candidate."""
    return candidate.value if candidate is not None and isinstance(candidate.value, Decimal) else None


def choose_totals(evidence: Evidence, lines: list[LineItem]) -> list[Totals]:
    """The readings of the totals, best first, at most one for each total."""
    lines_net = line_sum(line.net_total for line in lines)
    items = [(line.page, line.box) for line in lines if line.box is not None]
    totals = _outside(items, _with_unlabelled(evidence))
    nets: list[Candidate | None] = [None, *_outside(items, evidence.ranked("net_total"))[:8]]
    taxes: list[Candidate | None] = [None, *_outside(items, _with_sums(evidence))[:10]]
    others = adjustments(evidence)
    printed = {amount(total) for total in totals if total.score > 0.3}
    rates = {
        Decimal(match.replace(",", "."))
        for page in evidence.pages
        for line in page.lines
        for match in _RATE.findall(line.text)
    }
    best: dict[Decimal, Totals] = {}
    for total, net, tax in itertools.product(totals, nets, taxes):
        if (net and net.atom is total.atom and net.atom) or (tax and tax.atom and tax.atom is total.atom):
            continue
        if net and tax and net.atom is tax.atom and net.atom:
            continue
        n, x = amount(net), amount(tax)
        # Where the sum itself is printed as a total, nothing else needs an explanation.
        explaining = others if n is None or x is None or n + x not in printed else frozenset()
        reading = _weigh(total, net, tax, lines_net, explaining, rates)
        value = amount(total)
        if value is not None and (value not in best or reading.score > best[value].score):
            best[value] = reading
    return sorted(_summed(list(best.values())), key=lambda reading: -reading.score)


def _summed(readings: list[Totals]) -> Iterator[Totals]:
    """In a table with a row for each tax rate every row adds up; the last row is the one that holds the others."""
    agreeing = [reading for reading in readings if reading.agreement == "sum" and reading.net is not None]
    whole: list[Totals] = []
    parts: list[Totals] = []
    for reading in agreeing:
        others = [other for other in agreeing if other is not reading][:8]
        for chosen in (*itertools.combinations(others, 2), *itertools.combinations(others, 3)):
            if amount(reading.total) == sum((amount(one.total) or Decimal(0) for one in chosen), Decimal(0)):
                whole.append(reading)
                parts.extend(chosen)
    for reading in readings:
        if reading in whole:
            yield replace(reading, score=reading.score + 0.5)
        elif reading in parts:
            yield replace(reading, score=reading.score - 0.5)
        else:
            yield reading


def _weigh(
    total: Candidate,
    net: Candidate | None,
    tax: Candidate | None,
    lines_net: Decimal | None,
    others: frozenset[Decimal],
    rates: set[Decimal],
) -> Totals:
    score = total.score + (net.score if net else NONE) + (tax.score if tax else NONE)
    n, x, t = amount(net), amount(tax), amount(total)
    assert t is not None
    agreement = "none"
    if n is not None and x is not None:
        gap = t - n - x
        if abs(gap) <= CENT:
            agreement, score = "sum", score + AGREES * (1.0 if x else 0.6)
        elif t != n and (gap in others or -gap in others):
            agreement, score = "explained", score + EXPLAINED
        else:
            agreement, score = "conflict", score + DISAGREES - (0.4 if abs(t) < abs(n) else 0.0)
        if n and abs(x) > abs(n):
            score -= 0.6  # no tax is larger than what it is on
    elif x is not None and t and any(abs(x - t * rate / (100 + rate)) <= CENT for rate in rates if rate):
        agreement, score = "rate", score + 0.5
    elif n is not None and n == t:
        score += 0.15
    elif n is not None and abs(n) > abs(t):
        score -= 0.3
    if lines_net and (lines_net in (n, t) or (n is None and x is not None and abs(t - x - lines_net) <= CENT)):
        score += 0.35
        agreement = "lines" if agreement == "none" and t == lines_net else agreement
    return Totals(total, net, tax, score, agreement)


def explained_between(evidence: Evidence, reading: Totals) -> bool:
    """Whether the adjustment that explains a reading stands between its net and its total on the page."""
    net, tax, total = reading.values
    if net is None or tax is None or total is None or reading.net is None or reading.total is None:
        return False
    gap = abs(total - net - tax)
    low, high = reading.net.box[1], reading.total.box[3]
    return any(
        atom.line.page == reading.total.page
        and isinstance(atom.value, Decimal)
        and abs(atom.value) == gap
        and low < atom.line.box[3]
        and atom.line.box[1] < high
        for atom in evidence.atoms
        if atom.kind == "amount"
    )


def _outside(items: list[tuple[int | None, Box]], found: list[Candidate]) -> list[Candidate]:
    """The candidates with those marked down that stand in a row of the line items."""
    marked = [
        replace(one, score=one.score * 0.35)
        if any(one.page == page and box[1] - 1 <= (one.box[1] + one.box[3]) / 2 <= box[3] + 1 for page, box in items)
        else one
        for one in found
    ]
    return sorted(marked, key=lambda candidate: -candidate.score)


def adjustments(evidence: Evidence) -> frozenset[Decimal]:
    """Amounts that may stand between net and total: freight, rounding, a discount."""
    return frozenset(
        atom.value
        for atom in evidence.atoms
        if atom.money
        and isinstance(atom.value, Decimal)
        and any(claim.field == "other.adjustment" and claim.score > 0.6 for claim in evidence.claims[id(atom)][:1])
    )


def _with_unlabelled(evidence: Evidence) -> list[Candidate]:
    """The labelled totals, and the largest amounts of the document as weak ones for when the label was not read."""
    found = evidence.ranked("total")
    known = {candidate.value for candidate in found}
    loose = [
        atom
        for atom in evidence.atoms
        if atom.kind == "amount" and atom.money and isinstance(atom.value, Decimal) and atom.value not in known
    ]
    loose.sort(key=lambda atom: -abs(atom.value) if isinstance(atom.value, Decimal) else 0)
    for atom in loose[:4]:
        claims = evidence.claims[id(atom)]
        if claims and claims[0].score > 0.6:
            continue
        source = evidence.pages[atom.line.page - 1].source
        found.append(
            Candidate(
                "total", atom.value, 0.15, atom.line.page, atom.box, atom.confidence, source, atom.certain, "", atom
            )
        )
    return found


def _with_sums(evidence: Evidence) -> list[Candidate]:
    """The tax candidates, and the sums of the rows of a tax table, one row for each rate."""
    found = evidence.ranked("tax_total")
    summed = list(_sums(found))
    return sorted([*found, *summed], key=lambda candidate: -candidate.score)


def _sums(found: list[Candidate]) -> Iterator[Candidate]:
    """Two or three taxes on lines near each other, added up."""
    rows = [candidate for candidate in found if candidate.atom is not None and candidate.score > 0.4][:6]
    for count in (2, 3):
        for parts in itertools.combinations(rows, count):
            places = [part.atom.line for part in parts if part.atom is not None]
            if len({(line.page, line.index) for line in places}) < count or len({line.page for line in places}) > 1:
                continue
            if max(line.index for line in places) - min(line.index for line in places) > 3 * count:
                continue
            value = sum((amount(part) or Decimal(0) for part in parts), Decimal(0))
            yield replace(
                parts[0],
                value=value,
                score=min(part.score for part in parts) * 0.85,
                box=union(part.box for part in parts),
                reading=min(part.reading for part in parts),
                atom=None,
            )


def line_sum(values: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of the lines' net totals; None where one of them is missing."""
    listed = list(values)
    if not listed or any(value is None for value in listed):
        return None
    return sum((value for value in listed if value is not None), Decimal(0))
