"""How far a scanned page is turned: the angle at which its rows of print stand apart best."""

from __future__ import annotations

from typing import Any

MOST = 3.0  # degrees either way
LEAST = 0.12  # a smaller turn is left alone
_WIDTH = 900  # pixels: enough to tell a tenth of a degree


def skew_of(image: Any) -> float:
    """The angle in degrees, counter-clockwise, by which a grey Pillow image must be turned to stand straight."""
    from PIL import Image

    small = image.convert("L")
    small.thumbnail((_WIDTH, _WIDTH * 3))
    ink = small.point(lambda level: 255 if level < 140 else 0)

    def sharpness(angle: float) -> float:
        import numpy

        turned = ink.rotate(angle, resample=Image.Resampling.NEAREST, fillcolor=0)
        rows = numpy.asarray(turned, dtype=numpy.float32).sum(axis=1)
        return float(((rows[1:] - rows[:-1]) ** 2).sum())

    angle = 0.0
    for step, reach in ((0.5, MOST), (0.1, 0.4)):
        count = round(reach / step)
        angles = [angle + step * index for index in range(-count, count + 1)]
        angle = max(angles, key=sharpness)
    return angle if abs(angle) >= LEAST else 0.0
