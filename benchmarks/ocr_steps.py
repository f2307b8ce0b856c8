"""What each step of reading a scan is worth: words and letters read wrong, and CPU seconds a page, with it and without.

    python -m benchmarks.ocr_steps DATA [--pages 12] [--only "NAME;NAME"]

DATA holds `receipts` (truth.jsonl with the `words` of each picture) and scans of digital invoices in folders named
`invoice_scans...`, whose words are taken from the file of the same name in `invoices/documents`. The order of words
does not count: words are compared as they are, and letters between each missed word and the unmatched word read that
is most like it.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bots.documents.ocr.deskew import skew_of
from bots.documents.ocr.port import OcrEngine, engine_for
from bots.documents.ocr.scan import quiet, scaled
from bots.documents.pages.limits import Limits
from bots.documents.pages.page import Word
from bots.documents.pages.pdf_text import text_layers
from bots.documents.pages.raster import picture_pages, render_pdf

SCAN_DPI = 300


@dataclass(frozen=True)
class Sample:
    """One scanned page with the words that stand on it."""

    name: str
    image: Any
    dpi: float
    words: Counter[str]
    upper: bool  # the truth is in capitals throughout


@dataclass(frozen=True)
class Way:
    """One way to read a page: the engine, and what is done to the grey picture before, in this order."""

    engine: str
    steps: tuple[Callable[[Any], Any], ...]
    sized: bool = True  # brought to the resolution the engine wants, after its grain was taken out


@dataclass
class Tally:
    """What came of reading some pages one way."""

    pages: int = 0
    words: int = 0
    right: int = 0
    read: int = 0
    letters: int = 0
    wrong: int = 0
    seconds: float = 0.0

    def row(self) -> str:
        f1 = 2 * self.right / max(self.words + self.read, 1)
        return f"{f1:.3f} {self.wrong / max(self.letters, 1):.3f} {self.seconds / max(self.pages, 1):6.2f}"


def straight(grey: Any) -> Any:
    """Deskewed, as it is always done."""
    from PIL import Image

    angle = skew_of(grey)
    return grey.rotate(angle, resample=Image.Resampling.BICUBIC, fillcolor=255) if angle else grey


def contrast(grey: Any) -> Any:
    """Local contrast evened out (CLAHE), for uneven light."""
    import cv2
    import numpy
    from PIL import Image

    return Image.fromarray(cv2.createCLAHE(2.0, (8, 8)).apply(numpy.asarray(grey)))


def flat(grey: Any) -> Any:
    """The paper made white: divided by its own background."""
    import cv2
    import numpy
    from PIL import Image

    pixels = numpy.asarray(grey)
    paper = cv2.medianBlur(cv2.dilate(pixels, numpy.ones((9, 9), numpy.uint8)), 31)
    return Image.fromarray(cv2.divide(pixels, paper, scale=255))


def doubled(grey: Any) -> Any:
    """Twice as large."""
    from PIL import Image

    return grey.resize((grey.width * 2, grey.height * 2), Image.Resampling.BICUBIC)


def smoothed(grey: Any) -> Any:
    """Without grain, on every page."""
    from PIL import ImageFilter

    return grey.filter(ImageFilter.MedianFilter(3))


def cropped(grey: Any) -> Any:
    """Dark borders cut off: rows and columns at the edges that are dark throughout."""
    import numpy

    light = numpy.asarray(grey) > 90
    rows, columns = numpy.flatnonzero(light.mean(axis=1) > 0.4), numpy.flatnonzero(light.mean(axis=0) > 0.4)
    if not len(rows) or not len(columns):
        return grey
    return grey.crop((int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1))


WAYS: Mapping[str, Way] = {
    "rapidocr, as it is": Way("rapidocr", (quiet, straight)),
    "not deskewed": Way("rapidocr", (quiet,)),
    "grain left in": Way("rapidocr", (straight,)),
    "grain taken out of every page": Way("rapidocr", (smoothed, straight)),
    "local contrast": Way("rapidocr", (quiet, contrast, straight)),
    "paper made white": Way("rapidocr", (quiet, flat, straight)),
    "dark borders cut off": Way("rapidocr", (cropped, quiet, straight)),
    "twice as large": Way("rapidocr", (quiet, doubled, straight)),
    "auto": Way("auto", (quiet, straight)),
    "tesseract, as it is": Way("tesseract", (quiet, straight)),
    "tesseract, at the scan's own size": Way("tesseract", (quiet, straight), sized=False),
    "tesseract, not deskewed": Way("tesseract", (quiet,)),
    "tesseract, grain left in": Way("tesseract", (straight,)),
    "tesseract, paper made white": Way("tesseract", (quiet, flat, straight)),
    "tesseract, local contrast": Way("tesseract", (quiet, contrast, straight)),
}


def samples(data: Path, most: int) -> Iterator[tuple[str, list[Sample]]]:
    """The sets of the folder, each with at most so many pages, taken evenly."""
    receipts = data / "receipts"
    if receipts.is_dir():
        yield "receipts", list(_receipts(receipts, most))
    for folder in sorted(data.glob("invoice_scans*")):
        yield folder.name, list(_scans(folder, data / "invoices" / "documents", most))


def _receipts(folder: Path, most: int) -> Iterator[Sample]:
    rows = [json.loads(line) for line in (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
    for row in rows[:: max(len(rows) // most, 1)][:most]:
        path = folder / row["file"]
        _, image, dpi = next(iter(picture_pages(path, range(1, 2), Limits())))
        words = Counter(word.upper() for line in row["words"] for word in line.split())
        yield Sample(path.name, image, dpi, words, upper=True)


def _scans(folder: Path, originals: Path, most: int) -> Iterator[Sample]:
    paths = [path for path in sorted((folder / "documents").glob("*.pdf")) if (originals / path.name).is_file()]
    for path in paths[:: max(len(paths) // most, 1)][:most]:
        layer = next(iter(text_layers(originals / path.name, range(1, 2))))
        _, image, dpi = next(iter(render_pdf(path, [1], SCAN_DPI)))
        if layer is not None:
            yield Sample(path.name, image, dpi, Counter(word.text for word in layer.words), upper=False)


def measure(found: Sequence[Sample], way: Way) -> Tally:
    """Read the pages one way."""
    engine = engine_for(way.engine)
    tally = Tally()
    for sample in found:
        started = _cpu()
        words = _read(sample, way, engine)
        tally.seconds += _cpu() - started
        _compare(sample, Counter(word.text.upper() if sample.upper else word.text for word in words), tally)
    return tally


def _read(sample: Sample, way: Way, engine: OcrEngine) -> list[Word]:
    grey = sample.image.convert("L")
    early = [step for step in way.steps if step in (quiet, smoothed, cropped)]
    for before in early:
        grey = before(grey)
    if way.sized:
        grey = scaled(grey, sample.dpi, engine.resolution)
    for step in way.steps:
        grey = step(grey) if step not in early else grey
    return engine.read(grey, upright=True).words


def _compare(sample: Sample, read: Counter[str], tally: Tally) -> None:
    both = sample.words & read
    missed, other = list((sample.words - both).elements()), list((read - both).elements())
    tally.pages += 1
    tally.words += sample.words.total()
    tally.read += read.total()
    tally.right += both.total()
    tally.letters += sum(len(word) * times for word, times in sample.words.items())
    for word in sorted(missed, key=len, reverse=True):
        nearest = min(other, key=lambda one: _apart(word, one), default=None)
        if nearest is None or _apart(word, nearest) >= len(word):
            tally.wrong += len(word)
            continue
        tally.wrong += _apart(word, nearest)
        other.remove(nearest)


def _apart(one: str, two: str) -> int:
    """Letters to insert, delete or change (Levenshtein's distance)."""
    row = list(range(len(two) + 1))
    for i, letter in enumerate(one, start=1):
        last, row[0] = row[0], i
        for j, other in enumerate(two, start=1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (letter != other))
    return row[-1]


def _cpu() -> float:
    """CPU seconds of this process and of the programs it started."""
    import resource

    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ocr_steps", description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--pages", type=int, default=12)
    parser.add_argument("--only", default="", help="names of ways to read, with semicolons; all where none is given")
    chosen = parser.parse_args(arguments)
    ways = {name: way for name, way in WAYS.items() if not chosen.only or name in chosen.only.split(";")}
    for name, found in samples(chosen.data, chosen.pages):
        sys.stdout.write(f"{name}, {len(found)} pages: words F1, letters wrong, CPU seconds a page\n")
        for title, way in ways.items():
            sys.stdout.write(f"  {title:32} {measure(found, way).row()}\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
