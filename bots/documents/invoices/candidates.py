"""Candidates: for every field the values it may have, each with a score and the place it was found."""

from __future__ import annotations

import dataclasses
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from bots.documents.document import Box, Source, Value
from bots.documents.invoices.atoms import Atom, Kind, atoms_of
from bots.documents.invoices.claims import Claim, Marks, claims_on, marks_of
from bots.documents.invoices.identifiers import identifiers
from bots.documents.invoices.parties import Parties, parties_of
from bots.documents.invoices.party_labels import party_of
from bots.documents.invoices.sum_rows import cross, pair
from bots.documents.invoices.terms import payment_terms
from bots.documents.pages.page import Page
from bots.documents.receipts.reading import receipt_values
from bots.documents.schemas import FieldSpec, Schema
from bots.documents.words.lexicon import lexicon, squeeze
from bots.documents.words.locale import Locale

MOST = 12  # candidates kept for each field
CALCULATED = 0.5  # the score of a due date that is not printed, and follows from days to pay in
CLEAR = 0.75  # strength from which a label hardly means anything else


@dataclass(frozen=True)
class Candidate:
    """A possible value of a field. `score` is how well the page speaks for it, `reading` how surely it was read."""

    field: str
    value: Value
    score: float
    page: int
    box: Box
    reading: float = 1.0
    source: Source = "text"
    certain: bool = True
    label: str = ""
    atom: Atom | None = None
    repeats: int = 1  # pages on which the same value is claimed for the field
    # What else speaks for it, 0..1 each.
    measures: Mapping[str, float] = dataclasses.field(default_factory=dict, compare=False)


@dataclass
class Evidence:
    """Everything found on the pages, before anything is decided."""

    pages: list[Page]
    locale: Locale
    marks: Marks
    atoms: list[Atom]
    kind: str
    candidates: dict[str, list[Candidate]] = field(default_factory=lambda: defaultdict(list))
    claims: dict[int, list[Claim]] = field(default_factory=dict)  # by id of the atom

    def ranked(self, name: str) -> list[Candidate]:
        """The candidates of a field, best first; the same value found twice counts once, and a little more."""
        best: dict[Value, Candidate] = {}
        pages: dict[Value, set[int]] = defaultdict(set)
        for candidate in sorted(self.candidates.get(name, ()), key=lambda candidate: -candidate.score):
            pages[candidate.value].add(candidate.page)
            known = best.get(candidate.value)
            if known is None:
                best[candidate.value] = candidate
            elif known.page != candidate.page or known.box != candidate.box:
                best[candidate.value] = replace(known, score=min(1.0, known.score + 0.06 * candidate.score))
        ranked = sorted(best.values(), key=lambda candidate: -candidate.score)[:MOST]
        return [replace(one, repeats=len(pages[one.value])) for one in ranked]

    def unanswered(self, asked: Iterable[str], given: Collection[str]) -> tuple[str, ...]:
        """The fields asked for and not given whose label stands on a page all the same: something was overlooked."""
        labelled = {
            meaning.field
            for marked in self.marks.lines.values()
            for label in marked.labels
            for meaning in label.meanings
            if meaning.strength >= CLEAR
        }
        return tuple(name for name in asked if name not in given and name in labelled)


def gather(pages: list[Page], locale: Locale, schema: Schema, kind: str) -> Evidence:
    """Find the candidates for every field of a schema."""
    marks = marks_of(pages, lexicon())
    evidence = Evidence(pages, locale, marks, atoms_of(pages, locale), kind)
    by_line: dict[tuple[int, int], list[Atom]] = defaultdict(list)
    for atom in evidence.atoms:
        by_line[(atom.line.page, atom.line.index)].append(atom)
    for atom in evidence.atoms:
        evidence.claims[id(atom)] = claims_on(atom, marks, by_line[(atom.line.page, atom.line.index)])
    pair(evidence.claims, marks, by_line)
    cross(evidence.claims, marks, by_line)
    for candidate in _of_receipt(evidence) if schema.kind == "receipt" else _of_invoice(evidence, schema, by_line):
        evidence.candidates[candidate.field].append(candidate)
    if "due_date" in schema.names:
        evidence.candidates["due_date"].extend(_calculated_due(evidence))
    for spec in (one for one in schema.own if one.type != "mark"):
        evidence.candidates[spec.name].extend(_own(spec, evidence, by_line))
    return evidence


