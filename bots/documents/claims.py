"""Which label speaks for which value: the nearest to the left in the line, else the nearest above in the column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bots.documents.atoms import Atom, Kind
from bots.documents.lexicon import Label, Lexicon, squeeze
from bots.documents.page import Line, Page

FITS: dict[Kind, frozenset[str]] = {
    "amount": frozenset({"net_total", "tax_total", "total", "other.amount", "other.adjustment"}),
    "date": frozenset({"issue_date", "due_date", "other.date"}),
    "tax_id": frozenset({"seller.tax_id", "buyer.tax_id"}),
    "iban": frozenset({"seller.iban"}),
}
BELOW = 0.93  # of a label's strength where the value stands under it
HEAD = 0.97  # the same in a row of several labels
_BASE = re.compile(
    r"(?:\b(?:of|auf|von|sur|de|di|su|van|sobre|aus|on|from|od|basis)|[(x×*@])\s*[€$£]?\s*$", re.IGNORECASE
)
_UNTIL = re.compile(
    r"\b(?:bis|bis zum|bis spätestens|until|by|before|avant le|antes del?|entro il|entro|voor|até|do dnia|do|le|il|el)"
    r"\s*$",
    re.IGNORECASE,
)
_PAYMENT = re.compile(
    r"zahlbar|zahlung|zahlen|überweis|fällig|payable|remit|\bpay|due|payer|paiement|règlement|régler|échéance|pagar|pago|"
    r"vencimiento|pagare|pagamento|scadenza|betal|vencimento|zapłat|płatn",
    re.IGNORECASE,
)
_PLACE = re.compile(r"[A-ZÀ-Ý][^\W\d][^\d:]{1,28},\s*(?:den |le |the |il |el )?")  # `München, 27. Januar 2026`
_DISCOUNT = re.compile(r"skonto|discount|escompte|descuento|sconto|korting|desconto", re.IGNORECASE)
_REFERENCE = re.compile(
    r"\b(?:refers? to|original|previous|ursprung\w*|bezug|storno zu|korrektur zu|corrects|vorherige|korrigierte?|"
    r"vorausgegangene|referenz(?:ierte)? rechnung|anzahlungsrechnung|gem(?:äß|\.)|gemäß)\b",
    re.IGNORECASE,
)
_TRANSFER = re.compile(
    r"zahlungsreferenz|verwendungszweck|payment ref|remittance|référence (?:de|du) (?:paiement|virement)|causale|"
    r"referencia de pago|betalingskenmerk|tytuł przelewu",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Claim:
    """A label's claim on a value: a field and how strongly, 0..1."""

    field: str
    score: float
    label: str


@dataclass
class Marked:
    """A line with the labels found on it."""

    line: Line
    labels: list[Label]
    titled: bool  # it names the document
    places: list[tuple[float, float]] = field(default_factory=list)  # x0, x1 of each label

    def refers(self, label: Label) -> bool:
        """Whether a label speaks of another document: `Original invoice`, `Storno zu Rechnung`."""
        text = self.line.text
        around = text[: label.start] + "|" + text[label.end : self.line.cell_at(label.start).end]
        return bool(_REFERENCE.search(around))

    def paying(self, label: Label) -> bool:
        """Whether a label stands in what the payer is to write on the transfer."""
        return bool(_TRANSFER.search(self.line.text[: label.start]))


@dataclass
class Marks:
    """All labels of a document, by page and line."""

    lines: dict[tuple[int, int], Marked]

    def of(self, line: Line) -> Marked:
        return self.lines[(line.page, line.index)]

    def above(self, line: Line, count: int) -> Iterator[Marked]:
        """The lines over a line, nearest first."""
        for index in range(line.index - 1, max(line.index - 1 - count, -1), -1):
            yield self.lines[(line.page, index)]

    def below(self, line: Line, count: int) -> Iterator[Marked]:
        """The lines under a line, nearest first."""
        for index in range(line.index + 1, line.index + 1 + count):
            marked = self.lines.get((line.page, index))
            if marked is None:
                return
            yield marked


def marks_of(pages: Iterable[Page], words: Lexicon) -> Marks:
    """Find the labels on every line."""
    lines: dict[tuple[int, int], Marked] = {}
    for page in pages:
        for line in page.lines:
            labels = words.find(line.text, forgiving=page.source == "ocr")
            titled = any(
                words.title(squeeze(token)) in ("invoice", "credit_note", "receipt")
                for token in re.findall(r"[^\W_]+", line.text)
            )
            marked = Marked(line, labels, titled)
            for label in labels:
                box = line.box_of(label.start, label.end)
                marked.places.append((box[0], box[2]))
            lines[(page.number, line.index)] = marked
    return Marks(lines)


