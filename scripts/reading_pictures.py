"""Draws the picture of docs/reading.md: a digital invoice and a scan of the demo, with their fields marked.

.venv/bin/python scripts/reading_pictures.py
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bots.documents.pages.picture import draw_fields  # noqa: E402
from bots.documents.reader import Reader  # noqa: E402

SAMPLES = ("13_lumiere_FA-2026-0087.pdf", "15_scan_0042.pdf")
WIDTH = 1400  # pixels of both together


def main() -> None:
    """Read the samples and write both pages side by side."""
    pages = []
    with Reader() as reader:
        for name in SAMPLES:
            file = ROOT / "demo" / "samples" / "invoices" / name
            document = reader.read(file, einvoice=False)
            png = next(iter(reader.pictures(file, 1)))
            pages.append(Image.open(io.BytesIO(draw_fields(png, 1, document))))
    sheet = Image.new("RGB", (sum(page.width for page in pages), max(page.height for page in pages)), "white")
    left = 0
    for page in pages:
        sheet.paste(page, (left, 0))
        left += page.width
    sheet.thumbnail((WIDTH, WIDTH))
    sheet.quantize(128).save(ROOT / "docs" / "images" / "reading-boxes.png", optimize=True)


if __name__ == "__main__":
    main()
