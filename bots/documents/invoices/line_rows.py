"""One row of a table of items: which of its numbers is the quantity, the price and the amount, and what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from bots.documents.document import Box, LineItem
from bots.documents.invoices.candidates import Evidence
from bots.documents.invoices.line_heads import NUMERIC, Column
from bots.documents.pages.page import Line, union
from bots.documents.words.amounts import Amount, find_amounts
from bots.documents.words.dates import find_dates

ROUNDING = Decimal("0.02")
RATES = (Decimal(0), Decimal(30))  # between these lie the rates of value added and sales taxes
_DATE = re.compile(r"\d{1,2}[./-]\d{1,2}[./-](?:\d{2,4})?")


@dataclass(frozen=True)
class Number:
    """A number of a row. `values` are its readings, the likelier first."""

    amount: Amount
    values: tuple[Decimal, ...]
    box: Box

    @property
    def value(self) -> Decimal:
        return self.values[0]


@dataclass
class Row:
    """A row under way: its first line, its numbers by column, and the lines of its description."""

    line: Line
    numbers: dict[str, Decimal]
    words: list[str] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)

    @property
    def quantity(self) -> Decimal | None:
        return self.numbers.get("quantity")

    @property
    def price(self) -> Decimal | None:
        return self.numbers.get("unit_price")

    @property
    def net(self) -> Decimal:
        return self.numbers["net_total"]

    @property
    def bare(self) -> bool:
        """Whether it has an amount and nothing else."""
        return self.quantity is None and self.price is None

    def fill(self, numbers: Mapping[str, Decimal]) -> None:
        """Take over numbers it does not have."""
        self.numbers = {**numbers, **self.numbers}

    @property
    def proven(self) -> bool:
        """Whether quantity, price and discount give the amount."""
        return (
            self.quantity is not None
            and self.price is not None
            and _gives(self.quantity, self.price, self.numbers.get("discount", Decimal(0)), self.net)
        )

    def extend(self, line: Line, columns: Sequence[Column]) -> bool:
        """Add the words under the description's head, up to where the numbers begin; gives whether there are any."""
        text = _description(line, columns)
        if text:
            self.words.append(text)
            self.boxes.append(line.box)
        return bool(text)


def numbers_of(line: Line, evidence: Evidence) -> list[Number]:
    """The numbers of a line that are no dates."""
    dates = [(found.start, found.end) for found in find_dates(line.text)]
    dates += [match.span() for match in _DATE.finditer(line.text) if match.group()[-1] in "./-"]
    decimal = evidence.locale.decimal or "."
    found = []
    for amount in find_amounts(line.text, spaced=evidence.locale.spaced):
        if any(start <= amount.start < end for start, end in dates):
            continue
        values = [amount.value(decimal)]
        if amount.ambiguous:
            values.append(amount.value("," if decimal == "." else "."))
        start = amount.end - len(line.text[amount.start : amount.end].lstrip())
        found.append(Number(amount, tuple(values), line.box_of(start, amount.end)))
    return found


def row_of(line: Line, columns: Sequence[Column], evidence: Evidence) -> Row | None:
    """A line as a row of the table; None where nothing stands in the column of amounts."""
    numbers = numbers_of(line, evidence)
    assigned = _assign(numbers, columns)
    net = assigned.get("net_total")
    if net is None or net.amount.percent:
        return None
    values = {role: number.value for role, number in assigned.items()}
    better = _product(numbers, net, assigned, columns)
    if not net.amount.money and better is None:
        return None
    if better is not None:
        values.update(better)
    row = Row(line, values, boxes=[line.box])
    _rate(row, numbers, assigned, columns)
    row.words += [text] if (text := _description(line, columns)) else []
    return row


def part_of(line: Line, columns: Sequence[Column], evidence: Evidence) -> dict[str, Decimal]:
    """The numbers of a line that has none in the column of amounts, by their columns."""
    assigned = _assign(numbers_of(line, evidence), columns)
    return {} if "net_total" in assigned else {role: number.value for role, number in assigned.items()}


def _rate(row: Row, numbers: Sequence[Number], assigned: Mapping[str, Number], columns: Sequence[Column]) -> None:
    """The tax rate from its column; from a percentage elsewhere only where no column is one of discounts."""
    if "tax_rate" in row.numbers:
        if not RATES[0] <= row.numbers["tax_rate"] <= RATES[1]:
            del row.numbers["tax_rate"]
        return
    if any(column.role == "discount" for column in columns):
        return
    taken = [number for role, number in assigned.items() if role == "discount"]
    rates = [number.value for number in numbers if number.amount.percent and number not in taken]
    if rates and RATES[0] <= rates[-1] <= RATES[1]:
        row.numbers["tax_rate"] = rates[-1]


def _assign(numbers: Sequence[Number], columns: Sequence[Column]) -> dict[str, Number]:
    """Numbers to the columns they stand under; the nearest number wins a column."""
    best: dict[str, tuple[float, Number]] = {}
    for number in numbers:
        x0, _, x1, _ = number.box
        near = min(columns, key=lambda column: _distance(x0, x1, column))
        if near.role not in NUMERIC or near.role == "gross":
            continue
        if number.amount.percent and near.role not in ("tax_rate", "discount"):
            continue
        distance = _distance(x0, x1, near)
        if distance < 45 and (near.role not in best or distance < best[near.role][0]):
            best[near.role] = (distance, number)
    return {role: number for role, (_, number) in best.items()}


