"""Draws what stands under the items: sums, taxes by rate, what was paid before, and when to pay."""

from __future__ import annotations

from tests.documents.zoo_bill import Bill
from tests.documents.zoo_layout import Layout
from tests.documents.zoo_sheet import Sheet

Row = tuple[str, str, bool]


class Totals:
    """The sums of an invoice. `printed` tells afterwards which of them stand on the page."""

    def __init__(self, sheet: Sheet, made: Bill, layout: Layout, printed: dict[str, object]) -> None:
        self.sheet, self.made, self.layout, self.printed = sheet, made, layout, printed
        self.size = sheet.look.size
        self.step = self.size * 1.5
        self.left, self.right = layout.margin, sheet.look.width - layout.margin

    def draw(self, y: float) -> float:
        """Draw the sums from y on; gives the y under them."""
        rows = self._rows()
        kind = self.layout.totals
        if kind == "grid_row" and len(rows) <= 5:
            return self._grid_row(y + 8, rows)
        y += 10
        if self.layout.breakdown in ("table", "table_left") and self.made.tax:
            under = self._table(y, beside=self.layout.breakdown == "table_left")
            if self.layout.breakdown == "table":
                y = under + 8
            return max(self._list(y, rows), under)
        return self._list(y, rows)

    def height(self) -> float:
        """How much room the sums take."""
        tables = (len(self.made.bases) + 2) * self.step if self.layout.breakdown == "table" else 0
        return len(self._rows()) * self.step + tables + 30

    def _rows(self) -> list[Row]:
        made, words, money = self.made, self.made.words, self.made.hand.money
        between = [
            (words[key], money(value), False)
            for key, value in (("rebate", made.rebate), ("shipping", made.shipping))
            if value
        ]
        rows: list[Row] = []
        self.printed.update(net=True, tax=True, breakdown=bool(made.taxes))
        taxes = self._taxes()
        if made.gross_prices:
            self.printed.update(net=False, tax=len(made.taxes) == 1, breakdown=False)
            incl = [
                (words["included"].format(rate=made.hand.rate(rate)), money(tax), False)
                for rate, tax in made.taxes.items()
            ]
            return [(words["total"], money(made.total), True), *incl]
        if between:
            rows = [(words["goods"], money(made.goods), False), *between]
        if between and self.layout.number % 2:
            self.printed.update(net=False, breakdown=False)
        else:
            rows.append((words["net_total"], money(made.net), False))
        rows += taxes
        rows.append((words["total"], money(made.total), True))
        if made.prepaid:
            rows += [
                (words["prepaid"], money(-made.prepaid), False),
                (words["open"], money(made.total - made.prepaid), True),
            ]
        return rows

    def _taxes(self) -> list[Row]:
        made, words, hand = self.made, self.made.words, self.made.hand
        if not made.tax:
            if made.reverse or made.country.land != "US" or self.layout.number % 2:
                self.printed.update(tax=False, breakdown=False)
                return []
            return [(words["tax_total"], hand.money(made.tax), False)]
        style = self.layout.breakdown
        if style in ("plain", "table", "table_left"):
            if style == "plain" and len(made.taxes) > 1:
                self.printed.update(breakdown=False)
            if style == "plain" and len(made.taxes) == 1:
                rate = next(iter(made.taxes))
                return [(words["tax_rated"].format(rate=hand.rate(rate)), hand.money(made.tax), False)]
            return [(words["tax_total"], hand.money(made.tax), False)]
        if len(made.taxes) > 1:
            self.printed.update(tax=False, breakdown=style == "rows_on")
        pattern = words["tax_on"] if style == "rows_on" else words["tax_rated"]
        return [
            (pattern.format(rate=hand.rate(rate), basis=hand.number(made.bases[rate])), hand.money(tax), False)
            for rate, tax in made.taxes.items()
        ]

    def _list(self, y: float, rows: list[Row]) -> float:
        kind, sheet = self.layout.totals, self.sheet
        right = self.right - 3
        wide = max(sheet.width_of(label, None, bold) for label, _, bold in rows)
        amounts = max(sheet.width_of(amount, None, bold) for _, amount, bold in rows)
        left = max(right - max(wide + amounts + 24, 190), self.left)
        if kind == "left_list":
            left, right = self.left, self.left + wide + amounts + 30
        if kind == "boxed":
            sheet.box(left - 6, y - 2, self.right + 2, y + len(rows) * self.step + 4)
        for label, amount, bold in rows:
            base = y + self.size * 1.1
            if kind == "in_table":
                sheet.rule(self.left, y - 1, self.right, y - 1)
            text = f"{label}{self.layout.colon.strip()}"
            if kind == "right_labels":
                sheet.text(right - amounts - 14, base, text, bold=bold, at="right")
            else:
                end = sheet.text(left, base, text, bold=bold)
                if kind == "leaders":
                    dots = int((right - amounts - 6 - end) / sheet.width_of("."))
                    sheet.text(end + 2, base, "." * max(dots - 1, 0))
            if bold and kind in ("right_list", "right_labels"):
                sheet.rule(left, y - 1, right, y - 1)
            sheet.text(right, base, amount, bold=bold, at="right")
            y += self.step
        return y + 4

    def _grid_row(self, y: float, rows: list[Row]) -> float:
        """Heads over values in one ruled row."""
        wide = (self.right - self.left) / len(rows)
        tall = self.step * 2 + 2
        for index, (label, amount, bold) in enumerate(rows):
            x = self.left + index * wide
            self.sheet.box(x, y, x + wide, y + tall)
            size = self.size
            while self.sheet.width_of(label, size, True) > wide - 6 and size > 5.5:
                size -= 0.5
            self.sheet.text(x + 4, y + self.size * 1.1, label, size=size, bold=True)
            self.sheet.text(x + wide - 4, y + self.size * 1.1 + self.step, amount, bold=bold, at="right")
        return y + tall + 6

    def _table(self, y: float, *, beside: bool) -> float:
        """Taxes by rate: rate, what it is on, amount; with a sum where there are several."""
        words, hand, made = self.made.words, self.made.hand, self.made
        edges = (self.left, self.left + 60, self.left + 145, self.left + 215)
        if beside and self.layout.totals in ("left_list", "in_table"):
            beside = False
        shift = 0.0 if beside or self.layout.number % 2 else (self.right - edges[-1])
        edges = (edges[0] + shift, edges[1] + shift, edges[2] + shift, edges[3] + shift)
        size = min(self.size, 8.5)
        if self.layout.number % 3 == 0:
            self.sheet.text(edges[0], y + size, words["breakdown"], size=size, bold=True)
            y += self.step
        rows = [(words["head_rate"], words["head_basis"], words["head_tax"])]
        rows += [
            (f"{hand.rate(rate)} %", hand.number(basis), hand.number(made.taxes[rate]))
            for rate, basis in made.bases.items()
        ]
        if len(made.bases) > 1 and self.layout.number % 2:
            rows.append(("", hand.number(made.net), hand.number(made.tax)))
        for index, (rate, basis, tax) in enumerate(rows):
            self.sheet.text(edges[0] + 2, y + size, rate, size=size, bold=not index)
            self.sheet.text(edges[2], y + size, basis, size=size, bold=not index, at="right")
            self.sheet.text(edges[3], y + size, tax, size=size, bold=not index, at="right")
            y += size * 1.4
        return y + 2


def terms(made: Bill) -> list[str]:
    """What the invoice says about paying, as sentences."""
    words, lines = made.words, []
    if made.due_as == "terms":
        lines.append(words["terms"].format(n=made.days))
    if made.due_as == "sentence":
        lines.append(words["due_sentence"].format(date=made.hand.date(made.due)))
    if made.due_as and made.days > 14 and int(made.seller.digits[0]) > 7:
        lines.append(words["early"].format(n=made.days))
    if made.reverse:
        lines.append(words["reverse"])
    return lines
