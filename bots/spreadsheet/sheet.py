"""The rows of one sheet as bytes, and the changes made to them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from bots.spreadsheet import markup
from bots.spreadsheet.address import Area, place
from bots.spreadsheet.markup import Element
from bots.spreadsheet.package import Package

_HOLDS = re.compile(rb"<(?:\w+:)?(?:v|is|f)[\s/>]")


class Sheet:
    """`put(row, {column: cell})` replaces or adds cells; `store` writes the part back with all of it."""

    def __init__(self, package: Package, part: str) -> None:
        self.package = package
        self.part = part
        self.data, self.root = package.parse(part, ("row",))
        held = self.root.child("sheetData")
        self.rows: dict[int, Element] = {}
        self.changes: dict[int, dict[int, bytes]] = {}
        self.body = held
        for element in held.all("row") if held is not None else ():
            number = int(element.attributes.get("r") or max(self.rows, default=0) + 1)
            self.rows[number] = element

    @property
    def prefix(self) -> str:
        return self.root.prefix

    def cells(self, row: int) -> dict[int, Element]:
        """The cells of a row as they were, by column; their places are within `row_data(row)`."""
        if row not in self.rows:
            return {}
        found: dict[int, Element] = {}
        for element in markup.parse(self.row_data(row)).all("c"):
            written = element.attributes.get("r")
            found[place(written)[1] if written else max(found, default=0) + 1] = element
        return found

    def row_data(self, row: int) -> bytes:
        element = self.rows[row]
        return self.data[element.start : element.end]

    def style(self, row: int, column: int) -> int | None:
        """The style of a cell, or None where there is no cell."""
        element = self.cells(row).get(column)
        return None if element is None else int(element.attributes.get("s", 0))

    def column_style(self, column: int) -> int:
        held = self.root.child("cols")
        for one in held.all("col") if held is not None else ():
            if int(one.attributes["min"]) <= column <= int(one.attributes["max"]):
                return int(one.attributes.get("style", 0))
        return 0

    def last_row(self, left: int, right: int, bottom: int | None = None, but: Collection[int] = ()) -> int:
        """The last row, not below `bottom`, that holds something in these columns (`but` those); 0 if none does."""
        for number in sorted(self.rows, reverse=True):
            if (bottom is None or number <= bottom) and self.holds(number, left, right, but):
                return number
        return 0

    def holds(self, row: int, left: int, right: int, but: Collection[int] = ()) -> bool:
        """Whether a value or a formula stands in these columns of a row."""
        if row not in self.rows or not _HOLDS.search(self.row_data(row)):
            return False
        return any(left <= at <= right and at not in but and one.children for at, one in self.cells(row).items())

    def formula(self, row: int, column: int) -> Element | None:
        element = self.cells(row).get(column)
        return None if element is None else element.child("f")

    def put(self, row: int, cells: Mapping[int, bytes]) -> None:
        self.changes.setdefault(row, {}).update(cells)

    def store(self) -> None:
        """Write the part with all changes. Areas that Excel checks or colours grow by `grow`, not here."""
        if self.changes:
            edits = list(self._row_edits())
            edits += self._dimension()
            self.package.put(self.part, markup.splice(self.data, edits))

    def _row_edits(self) -> Iterator[markup.Edit]:
        assert self.body is not None  # every sheet has one, if empty
        fresh = {number: self._new_row(number) for number in sorted(self.changes) if number not in self.rows}
        following = sorted(self.rows)
        if self.body.empty:
            yield markup.inside(self.data, self.body, b"".join(fresh.values()))
            return
        for number, xml in fresh.items():
            after = next((self.rows[one].start for one in following if one > number), self.body.close)
            yield after, after, xml
        for number in self.changes:
            if number in self.rows:
                element = self.rows[number]
                yield element.start, element.end, self._changed_row(number)

    def _new_row(self, number: int) -> bytes:
        cells = b"".join(xml for _, xml in sorted(self.changes[number].items()))
        return f'<{self.prefix}row r="{number}">'.encode() + cells + f"</{self.prefix}row>".encode()

    def _changed_row(self, number: int) -> bytes:
        data = self.row_data(number)
        changes = self.changes[number]
        kept = {column: data[one.start : one.end] for column, one in self.cells(number).items()}
        kept |= changes
        row = markup.parse(data)
        tag = markup.opening(data, row, spans=None)[2]  # the spans are a hint, and no longer true
        head = tag[:-2].rstrip() + b">" if row.empty else tag
        cells = b"".join(xml for _, xml in sorted(kept.items()))
        return head + cells + f"</{row.name}>".encode()

    def _dimension(self) -> list[markup.Edit]:
        held = self.root.child("dimension")
        if held is None:
            return []
        area = Area.parse(held.attributes["ref"])
        rows = list(self.changes)
        columns = [column for cells in self.changes.values() for column in cells]
        top, left = min(area.top, *rows), min(area.left, *columns, area.left)
        grown = Area(top, left, max(area.bottom, *rows), max(area.right, *columns, area.right))
        return [markup.opening(self.data, held, ref=str(grown))]


def grow(package: Package, part: str, last: int, by: int) -> None:
    """Let the filter, the checks and the colours that end in row `last` of a sheet cover `by` rows more."""
    data, root = package.parse(part, ("sheetData",))
    edits = []
    for element in _with_areas(root):
        name = "ref" if element.tag == "autoFilter" else "sqref"
        areas = element.attributes[name].split()
        grown = [_grown(area, last, by, element.tag == "autoFilter") for area in areas]
        if grown != areas:
            edits.append(markup.opening(data, element, **{name: " ".join(grown)}))
    if edits:
        package.edit(part, *edits)


def _with_areas(root: Element) -> Iterator[Element]:
    for element in root.children:
        if element.tag in ("autoFilter", "conditionalFormatting"):
            yield element
        if element.tag == "dataValidations":
            yield from element.all("dataValidation")


def _grown(text: str, last: int, by: int, whole: bool) -> str:
    if not re.fullmatch(r"[A-Z]+\d+(:[A-Z]+\d+)?", text):
        return text
    area = Area.parse(text)
    if area.bottom != last or (area.top == area.bottom and not whole):
        return text
    return str(Area(area.top, area.left, area.bottom + by, area.right))
