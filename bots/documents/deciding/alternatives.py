"""What else a doubtful field may be: the other values that the page speaks for, and what would make the sums hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from bots.documents.deciding.ranking import finding
from bots.documents.deciding.rules import check
from bots.documents.document import Alternative, DocumentProblem, Finding, LineItem
from bots.documents.invoices.candidates import Evidence
from bots.documents.invoices.totals import rates_of
from bots.documents.schemas import Schema

MOST = 4  # for one field
SURE = 0.85  # a field that is surer than this, and that no problem names, has no alternatives
OPEN = 0.5  # at most, for a value of a field that reading left open
LEAST = 0.1  # the score of a candidate below which nobody would choose it
CENT = Decimal("0.02")
_SUMS = ("net_total", "tax_total", "total")


def alternatives(
    evidence: Evidence,
    schema: Schema,
    fields: Mapping[str, Finding],
    lines: Sequence[LineItem],
    adjustments: frozenset[Decimal],
    problems: Sequence[DocumentProblem],
) -> dict[str, list[Alternative]]:
    """For every doubtful field what else it may be, the likeliest first; nothing for a field that has only one."""
    named = {name for problem in problems for name in problem.fields}
    broken = bool(check(schema, fields, lines, adjustments))
    found: dict[str, list[Alternative]] = {}
    for name in schema.names:
        known = fields.get(name)
        if known is not None and known.confidence >= SURE and name not in named:
            continue
        others = _printed(evidence, schema, name, fields)
        worked_out = _worked_out(evidence, fields, name) if name in named else None
        if worked_out is not None:
            printed = next((one for one in others if one.value == worked_out.value), None)
            others = [one for one in others if one is not printed]
            others.insert(0, replace(printed, why=worked_out.why) if printed is not None else worked_out)
        if broken:
            others = [_tried(one, name, schema, fields, lines, adjustments) for one in others]
        if others:
            found[name] = sorted(others, key=lambda one: not one.mends)[:MOST]
    return found


def _printed(evidence: Evidence, schema: Schema, name: str, fields: Mapping[str, Finding]) -> list[Alternative]:
    """The other candidates that were found on the pages; for a field without a value, none that is another field's."""
    known = fields.get(name)
    taken = {known.value} if known is not None else {found.value for found in fields.values()}
    most = known.confidence if known is not None else OPEN
    told = []
    for one in [one for one in evidence.ranked(name) if one.value not in taken and one.score >= LEAST][:MOST]:
        read = finding(schema, name, one, [other for other in evidence.ranked(name) if other is not one])
        box = evidence.pages[one.page - 1].on_paper(one.box)
        told.append(Alternative(one.value, min(read.confidence, most), one.page, box))
    return told


def _worked_out(evidence: Evidence, fields: Mapping[str, Finding], name: str) -> Alternative | None:
    """The amount that net, tax and total would need, where the rate of the tax is then a usual or a printed one."""
    net, tax, total = (_amount(fields.get(one)) for one in _SUMS)
    if name == "total" and net is not None and tax is not None:
        value, why = net + tax, "net plus tax"
    elif name == "net_total" and total is not None and tax is not None:
        value, why, net = total - tax, "total less tax", total - tax
    elif name == "tax_total" and total is not None and net is not None:
        value, why, tax = total - net, "total less net", total - net
    else:
        return None
    known = _amount(fields.get(name))
    fits = any(abs(net * rate / 100 - tax) <= CENT for rate in rates_of(evidence))
    return Alternative(value, why=why) if fits and value > 0 and value != known else None


def _tried(
    one: Alternative,
    name: str,
    schema: Schema,
    fields: Mapping[str, Finding],
    lines: Sequence[LineItem],
    adjustments: frozenset[Decimal],
) -> Alternative:
    return replace(one, mends=not check(schema, {**fields, name: Finding(one.value, 1.0)}, lines, adjustments))


def _amount(found: Finding | None) -> Decimal | None:
    return found.value if found is not None and isinstance(found.value, Decimal) else None
