"""How far a scanned page is turned: the angle at which its rows of print stand apart best."""

from __future__ import annotations

from typing import Any

MOST = 7.0  # degrees either way
LEAST = 0.12  # a smaller turn is left alone
LITTLE = 100  # dark points: too few to tell
_WIDTH = 900  # pixels: enough to tell a tenth of a degree
_DARK = 140  # grey level of ink
_POINTS = 60_000  # of ink, taken evenly: more tell no better


def skew_of(image: Any) -> float:
    """The angle in degrees, counter-clockwise, by which a grey Pillow image must be turned to stand straight."""
    import numpy

    small = image.convert("L")
    small.thumbnail((_WIDTH, _WIDTH * 3))
    down, across = numpy.nonzero(numpy.asarray(small) < _DARK)
    if len(down) < LITTLE:
        return 0.0
    every = max(len(down) // _POINTS, 1)
    down, across = down[::every].astype(numpy.float32), across[::every] - small.width / 2
    margin = int(small.width * 0.07)  # how far the edges move at the widest angle

    def sharpness(angle: float) -> float:
        rows = (down - across * numpy.float32(numpy.tan(numpy.radians(angle)))).astype(numpy.int32) + margin
        counts = numpy.bincount(numpy.clip(rows, 0, small.height + 2 * margin)).astype(numpy.float64)
        return float(((counts[1:] - counts[:-1]) ** 2).sum())

    angle = 0.0
    for step, reach in ((0.5, MOST), (0.1, 0.4)):
        count = round(reach / step)
        angles = [angle + step * index for index in range(-count, count + 1)]
        angle = max(angles, key=sharpness)
    return angle if abs(angle) >= LEAST else 0.0