def _of_invoice(evidence: Evidence, schema: Schema, by_line: dict[tuple[int, int], list[Atom]]) -> Iterator[Candidate]:
    parties = parties_of(evidence.pages, evidence.marks, evidence.atoms, receipt=evidence.kind == "receipt")
    yield from _from_atoms(evidence, parties)
    yield from _numbers(evidence, by_line)
    yield from _names(evidence, schema, parties)
    if evidence.kind == "receipt":  # a till's roll that is booked as an invoice
        for candidate in _of_receipt(evidence):
            if candidate.field in schema.names:
                yield replace(candidate, measures={})


def _calculated_due(evidence: Evidence) -> Iterator[Candidate]:
    """The day that `30 days net` comes to: nobody printed it, so it is never certain and yields to any printed one."""
    issued = next((one for one in evidence.ranked("issue_date") if isinstance(one.value, date)), None)
    terms = payment_terms(evidence.pages) if issued is not None else None
    if issued is None or terms is None or not isinstance(issued.value, date):
        return
    box, sure = terms.line.box_of(terms.start, terms.end), terms.line.confidence_of(terms.start, terms.end)
    source = _source(evidence, terms.line.page)
    yield Candidate(
        "due_date", terms.due(issued.value), CALCULATED, terms.line.page, box, sure, source, False, label="calculated"
    )


def _of_receipt(evidence: Evidence) -> Iterator[Candidate]:
    for one in receipt_values(evidence.pages):
        atom = None
        if isinstance(one.value, date | Decimal):
            kind: Kind = "date" if isinstance(one.value, date) else "amount"
            atom = Atom(kind, one.value, one.line, *one.span, certain=one.certain, money=True, other=one.other)
        source = _source(evidence, one.line.page)
        yield Candidate(
            one.field,
            one.value,
            one.score,
            one.line.page,
            one.box,
            one.reading,
            source,
            one.certain,
            one.label,
            atom,
            measures=one.measures,
        )


def _source(evidence: Evidence, page: int) -> Source:
    return evidence.pages[page - 1].source


def _from_atoms(evidence: Evidence, parties: Parties) -> Iterator[Candidate]:
    for atom in evidence.atoms:
        claims = evidence.claims[id(atom)]
        if atom.kind == "tax_id":
            yield from _tax_id(atom, claims, evidence, parties)
            continue
        if atom.kind == "iban":
            yield _candidate("seller.iban", 0.95 if atom.checked else 0.4, atom, evidence)
            continue
        strongest = claims[0].score if claims else 0.0
        for claim in claims:
            if claim.field == "other.order_date" and evidence.kind in ("order", "contract"):
                yield _candidate("issue_date", claim.score, atom, evidence, claim.label)
            if claim.field.startswith("other."):
                continue
            if atom.kind == "amount" and not atom.money and claim.score < 0.9:
                continue
            # A stronger claim of another field takes the value away.
            score = claim.score * (1.0 if claim.score >= strongest else 0.5 * claim.score / strongest)
            if atom.kind == "amount" and not atom.money:
                score *= 0.7
            yield _candidate(claim.field, score, atom, evidence, claim.label)
        if atom.kind == "date" and not claims:
            yield _candidate("issue_date", _unclaimed_date(atom, evidence), atom, evidence)


def _unclaimed_date(atom: Atom, evidence: Evidence) -> float:
    page = evidence.pages[atom.line.page - 1]
    if atom.line.page != 1:
        return 0.1
    if evidence.kind == "receipt":
        return 0.6
    return 0.4 if atom.line.box[1] < 0.4 * page.height else 0.15


def _tax_id(atom: Atom, claims: list[Claim], evidence: Evidence, parties: Parties) -> Iterator[Candidate]:
    named = {claim.field for claim in claims if claim.score > 0.5}
    party = "buyer" if "buyer.tax_id" in named else party_of(atom, evidence.marks)
    party = party or parties.block_of(atom)
    base = 0.75 + (0.15 if "seller.tax_id" in named else 0.0) + (0.08 if atom.checked else 0.0)
    seller = base * (0.3 if party == "buyer" else 1.0)
    buyer = 0.9 if party == "buyer" else 0.2
    if party is None and atom.line.box[1] > 0.75 * evidence.pages[atom.line.page - 1].height:
        seller = min(1.0, seller + 0.05)  # footers are the sender's own
    yield _candidate("seller.tax_id", seller, atom, evidence)
    yield _candidate("buyer.tax_id", buyer, atom, evidence)


