"""A workbook: its sheets, its tables and its names."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path

from bots.spreadsheet import markup
from bots.spreadsheet.address import Area
from bots.spreadsheet.markup import Element
from bots.spreadsheet.package import Package, refused
from bots.spreadsheet.sheet import Sheet
from bots.spreadsheet.styles import Styles
from engine.errors import BusinessException
from engine.nearest import listed

_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_BEFORE_CALCULATION = (
    "fileVersion", "fileSharing", "workbookPr", "workbookProtection", "bookViews", "sheets", "functionGroups",
    "externalReferences", "definedNames",
)  # fmt: skip
FILTER_NAME = "_xlnm._FilterDatabase"
NEW_SHEET = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    '<dimension ref="A1"/>{views}<sheetData/></worksheet>'
)
FROZEN = (
    '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" '
    'state="frozen"/></sheetView></sheetViews>'
)


class Workbook:
    """One file being edited. `sheet(name)` is None where there is none; `finish` makes the parts fit together."""

    def __init__(self, path: Path, blank: bytes | None = None) -> None:
        self.path = path
        self.new = blank is not None
        self.package = Package(path, blank)
        self.styles = Styles(self.package)
        self.part = self.package.workbook

    @cached_property
    def epoch_1904(self) -> bool:
        """Whether days are counted from 1904, as on old Macs."""
        _, root = self.package.parse(self.part)
        properties = root.child("workbookPr")
        return properties is not None and properties.attributes.get("date1904", "0") in ("1", "true")

    def close(self) -> None:
        self.package.close()

    def names(self) -> list[str]:
        """The sheets that hold cells, in their order; sheets that no menu shows are left out."""
        return [name for name, element in self._sheets().items() if element.attributes.get("state") != "veryHidden"]

    def _sheets(self) -> dict[str, Element]:
        _, root = self.package.parse(self.part)
        held = root.child("sheets")
        found = {markup.plain(one.attributes["name"]): one for one in held.all("sheet")} if held is not None else {}
        return {name: one for name, one in found.items() if self._part_of(one) is not None}

    def _part_of(self, element: Element) -> str | None:
        identity = next((value for name, value in element.attributes.items() if name.endswith(":id")), "")
        part = self.package.target(self.part, identity)
        return part if part in self.package.targets(self.part, "worksheet") else None

    def sheet_part(self, name: str) -> str | None:
        """The part of a sheet. Excel takes `Data` and `DATA` for the same sheet, so this does too."""
        for known, element in self._sheets().items():
            if known.casefold() == name.casefold():
                return self._part_of(element)
        return None

    def spelled(self, name: str) -> str:
        """The sheet's name as the file has it."""
        return next(known for known in self._sheets() if known.casefold() == name.casefold())

    def stale(self) -> bool:
        """Whether the results of formulas are older than what they refer to."""
        _, root = self.package.parse(self.part)
        held = root.child("calcPr")
        return held is not None and held.attributes.get("fullCalcOnLoad", "0") in ("1", "true")

    def sheet(self, name: str) -> Sheet | None:
        part = self.sheet_part(name)
        return None if part is None else Sheet(self.package, part)

    def add_sheet(self, name: str, *, hidden: bool = False) -> str:
        """Put a new, empty sheet last, its first row frozen; returns its part."""
        check_sheet_name(name)
        numbers = [int(found.group(1)) for one in self.package.names if (found := re.search(r"/sheet(\d+)\.xml$", one))]
        made = [int(found.group(1)) for one in self.package.changed if (found := re.search(r"/sheet(\d+)\.xml$", one))]
        part = f"xl/worksheets/sheet{max([0, *numbers, *made]) + 1}.xml"
        self.package.put(part, NEW_SHEET.format(views="" if hidden else FROZEN).encode())
        self.package.declare(part, _SHEET_TYPE)
        identity = self.package.relate(self.part, "worksheet", part)
        data, root = self.package.parse(self.part)
        held = root.child("sheets")
        if held is None:
            raise refused(self.path, "it has no sheets")
        number = max((int(one.attributes["sheetId"]) for one in held.all("sheet")), default=0) + 1
        state = ' state="veryHidden"' if hidden else ""
        written = markup.attribute(name)
        xml = (
            f'<{held.prefix}sheet xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
            f'name="{written}" sheetId="{number}"{state} r:id="{identity}"/>'
        )
        self.package.edit(self.part, markup.inside(data, held, xml.encode()))
        return part

    def table(self, sheet_part: str, row: int) -> str | None:
        """The part of the Excel table whose header is this row of a sheet."""
        for part in self.package.targets(sheet_part, "table"):
            _, root = self.package.parse(part)
            if root.attributes.get("headerRowCount", "1") != "0" and Area.parse(root.attributes["ref"]).top == row:
                return part
        return None

    def grow_filter_name(self, sheet_name: str, last: int, by: int) -> None:
        """The hidden name that Excel keeps for a filter must cover what the filter covers."""
        data, root = self.package.parse(self.part)
        held = root.child("definedNames")
        position = [name.casefold() for name in self._all_names()].index(sheet_name.casefold())
        edits = []
        for one in held.all("definedName") if held is not None else ():
            if one.attributes.get("name") == FILTER_NAME and one.attributes.get("localSheetId") == str(position):
                text = data[one.inner : one.close].decode()
                grown = re.sub(rf"(\$[A-Z]+\$){last}$", rf"\g<1>{last + by}", text)
                edits.append((one.inner, one.close, grown.encode()))
        if edits:
            self.package.edit(self.part, *edits)

    def _all_names(self) -> list[str]:
        _, root = self.package.parse(self.part)
        held = root.child("sheets")
        return [markup.plain(one.attributes["name"]) for one in held.all("sheet")] if held is not None else []

    def finish(self) -> None:
        """Have formulas calculated anew when the file is next opened: what they refer to has changed."""
        chain = self.package.targets(self.part, "calcChain")
        for part in chain:
            self.package.drop(part, self.part)
        data, root = self.package.parse(self.part)
        held = root.child("calcPr")
        if held is not None:
            self.package.edit(self.part, markup.opening(data, held, fullCalcOnLoad="1"))
            return
        place = max(one.end for one in root.children if one.tag in _BEFORE_CALCULATION)
        xml = f'<{root.prefix}calcPr fullCalcOnLoad="1"/>'.encode()
        self.package.edit(self.part, (place, place, xml))


def check_sheet_name(name: str) -> None:
    if not name.strip() or len(name) > 31 or _FORBIDDEN.search(name) or name.startswith("'") or name.endswith("'"):
        raise BusinessException(
            "BAD_SHEET_NAME",
            f"{name!r} cannot be the name of a sheet",
            advice="use up to 31 characters, none of them [ ] : * ? / \\",
        )


def unknown_sheet(path: Path, name: str, known: list[str]) -> BusinessException:
    return BusinessException("SHEET_NOT_FOUND", f"{path.name} has no sheet {name!r}", advice=f"it has: {listed(known)}")
