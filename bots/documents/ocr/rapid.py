"""RapidOCR behind the OCR port: neural models that come inside its package, read on the CPU, offline.

Lines are found on a small copy of the page and read from the page itself. At the size the engine itself chooses,
finding them takes two thirds of its time and finds the same lines; and reading them there loses fine print.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import dist
from typing import Any

from bots.documents.ocr.port import LONGEST, OcrTimeout, Reading
from bots.documents.ocr.strip import Letter, Quad, Strip, ink_of
from bots.documents.pages.page import Word

AREA = 1_470_000  # pixels of the copy on which lines are looked for: 123 dots an inch of A4
SHORT = 736  # pixels to which the shorter side of a smaller picture is enlarged for that, within the same area
LONGEST_SHAPE = 8  # times as long as it is wide: the longest shape in which lines are looked for
SURE_ENOUGH = 0.5  # mean confidence of a line's letters below which it is not print
_BATCH = 6  # lines read at once; they are padded to one width, so more would be mostly margin
_LEGIBLE = 0.8  # mean confidence of the longest lines below which the page may stand on its head


@dataclass(frozen=True)
class _Line:
    """A line found on a page: its corners, and its cut of the page, lying down."""

    quad: Quad
    cut: Any
    stood: bool  # it stood upright on the page, as on a page that lies on its side

    @property
    def length(self) -> float:
        return float(self.cut.shape[1]) / float(self.cut.shape[0])


@dataclass(frozen=True)
class RapidOcr:
    """RapidOCR with its models loaded once a process. It has no limit of its own: noise is a thousand lines to it.

    `longest` bounds the seconds of CPU time that a page takes; it is looked at after every few lines.
    """

    name: str = "rapidocr"
    resolution: tuple[float, float] = (60, 300)
    longest: float = LONGEST

    @property
    def version(self) -> str:
        from importlib.metadata import version

        return f"{version('rapidocr')}/{version('onnxruntime')}"

    def read(self, image: Any, *, upright: bool = False) -> Reading:
        end = time.thread_time() + self.longest
        # The longest lines first: they are the ones that tell which way up the page is.
        lines = sorted(_find(image), key=lambda line: -line.length)
        strips: list[Strip] = []
        for batch in (lines[start : start + _BATCH] for start in range(0, len(lines), _BATCH)):
            read = _recognised([line.cut for line in batch])
            if not upright:
                upright = True
                if turn := _turn(lines, batch, [score for _, score, _, _ in read]):
                    return Reading([], turn)
            strips += (
                _strip(line, text, sure, info)
                for line, (text, score, sure, info) in zip(batch, read, strict=True)
                if score >= SURE_ENOUGH and not line.stood
            )
            if time.thread_time() > end:
                raise OcrTimeout(f"RapidOCR did not finish a page within {self.longest:g} seconds")
        return Reading([word for strip in strips for word in strip.words()])

    def lines(self, cuts: Sequence[Any]) -> list[list[Word]]:
        import numpy

        lines = []
        for cut in cuts:
            width, height = cut.size
            quad: Quad = ((0.0, 0.0), (width, 0.0), (width, height), (0.0, height))
            lines.append(_Line(quad, numpy.asarray(cut.convert("L")), stood=False))
        found: list[list[Word]] = []
        for batch in (lines[start : start + _BATCH] for start in range(0, len(lines), _BATCH)):
            for line, (text, _, sure, info) in zip(batch, _recognised([line.cut for line in batch]), strict=True):
                found.append(list(_strip(line, text, sure, info).words()) if text.strip() else [])
        return found


def _find(image: Any) -> Iterator[_Line]:
    """The lines of print on a page, as the detection model finds them, cut from the page."""
    import cv2
    import numpy

    pixels = _framed(numpy.asarray(image))
    height, width = pixels.shape
    share = (AREA / (width * height)) ** 0.5
    if share > 1:
        share = min(share, max(SHORT / min(width, height), 1.0))
    method = cv2.INTER_AREA if share < 1 else cv2.INTER_CUBIC
    small = cv2.resize(pixels, None, fx=share, fy=share, interpolation=method) if share != 1 else pixels
    found = _model()(cv2.cvtColor(small, cv2.COLOR_GRAY2BGR), use_det=True, use_cls=False, use_rec=False)
    if found.boxes is None:
        return
    across, down = pixels.shape[1] / small.shape[1], pixels.shape[0] / small.shape[0]
    quads: list[Quad] = [tuple((float(x) * across, float(y) * down) for x, y in box) for box in found.boxes]  # type: ignore[misc]
    sizes = [_size(quad) for quad in quads]
    usual = sorted(min(size) for size in sizes)[len(sizes) // 2]
    for quad, (width, height) in zip(quads, sizes, strict=True):
        flat = numpy.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=numpy.float32)
        turned = cv2.getPerspectiveTransform(numpy.array(quad, dtype=numpy.float32), flat)
        cut = cv2.warpPerspective(
            pixels, turned, (width, height), borderMode=cv2.BORDER_REPLICATE, flags=cv2.INTER_CUBIC
        )
        # A lone figure is higher than wide too, and stands upright.
        stood = height >= 1.5 * width and height >= 1.6 * usual
        yield _Line(quad, numpy.ascontiguousarray(numpy.rot90(cut)) if stood else cut, stood)


def _framed(pixels: Any) -> Any:
    """The picture with white beside or below it where it is too narrow to be looked at."""
    import numpy

    height, width = pixels.shape
    least = max(max(height, width) // LONGEST_SHAPE, 32)
    if min(height, width) >= least:
        return pixels
    framed = numpy.full((max(height, least), max(width, least)), 255, dtype=pixels.dtype)
    framed[:height, :width] = pixels
    return framed


def _size(quad: Quad) -> tuple[int, int]:
    """Width and height of a line in pixels."""
    a, b, c, d = quad
    return max(round(dist(a, b)), round(dist(d, c)), 1), max(round(dist(a, d)), round(dist(b, c)), 1)


def _recognised(cuts: Sequence[Any]) -> list[tuple[str, float, Sequence[float], Any]]:
    """What the recognition model reads in each cut: the text, its score, the letters' own, and their columns."""
    import cv2

    read = _model().recognize_txt([cv2.cvtColor(cut, cv2.COLOR_GRAY2BGR) for cut in cuts])
    return [
        (text, float(score), info.confs, info)
        for text, score, info in zip(read.txts, read.scores, read.word_results, strict=True)
    ]


