"""A sheet to draw on, in millimetres from the top left corner, and the table that every invoice has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Literal, TypeAlias

from demo.samples.invoice import Line

Align: TypeAlias = Literal["left", "right", "center"]
Colour: TypeAlias = tuple[float, float, float]

A4 = (210.0, 297.0)
LETTER = (215.9, 279.4)
MM = 72 / 25.4
BLACK: Colour = (0.08, 0.08, 0.08)
GREY: Colour = (0.42, 0.42, 0.42)
FONTS = {
    "Helvetica": ("Helvetica", "Helvetica-Bold"),
    "Times": ("Times-Roman", "Times-Bold"),
    "Courier": ("Courier", "Courier-Bold"),
    "Vera": ("Vera", "VeraBd"),
}


class Paper:
    """Wraps a PDF canvas; `finish` gives the file's bytes, the same ones for the same drawing."""

    def __init__(self, title: str, author: str, *, size: tuple[float, float] = A4, font: str = "Helvetica") -> None:
        from reportlab.pdfgen.canvas import Canvas

        register_vera()
        self.width, self.height = size
        self.font = font
        self.pages = 1
        self._buffer = BytesIO()
        self._canvas: Any = Canvas(self._buffer, pagesize=(size[0] * MM, size[1] * MM), invariant=1)
        self._canvas.setTitle(title)
        self._canvas.setAuthor(author)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: float = 9,
        *,
        bold: bool = False,
        align: Align = "left",
        colour: Colour = BLACK,
        font: str = "",
    ) -> None:
        """One line with its base line at y."""
        self._canvas.setFont(FONTS[font or self.font][bold], size)
        self._canvas.setFillColorRGB(*colour)
        draw = {
            "left": self._canvas.drawString,
            "right": self._canvas.drawRightString,
            "center": self._canvas.drawCentredString,
        }[align]
        draw(x * MM, (self.height - y) * MM, words)

    def block(self, x: float, y: float, lines: Sequence[str], size: float = 9, step: float = 4.4, **style: Any) -> None:
        """Lines one under the other."""
        for position, words in enumerate(lines):
            self.text(x, y + position * step, words, size, **style)

    def pairs(self, x: float, right: float, y: float, pairs: Sequence[tuple[str, str]], step: float = 5.0) -> None:
        """Labels at x, their values ending at `right`."""
        for position, (label, value) in enumerate(pairs):
            self.text(x, y + position * step, label)
            self.text(right, y + position * step, value, align="right")

    def rule(self, x0: float, y: float, x1: float, *, width: float = 0.5, colour: Colour = BLACK) -> None:
        self._line(x0, y, x1, y, width, colour)

    def upright(self, x: float, y0: float, y1: float, *, width: float = 0.5, colour: Colour = BLACK) -> None:
        self._line(x, y0, x, y1, width, colour)

    def box(self, x: float, y: float, width: float, height: float, *, line: float = 0.6) -> None:
        self._canvas.setLineWidth(line)
        self._canvas.setStrokeColorRGB(*BLACK)
        self._canvas.rect(x * MM, (self.height - y - height) * MM, width * MM, height * MM)

    def fill(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        self._canvas.setFillColorRGB(*colour)
        self._canvas.rect(x * MM, (self.height - y - height) * MM, width * MM, height * MM, stroke=0, fill=1)

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        self._canvas.setFillColorRGB(*colour)
        self._canvas.circle(x * MM, (self.height - y) * MM, radius * MM, stroke=0, fill=1)

    def shape(self, points: Sequence[tuple[float, float]], colour: Colour) -> None:
        """A filled polygon."""
        path = self._canvas.beginPath()
        for position, (x, y) in enumerate(points):
            (path.lineTo if position else path.moveTo)(x * MM, (self.height - y) * MM)
        path.close()
        self._canvas.setFillColorRGB(*colour)
        self._canvas.drawPath(path, stroke=0, fill=1)

    def wrap(self, words: str, width: float, size: float) -> list[str]:
        """The text in lines of at most this width."""
        from reportlab.lib.utils import simpleSplit

        return list(simpleSplit(words, FONTS[self.font][False], size, width * MM))

    def turn(self) -> None:
        """The next page."""
        self._canvas.showPage()
        self.pages += 1

    def finish(self) -> bytes:
        self._canvas.showPage()
        self._canvas.save()
        return self._buffer.getvalue()

    def _line(self, x0: float, y0: float, x1: float, y1: float, width: float, colour: Colour) -> None:
        self._canvas.setLineWidth(width)
        self._canvas.setStrokeColorRGB(*colour)
        self._canvas.line(x0 * MM, (self.height - y0) * MM, x1 * MM, (self.height - y1) * MM)


def register_vera() -> None:
    import reportlab
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    folder = Path(reportlab.__file__).parent / "fonts"
    for name in FONTS["Vera"]:
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, folder / f"{name}.ttf"))