def _distance(x0: float, x1: float, column: Column) -> float:
    overlap = min(x1, column.x1) - max(x0, column.x0)
    edges = min(abs(x1 - column.x1), abs(x0 - column.x0), abs((x0 + x1 - column.x0 - column.x1) / 2))
    return edges * 0.3 if overlap > 0 else edges + 5


def _gives(quantity: Decimal, price: Decimal, discount: Decimal, net: Decimal) -> bool:
    """Whether quantity times price, less a discount in per cent, is the amount to the cent, prices being rounded."""
    allowed = max(
        ROUNDING, min(abs(quantity) * Decimal("0.005"), Decimal("0.5")) if price % Decimal("0.01") == 0 else ROUNDING
    )
    return abs(quantity * price * (100 - abs(discount)) / 100 - net) <= allowed


def _product(
    numbers: Sequence[Number], net: Number, assigned: Mapping[str, Number], columns: Sequence[Column]
) -> dict[str, Decimal] | None:
    """Quantity, price and amount of a row as they prove each other, nearest to what the columns say; else None."""
    roles = {column.role for column in columns}
    percents = [Decimal(0), *(number.value for number in numbers if number.amount.percent)]
    if "discount" in assigned:
        percents = [assigned["discount"].value, Decimal(0)]
    found: list[tuple[int, dict[str, Decimal]]] = []
    others = [number for number in numbers if number is not net and not number.amount.percent]
    for first, quantity in _readings(others):
        for second, price in _readings(others):
            if first is second:
                continue
            strange = (assigned.get("quantity") is not first) + (assigned.get("unit_price") is not second)
            strange += (quantity != first.value) + (price != second.value)
            if second.box[0] < first.box[0] and not {"quantity", "unit_price"} <= roles:
                strange += 1
            for amount in net.values:
                for percent in percents:
                    if quantity and amount and _exactly(quantity, price, percent, amount):
                        cost = strange + (amount != net.value) + (quantity == 1)
                        more = {"discount": percent} if percent else {}
                        found.append((cost, {"quantity": quantity, "unit_price": price, "net_total": amount, **more}))
    return min(found, key=lambda one: one[0])[1] if found else None


def _exactly(quantity: Decimal, price: Decimal, discount: Decimal, net: Decimal) -> bool:
    return abs(quantity * price * (100 - abs(discount)) / 100 - net) <= ROUNDING


def _readings(numbers: Sequence[Number]) -> Iterator[tuple[Number, Decimal]]:
    for number in numbers:
        for value in number.values:
            yield number, value


def proven_row(line: Line, evidence: Evidence) -> Row | None:
    """A row without known heads: two numbers whose product is the money at the end of the line, and words before."""
    numbers = numbers_of(line, evidence)
    money = [number for number in numbers if number.amount.money]
    if len(numbers) < 3 or len(money) < 2 or sum(letter.isalpha() for letter in line.text) < 3:
        return None
    for net in reversed(money):
        others = [number for number in numbers if number is not net and number.box[0] < net.box[0]]
        values = _product(others, net, {}, ())
        if values is None or (values["quantity"] == 1 and len(money) < 2):
            continue
        row = Row(line, values, boxes=[line.box])
        _rate(row, numbers, {}, ())
        cells = [cell.text for cell in line.cells if sum(letter.isalpha() for letter in cell.text) >= 3]
        row.words.append(max(cells, key=len, default=""))
        return row
    return None


def wraps(line: Line, last: Line, columns: Sequence[Column], room: float = 0.9) -> bool:
    """Whether a line without an amount is more of a description: under the last by `room` heights, in its column."""
    gap = line.box[1] - last.box[3]
    column = _described(columns)
    right = min((other.x0 for other in columns if column and other.x0 > column.x1), default=1e9)
    return gap < room * line.height and (column is None or column.x0 - 30 < line.box[0] < right)


def _described(columns: Sequence[Column]) -> Column | None:
    return next((column for column in columns if column.role == "description"), None)


def _description(line: Line, columns: Sequence[Column]) -> str:
    """The words of a line that stand under the description's head."""
    column = _described(columns)
    numeric = sorted(other.x0 for other in columns if other.role in NUMERIC)
    left = column.x0 - 6 if column else 0.0
    right = next((x for x in numeric if column is None or x > column.x1), 1e9)
    others = [other for other in columns if column and other.x1 < column.x0]
    start = max((other.x1 for other in others), default=0.0) if column else 0.0
    edge = min(left, max(start, 0.0) + 2 if others else left)
    return " ".join(
        word.text
        for word in line.words
        if word.box[0] >= edge
        and word.box[2] <= right + 8
        and word.box[0] < right - 3
        and not (word.box[2] > right - 20 and any(amount.money for amount in find_amounts(word.text)))
    )


def item(row: Row) -> LineItem:
    """A finished row."""
    return LineItem(
        description=re.sub(r"\s+", " ", " ".join(row.words)).strip(),
        quantity=row.quantity,
        unit_price=row.price,
        net_total=row.net,
        tax_rate=row.numbers.get("tax_rate"),
        page=row.line.page,
        box=union(row.boxes),
    )
