"""An e-invoice against its own page: where each value stands, and whether the page says something else."""

from __future__ import annotations

from collections.abc import Mapping

from bots.documents.document import DocumentProblem, Finding, Value
from bots.documents.invoices.candidates import Evidence
from bots.documents.pages.page import Line
from bots.documents.schemas import title
from bots.documents.words.lexicon import squeeze

SURE = 0.99  # what the sender's own data is worth
CONTRADICTS = 0.85  # how sure the page must be to speak against it
_COMPARED = ("number", "issue_date", "total", "seller.tax_id", "seller.iban")


def merge(
    stated: Mapping[str, Value], read: Mapping[str, Finding], evidence: Evidence
) -> tuple[dict[str, Finding], list[DocumentProblem]]:
    """The e-invoice's values with their places on the page, the page's own for the rest, and contradictions."""
    # A total stated beside one that was read would be compared with what it does not belong to.
    merged = {name: found for name, found in read.items() if "total" not in stated or not name.endswith("_total")}
    problems = []
    for name, value in stated.items():
        place = place_of(value, evidence)
        found = read.get(name)
        if place is not None:
            line, start, end = place
            merged[name] = Finding(value, SURE, line.page, line.box_of(start, end), "einvoice")
            continue
        merged[name] = Finding(value, SURE, source="einvoice")
        if name in _COMPARED and found is not None and found.confidence >= CONTRADICTS and found.value != value:
            message = (
                f"The e-invoice inside the file says {title(name)} {value}, but the page says {found.value}; "
                "ask the sender which one holds"
            )
            problems.append(DocumentProblem("EINVOICE_DISAGREES", message, (name,)))
    return merged, problems


def place_of(value: Value, evidence: Evidence) -> tuple[Line, int, int] | None:
    """Where a value stands on the pages, however it is written there."""
    if not isinstance(value, str):
        for atom in evidence.atoms:
            if value in (atom.value, atom.other):
                return atom.line, atom.start, atom.end
        return None
    wanted = squeeze(value)
    if not wanted:
        return None
    for marked in evidence.marks.lines.values():
        line = marked.line
        if wanted in squeeze(line.text):
            start = line.text.find(value)
            if start >= 0:
                return line, start, start + len(value)
            return line, 0, len(line.text)
    return None
