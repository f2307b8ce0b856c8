"""An Excel table (Insert > Table): an area with a name that grows with its rows and columns."""

from __future__ import annotations

from bots.spreadsheet import markup
from bots.spreadsheet.address import Area
from bots.spreadsheet.package import Package
from engine.errors import BusinessException


class ExcelTable:
    """One table part. `area` is what it covers now, header included."""

    def __init__(self, package: Package, part: str) -> None:
        self.package = package
        self.part = part
        _, root = package.parse(part)
        self.name = root.attributes.get("displayName", root.attributes.get("name", "the table"))
        self.area = Area.parse(root.attributes["ref"])
        self.totals = root.attributes.get("totalsRowCount", "0") != "0"

    def refuse_totals(self) -> None:
        if self.totals:
            raise BusinessException(
                "TABLE_HAS_TOTALS",
                f"the table {self.name} ends in a total row, so nothing can be appended to it",
                advice="turn the total row off (Table design > Total row), or put the totals above the table",
            )

    def cover(self, area: Area) -> None:
        """Let the table, and its filter, cover this area."""
        if area == self.area:
            return
        data, root = self.package.parse(self.part)
        edits = [markup.opening(data, root, ref=str(area))]
        held = root.child("autoFilter")
        if held is not None:
            edits.append(markup.opening(data, held, ref=str(area)))
        self.package.edit(self.part, *edits)
        self.area = area

    def add_column(self, name: str) -> None:
        """Name a column, right of the others."""
        data, root = self.package.parse(self.part)
        held = root.child("tableColumns")
        assert held is not None  # a table has at least one column
        columns = list(held.all("tableColumn"))
        number = max(int(one.attributes["id"]) for one in columns) + 1
        xml = f'<{held.prefix}tableColumn id="{number}" name="{markup.attribute(name)}"/>'
        self.package.edit(self.part, markup.inside(data, held, xml.encode(), count=str(len(columns) + 1)))
        self.cover(Area(self.area.top, self.area.left, self.area.bottom, self.area.right + 1))

    def formulas(self) -> dict[int, bytes]:
        """The formulas that fill a column of each new row, by column, as XML text."""
        data, root = self.package.parse(self.part)
        held = root.child("tableColumns")
        found = {}
        for place, one in enumerate(held.all("tableColumn") if held is not None else ()):
            formula = one.child("calculatedColumnFormula")
            if formula is not None and formula.attributes.get("array") not in ("1", "true"):
                found[self.area.left + place] = data[formula.inner : formula.close]
        return found
