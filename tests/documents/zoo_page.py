"""Draws a made-up invoice in a layout: letterhead, addresses, numbers and dates, items, sums, footer."""

from __future__ import annotations

import random
from typing import Any

from tests.documents.zoo_bill import Bill
from tests.documents.zoo_layout import Layout
from tests.documents.zoo_people import spaced
from tests.documents.zoo_sheet import Look, Sheet
from tests.documents.zoo_table import ItemTable
from tests.documents.zoo_totals import Totals, terms

Pair = tuple[str, str]


def printed_tax_id(compact: str, rng: random.Random, *, foreign: bool = False) -> str:
    """A tax id as vendors print it: grouped, at home often without the letters of its country."""
    if foreign:
        return compact
    land, body = (compact[:2], compact[2:]) if not compact.startswith("CHE") else ("CHE", compact[3:])
    if compact[2:3] == "-":
        return compact
    if land == "CHE":
        return f"CHE-{body[:3]}.{body[3:6]}.{body[6:]}" + rng.choice((" MWST", "", " TVA"))
    if land == "PL":
        return rng.choice((body, f"{body[:3]}-{body[3:6]}-{body[6:8]}-{body[8:]}", compact))
    if land in ("ES", "PT", "IT"):
        return rng.choice((body, body, compact))
    if land == "GB":
        return rng.choice(
            (compact, f"GB {body[:3]} {body[3:7]} {body[7:]}", f"{body[:3]} {body[3:7]} {body[7:]}", body)
        )
    if land == "BE":
        return rng.choice((compact, f"BE {body[:4]}.{body[4:7]}.{body[7:]}", f"BE {body}"))
    if land == "FR":
        return rng.choice((compact, f"FR {body[:2]} {body[2:5]} {body[5:8]} {body[8:]}", f"FR{body[:2]} {body[2:]}"))
    if land == "DE":
        return rng.choice((compact, compact, f"DE {body[:3]} {body[3:6]} {body[6:]}"))
    return compact


