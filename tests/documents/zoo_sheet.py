"""A sheet of paper measured from its top left corner, and the looks (page size, fonts) an invoice may have."""

from __future__ import annotations

import io
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

BUILT_IN = {
    "Helvetica": ("Helvetica", "Helvetica-Bold"),
    "Times": ("Times-Roman", "Times-Bold"),
    "Courier": ("Courier", "Courier-Bold"),
}
FOLDER = Path("/usr/share/fonts/truetype")
FILES = {
    "DejaVu": ("dejavu/DejaVuSans.ttf", "dejavu/DejaVuSans-Bold.ttf"),
    "DejaVuSerif": ("dejavu/DejaVuSerif.ttf", "dejavu/DejaVuSerif-Bold.ttf"),
    "Narrow": ("liberation/LiberationSansNarrow-Regular.ttf", "liberation/LiberationSansNarrow-Bold.ttf"),
    "Liberation": ("liberation/LiberationSans-Regular.ttf", "liberation/LiberationSans-Bold.ttf"),
}
FAMILIES = ("Helvetica", "Times", "Courier", *FILES)


@lru_cache(maxsize=16)
def _fonts(family: str) -> tuple[str, str]:
    """The names of a family's regular and bold face; Helvetica where its files are not on this machine."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    if family in BUILT_IN:
        return BUILT_IN[family]
    paths = [FOLDER / name for name in FILES[family]]
    if not all(path.exists() for path in paths):
        return BUILT_IN["Helvetica"]
    names = (f"zoo-{family}", f"zoo-{family}-Bold")
    for name, path in zip(names, paths, strict=True):
        pdfmetrics.registerFont(TTFont(name, str(path)))
    return names


@dataclass(frozen=True)
class Look:
    """Page size in points, typeface and its usual size."""

    width: float
    height: float
    family: str
    size: float


class Sheet:
    """Draws on pages; places are points from the top left corner, text stands on its baseline."""

    def __init__(self, look: Look) -> None:
        from reportlab.pdfgen.canvas import Canvas

        self.look = look
        self.faces = _fonts(look.family)
        self._buffer = io.BytesIO()
        self._canvas: Any = Canvas(self._buffer, pagesize=(look.width, look.height), invariant=True)

    def _printable(self, text: str) -> str:
        if self.faces[0].startswith("zoo-DejaVu"):
            return text
        text = text.replace("\u202f", "\u00a0")
        if self.faces[0].startswith("zoo-"):
            return text
        try:
            text.encode("cp1252")
        except UnicodeEncodeError:
            # A built-in face has western letters alone; the others lose their accents rather than turn to boxes.
            text = text.replace("ł", "l").replace("Ł", "L")
            text = unicodedata.normalize("NFKD", text).encode("cp1252", "ignore").decode("cp1252")
        return text

    def width_of(self, text: str, size: float | None = None, bold: bool = False) -> float:
        """How wide a text is."""
        from reportlab.pdfbase.pdfmetrics import stringWidth

        return float(stringWidth(self._printable(text), self.faces[bold], size or self.look.size))

    def text(
        self, x: float, y: float, text: str, *, size: float | None = None, bold: bool = False, at: str = "left",
        spread: float = 0.0, grey: float = 0.0,
    ) -> float:  # fmt: skip
        """Write a text at its left edge, its right edge or its middle; gives the x where it ends."""
        size = size or self.look.size
        wide = self.width_of(text, size, bold) + spread * max(len(text) - 1, 0)
        left = x - (wide if at == "right" else wide / 2 if at == "middle" else 0.0)
        self._canvas.setFont(self.faces[bold], size)
        self._canvas.setFillGray(grey)
        self._canvas.drawString(left, self.look.height - y, self._printable(text), charSpace=spread)
        return left + wide

    def rule(self, x0: float, y0: float, x1: float, y1: float, grey: float = 0.2) -> None:
        """A thin line."""
        self._canvas.setStrokeGray(grey)
        self._canvas.setLineWidth(0.6)
        self._canvas.line(x0, self.look.height - y0, x1, self.look.height - y1)

    def box(
        self, x0: float, y0: float, x1: float, y1: float, *, fill: float | None = None, border: bool = True
    ) -> None:
        """A box, with a border or filled with a grey."""
        if fill is not None:
            self._canvas.setFillGray(fill)
        self._canvas.setStrokeGray(0.2)
        self._canvas.setLineWidth(0.6)
        self._canvas.rect(x0, self.look.height - y1, x1 - x0, y1 - y0, stroke=int(border), fill=int(fill is not None))

    def logo(self, x: float, y: float, size: float) -> None:
        """A drawn mark, no text."""
        self._canvas.setFillGray(0.55)
        self._canvas.circle(x + size / 2, self.look.height - y - size / 2, size / 2, stroke=0, fill=1)
        self._canvas.setFillGray(0.8)
        self._canvas.rect(x + size * 0.6, self.look.height - y - size, size, size * 0.7, stroke=0, fill=1)

    def wrapped(self, text: str, width: float, size: float | None = None) -> list[str]:
        """A text cut into lines no wider than `width`."""
        lines = [""]
        for word in text.split(" "):
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and self.width_of(longer, size) > width:
                lines.append(word)
            else:
                lines[-1] = longer
        return lines

    def turn(self) -> None:
        """Go on with the next page."""
        self._canvas.showPage()

    def pdf(self) -> bytes:
        """The finished document."""
        self._canvas.save()
        return self._buffer.getvalue()
