"""Two readings of one scan made to one: what only one of them saw counts less, what they dispute is doubtful."""

from __future__ import annotations

from dataclasses import replace

from bots.documents.deciding.rules import COMPUTED, check, document_confidence
from bots.documents.document import Alternative, Document, Finding
from bots.documents.schemas import Schema

ALONE = 0.85  # of its confidence, for a value that only one reading has
DISPUTED = 0.6  # at most, for a value the readings do not agree on


def second_opinion(first: Document, second: Document, schema: Schema) -> Document:
    """The first reading, completed and put in doubt by the second; its problems as they then stand."""
    merged = replace(first, fields={}, alternatives=dict(first.alternatives))
    for name in schema.names:
        one, two = first.fields.get(name), second.fields.get(name)
        found = _merge(one, two)
        if found is not None:
            merged.fields[name] = found
        if one is not None and two is not None and one.value != two.value:
            merged.alternatives[name] = _with_other(
                merged.alternatives.get(name, []), two if found and found.value == one.value else one
            )
    merged.lines = first.lines or second.lines
    merged.adjustments = first.adjustments | second.adjustments
    noted = [problem for problem in first.problems if problem.code not in COMPUTED]
    merged.problems = [*check(schema, merged.fields, merged.lines, merged.adjustments), *noted]
    merged.confidence = document_confidence(schema, merged.fields, merged.problems)
    return merged


def _with_other(known: list[Alternative], other: Finding) -> list[Alternative]:
    """The alternatives with what the other reading saw, first unless one of them mends what does not hold."""
    if any(one.value == other.value for one in known):
        return known
    seen = Alternative(other.value, other.confidence, other.page, other.box, "read otherwise")
    return sorted([seen, *known], key=lambda one: not one.mends)


def _merge(one: Finding | None, two: Finding | None) -> Finding | None:
    if one is None or two is None:
        known = one or two
        return replace(known, confidence=round(known.confidence * ALONE, 3)) if known else None
    best = max(one, two, key=lambda finding: finding.confidence)
    if one.value == two.value:
        return best
    return replace(best, confidence=min(best.confidence, DISPUTED))
