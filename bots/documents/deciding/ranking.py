"""Decides all fields together and says how sure each is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from bots.documents.deciding.calibration import confidence
from bots.documents.deciding.features import features_of, group_of
from bots.documents.document import Finding, LineItem
from bots.documents.invoices.candidates import Candidate, Evidence
from bots.documents.invoices.totals import Totals, choose_totals, explained_between
from bots.documents.schemas import Schema

_TOTALS = {"total", "net_total", "tax_total"}
ACCEPT = 0.3  # the least score at which a candidate is given at all
CURRENCY = 0.95  # a currency is named by a sign or a code, which is hardly ever misread
OPEN = 0.5  # at most, for a value that the page's own way of writing does not decide


def rank(evidence: Evidence, schema: Schema, lines: list[LineItem]) -> dict[str, Finding]:
    """The best value of every field that has one worth giving."""
    found: dict[str, Finding] = {}
    names = set(schema.names)
    together = frozenset() if schema.kind == "receipt" else _TOTALS  # a receipt's total was weighed with its rows
    if names & together:
        found.update({name: value for name, value in _totals(evidence, schema, lines).items() if name in names})
    if names & {"issue_date", "due_date"}:
        found.update({name: value for name, value in _dates(evidence, schema).items() if name in names})
    if "currency" in names and evidence.locale.currency:
        found["currency"] = Finding(evidence.locale.currency, CURRENCY, source=evidence.pages[0].source)
    for name in schema.names:
        if name in found or name in together or name in ("issue_date", "due_date", "currency"):
            continue
        best = _best(evidence, schema, name, found)
        if best is not None:
            found[name] = best
    return {name: found[name] for name in schema.names if name in found}


def _best(evidence: Evidence, schema: Schema, name: str, found: dict[str, Finding]) -> Finding | None:
    taken = {
        "buyer.tax_id": "seller.tax_id",
        "buyer.name": "seller.name",
        "order_number": "number",
    }.get(name)
    excluded = found[taken].value if taken and taken in found else None
    ranked = [candidate for candidate in evidence.ranked(name) if candidate.value != excluded]
    left_over = name == "buyer.tax_id" and len(ranked) == 1 and excluded is not None
    if not ranked or (ranked[0].score < ACCEPT and not left_over):
        return None
    return finding(schema, name, ranked[0], ranked[1:], left_over=1.0 if left_over else 0.0)


def finding(schema: Schema, name: str, chosen: Candidate, rivals: Iterable[Candidate], **more: float) -> Finding:
    """A candidate as the field's value, with its confidence and the measures that led to it."""
    group = group_of(name, schema.kind)
    features = features_of(chosen, rivals, **{**chosen.measures, **more})
    sure = confidence(group, features)
    if not chosen.certain:
        sure = min(sure, OPEN)
    return Finding(chosen.value, sure, chosen.page, chosen.box, chosen.source, group, features)


def _totals(evidence: Evidence, schema: Schema, lines: list[LineItem]) -> dict[str, Finding]:
    readings = choose_totals(evidence, lines)
    if not readings:
        alone = {name: evidence.ranked(name) for name in ("net_total", "tax_total")}
        return {
            name: finding(schema, name, ranked[0], ranked[1:])
            for name, ranked in alone.items()
            if ranked and ranked[0].score > OPEN
        }
    first = readings[0]
    measures = _agreement(evidence, readings)
    chosen = {"net_total": first.net, "tax_total": first.tax, "total": first.total}
    return {
        name: finding(schema, name, candidate, evidence.ranked(name), **measures)
        for name, candidate in chosen.items()
        if candidate is not None
    }


def _agreement(evidence: Evidence, readings: list[Totals]) -> dict[str, float]:
    """How the amounts of a reading hold together, and its lead over the next reading with another total."""
    first = readings[0]
    lead = first.score - readings[1].score if len(readings) > 1 else 1.0
    explained = first.agreement == "explained"
    return {
        "adds_up": 1.0 if first.agreement == "sum" else 0.0,
        "rate_fits": 1.0 if first.agreement == "rate" else 0.0,
        "explained": 1.0 if explained and explained_between(evidence, first) else 0.0,
        "lines_fit": 1.0 if first.agreement == "lines" else 0.0,
        "commission_fits": 1.0 if first.agreement == "commission" else 0.0,
        "column_fits": 1.0 if first.summed else 0.0,
        "no_conflict": 0.0 if first.agreement == "conflict" else 1.0,
        "totals_lead": min(max(lead, 0.0), 1.0),
        "totals_ahead": min(max(lead, 0.0) / 0.25, 1.0),
    }


def _dates(evidence: Evidence, schema: Schema) -> dict[str, Finding]:
    issues: list[Candidate] = [one for one in evidence.ranked("issue_date") if one.score >= ACCEPT]
    dues: list[Candidate | None] = [None, *[one for one in evidence.ranked("due_date") if one.score >= 0.5]]
    best: tuple[float, Candidate | None, Candidate | None] = (-1.0, None, None)
    for due in dues:
        for issue in issues or (None,):
            score = (issue.score if issue else 0.0) + (due.score if due else 0.3)
            if issue and due:
                if issue.atom is not None and issue.atom is due.atom:
                    continue
                if isinstance(issue.value, date) and isinstance(due.value, date):
                    days = (due.value - issue.value).days
                    score -= 0.5 if days < 0 else 0.25 if days > 400 else 0.0
            if score > best[0]:
                best = (score, issue, due)
    issued, owed = best[1:]
    found: dict[str, Finding] = {}
    if issued is not None:
        rivals = [one for one in issues if owed is None or one.value != owed.value]
        found["issue_date"] = finding(schema, "issue_date", issued, rivals)
    if owed is not None:
        others = [one for one in dues if one is not None]
        found["due_date"] = finding(schema, "due_date", owed, others)
    return found
