"""The totals, chosen together: net and tax must give the total, the lines must give the net."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from bots.documents.document import Box, LineItem
from bots.documents.invoices.candidates import Candidate, Evidence
from bots.documents.invoices.sum_rows import column_sums
from bots.documents.pages.page import union

CENT = Decimal("0.02")  # what rounding may leave between a sum and its parts
NONE = 0.2  # what leaving net or tax open is worth
AGREES, EXPLAINED, DISAGREES = 0.9, 0.45, -0.55
PAID = 0.3  # what it is worth that a total less an advance is printed, too: that is due, and this the total
REPEATED = 0.15  # the same of a total that stands on several pages
COLUMN = 0.25  # what a column of amounts that comes to the total or to the net is worth
_RATES = "2.1 2.6 3 3.8 4 5 5.5 6 7 7.7 8 8.1 9 9.5 10 12 13 13.5 14 15 16 17 18 19 19.6 20 21 22 23 24 25 25.5 27"
USUAL = tuple(map(Decimal, _RATES.split()))
"""Rates of value added tax, in percent, where the page prints none."""
_RATE = re.compile(r"(?<![\d.,])(\d{1,2}(?:[.,]\d{1,2})?)\s?%")
_EXEMPT = re.compile(
    r"§\s?19\b.{0,12}UStG|keine Umsatzsteuer|steuerfreie|umsatzsteuerbefreit|reverse[ -]?charge|autoliquidation|"
    r"VAT exempt|exempt from VAT|zero[- ]rated|TVA non applicable|exonér\w+ de TVA|exent[ao] de IVA|operación exenta|"
    r"inversione contabile|esente (?:da )?IVA|operazione (?:non imponibile|esente)|btw verlegd|vrijgesteld van btw|"
    r"isento de IVA|IVA [–-] autoliquidação|odwrotne obciążenie|zwolniony z VAT",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Totals:
    """One way to read the totals.

    `agreement` is `sum`, `commission` (the total less an agency's commission is the net), `explained`, `rate`, `lines`,
    `none` or `conflict`; `summed` says whether a column of amounts comes to the total or to the net.
    """

    total: Candidate | None
    net: Candidate | None
    tax: Candidate | None
    score: float
    agreement: str
    summed: bool = False

    @property
    def values(self) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
        return amount(self.net), amount(self.tax), amount(self.total)


def amount(candidate: Candidate | None) -> Decimal | None:
    """The value of a money candidate."""
    return candidate.value if candidate is not None and isinstance(candidate.value, Decimal) else None


@dataclass(frozen=True)
class _Facts:
    """What the page says besides the totals, and a reading of them has to agree with."""

    lines: Decimal | None  # sum of the line items
    columns: frozenset[Decimal]  # sums of columns of amounts
    adjustments: frozenset[Decimal]
    commissions: frozenset[Decimal]
    paid: frozenset[Decimal]  # in advance
    shares: frozenset[Decimal]  # commissions that are printed in percent
    rates: frozenset[Decimal]
    printed: frozenset[Decimal]  # totals printed anywhere

    def adjusted(self, gap: Decimal) -> float:
        """0..1: whether an adjustment is all that lies between two amounts; better with the sign it is printed with."""
        return 1.0 if gap in self.adjustments else 0.6 if -gap in self.adjustments else 0.0

    def commission(self, total: Decimal, net: Decimal) -> bool:
        """Whether an agency's commission is all that lies between two amounts."""
        gap = total - net
        return bool(gap) and (
            gap in self.commissions or any(abs(gap - total * share / 100) <= CENT for share in self.shares)
        )


def choose_totals(evidence: Evidence, lines: list[LineItem]) -> list[Totals]:
    """The readings of the totals, best first, at most one for each total."""
    items = [(line.page, line.box) for line in lines if line.box is not None]
    totals = _outside(items, _with_unlabelled(evidence))
    facts = _facts(evidence, lines, totals)
    nets: list[Candidate | None] = [None, *_outside(items, _nets(evidence, totals))[:8]]
    taxes = _taxes(evidence, items, _gaps(totals, nets, facts.adjustments))
    best: dict[Decimal, Totals] = {}
    for total, net, tax in itertools.product(totals, nets, taxes):
        if (net and net.atom is total.atom and net.atom) or (tax and tax.atom and tax.atom is total.atom):
            continue
        if net and tax and net.atom is tax.atom and net.atom:
            continue
        reading = _weigh(total, net, tax, facts)
        value = amount(total)
        if value is not None and (value not in best or reading.score > best[value].score):
            best[value] = reading
    return sorted(_summed(list(best.values())), key=lambda reading: -reading.score)


def _facts(evidence: Evidence, lines: list[LineItem], totals: list[Candidate]) -> _Facts:
    texts = [line.text for page in evidence.pages for line in page.lines]
    return _Facts(
        lines=line_sum(line.net_total for line in lines),
        columns=column_sums(evidence.atoms, evidence.claims),
        adjustments=_claimed(evidence, "other.adjustment"),
        commissions=_claimed(evidence, "other.commission"),
        paid=frozenset(abs(value) for value in _claimed(evidence, "other.paid") if value),
        shares=frozenset(_shares(evidence)),
        rates=_printed_rates(texts),
        printed=frozenset(value for total in totals if total.score > 0.3 and (value := amount(total)) is not None),
    )


def _shares(evidence: Evidence) -> Iterator[Decimal]:
    """What is printed in percent behind a label for a commission."""
    for marked in evidence.marks.lines.values():
        for label in marked.labels:
            if any(meaning.field == "other.commission" for meaning in label.meanings):
                rate = _RATE.search(marked.line.text, label.end)
                if rate is not None:
                    yield Decimal(rate[1].replace(",", "."))


def rates_of(evidence: Evidence) -> frozenset[Decimal]:
    """The rates of tax that the pages print, in percent; the usual ones where they print none."""
    texts = [line.text for page in evidence.pages for line in page.lines]
    return _printed_rates(texts) or frozenset(USUAL)


def _printed_rates(texts: Iterable[str]) -> frozenset[Decimal]:
    return frozenset(Decimal(match.replace(",", ".")) for text in texts for match in _RATE.findall(text))


def _nets(evidence: Evidence, totals: list[Candidate]) -> list[Candidate]:
    """The net totals, and what is labelled a total only: `Total  100.00`, `VAT  20.00`, `Total due  120.00`."""
    found = evidence.ranked("net_total")
    known = {candidate.value for candidate in found}
    other = [one for one in totals if one.label and one.value not in known]
    return [*found, *(replace(one, score=one.score * 0.7) for one in other)]


def _gaps(totals: list[Candidate], nets: list[Candidate | None], adjustments: frozenset[Decimal]) -> set[Decimal]:
    """What the tax has to be for some net to make some total, with an adjustment between them or without."""
    wholes, parts = {amount(total) for total in totals[:6]}, {amount(net) for net in nets[:6]}
    gaps = {whole - part for whole in wholes for part in parts if whole is not None and part is not None}
    return gaps | {gap + sign * other for gap in gaps for other in sorted(adjustments)[:12] for sign in (1, -1)}


def _taxes(evidence: Evidence, items: list[tuple[int | None, Box]], gaps: set[Decimal]) -> list[Candidate | None]:
    """The likeliest taxes, those that fit, and the sums of the rows of a tax table that do, one row for each rate."""
    every = _outside(items, evidence.candidates.get("tax_total", []))
    best = _outside(items, evidence.ranked("tax_total"))[:10]
    known = {one.value for one in best}
    fitting = [one for one in every if one.value in gaps and one.value not in known and one.score > 0.2]
    return [None, *best, *fitting[:4], *_sums(every, gaps), *_exempt(evidence)]


def _exempt(evidence: Evidence) -> Iterator[Candidate]:
    """No tax, where the page says in words that there is none."""
    for page in evidence.pages:
        for line in page.lines:
            match = _EXEMPT.search(line.text)
            if match is not None:
                box, sure = line.box_of(*match.span()), line.confidence_of(*match.span())
                yield Candidate("tax_total", Decimal("0.00"), 0.5, page.number, box, sure, page.source, label="exempt")
                return


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


def _weigh(total: Candidate, net: Candidate | None, tax: Candidate | None, facts: _Facts) -> Totals:
    score = total.score + (net.score if net else NONE) + (tax.score if tax else NONE)
    n, x, t = amount(net), amount(tax), amount(total)
    assert t is not None
    agreement = "none"
    if n is not None and facts.commission(t, n):
        agreement, score = "commission", score + AGREES - (0.6 if x else 0.0)
    elif n is not None and x is not None:
        agreement, more = _added(t, n, x, facts)
        score += more
    elif x and n is None and t:
        if _rated(t, x, facts.rates):
            agreement, score = "rate", score + 0.5
        else:
            score += 0.2 if _rated(t, x, USUAL) else -0.35
    elif n is not None and n == t:
        score += 0.35
    elif n is not None and x is None:
        step = facts.adjusted(t - n)
        agreement, score = ("explained", score + 0.35 * step) if step else (agreement, score - 0.35)
    if any(abs(t) - part in facts.printed or part - abs(t) in facts.printed for part in facts.paid):
        score += PAID
    if net is not None and net.field == "total" and agreement in ("none", "conflict"):
        score -= 0.8  # what is labelled a total is a net only where that adds up
    if net is not None and net.page == total.page and net.box[1] > total.box[3]:
        score -= 0.1  # the total stands under what it is made of
    if total.label and total.repeats > 1:
        score += REPEATED
    share = 0.5 if agreement == "explained" else 1.0  # what an adjustment explains, the rows alone do not prove
    lines = facts.lines
    if lines and (lines in (n, t) or (n is None and x is not None and abs(t - x - lines) <= CENT)):
        score += 0.35 * share
        agreement = "lines" if agreement == "none" and t == lines else agreement
    summed = bool(t) and (t in facts.columns or (n is not None and n in facts.columns))
    return Totals(total, net, tax, score + (COLUMN * share if summed else 0.0), agreement, summed)


def _rated(total: Decimal, tax: Decimal, rates: Iterable[Decimal]) -> bool:
    """Whether one of these rates gives this tax inside this total."""
    return any(abs(tax - total * rate / (100 + rate)) <= CENT for rate in rates if rate)


def _added(total: Decimal, net: Decimal, tax: Decimal, facts: _Facts) -> tuple[str, float]:
    """Whether net and tax make the total, and what that is worth."""
    gap = total - net - tax
    # Where the sum itself is printed as a total, nothing else needs an explanation.
    step = facts.adjusted(gap) if net + tax not in facts.printed else 0.0
    if abs(gap) <= CENT:
        agreement, worth = "sum", AGREES * (1.0 if tax else 0.6)
    elif total != net and step:
        agreement, worth = "explained", EXPLAINED * step
    else:
        agreement, worth = "conflict", DISAGREES - (0.4 if abs(total) < abs(net) else 0.0)
    # No tax is larger than what it is on.
    return agreement, worth - (0.6 if net and abs(tax) > abs(net) else 0.0)


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
    """Amounts that may stand between net and total: freight, rounding, a discount, an agency's commission."""
    return _claimed(evidence, "other.adjustment") | _claimed(evidence, "other.commission")


def _claimed(evidence: Evidence, name: str) -> frozenset[Decimal]:
    return frozenset(
        atom.value
        for atom in evidence.atoms
        if atom.money
        and isinstance(atom.value, Decimal)
        and any(claim.field == name and claim.score > 0.6 for claim in evidence.claims[id(atom)][:1])
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


def _sums(found: list[Candidate], gaps: set[Decimal]) -> Iterator[Candidate]:
    """Two or three taxes on lines near each other that add up to one of `gaps`."""
    rows = [candidate for candidate in found if candidate.atom is not None and candidate.score > 0.3][:24]
    given: set[Decimal] = set()
    for count in (2, 3):
        for parts in itertools.combinations(rows, count):
            value = sum((amount(part) or Decimal(0) for part in parts), Decimal(0))
            if value not in gaps or value in given or not _near(parts) or not _alike(parts):
                continue
            given.add(value)
            yield replace(
                parts[0],
                value=value,
                score=min(part.score for part in parts) * 0.85,
                box=union(part.box for part in parts),
                reading=min(part.reading for part in parts),
                atom=None,
            )


def _alike(parts: tuple[Candidate, ...]) -> bool:
    """Whether all are charged, or all are given back."""
    return len({(amount(part) or Decimal(0)) >= 0 for part in parts}) == 1


def _near(parts: tuple[Candidate, ...]) -> bool:
    """Whether values stand on different lines of one page, close together."""
    places = [part.atom.line for part in parts if part.atom is not None]
    pages, indexes = {line.page for line in places}, [line.index for line in places]
    return len(pages) == 1 and len(set(indexes)) == len(parts) and max(indexes) - min(indexes) <= 3 * len(parts)


def line_sum(values: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of the lines' net totals; None where one of them is missing."""
    listed = list(values)
    if not listed or any(value is None for value in listed):
        return None
    return sum((value for value in listed if value is not None), Decimal(0))
