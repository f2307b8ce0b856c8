"""Decides all fields together and says how sure each is."""

from __future__ import annotations

from datetime import date

from bots.documents.candidates import Candidate, Evidence
from bots.documents.document import Finding, LineItem
from bots.documents.schemas import Schema
from bots.documents.totals import Totals, choose_totals, explained_between

_TOTALS = {"total", "net_total", "tax_total"}
ACCEPT = 0.3  # the least score at which a candidate is given at all
AGREEMENT = {"sum": 0.97, "explained": 0.93, "rate": 0.95, "lines": 0.93, "none": 0.86, "conflict": 0.5}


def rank(evidence: Evidence, schema: Schema, lines: list[LineItem]) -> dict[str, Finding]:
    """The best value of every field that has one worth giving."""
    found: dict[str, Finding] = {}
    names = set(schema.names)
    if names & _TOTALS:
        found.update({name: value for name, value in _totals(evidence, lines).items() if name in names})
    if names & {"issue_date", "due_date"}:
        found.update({name: value for name, value in _dates(evidence).items() if name in names})
    if "currency" in names and evidence.locale.currency:
        found["currency"] = Finding(evidence.locale.currency, 0.95, source=evidence.pages[0].source)
    for name in schema.names:
        if name in found or name in _TOTALS or name in ("issue_date", "due_date", "currency"):
            continue
        finding = _best(evidence, name, found)
        if finding is not None:
            found[name] = finding
    return {name: found[name] for name in schema.names if name in found}


def _best(evidence: Evidence, name: str, found: dict[str, Finding]) -> Finding | None:
    taken = {
        "buyer.tax_id": "seller.tax_id",
        "buyer.name": "seller.name",
        "order_number": "number",
    }.get(name)
    excluded = found[taken].value if taken and taken in found else None
    ranked = [candidate for candidate in evidence.ranked(name) if candidate.value != excluded]
    if name == "buyer.tax_id" and len(ranked) == 1 and excluded is not None and ranked[0].score < 0.5:
        return finding(ranked[0], 0.75)  # of two tax ids the one that is not the seller's
    if not ranked or ranked[0].score < ACCEPT:
        return None
    return finding(ranked[0], _surety(ranked))


def _surety(ranked: list[Candidate]) -> float:
    """From the score of the first and its lead over the second, which has another value."""
    first = min(ranked[0].score, 1.0)
    lead = first - min(ranked[1].score, 1.0) if len(ranked) > 1 else first
    sure = 0.97 * first if first > 0.9 else 0.95 * first
    if lead > 0.35 and first > 0.8:
        return min(0.97, sure + 0.05)  # nothing else comes near
    if lead < 0.05:
        return sure * 0.75
    return sure * 0.9 if lead < 0.15 else sure


def finding(candidate: Candidate, sure: float) -> Finding:
    """A candidate as the field's value, its confidence no better than the reading of its letters."""
    reading = 1.0 if candidate.source == "text" else 0.35 + 0.65 * candidate.reading
    if candidate.atom is not None and candidate.atom.kind in ("tax_id", "iban") and not candidate.atom.checked:
        sure *= 0.85
    if not candidate.certain:
        sure = min(sure, 0.5)
    return Finding(
        candidate.value, round(min(sure * reading, 0.99), 3), candidate.page, candidate.box, candidate.source
    )


def _totals(evidence: Evidence, lines: list[LineItem]) -> dict[str, Finding]:
    readings = choose_totals(evidence, lines)
    if not readings:
        alone = {name: evidence.ranked(name) for name in ("net_total", "tax_total")}
        return {name: finding(ranked[0], 0.6) for name, ranked in alone.items() if ranked and ranked[0].score > 0.5}
    first = readings[0]
    sure = AGREEMENT[first.agreement]
    if first.agreement == "explained" and not explained_between(evidence, first):
        sure = 0.85  # some amount on the page fits the gap, but it does not stand in it
    if first.agreement in ("none", "lines") and first.total is not None:
        sure *= 0.4 + 0.6 * min(first.total.score, 1.0)
    if len(readings) > 1:
        sure *= _lead(first, readings[1])
    chosen = {"net_total": first.net, "tax_total": first.tax, "total": first.total}
    return {name: finding(candidate, sure) for name, candidate in chosen.items() if candidate is not None}


def _lead(first: Totals, second: Totals) -> float:
    """A rival total that fits as well makes both doubtful."""
    lead = first.score - second.score
    if first.agreement in ("sum", "explained", "rate") and second.agreement not in ("sum", "explained"):
        return 1.0 if lead > 0.05 else 0.85
    if lead < 0.1:
        return 0.7
    return 0.88 if lead < 0.25 else 1.0


def _dates(evidence: Evidence) -> dict[str, Finding]:
    issues: list[Candidate] = [one for one in evidence.ranked("issue_date") if one.score >= ACCEPT]
    dues: list[Candidate | None] = [None, *[one for one in evidence.ranked("due_date") if one.score >= 0.5]]
    best: tuple[float, Candidate | None, Candidate | None] = (-1.0, None, None)
    for due in dues:
        for issue in issues or (None,):
            score = (issue.score if issue else 0.0) + (due.score if due else 0.3)
            if issue and due:
                if issue.atom is due.atom:
                    continue
                if isinstance(issue.value, date) and isinstance(due.value, date):
                    days = (due.value - issue.value).days
                    score -= 0.5 if days < 0 else 0.25 if days > 400 else 0.0
            if score > best[0]:
                best = (score, issue, due)
    issued, owed = best[1:]
    found: dict[str, Finding] = {}
    if issued is not None:
        rivals = [one for one in issues if one.value != issued.value and (owed is None or one.value != owed.value)]
        found["issue_date"] = finding(issued, _surety([issued, *rivals]))
    if owed is not None:
        rivals = [one for one in dues if one is not None and one.value != owed.value]
        found["due_date"] = finding(owed, _surety([owed, *rivals]))
    return found
