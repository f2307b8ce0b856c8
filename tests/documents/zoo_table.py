"""Draws the items of a made-up invoice: columns, rules, wrapped descriptions, rows carried over to the next page."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from tests.documents.zoo_bill import Bill, Item
from tests.documents.zoo_layout import Layout
from tests.documents.zoo_sheet import Sheet

_WIDTHS = {
    "pos": 24.0, "code": 52.0, "quantity": 46.0, "unit": 36.0, "price": 66.0, "discount": 44.0, "rate": 42.0,
    "net": 72.0, "tax": 56.0, "gross": 66.0, "service_date": 62.0,
}  # fmt: skip
_UPRIGHT = frozenset({"quantity", "price", "discount", "rate", "net", "tax", "gross"})


class ItemTable:
    """One table of items on a sheet. `turn` begins a new page and gives the y where it may go on."""

    def __init__(self, sheet: Sheet, made: Bill, layout: Layout, turn: Callable[[], float], bottom: float) -> None:
        self.sheet, self.made, self.layout, self.turn, self.bottom = sheet, made, layout, turn, bottom
        self.columns = tuple(key for key in layout.columns if not (made.gross_prices and key in ("tax", "gross")))
        self.size = min(sheet.look.size, 9.0) if len(self.columns) > 7 else sheet.look.size
        while self.size > 5.5 and not self._fits():
            self.size -= 0.5
        self.step = self.size * max(layout.gap, 1.25)
        self.places = self._places()
        self.left, self.right = layout.margin, sheet.look.width - layout.margin

    def _fits(self) -> bool:
        others = sum(self._needed(key) for key in self.columns if key != "text")
        return others + 110 <= self.sheet.look.width - 2 * self.layout.margin

    def _places(self) -> dict[str, tuple[float, float]]:
        """The left and right edge of each column; the description takes what is left over."""
        whole = self.sheet.look.width - 2 * self.layout.margin
        widths = {key: self._needed(key) for key in self.columns if key != "text"}
        widths["text"] = max(whole - sum(widths.values()), 60.0)
        shrink = whole / sum(widths.values())
        edges, x = {}, self.layout.margin
        for key in self.columns:
            edges[key] = (x, x + widths[key] * shrink)
            x += widths[key] * shrink
        return edges

    def _needed(self, key: str) -> float:
        """The width of a column: its usual one, or what its widest cell takes."""
        cells = [self.sheet.width_of(self._cell(key, item, 10), self.size) for item in self.made.items]
        head = max(self.sheet.width_of(part, self.size, True) for part in self._head(key))
        return max(_WIDTHS[key] * self.size / 11, *(wide + 10 for wide in cells), head + 9)

    def _head(self, key: str) -> list[str]:
        word = self.made.words["gross"] if key == "net" and self.made.gross_prices else self.made.words[key]
        if key in ("net", "price") and self.made.hand.item_mark == "{}" and self.layout.number % 4 == 1:
            word = f"{word} {self.made.country.currency}"
        if self.layout.heading_lines and " " in word and key != "text":
            first, _, rest = word.partition(" ")
            return [first, rest]
        return [word]

    def _cell(self, key: str, item: Item, position: int) -> str:
        hand, layout = self.made.hand, self.layout
        if key == "quantity":
            exact = -item.quantity.normalize().as_tuple().exponent  # type: ignore[operator]
            places = layout.quantity_places if layout.quantity_places is not None else max(exact, 0)
            unit = f" {item.unit}" if layout.units_in_quantity and "unit" not in self.columns else ""
            return hand.number(item.quantity, max(places, exact)) + unit
        tax = (item.net * item.rate / 100).quantize(Decimal("0.01"))
        texts = {
            "pos": lambda: str(position) if layout.number % 3 else f"{position * 10:04}",
            "code": lambda: item.code,
            "unit": lambda: item.unit,
            "price": lambda: hand.item_mark.format(hand.number(item.price, layout.places)),
            "discount": lambda: f"{item.discount} %" if item.discount else ("" if layout.number % 2 else "0 %"),
            "rate": lambda: hand.rate(item.rate) + ("%" if layout.number % 2 else " %" if layout.number % 3 else ""),
            "net": lambda: hand.item_money(item.net),
            "tax": lambda: hand.item_money(tax),
            "gross": lambda: hand.item_money(item.net + tax),
            "service_date": lambda: hand.date(item.on) if "%B" not in hand.dates else item.on.strftime("%d.%m."),
        }
        return texts[key]()

    def draw(self, y: float) -> float:
        """Draw all rows from y on; gives the y under the last one."""
        y = self._heads(y)
        carried = Decimal(0)
        for position, item in enumerate(self.made.items, start=1):
            tall = self._height(item)
            if y + tall > self.bottom - (self.step + 6 if self.layout.carry else 0):
                y = self._over(y, carried)
            y = self._row(y, position, item, tall)
            carried += item.net
        self._rule(y)
        return y

    def _over(self, y: float, carried: Decimal) -> float:
        words, amount = self.made.words, self.made.hand.item_money(carried)
        if self.layout.carry:
            self._sum_row(y, words["carried"], amount)
        y = self.turn()
        if self.layout.repeat_head:
            y = self._heads(y)
        if self.layout.carry:
            y = self._sum_row(y, words["brought"], amount)
        return y

    def _sum_row(self, y: float, label: str, amount: str) -> float:
        base = y + self.size * 1.15
        self.sheet.text(self.places["text"][0] + 3, base, label, size=self.size)
        self._put("net", base, amount)
        return y + self.step + 4

    def _put(self, key: str, base: float, text: str, bold: bool = False) -> None:
        left, right = self.places[key]
        if key not in _UPRIGHT or (self.layout.upright_numbers == "left" and key != "net"):
            self.sheet.text(left + 3, base, text, size=self.size, bold=bold)
        elif self.layout.upright_numbers == "middle" and key != "net":
            self.sheet.text((left + right) / 2, base, text, size=self.size, bold=bold, at="middle")
        else:
            self.sheet.text(right - 3, base, text, size=self.size, bold=bold, at="right")

    def _heads(self, y: float) -> float:
        lines = max(len(self._head(key)) for key in self.columns)
        tall = self.step * lines + 4
        if self.layout.ruling in ("shaded", "zebra"):
            self.sheet.box(self.left, y, self.right, y + tall, fill=0.85, border=False)
        if self.layout.ruling in ("grid", "outer"):
            self._cells(y, tall)
        elif self.layout.ruling in ("rows", "head"):
            self._rule(y)
            self._rule(y + tall)
        for key in self.columns:
            for index, part in enumerate(self._head(key)):
                self._put(key, y + self.size * 1.15 + index * self.step, part, bold=self.layout.ruling != "none")
        return y + tall + 2

    def _cells(self, y: float, tall: float) -> None:
        self.sheet.box(self.left, y, self.right, y + tall)
        for key in self.columns[1:]:
            self.sheet.rule(self.places[key][0], y, self.places[key][0], y + tall)

    def _rule(self, y: float) -> None:
        if self.layout.ruling in ("grid", "rows", "head", "outer"):
            self.sheet.rule(self.left, y, self.right, y)

    def _lines(self, item: Item) -> list[str]:
        left, right = self.places["text"]
        lines = self.sheet.wrapped(item.text, right - left - 8, self.size)
        for detail in item.details:
            lines += self.sheet.wrapped(detail, right - left - 8, self.size)
        return lines

    def _height(self, item: Item) -> float:
        return len(self._lines(item)) * self.step + 4

    def _row(self, y: float, position: int, item: Item, tall: float) -> float:
        lines, step = self._lines(item), self.step
        if self.layout.ruling == "zebra" and position % 2 == 0:
            self.sheet.box(self.left, y - 1, self.right, y + tall - 1, fill=0.93, border=False)
        if self.layout.ruling == "grid":
            self._cells(y - 2, tall)
        first = y + self.size * 1.05
        for index, line in enumerate(lines):
            self.sheet.text(self.places["text"][0] + 3, first + index * step, line, size=self.size)
        down = {"top": 0.0, "middle": (len(lines) - 1) / 2, "bottom": float(len(lines) - 1)}[self.layout.valign] * step
        for key in self.columns:
            if key != "text":
                self._put(key, first + down, self._cell(key, item, position))
        if self.layout.ruling == "rows":
            self._rule(y + tall - 2)
        return y + tall