class Painter:
    """Draws one invoice. After `draw`, `printed` tells what stands on the page."""

    def __init__(self, made: Bill, layout: Layout, rng: random.Random) -> None:
        letter = made.country.land == "US"
        family = "DejaVu" if made.country.language == "pl" and layout.number % 2 else layout.family
        family = (
            "Liberation" if made.country.language == "pl" and family in ("Helvetica", "Times", "Courier") else family
        )
        look = Look(612.0 if letter else 595.0, 792.0 if letter else 842.0, family, layout.size)
        self.made, self.layout, self.rng, self.sheet = made, layout, rng, Sheet(look)
        self.left, self.right = layout.margin, look.width - layout.margin
        self.step = layout.size * layout.gap
        self.page = 1
        self.foot = look.height - 96
        self.foreign = made.buyer.country.land != made.country.land
        columns = layout.columns
        self.printed: dict[str, Any] = {
            "quantity": "quantity" in columns, "price": "price" in columns, "rate": "rate" in columns,
            "seller_vat_id": None, "buyer_vat_id": None, "iban": None,
        }  # fmt: skip
        self.has_id = rng.random() < (0.4 if letter else 0.92)
        self.buyer_id = made.reverse or (rng.random() < 0.25 and not letter)
        self.with_bank = bool(made.seller.iban) and rng.random() < 0.85
        self.pages = rng.random() < 0.6

    def draw(self) -> bytes:
        """The finished PDF."""
        y = self._letterhead(40.0)
        y = self._addresses(y)
        y = self._numbers(y)
        if self.rng.random() < 0.3:
            y = self._line(y + 6, self.made.words["intro"]) + 4
        table = ItemTable(self.sheet, self.made, self.layout, self._turn, self.foot - 20)
        y = table.draw(y + 10)
        totals = Totals(self.sheet, self.made, self.layout, self.printed)
        closing = [*terms(self.made), *self._payment()]
        if y + totals.height() + len(closing) * self.step > self.foot - 10:
            y = self._turn()
        if self.layout.terms == "above_totals":
            y = self._block(self.left, y + 10, closing)
            closing = []
        y = totals.draw(y)
        y = self._block(self.left, y + 14, closing)
        if self.rng.random() < 0.5 and y < self.foot - 30:
            self._line(y + 10, self.made.words["thanks"])
        self._footer()
        return self.sheet.pdf()

    # -- small strokes

    def _line(self, y: float, text: str, **kind: Any) -> float:
        self.sheet.text(self.left, y + self.layout.size, text, **kind)
        return y + self.step

    def _block(self, x: float, y: float, lines: list[str], *, size: float | None = None, at: str = "left") -> float:
        for line in lines:
            self.sheet.text(x, y + (size or self.layout.size), line, size=size, at=at)
            y += (size or self.layout.size) * self.layout.gap
        return y

    def _turn(self) -> float:
        self._footer()
        self.sheet.turn()
        self.page += 1
        if self.layout.number % 3 == 0:
            text = f"{self.made.words['number']} {self.made.number}"
            self.sheet.text(self.left, 48, text, size=8)
        return 70.0

    def _id_line(self) -> list[str]:
        """The seller's tax id with its label, once."""
        made = self.made
        if not self.has_id:
            return []
        self.printed["seller_vat_id"] = made.seller.tax_id
        label = "EIN" if made.country.land == "US" else made.words["vat_id"]
        return [f"{label}{self.layout.colon} {printed_tax_id(made.seller.tax_id, self.rng)}"]

    def _contact(self) -> list[str]:
        seller, words = self.made.seller, self.made.words
        return [
            f"{words['phone']} {seller.phone}",
            f"info@{seller.domain}",
            *([f"www.{seller.domain}"] if self.layout.number % 2 else []),
        ]

    def _bank(self) -> list[str]:
        if not self.with_bank:
            return []
        self.printed["iban"] = self.made.seller.iban
        lines = [f"IBAN{self.layout.colon} {spaced(self.made.seller.iban)}"]
        if self.layout.number % 2:
            lines.append(f"BIC{self.layout.colon} {'NWBKGB2L' if self.made.country.land == 'GB' else 'MARKDEF1100'}")
        return lines

    def _register(self) -> list[str]:
        seller, words = self.made.seller, self.made.words
        city = seller.city.split()[-1]
        return [words["register"].format(city=city, reg=seller.digits[:6]), f"{words['tax_no']} {seller.digits[:9]}"]

    def _payment(self) -> list[str]:
        """What stands under the totals besides the terms: where to pay, and ids that are nowhere else."""
        lines: list[str] = []
        if self.layout.ids == "payment":
            lines += self._id_line()
        if self.layout.footer in ("none", "line"):
            bank = self._bank()
            lines += [self.made.words["bank"], *bank] if bank else []
        if self.rng.random() < 0.15:
            lines.append(f"{self.made.words['remit']}: {self.made.seller.name}")
        return lines

    # -- head

    def _letterhead(self, y: float) -> float:
        seller, sheet, head = self.made.seller, self.sheet, self.layout.head
        lines = [*seller.address(), *(self._contact() if self.layout.footer in ("none", "line") else [])]
        if self.layout.ids == "head":
            lines += self._id_line()
        if self.layout.footer == "none":
            lines += self._register()[:1]
        if head in ("left_block", "logo_left"):
            if head == "logo_left":
                sheet.logo(self.left, y - 10, 30)
                y += 30
            sheet.text(self.left, y + 10, seller.name, size=self.layout.size * 1.5, bold=True)
            return self._block(self.left, y + 18, lines) + 10
        if head == "right_block":
            sheet.text(self.right, y + 10, seller.name, size=self.layout.size * 1.3, bold=True, at="right")
            return self._block(self.right, y + 18, lines, at="right") + 10
        if head == "centre":
            middle = sheet.look.width / 2
            sheet.text(middle, y + 10, seller.name, size=self.layout.size * 1.7, bold=True, at="middle")
            sign = (" - ", " · ", " | ", ", ")[self.layout.number % 4]
            parts = [sign.join(lines[:2]), sign.join(lines[2:])] if len(lines) > 3 else [sign.join(lines)]
            return (
                self._block(middle, y + 20, [part for part in parts if part], at="middle", size=self.layout.size * 0.9)
                + 14
            )
        if head == "wordmark":
            sheet.text(self.left, y + 14, seller.brand, size=self.layout.size * 2.4, bold=True)
            return y + 40
        if head == "sender_window":
            if self.layout.number % 2:
                sheet.text(self.right, y + 12, seller.brand, size=18, bold=True, at="right", grey=0.3)
            else:
                sheet.logo(self.right - 60, y - 8, 34)
            return y + 62
        if head == "footer_only":
            sheet.logo(self.left, y - 8, 40)
            return y + 50
        self.head_lines = lines
        return y + 8

    def _addresses(self, y: float) -> float:
        head = self.layout.head
        if self.layout.title == "right":
            self.sheet.text(
                self.right, 58 if head != "right_block" else y + 12, self._title(), size=20, bold=True, at="right"
            )
        if head in ("two_boxes", "two_columns"):
            return self._pair_of_parties(y + (16 if self.layout.title == "right" else 0))
        return self._one_party(y)

    def _title(self) -> str:
        return self.made.words["credit" if self.made.credit else "title"]

    def _buyer_lines(self) -> list[str]:
        made = self.made
        lines = [made.buyer.name]
        if self.rng.random() < 0.25:
            lines.append(
                {"de": "z. Hd. ", "en": "Attn: ", "fr": "À l'attention de "}.get(made.country.language, "")
                + made.buyer.person
            )
        lines += made.buyer.address(self.foreign)
        if self.buyer_id and self.layout.number % 2:
            self.printed["buyer_vat_id"] = made.buyer.tax_id
            lines.append(
                f"{made.words['vat_id']}{self.layout.colon} {printed_tax_id(made.buyer.tax_id, self.rng, foreign=self.foreign)}"
            )
        return lines

    def _pair_of_parties(self, y: float) -> float:
        words, made = self.made.words, self.made
        middle = (self.left + self.right) / 2
        sides = [(words["seller"], [made.seller.name, *self.head_lines]), (words["buyer"], self._buyer_lines())]
        if self.layout.number % 5 == 0:
            sides.reverse()
        tall = (max(len(lines) for _, lines in sides) + 1) * self.step + 12
        for (label, lines), x in zip(sides, (self.left, middle + 6), strict=True):
            if self.layout.head == "two_boxes":
                self.sheet.box(x, y, x + (self.right - self.left) / 2 - 8, y + tall)
            self.sheet.text(
                x + 5,
                y + self.layout.size + 3,
                f"{label.rstrip(':')}{self.layout.colon}",
                bold=True,
                size=self.layout.size,
            )
            self._block(x + 5, y + self.step + 6, lines)
        return y + tall + 12

    def _one_party(self, y: float) -> float:
        made, words, kind = self.made, self.made.words, self.layout.buyer
        x = self.left if kind != "right" else self.right - 200
        if self.layout.head == "sender_window":
            sign = (" · ", " - ", ", ", " | ", " • ")[self.layout.number % 5]
            self.sheet.text(x, y, sign.join([made.seller.name, *made.seller.address()]), size=6.5)
            y += 12
        lines = self._buyer_lines()
        ship = [words["ship"].rstrip(":") + ":", made.ship.name, *made.ship.address()]
        start = y
        label = words["buyer"].rstrip(":")
        if kind == "labelled":
            y = self._block(x, y, [f"{label}{self.layout.colon}"])
        elif kind == "salutation":
            greeting = {
                "de": "An",
                "fr": "À l'attention de",
                "it": "Spett.le",
                "pt": "Exmo.(s) Sr.(s)",
                "nl": "Aan",
                "es": "Sr./Sra.",
            }
            y = self._block(x, y, [greeting.get(made.country.language, label)])
        if kind == "inline":
            lines[0] = f"{label}: {lines[0]}"
        y = self._block(x, y, lines)
        self.window = (start, y)
        if self.layout.ship == "beside" and kind != "right":
            self._block(
                max(self.left + (self.right - self.left) * 0.5, self.left + max(map(self.sheet.width_of, lines)) + 16),
                start,
                ship,
            )
            y = max(y, start + len(ship) * self.step)
        elif self.layout.ship == "below":
            y = self._block(x, y + 8, ship)
        return y + 12

    # -- numbers and dates

    def _pairs(self) -> list[Pair]:
        made, words, rng, hand = self.made, self.made.words, self.rng, self.made.hand
        first = [(words["number"], made.number), (words["date"], hand.date(made.issued))]
        if rng.random() < 0.3:
            first.reverse()
        more: list[Pair] = []
        if made.due_as == "date":
            more.append((words["due"], hand.date(made.due)))
        if made.order:
            more.append((words["order"], made.order))
        if rng.random() < 0.6:
            more.append((words["customer_no"], made.customer_no))
        if rng.random() < 0.3:
            more.append((words["delivery_no"], made.delivery_no))
        if rng.random() < 0.4:
            more.append((words["delivered"], hand.date(made.items[0].on)))
        if rng.random() < 0.25:
            more.append((words["contact"], made.seller.person))
        if self.buyer_id and not self.layout.number % 2:
            self.printed["buyer_vat_id"] = made.buyer.tax_id
            more.append((words["buyer_vat"], printed_tax_id(made.buyer.tax_id, rng, foreign=self.foreign)))
        if self.layout.ids == "meta":
            label, _, value = (self._id_line() or [""])[0].partition(f"{self.layout.colon} ")
            more += [(label, value)] if value else []
        rng.shuffle(more)
        if rng.random() < 0.2 and self.layout.meta not in ("title_line", "sentence"):
            more.insert(0, first.pop())
            rng.shuffle(more)
        return first + more

    def _numbers(self, y: float) -> float:
        kind, title = self.layout.meta, self.layout.title
        pairs = self._pairs()
        sheet, size = self.sheet, self.layout.size
        beside = kind in ("list_right", "list_colon", "right_flush", "stacked") and hasattr(self, "window")
        beside = beside and self.layout.buyer != "right" and self.layout.ship != "beside"
        if kind == "title_line":
            y = self._title_line(y, pairs)
            pairs = pairs[2:]
        elif title == "spread":
            sheet.text(self.left, y + 18, self._title().upper(), size=16, bold=True, spread=7)
            y += 30
        elif title == "centre":
            sheet.text(sheet.look.width / 2, y + 16, self._title(), size=17, bold=True, at="middle")
            y += 28
        elif title in ("left", "small"):
            y = self._line(y, self._title(), bold=title == "left", size=size * (1.7 if title == "left" else 1.0)) + 12
        if kind == "sentence":
            (a, b), (c, d) = pairs[:2]
            y = self._line(y, f"{a}: {b}   {c}: {d}" if self.layout.number % 2 else f"{a} {b} / {c} {d}") + 6
            pairs = pairs[2:]
        if kind in ("grid", "cells"):
            return self._grid(y, pairs, whole=kind == "cells")
        if kind in ("two_lists", "list_left", "title_line", "sentence"):
            return self._two_lists(y, pairs, 2 if kind == "two_lists" else 1)
        start = self.window[0] if beside else y
        under = self._right_list(start, pairs)
        return max(under, y) + 6

    def _title_line(self, y: float, pairs: list[Pair]) -> float:
        made, hand = self.made, self.made.hand
        on = {"en": "of", "de": "vom", "fr": "du", "es": "de", "it": "del", "nl": "van", "pt": "de", "pl": "z dnia"}[
            made.country.language
        ]
        sign = {"en": "No.", "de": "Nr.", "fr": "N°", "es": "nº", "it": "n.", "nl": "nr.", "pt": "n.º", "pl": "nr"}[
            made.country.language
        ]
        numbered = f"{self._title()} {sign} {made.number}"
        day = hand.date(made.issued)
        if self.layout.number % 3 == 0:
            return self._line(y, f"{numbered} {on} {day}", bold=True, size=self.layout.size * 1.3) + 10
        y = self._line(y, numbered, bold=True, size=self.layout.size * 1.5) + 6
        city = " ".join(part for part in made.seller.city.split() if not any(letter.isdigit() for letter in part))
        text = (
            f"{city.split(',')[0].split(' (')[0]}, {day}"
            if self.layout.number % 3 == 1
            else f"{made.words['date']}: {day}"
        )
        if self.layout.number % 2:
            self.sheet.text(self.right, y + self.layout.size, text, at="right")
            return y + self.step + 6
        return self._line(y, text) + 6

    def _grid(self, y: float, pairs: list[Pair], *, whole: bool) -> float:
        """Heads over values, ruled; with `whole`, both in one small-headed box, three in a row."""
        sheet, size = self.sheet, self.layout.size
        across = 3 if whole else min(len(pairs), 5)
        wide = (self.right - self.left) / across
        tall = size * (2.6 if whole else 2.9)
        small = 6.5 if whole else size * 0.95
        for index, (label, value) in enumerate(pairs[: 6 if whole else 10]):
            x, top = self.left + index % across * wide, y + index // across * tall
            sheet.box(x, top, x + wide, top + tall)
            while sheet.width_of(label, small, not whole) > wide - 6:
                small -= 0.5
            sheet.text(x + 4, top + small + 2, label, size=small, bold=not whole)
            fit = size
            while sheet.width_of(value, fit) > wide - 6:
                fit -= 0.5
            sheet.text(x + 4, top + tall - 4, value, size=fit)
        return y + tall * (-(-min(len(pairs), 6 if whole else 10) // across)) + 6

    def _two_lists(self, y: float, pairs: list[Pair], columns: int) -> float:
        if not pairs:
            return y
        rows = -(-len(pairs) // columns)
        for column in range(columns):
            x = self.left + column * (self.right - self.left) / 2
            part = pairs[column * rows : (column + 1) * rows]
            wide = max((self.sheet.width_of(f"{label} :") for label, _ in part), default=0) + 8
            for index, (label, value) in enumerate(part):
                base = y + self.layout.size + index * self.step
                self.sheet.text(x, base, f"{label}{self.layout.colon}")
                self.sheet.text(x + wide, base, value)
        return y + rows * self.step + 6

    def _right_list(self, y: float, pairs: list[Pair]) -> float:
        sheet, kind, colon = self.sheet, self.layout.meta, self.layout.colon
        wide = max(sheet.width_of(f"{label} :") for label, _ in pairs) + 6
        values = max(sheet.width_of(value) for _, value in pairs)
        x = min(max(sheet.look.width * 0.58, self.left + 210), self.right - wide - values)
        for label, value in pairs:
            base = y + self.layout.size
            if kind == "stacked":
                sheet.text(x, base, label, size=self.layout.size * 0.85, bold=True)
                sheet.text(x, base + self.step, value)
                y += self.step * 2 + 2
                continue
            if kind == "list_colon":
                sheet.text(x, base, f"{label}{colon} {value}")
            elif kind == "right_flush":
                sheet.text(x, base, f"{label}{colon}")
                sheet.text(self.right, base, value, at="right")
            else:
                sheet.text(x, base, f"{label}{colon}", bold=self.layout.number % 2 == 0)
                sheet.text(x + wide, base, value)
            y += self.step
        return y

    # -- foot

    def _footer(self) -> None:
        made, sheet, kind = self.made, self.sheet, self.layout.footer
        seller = made.seller
        y, size = self.foot + 22, 7.0
        if self.pages:
            text = made.words["page"].format(a=self.page, b=self.page)
            sheet.text(self.right, sheet.look.height - 18, text, size=7, at="right")
        if kind in ("none",):
            return
        ids = self._id_line() if self.layout.ids == "footer" else []
        company = [seller.name, *seller.address()]
        bank, contact = self._bank() if kind != "line" else [], self._contact()
        if kind == "line":
            sign = (" | ", " · ", " - ", "  ")[self.layout.number % 4]
            self._block(
                sheet.look.width / 2,
                y,
                [sign.join([*company, *contact[:1]]), sign.join([*ids, *self._register()])],
                size=size,
                at="middle",
            )
            return
        if kind == "block":
            self._block(self.left, y, [", ".join(company), ", ".join(contact), *bank], size=size)
            return
        columns = {
            "columns2": [company, [*contact[:2], *ids, *bank]],
            "columns3": [company, [*contact, *self._register()[:1]], [*bank, *ids]],
            "columns4": [company, contact, [made.words["bank"], *bank] if bank else [], [*ids, *self._register()]],
        }[kind]
        if self.layout.number % 2:
            sheet.rule(self.left, y - 6, self.right, y - 6)
        wide = (self.right - self.left) / len(columns)
        while any("IBAN" in line and sheet.width_of(line, size) > wide - 9 for lines in columns for line in lines):
            size -= 0.25
        for index, lines in enumerate(columns):
            fitting = [part for line in lines for part in sheet.wrapped(line, wide - 8, size)]
            self._block(self.left + index * wide, y, fitting, size=size)