@dataclass(frozen=True)
class Column:
    """One column; `x` is its left edge, `until` its right one. `show(position, line)` gives the cell's text."""

    title: str
    x: float
    until: float
    show: Callable[[int, Line], str]
    align: Align = "left"


@dataclass(frozen=True)
class Table:
    """The rows of an invoice. `bottom` is where the next page is turned to, `turn` draws that page and gives its y."""

    columns: Sequence[Column]
    size: float = 9
    step: float = 4.2  # between the lines of one cell
    gap: float = 2.4  # between rows
    style: Literal["ruled", "grid", "plain", "zebra"] = "plain"
    head: Colour | None = None
    head_text: Colour = BLACK
    bottom: float = 235
    turn: Callable[[], float] | None = None

    def draw(self, paper: Paper, y: float, lines: Sequence[Line]) -> float:
        """Returns where the table ends."""
        top = y
        y = self._head(paper, y)
        for position, line in enumerate(lines, start=1):
            cells = [self._cell(paper, column, position, line) for column in self.columns]
            height = self.step * max(map(len, cells)) + self.gap
            if y + height > self.bottom and self.turn is not None:
                self._frame(paper, top, y)
                top = self.turn()
                y = self._head(paper, top)
            if self.style == "zebra" and position % 2 == 0:
                paper.fill(self._left, y, self._right - self._left, height, (0.95, 0.95, 0.96))
            self._row(paper, y, cells)
            y += height
            if self.style in ("ruled", "grid"):
                paper.rule(self._left, y, self._right, width=0.25, colour=GREY)
        self._frame(paper, top, y)
        return y

    @property
    def _left(self) -> float:
        return self.columns[0].x

    @property
    def _right(self) -> float:
        return self.columns[-1].until

    def _cell(self, paper: Paper, column: Column, position: int, line: Line) -> list[str]:
        words = column.show(position, line)
        return paper.wrap(words, column.until - column.x - 2, self.size) if column.align == "left" else [words]

    def _head(self, paper: Paper, y: float) -> float:
        height = self.step + self.gap + 0.6
        if self.head is not None:
            paper.fill(self._left, y, self._right - self._left, height, self.head)
        for column in self.columns:
            self._put(paper, column, y + self.step + 0.6, column.title, bold=True, colour=self.head_text)
        if self.style != "grid" and self.head is None:
            paper.rule(self._left, y + height, self._right, width=0.8)
        return y + height

    def _row(self, paper: Paper, y: float, cells: Sequence[Sequence[str]]) -> None:
        for column, words in zip(self.columns, cells, strict=True):
            for position, part in enumerate(words):
                self._put(paper, column, y + self.step * (position + 1), part)

    def _put(self, paper: Paper, column: Column, y: float, words: str, **style: Any) -> None:
        x = {"left": column.x + 1, "right": column.until - 1, "center": (column.x + column.until) / 2}[column.align]
        paper.text(x, y, words, self.size, align=column.align, **style)

    def _frame(self, paper: Paper, top: float, bottom: float) -> None:
        if self.style != "grid":
            return
        paper.box(self._left, top, self._right - self._left, bottom - top)
        for column in self.columns[1:]:
            paper.upright(column.x, top, bottom, width=0.25, colour=GREY)
        paper.rule(self._left, top + self.step + self.gap + 0.6, self._right)