def _candidate(name: str, score: float, atom: Atom, evidence: Evidence, label: str = "") -> Candidate:
    source = _source(evidence, atom.line.page)
    return Candidate(
        name, atom.value, score, atom.line.page, atom.box, atom.confidence, source, atom.certain, label, atom
    )


def _numbers(evidence: Evidence, by_line: dict[tuple[int, int], list[Atom]]) -> Iterator[Candidate]:
    found = list(identifiers(evidence.marks, by_line, evidence.kind))
    others = {
        (one.line.page, one.line.index, one.start) for one in found if one.field == "other.id" and one.score > 0.5
    }
    for one in found:
        if one.field == "other.id":
            continue
        taken = (one.line.page, one.line.index, one.start) in others
        score = one.score * (0.4 if taken else 1.0) * (1.0 if one.line.page == 1 else 0.9)
        source = _source(evidence, one.line.page)
        yield Candidate(one.field, one.value, score, one.line.page, one.box, one.confidence, source, label=one.label)


def _names(evidence: Evidence, schema: Schema, parties: Parties) -> Iterator[Candidate]:
    for role in ("seller", "buyer"):
        if f"{role}.name" not in schema.names:
            continue
        for name in parties.best(role):
            score = min(0.98, float(getattr(name, role)))
            source = _source(evidence, name.page)
            yield Candidate(
                f"{role}.name", name.text.strip(" ,;:|"), score, name.page, name.box, name.confidence, source
            )


def _own(spec: FieldSpec, evidence: Evidence, by_line: dict[tuple[int, int], list[Atom]]) -> Iterator[Candidate]:
    """Values for a field an author defined: the pattern's matches, better where a label stands beside or over them."""
    labels = tuple(squeeze(label) for label in spec.labels)
    pattern = re.compile(spec.pattern) if spec.pattern else None
    for marked in evidence.marks.lines.values():
        line = marked.line
        source = _source(evidence, line.page)
        label_end = end_of_label(line.text, labels)
        for value, start, end in _values(spec, pattern, line.text, label_end, by_line.get((line.page, line.index), [])):
            beside = label_end is not None and start >= label_end
            over = (
                any(end_of_label(one.line.text, labels) for one in evidence.marks.above(line, 2)) if labels else False
            )
            score = (
                0.97
                if beside and pattern
                else 0.92
                if beside
                else 0.75
                if over and pattern
                else 0.6
                if pattern
                else 0.0
            )
            if labels and pattern and not beside and not over:
                score = 0.5
            if score:
                yield Candidate(
                    spec.name, value, score, line.page, line.box_of(start, end), line.confidence_of(start, end), source
                )


def end_of_label(text: str, labels: tuple[str, ...]) -> int | None:
    """Where the first of these labels ends in a line, if one stands there."""
    tokens = list(re.finditer(r"[^\W_]+|[#№]", text))
    for position in range(len(tokens)):
        letters = ""
        for token in tokens[position : position + 7]:
            letters += squeeze(token.group())
            if letters in labels:
                return token.end()
    return None


def _values(
    spec: FieldSpec, pattern: re.Pattern[str] | None, text: str, label_end: int | None, atoms: list[Atom]
) -> Iterator[tuple[Value, int, int]]:
    kinds = {"money": "amount", "number": "amount", "date": "date", "tax_id": "tax_id", "iban": "iban"}
    if spec.type in kinds:
        for atom in atoms:
            if atom.kind == kinds[spec.type] and (pattern is None or pattern.search(text[atom.start : atom.end])):
                yield atom.value, atom.start, atom.end
        return
    if pattern is not None:
        for match in pattern.finditer(text):
            group = 1 if pattern.groups else 0
            if match[group]:
                yield match[group].strip(), match.start(group), match.end(group)
        return
    if label_end is not None:
        rest = re.match(r"[\s:.#]*(?P<value>\S(?:\S| (?! ))*)", text[label_end:])
        if rest:
            value = rest["value"].split()[0] if spec.type == "id" else rest["value"]
            yield value.strip(), label_end + rest.start("value"), label_end + rest.start("value") + len(value)
