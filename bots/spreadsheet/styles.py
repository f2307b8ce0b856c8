"""The styles of a workbook, to which new ones are added where a value needs one."""

from __future__ import annotations

from functools import cached_property

from bots.spreadsheet import markup
from bots.spreadsheet.markup import Element
from bots.spreadsheet.package import Package, refused

_OWN_FORMATS = 164
"""Numbers below it mean the same in every workbook."""
_BUILT_IN = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 14: "mm-dd-yy",
    15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss",
    22: "m/d/yy h:mm", 37: "#,##0", 38: "#,##0", 39: "#,##0.00", 40: "#,##0.00", 45: "mm:ss", 46: "[h]:mm:ss",
    49: "@",
}  # fmt: skip


class Styles:
    """`fitting(base, format)` is a style like `base` with another number format, made when it is first asked for."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.made: dict[tuple[int, str | None, bool, bool], int] = {}
        self.known: dict[int, str] = {}

    @cached_property
    def part(self) -> str:
        found = self.package.targets(self.package.workbook, "styles")
        if not found:
            raise refused(self.package.path, "it has no styles")
        return found[0]

    def number_format(self, style: int) -> str:
        """The number format of a style, as in `#,##0.00`."""
        if style not in self.known:
            _, root = self.package.parse(self.part)
            styles = _styles(root)
            number = int(styles[style].attributes.get("numFmtId", 0)) if style < len(styles) else 0
            self.known[style] = _formats(root).get(number) or _BUILT_IN.get(number, "General")
        return self.known[style]

    def fitting(self, base: int, number_format: str | None, quoted: bool = False, bold: bool = False) -> int:
        """`quoted` marks a text that must stay one when somebody edits the cell; `bold` is for headers."""
        key = base, number_format, quoted, bold
        if key not in self.made:
            self.made[key] = self._make(*key)
        return self.made[key]

    def _make(self, base: int, number_format: str | None, quoted: bool, bold: bool) -> int:
        font = self._bold_font() if bold else None
        number = None if number_format is None else self._number_of(number_format)
        data, root = self.package.parse(self.part)
        styles = root.child("cellXfs")
        assert styles is not None  # every workbook has at least one style
        kept = list(styles.all("xf"))
        like = kept[base] if base < len(kept) else kept[0]
        changes: dict[str, str | None] = {"quotePrefix": "1" if quoted else None}
        if number is not None:
            changes |= {"numFmtId": str(number), "applyNumberFormat": "1"}
        if font is not None:
            changes |= {"fontId": str(font), "applyFont": "1"}
        tag = markup.opening(data, like, **changes)[2]
        xml = tag if like.empty else tag + data[like.inner : like.end]
        self.package.edit(self.part, markup.inside(data, styles, xml, count=str(len(kept) + 1)))
        return len(kept)

    def _number_of(self, number_format: str) -> int:
        for number, known in _BUILT_IN.items():
            if known == number_format:
                return number
        data, root = self.package.parse(self.part)
        formats = _formats(root)
        for number, own in formats.items():
            if own == number_format:
                return number
        number = max([_OWN_FORMATS - 1, *formats]) + 1
        code = markup.attribute(number_format)
        xml = f'<{root.prefix}numFmt numFmtId="{number}" formatCode="{code}"/>'.encode()
        held = root.child("numFmts")
        if held is not None:
            self.package.edit(self.part, markup.inside(data, held, xml, count=str(len(formats) + 1)))
        else:
            whole = f'<{root.prefix}numFmts count="1">'.encode() + xml + f"</{root.prefix}numFmts>".encode()
            self.package.edit(self.part, (root.inner, root.inner, whole))  # formats come first of all
        return number

    def _bold_font(self) -> int:
        data, root = self.package.parse(self.part, ("font",))
        fonts = root.child("fonts")
        assert fonts is not None
        kept = list(fonts.all("font"))
        first = kept[0]
        inner = b"" if first.empty else data[first.inner : first.close]
        name = first.name
        xml = f"<{name}><{first.prefix}b/>".encode() + inner + f"</{name}>".encode()
        self.package.edit(self.part, markup.inside(data, fonts, xml, count=str(len(kept) + 1)))
        return len(kept)


def is_date(number_format: str) -> bool:
    """Whether numbers shown in this format are days or times."""
    bare = number_format.lower().partition(";")[0]
    for literal in ('"', "[", "\\"):
        bare = _without(bare, literal)
    return any(letter in bare for letter in "dmyhs") and "general" not in bare


def _without(text: str, mark: str) -> str:
    """The format without what it shows as it stands: "quoted", [in brackets] or after a backslash."""
    closing = {'"': '"', "[": "]"}.get(mark)
    result, rest = "", text
    while mark in rest:
        head, _, rest = rest.partition(mark)
        result += head
        rest = rest[1:] if closing is None else rest.partition(closing)[2]
    return result + rest


def _styles(root: Element) -> list[Element]:
    held = root.child("cellXfs")
    return list(held.all("xf")) if held is not None else []


def _formats(root: Element) -> dict[int, str]:
    held = root.child("numFmts")
    if held is None:
        return {}
    return {int(one.attributes["numFmtId"]): one.attributes.get("formatCode", "") for one in held.all("numFmt")}
