"""Two readings of one scan made to one: what only one of them saw counts less, what they dispute is doubtful."""

from __future__ import annotations

from dataclasses import replace

from bots.documents.deciding.rules import COMPUTED, check, document_confidence
from bots.documents.document import Document, Finding
from bots.documents.schemas import Schema

ALONE = 0.85  # of its confidence, for a value that only one reading has
DISPUTED = 0.6  # at most, for a value the readings do not agree on


def second_opinion(first: Document, second: Document, schema: Schema) -> Document:
    """The first reading, completed and put in doubt by the second; its problems as they then stand."""
    merged = replace(first, fields={})
    for name in schema.names:
        found = _merge(first.fields.get(name), second.fields.get(name))
        if found is not None:
            merged.fields[name] = found
    merged.lines = first.lines or second.lines
    merged.adjustments = first.adjustments | second.adjustments
    noted = [problem for problem in first.problems if problem.code not in COMPUTED]
    merged.problems = [*check(schema, merged.fields, merged.lines, merged.adjustments), *noted]
    merged.confidence = document_confidence(schema, merged.fields, merged.problems)
    return merged


def _merge(one: Finding | None, two: Finding | None) -> Finding | None:
    if one is None or two is None:
        known = one or two
        return replace(known, confidence=round(known.confidence * ALONE, 3)) if known else None
    best = max(one, two, key=lambda finding: finding.confidence)
    if one.value == two.value:
        return best
    return replace(best, confidence=min(best.confidence, DISPUTED))
