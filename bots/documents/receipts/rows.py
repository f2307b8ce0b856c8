"""The rows of a receipt: what each says in words, and the amounts that stand beside it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, TypeAlias

from bots.documents.document import Box
from bots.documents.pages.page import Line, Page
from bots.documents.receipts.words import Spoken, vocabulary

Role: TypeAlias = Literal[
    "total",
    "subtotal",
    "tax",
    "net",
    "service",
    "rounding",
    "cash",
    "card",
    "tender",
    "change",
    "other",
    "summary",
    "item",
]

_NUMBER = r"(?:[\dO]{1,3}(?:[.,'’][\dO]{3})+|[\dO]+)\s?[.,]\s?[\dO]{2}|(?:(?<=RM)|(?<!\w))[.,]\d{2}"
_AMOUNT = re.compile(
    rf"(?<![\d.,/:])(?<!\d[-x])(?P<sign>[-−–]\s?)?(?P<mark>[$€£]\s?)?(?P<minus>[-−–]\s?)?(?P<number>{_NUMBER})"
    r"(?P<trail>-(?!\w))?(?![\dO]|\s?%|:\d|[.,/-]\d|\s?[AaPp]\.?[Mm]\b)"
)
_WHOLE = re.compile(
    r"(?<![\w.,/:-])(?:RM|R\$|[$€£¥]|EUR|USD|MYR|SGD|JPY|KRW|IDR|VND|Rp\.?)\s?(?P<number>\d{1,3}(?:[.,]\d{3})*|\d+)(?![\w.,])"
)
_TIMES = re.compile(r"(?:\d\s?[x×X*@]|@|[x×X])\s?(?:RM|[$€£])?\s?$")
_TABLE_HEAD = re.compile(r"%|code|rate|satz|taux|tipo|aliq|stawka", re.IGNORECASE)


@dataclass(frozen=True)
class Money:
    """An amount with its place in a line. `whole` is one printed without decimals."""

    value: Decimal
    line: Line
    start: int
    end: int
    whole: bool = False

    @property
    def box(self) -> Box:
        return self.line.box_of(self.start, self.end)

    @property
    def confidence(self) -> float:
        return self.line.confidence_of(self.start, self.end)


@dataclass
class Row:
    """A row: its words, its amounts from left to right, its role and how surely it has it, 0..1."""

    label: str
    line: Line
    amounts: list[Money] = field(default_factory=list)
    role: Role = "item"
    strength: float = 0.0

    @property
    def last(self) -> Money:
        return self.amounts[-1]

    @property
    def unit_price_only(self) -> bool:
        """Whether its only amount is a unit price: `2 x 10.40`."""
        one = self.amounts[0]
        return len(self.amounts) == 1 and bool(_TIMES.search(one.line.text[: one.start]))


def rows_of(pages: Sequence[Page]) -> list[Row]:
    """The rows of all pages, top to bottom, with their roles."""
    rows: list[Row] = []
    for page in pages:
        rows.extend(_paired([row for line in page.lines for row in _rows_in(line)]))
    if sum(bool(row.amounts) for row in rows) < 2:
        rows = [Row(row.label, row.line, row.amounts or _wholes(row.line)) for row in rows]
    _name_roles(rows)
    return rows


def _rows_in(line: Line) -> Iterator[Row]:
    """The row of a line; two or more where known words stand between its amounts: `CASH 20.00 CHANGE 0.05`."""
    part: list[Money] = []
    begin = 0
    for money in _moneys(line):
        between = line.text[part[-1].end : money.start] if part else ""
        if vocabulary("amounts").said(between, forgiving=False) - {"money", "count"}:
            yield Row(_label(line, part, begin), line, part)
            begin, part = part[-1].end, []
        part.append(money)
    yield Row(_label(line, part, begin), line, part)


def _moneys(line: Line) -> list[Money]:
    found = []
    for match in _AMOUNT.finditer(line.text):
        digits = re.sub(r"\s", "", match["number"]).replace("O", "0")
        if not any(letter.isdigit() for letter in match["number"]):
            continue
        value = Decimal(re.sub(r"\D", "", digits[:-3]) + "." + digits[-2:])
        negative = bool(match["sign"] or match["minus"] or match["trail"])
        # `5 - 12.00` is a dash in a row, `-12.00` a minus.
        found.append(Money(-value if negative else value, line, match.start("number"), match.end("number")))
    return found


def _wholes(line: Line) -> list[Money]:
    return [
        Money(Decimal(re.sub(r"\D", "", match["number"])), line, match.start("number"), match.end("number"), whole=True)
        for match in _WHOLE.finditer(line.text)
    ]


def _label(line: Line, amounts: list[Money], begin: int) -> str:
    """The words in front of the amounts; all of the line where there are none."""
    if not amounts:
        return line.text
    text = line.text[begin : amounts[0].start]
    return text if begin or re.search(r"[^\W\d_]{2}", text) else line.text


def _paired(rows: list[Row]) -> list[Row]:
    """Rows whose words and amounts the reading put on two lines, as on a tilted photograph, made one again."""
    taken: set[int] = set()
    options = sorted(_pairs(rows))
    done: set[int] = set()
    for _, words, numbers in options:
        if words in done or numbers in taken:
            continue
        done.add(words)
        taken.add(numbers)
        rows[words].amounts = rows[numbers].amounts
    return [row for index, row in enumerate(rows) if index not in taken]


def _pairs(rows: list[Row]) -> Iterator[tuple[float, int, int]]:
    """How far apart, in heights, a line of words is from a line of bare amounts beside or under it."""
    for index, row in enumerate(rows):
        if row.amounts or not _speaks(row.label):
            continue
        for other in range(max(index - 2, 0), min(index + 3, len(rows))):
            numbers = rows[other]
            if not numbers.amounts or re.search(r"[^\W\d_]{3}", numbers.line.text):
                continue
            height = min(row.line.height, numbers.line.height)
            apart = abs(_middle(row.line) - _middle(numbers.line)) / max(height, 1e-6)
            beside = numbers.line.box[0] > row.line.box[2] - height
            if apart < (1.0 if beside else 0.0):
                yield apart, index, other
            elif other == index + 1 and apart < 1.9 and len(numbers.amounts) == len(row.line.cells) == 1:
                yield apart + 2, index, other


def _speaks(label: str) -> bool:
    return bool(vocabulary("amounts").said(label) & {"total", "due", "final", "change", "cash", "tender", "sub"})


def _middle(line: Line) -> float:
    return (line.box[1] + line.box[3]) / 2


def _name_roles(rows: list[Row]) -> None:
    summary = 0  # rows left of a table of taxes
    for row in rows:
        said = vocabulary("amounts").said(row.label)
        head = _is_summary_head(row, said)
        if head:
            summary = 8
            if not row.amounts:
                continue
        if not row.amounts:
            if summary and len(row.line.text) > 6:
                summary -= 3
            summary = max(summary, 0)
            continue
        sums = "total" in said and len(row.amounts) == 1
        if summary and not sums and not (said & {"cash", "change", "card", "final", "due", "round"}):
            row.role = "summary"
            summary -= 1
            continue
        row.role, row.strength = role_of(row.label, said)


def _is_summary_head(row: Row, said: frozenset[str]) -> bool:
    if row.amounts:
        return False
    if "summary" in said and ("tax" in said or "amount" in said):
        return True
    columns = len(row.line.cells)
    return (
        "tax" in said
        and "count" not in said  # the heads of the columns of the items
        and bool(said & {"amount", "net", "total", "gross", "excl"})
        and (columns >= 3 or bool(_TABLE_HEAD.search(row.label)))
    )


def role_of(label: str, said: frozenset[str] | None = None) -> tuple[Role, float]:
    """What the words beside an amount make of it, and how surely."""
    spoken = vocabulary("amounts").find(label)
    heard = said if said is not None else frozenset().union(*(one.meanings for one in spoken))
    if not heard:
        return "item", 0.0
    if ("change" in heard and not heard & {"due", "total", "final"}) or _last(spoken, "change"):
        return "change", 0.9
    if "change" in heard and "total" not in heard:
        return "change", 0.8
    if "contains" in heard or ("tax" in heard and _first(spoken, "tax") and "incl" in heard):
        return "tax", 0.8
    for meaning, role in (("saving", "other"), ("count", "other")):
        if meaning in heard and not (_last(spoken, "total") or _last(spoken, "due") or "tender" in heard):
            return ("other" if role == "other" else "item"), 0.7
    if "round" in heard and not heard & {"final", "due"}:
        return "rounding", 0.8
    if "excl" in heard:
        return "net", 0.8
    paid = _payment(heard)
    if paid is not None:
        return paid
    if _is_tax(label, spoken, heard):
        return "tax", 0.8
    if "service" in heard and not heard & {"total", "due", "final"}:
        return "service", 0.6
    return _total(heard)


def _is_tax(label: str, spoken: Sequence[Spoken], heard: frozenset[str]) -> bool:
    """`GST payable` and `total tax` are taxes, `total incl. tax` and `net + tax` are not."""
    if "tax" not in heard or heard & {"incl", "final", "net", "gross", "sub"}:
        return False
    if "total" in heard:
        return any(_beside(label, one, other) for one, other in itertools.pairwise(spoken))
    return "due" not in heard or _first(spoken, "tax")


def _beside(label: str, one: Spoken, other: Spoken) -> bool:
    """Whether `total` and `tax` stand side by side, without an unknown word, perhaps a misread `incl.`, in between."""
    both = one.meanings | other.meanings
    return {"total", "tax"} <= both and not re.search(r"[^\W\d_]{3}", label[one.end : other.start])


def _payment(heard: frozenset[str]) -> tuple[Role, float] | None:
    if "cash" in heard:
        return "cash", 0.8
    if "card" in heard and not heard & {"due", "final"}:
        return "card", 0.8
    if "tender" in heard and not heard & {"due", "final", "incl"}:
        return "tender", 0.7
    return None


def _total(heard: frozenset[str]) -> tuple[Role, float]:
    if "sub" in heard and "final" not in heard:
        return "subtotal", 0.8
    if ("final" in heard and heard & {"total", "round", "net", "amount", "due"}) or "final" in heard:
        return "total", 1.0
    if "due" in heard:
        return "total", 0.97
    if "total" in heard:
        return "total", 0.94 if "incl" in heard else 0.9
    if "net" in heard:
        return "total", 0.72
    if "incl" in heard and "amount" in heard:
        return "total", 0.8
    if heard & {"amount", "gross"}:
        return "total", 0.45
    return "item", 0.0


def _last(spoken: Sequence[Spoken], meaning: str) -> bool:
    """Whether the last known words of a label mean this: they are what stands next to the amount."""
    return bool(spoken) and meaning in spoken[-1].meanings


def _first(spoken: Sequence[Spoken], meaning: str) -> bool:
    return bool(spoken) and meaning in spoken[0].meanings