def _turn(lines: Sequence[_Line], tried: Sequence[_Line], scores: Sequence[float]) -> int:
    """The quarter turns, counter-clockwise, that bring a page upright; `tried` are its longest lines, read so far."""
    import numpy

    standing = sum(line.stood for line in lines) > 0.5 * len(lines)
    if sum(scores) >= _LEGIBLE * len(scores):
        return 1 if standing else 0
    heads = _recognised([numpy.ascontiguousarray(line.cut[::-1, ::-1]) for line in tried])
    if sum(score for _, score, _, _ in heads) > sum(scores) + 0.1 * len(scores):
        return 3 if standing else 2
    return 1 if standing else 0


def _strip(line: _Line, text: str, sure: Sequence[float], info: Any) -> Strip:
    columns = [column for word in info.word_cols for column in word]
    letters: list[Letter] = []
    spaces: set[int] = set()
    for letter, confidence in zip(text, sure, strict=True):
        if letter.isspace():
            spaces.add(len(letters) - 1)
            continue
        middle = (columns[len(letters)] + 0.5) / info.line_txt_len
        letters.append(Letter(letter, min(confidence, 1.0), middle))
    return Strip(tuple(letters), frozenset(spaces), line.quad, ink_of(line.cut))


@lru_cache(maxsize=1)
def _model() -> Any:
    from importlib.resources import files

    import onnxruntime
    from rapidocr import RapidOCR

    onnxruntime.disable_telemetry_events()
    models = files("rapidocr") / "models"
    return RapidOCR(
        params={
            # Named, so that the package never thinks of fetching them.
            "Det.model_path": str(models / "PP-OCRv6_det_small.onnx"),
            "Rec.model_path": str(models / "PP-OCRv6_rec_small.onnx"),
            # Pages run side by side; threads of one page would only wait for each other.
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "Global.log_level": "error",
            "Global.return_word_box": True,
            "Global.use_cls": False,
            # The picture comes at the size it is to be looked at.
            "Global.use_preprocess_img": False,
            "Det.limit_type": "max",
            "Det.limit_side_len": 8192,
        }
    )
