"""A zoo of made-up invoices, so that reading is measured on vendors that nobody tuned it to.

A specimen is drawn by its seed: the layout is `seed % 64`, the country, vendor, words, items and sums follow from the
seed. Its truth is a row as `truth.jsonl` files have it (with `tax_breakdown` and `line_items`), of what stands on the
page. Layouts are put together from what real invoices look like, in eight languages and fourteen countries.

    python -m benchmarks.zoo_score                    # 256 specimens: score by field, language and layout, in seconds
    python -m benchmarks.zoo_score --seeds 0-1000 --errors 40 --fields total,number
    python -m benchmarks.zoo_score --show 17          # one specimen: its text, what was read, what is true
    python -m benchmarks.zoo_score --save DIR         # the PDFs and truth.jsonl, for `runner.py bench documents DIR`
    python -m benchmarks.zoo_score --save DIR --scans # the same as noisy scans
"""

from __future__ import annotations

import io
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bots.documents.pages.page import Page
from bots.documents.pages.text_layer import text_page
from tests.documents.zoo_bill import bill, truth
from tests.documents.zoo_layout import Layout, layout
from tests.documents.zoo_page import Painter


@dataclass(frozen=True)
class Specimen:
    """One made-up invoice: its PDF and the truth about it."""

    seed: int
    pdf: bytes
    truth: dict[str, Any]
    layout: Layout

    @property
    def name(self) -> str:
        return f"zoo-{self.seed:05}.pdf"

    def pages(self) -> list[Page]:
        """Its pages as the text layer gives them."""
        import pdfplumber

        with pdfplumber.open(io.BytesIO(self.pdf)) as pdf:
            return [text_page(number, page) for number, page in enumerate(pdf.pages, start=1)]

    def save(self, folder: Path, *, scan: bool = False) -> Path:
        """Write it as a PDF; with `scan`, as pictures of its pages, a little askew and noisy."""
        path = folder / self.name
        path.write_bytes(_scanned(self.pdf, self.seed) if scan else self.pdf)
        return path


def specimen(seed: int, country: str | None = None) -> Specimen:
    """The invoice of a seed, in a country of its own choice or the one given."""
    chosen = layout(seed)
    made = bill(seed, country, discounts="discount" in chosen.columns)
    painter = Painter(made, chosen, random.Random(f"paint {seed}"))
    pdf = painter.draw()
    row = {**truth(made, painter.printed), "layout": chosen.name}
    return Specimen(seed, pdf, {"file": f"zoo-{seed:05}.pdf", **row}, chosen)


def _scanned(pdf: bytes, seed: int) -> bytes:
    """The pages at 200 dpi, grey, turned by up to one degree, with grain, as JPEGs in a PDF."""
    import numpy
    import pypdfium2 as pdfium
    from PIL import Image

    grain = numpy.random.default_rng(seed)
    pictures = []
    with pdfium.PdfDocument(pdf) as opened:
        for page in opened:
            picture = page.render(scale=200 / 72, grayscale=True).to_pil().copy()
            picture = picture.rotate(float(grain.uniform(-1, 1)), resample=Image.Resampling.BICUBIC, fillcolor=255)
            noisy = numpy.asarray(picture, dtype=float) + grain.normal(0, 10, (picture.height, picture.width))
            stored = io.BytesIO()
            Image.fromarray(numpy.clip(noisy, 0, 255).astype("uint8")).save(stored, "JPEG", quality=60)
            pictures.append(Image.open(stored))
    out = io.BytesIO()
    pictures[0].save(out, "PDF", resolution=200, save_all=True, append_images=pictures[1:])
    return out.getvalue()
