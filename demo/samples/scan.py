"""What a scanner makes of a page: skewed, grey, noisy, soft, and a JPEG in a PDF without any text."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any


@dataclass(frozen=True, slots=True)
class Scanner:
    """`contrast` 1 leaves black black; `noise` in grey levels of 255, `blur` a radius in pixels, `tilt` in degrees."""

    dpi: int = 200
    quality: int = 60
    contrast: float = 0.92
    noise: float = 3.0
    blur: float = 0.45
    tilt: float = 0.0
    seed: int = 0

    def tilted(self, degrees: float, *, seed: int) -> Scanner:
        return replace(self, tilt=degrees, seed=seed)

    def scan(self, pdf: bytes) -> bytes:
        """The PDF as an image-only PDF of its pages; the same bytes for the same page and seed."""
        from reportlab.lib.utils import ImageReader
        from reportlab.pdfgen.canvas import Canvas

        buffer = BytesIO()
        canvas: Any = Canvas(buffer, invariant=1)
        for position, picture in enumerate(_pages(pdf, self.dpi)):
            jpeg = self._degraded(picture, position)
            width, height = picture.width * 72 / self.dpi, picture.height * 72 / self.dpi
            canvas.setPageSize((width, height))
            canvas.drawImage(ImageReader(BytesIO(jpeg)), 0, 0, width, height)
            canvas.showPage()
        canvas.setTitle("Scan")
        canvas.setProducer("DocuScan 4120")
        canvas.save()
        return buffer.getvalue()

    def _degraded(self, picture: Any, page: int) -> bytes:
        import numpy
        from PIL import Image, ImageFilter

        chance = numpy.random.default_rng([self.seed, page])
        turned = picture.rotate(self.tilt, resample=Image.Resampling.BICUBIC, fillcolor=250)
        soft = turned.filter(ImageFilter.GaussianBlur(self.blur))
        grey = numpy.asarray(soft, dtype=numpy.float32)
        paper = 243 - 10 * _light(grey.shape)
        grey = paper - (255 - grey) * self.contrast * 0.92
        grey = grey + chance.normal(0, self.noise, grey.shape)
        done = Image.fromarray(numpy.clip(grey, 0, 255).astype(numpy.uint8), "L")
        buffer = BytesIO()
        done.save(buffer, "JPEG", quality=self.quality, optimize=True)
        return buffer.getvalue()


def _light(shape: tuple[int, ...]) -> Any:
    """The lamp's fall-off towards one edge, 0 to 1."""
    import numpy

    across = numpy.linspace(0, math.pi / 2, shape[1], dtype=numpy.float32)
    return numpy.broadcast_to(numpy.sin(across) ** 4, shape)


def _pages(pdf: bytes, dpi: int) -> Iterator[Any]:
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    try:
        for page in document:
            yield page.render(scale=dpi / 72, grayscale=True).to_pil().convert("L")
    finally:
        document.close()
