"""Which label speaks for which value: the nearest to the left in the line, else the nearest above in the column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from statistics import median

from bots.documents.invoices.atoms import Atom, Kind
from bots.documents.invoices.deadlines import discounted, placed, spoken
from bots.documents.pages.page import Line, Page
from bots.documents.words.lexicon import Label, Lexicon, item_heads, squeeze

FITS: dict[Kind, frozenset[str]] = {
    "amount": frozenset(
        {
            "net_total",
            "tax_total",
            "total",
            "other.amount",
            "other.adjustment",
            "other.commission",
            "other.paid",
        }
    ),
    "date": frozenset({"issue_date", "due_date", "other.date", "other.order_date"}),
    "tax_id": frozenset({"seller.tax_id", "buyer.tax_id"}),
    "iban": frozenset({"seller.iban"}),
}
BELOW = 0.93  # of a label's strength where the value stands under it
SENTENCE = 0.3  # of a label's strength where it is a word of a sentence
ITEM = 0.4  # the same at the head of a table of line items: what stands there is one of many
HEAD = 0.97  # the same in a row of several labels
_BASE = re.compile(
    r"(?:\b(?:of|auf|von|sur|de|di|su|van|sobre|aus|on|from|od|basis)|[(x×*@])\s*[€$£]?\s*$", re.IGNORECASE
)
_PARAGRAPH = re.compile(r"(?:§|\b(?:art|abs|nr|no|sec|para))\.?\s*$", re.IGNORECASE)
_REFERENCE = re.compile(
    r"\b(?:refers? to|original|previous|ursprung\w*|bezug|storno zu|korrektur zu|corrects|vorherige|korrigierte?|"
    r"vorausgegangene|referenz(?:ierte)? rechnung|anzahlungsrechnung|gem(?:äß|\.)|gemäß)\b",
    re.IGNORECASE,
)
_RATED = re.compile(r"\d\s?%\s*$")
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
    items: bool = False  # it heads the columns of line items
    large: bool = False  # its print is larger than usual on the page
    places: list[tuple[float, float]] = field(default_factory=list)  # x0, x1 of each label

    def standing(self, label: Label, atom: Atom) -> float:
        """What a label left of a value is worth where it stands: less inside a sentence or a column of rates."""
        cell = self.line.cell_at(label.start)
        if "  " not in self.line.text[label.end : atom.start]:
            return 1.0
        if len(cell.text.split()) >= 7 and not self.leads(label):
            return SENTENCE
        rate = _RATED.search(self.line.text[cell.start : label.start])
        if rate and cell.start and any(letter.isalpha() for letter in self.line.cells[0].text):
            return 0.5  # `Freight   19 % VAT (S)   3.00`
        return 1.0

    def leads(self, label: Label) -> bool:
        """Whether a label begins a cell that is all a heading: `Total amount payable if paid by card:`."""
        cell = self.line.cell_at(label.start)
        sure = any(meaning.strength >= 0.95 for meaning in label.meanings)
        return sure and label.start - cell.start <= 1 and cell.text.endswith(":")

    def together(self, one: Label, other: Label) -> bool:
        """Whether two labels stand in one cell."""
        return self.line.cell_at(one.start) is self.line.cell_at(other.start)

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
        usual = median(line.height for line in page.lines) if page.lines else 0.0
        for line in page.lines:
            labels = words.find(line.text, forgiving=page.source == "ocr")
            titled = any(
                words.title(squeeze(token)) in ("invoice", "credit_note", "receipt")
                for token in re.findall(r"[^\W_]+", line.text)
            )
            items = len(line.cells) > 2 and _heads_items(line)
            marked = Marked(line, labels, titled, items, line.height > 1.25 * usual)
            for label in labels:
                box = line.box_of(label.start, label.end)
                marked.places.append((box[0], box[2]))
            above = lines.get((page.number, line.index - 1))
            if above is not None and above.items and _continues(line, above.line):
                marked.items = True
            lines[(page.number, line.index)] = marked
    return Marks(lines)


def _continues(line: Line, above: Line) -> bool:
    """Whether a line is the second one of headings that are broken in two."""
    return line.box[1] - above.box[3] < 0.6 * above.height and not any(letter.isdigit() for letter in line.text)


def _heads_items(line: Line) -> bool:
    """Whether a line has a heading for a quantity or for the price of one."""
    return any(
        squeeze(" ".join(words[:length])) in item_heads()
        for words in (re.findall(r"[^\W_]+", cell.text) for cell in line.cells)
        for length in range(1, min(len(words), 3) + 1)
    )


def claims_on(atom: Atom, marks: Marks, neighbours: list[Atom]) -> list[Claim]:
    """The claims on a value, strongest first. `neighbours` are the atoms of the same line."""
    if atom.kind == "amount" and _PARAGRAPH.search(atom.line.text[: atom.start]):
        return []
    marked = marks.of(atom.line)
    beside = _beside(atom, marked, neighbours)
    if atom.kind == "date":
        beside = _dated(atom, beside, marks)
    over = _over(atom, marks)
    if any(claim.score > SENTENCE for claim in beside):
        over = [Claim(claim.field, claim.score * 0.4, claim.label) for claim in over]
    if atom.kind == "date" and discounted(atom.line.text[: atom.start], atom.line.text[atom.end :]):
        over = [claim for claim in over if claim.field != "due_date"]
        beside = [claim for claim in beside if claim.field != "due_date"]
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
    heading = next((label for label in left if marked.leads(label)), None)
    for label in reversed([label for label in left if label is heading or label in left[-4:]]):
        fitting = [meaning for meaning in label.meanings if meaning.field in FITS[atom.kind]]
        between = sum(
            other.kind == atom.kind and label.end <= other.start < atom.start and (atom.kind != "amount" or other.money)
            for other in neighbours
        )
        columns = text[label.end : atom.start].count("  ")
        apart = 0.93 ** max(columns - 1, 0) * (0.92 if atom.kind == "amount" else 0.55) ** between
        kind = marked.standing(label, atom)
        between_them = text[label.end : atom.start].strip(" .:")
        for meaning in fitting:
            if atom.kind == "date" and meaning.strength <= 0.5 and between_them:
                continue  # `vom` and `du` speak for what follows at once
            strength = meaning.strength * kind
            if meaning.strength <= 0.5 and atom.kind == "date" and marked.titled and kind == 1.0:
                strength = 0.95
            if meaning.field in ("issue_date", "due_date") and marked.refers(label):
                strength *= 0.3
            # `Total gross price if paid by card:` is a total, whatever words explain it.
            inside = heading is not None and label is not heading and marked.together(label, heading)
            rank = 1.0 if label is heading else factor * (0.45 if inside else 1.0)
            claims.append(Claim(meaning.field, strength * apart * rank, label.letters))
        if kind == 1.0 and any(meaning.strength > 0.5 for meaning in fitting):
            factor *= 0.45  # a label further left only matters if the nearer one was none
    if atom.kind == "amount" and _BASE.search(text[: atom.start]):
        claims = [Claim(claim.field, claim.score * 0.5, claim.label) for claim in claims]
    return claims


def _dated(atom: Atom, claims: list[Claim], marks: Marks) -> list[Claim]:
    """The claims on a date with what the sentence around it says."""
    text = atom.line.text
    before, after = text[: atom.start], text[atom.end :]
    following = next((below.line.text for below in marks.below(atom.line, 1)), "")
    claims += [Claim(*meant) for meant in spoken(before, after, following)]
    cell = atom.line.cell_at(atom.start)
    if placed(text[cell.start : atom.start]) and atom.end >= cell.end - 1:
        claims.append(Claim("issue_date", 0.92, "place"))
    if not claims and not before.strip():
        # `Invoice no. 4711 of` ends one line and its date begins the next.
        claims += [
            Claim("issue_date", 0.9, above.labels[-1].letters)
            for above in marks.above(atom.line, 1)
            if above.titled
            and above.labels
            and above.labels[-1].end == len(above.line.text)
            and any(meaning.field == "issue_date" for meaning in above.labels[-1].meanings)
        ]
    return claims


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
            if not same_column((x0, x1), (left, right)):
                continue
            for meaning in label.meanings:
                strength = meaning.strength * (ITEM if marked.items else HEAD if len(marked.labels) > 1 else BELOW)
                if meaning.field in FITS[atom.kind] and meaning.strength > 0.5:
                    claims.append(Claim(meaning.field, strength * 0.95 ** max(gap / height - 1.2, 0.0), label.letters))
        if claims:
            break
        if atom.kind != "amount" and _occupied((x0, x1), marked.line) and distance:
            break
    return claims


def same_column(value: tuple[float, float], label: tuple[float, float]) -> bool:
    """Whether a label heads the value's column: they overlap, or share their left or right edge."""
    shared = min(value[1], label[1]) - max(value[0], label[0])
    return shared > 0.3 * min(value[1] - value[0], label[1] - label[0]) or abs(value[0] - label[0]) < 4


def _occupied(span: tuple[float, float], line: Line) -> bool:
    return any(min(word.box[2], span[1]) - max(word.box[0], span[0]) > 1 for word in line.words)