def claims_on(atom: Atom, marks: Marks, neighbours: list[Atom]) -> list[Claim]:
    """The claims on a value, strongest first. `neighbours` are the atoms of the same line."""
    beside = _beside(atom, marks.of(atom.line), neighbours)
    over = _over(atom, marks)
    if beside:
        over = [Claim(claim.field, claim.score * 0.4, claim.label) for claim in over]
    best: dict[str, Claim] = {}
    for claim in (*beside, *over):
        if claim.field not in best or claim.score > best[claim.field].score:
            best[claim.field] = claim
    return sorted(best.values(), key=lambda claim: -claim.score)


def _beside(atom: Atom, marked: Marked, neighbours: list[Atom]) -> list[Claim]:
    text = atom.line.text
    claims: list[Claim] = []
    factor = 1.0
    left = [label for label in marked.labels if label.end <= atom.start]
    for label in reversed(left[-4:]):
        fitting = [meaning for meaning in label.meanings if meaning.field in FITS[atom.kind]]
        between = sum(
            other.kind == atom.kind and label.end <= other.start < atom.start and (atom.kind != "amount" or other.money)
            for other in neighbours
        )
        columns = text[label.end : atom.start].count("  ")
        apart = 0.93 ** max(columns - 1, 0) * (0.92 if atom.kind == "amount" else 0.55) ** between
        prose = "  " in text[label.end : atom.start] and len(marked.line.cell_at(label.start).text.split()) >= 7
        for meaning in fitting:
            strength = meaning.strength * (0.3 if prose else 1.0)  # a word of a sentence is no label
            if strength <= 0.5 and atom.kind == "date" and marked.titled:
                strength = 0.95
            if meaning.field in ("issue_date", "due_date") and marked.refers(label):
                strength *= 0.3
            claims.append(Claim(meaning.field, strength * apart * factor, label.letters))
        if fitting and not prose:
            factor *= 0.45  # a label further left only matters if the nearer one was none
    if atom.kind == "date":
        claims += _deadline(text[: atom.start])
        cell = atom.line.cell_at(atom.start)
        if _PLACE.fullmatch(text[cell.start : atom.start]) and atom.end >= cell.end - 1:
            claims.append(Claim("issue_date", 0.92, "place"))
    if atom.kind == "amount" and _BASE.search(text[: atom.start]):
        claims = [Claim(claim.field, claim.score * 0.5, claim.label) for claim in claims]
    return claims


def _deadline(before: str) -> list[Claim]:
    """A date after `payable within 30 days until`: due, unless it is where a cash discount ends."""
    if not _UNTIL.search(before):
        return []
    clause = re.split(r"\d{2,4}[.,;] ", before)[-1]
    if _DISCOUNT.search(clause):
        return [Claim("other.date", 0.9, "discount")]
    return [Claim("due_date", 0.92, "until")] if _PAYMENT.search(before) else []


def _over(atom: Atom, marks: Marks) -> list[Claim]:
    x0, _, x1, _ = atom.box
    height = atom.line.height
    claims: list[Claim] = []
    reach = 6.5 if atom.kind == "amount" else 3.5
    for distance, marked in enumerate(marks.above(atom.line, 8)):
        gap = max(atom.line.box[1] - marked.line.box[3], 0.0)
        if gap > reach * height:
            break
        for label, (left, right) in zip(marked.labels, marked.places, strict=True):
            if not _same_column((x0, x1), (left, right)):
                continue
            for meaning in label.meanings:
                strength = meaning.strength * (HEAD if len(marked.labels) > 1 else BELOW)
                if meaning.field in FITS[atom.kind] and meaning.strength > 0.5:
                    claims.append(Claim(meaning.field, strength * 0.95 ** max(gap / height - 1.2, 0.0), label.letters))
        if claims:
            break
        if atom.kind != "amount" and _occupied((x0, x1), marked.line) and distance:
            break
    return claims


def _same_column(value: tuple[float, float], label: tuple[float, float]) -> bool:
    """Whether a label heads the value's column: they overlap, or share their left or right edge."""
    shared = min(value[1], label[1]) - max(value[0], label[0])
    return shared > 0.3 * min(value[1] - value[0], label[1] - label[0]) or abs(value[0] - label[0]) < 4


def _occupied(span: tuple[float, float], line: Line) -> bool:
    return any(min(word.box[2], span[1]) - max(word.box[0], span[0]) > 1 for word in line.words)
