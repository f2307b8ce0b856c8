"""What reading costs at its edges: a PDF of 1,000 pages against one of 100, and OCR against its own engine."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from threading import Event, Thread

from bots.documents.pages.limits import Limits
from bots.documents.reader import Reader

FEW, MANY = 100, 1000
PAGES = 6  # scanned pages on which OCR is timed


def long_pdf(path: Path, pages: int) -> Path:
    """A digital PDF of so many pages, each a table of forty rows, with a head on the first and a total on the last."""
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(path), pagesize=A4)
    for page in range(1, pages + 1):
        if page == 1:
            canvas.drawString(60, 800, "Invoice number: LONG-2026-1   Invoice date: 2026-03-01")
        for row in range(40):
            canvas.drawString(60, 770 - 18 * row, f"{page * 40 + row}  Consulting, package {row}")
            canvas.drawRightString(530, 770 - 18 * row, "10.00")
        if page == pages:
            canvas.drawString(60, 40, "Total")
            canvas.drawRightString(530, 40, f"{pages * 400:.2f}")
        canvas.showPage()
    canvas.save()
    return path


def peak_of(path: Path) -> tuple[float, float, float]:
    """Reading a file with a process of its own: peak MB of the child, growth of this process in MB, seconds."""
    before, began = _resident("self"), time.perf_counter()
    highest = [0.0, before]
    ended = Event()

    with Reader() as reader:

        def watch() -> None:
            while not ended.wait(0.05):
                highest[1] = max(highest[1], _resident("self"))
                highest[0] = max([highest[0], *map(_resident, _children())])

        watching = Thread(target=watch, daemon=True)
        watching.start()
        document = reader.read(path)
        ended.set()
        watching.join()
    if document.problems and document.fatal is not None:
        raise RuntimeError(f"{path.name} was not read: {document.fatal.message}")
    return highest[0], highest[1] - before, time.perf_counter() - began


def _children() -> list[str]:
    """The process ids of this process's children."""
    tasks = Path("/proc/self/task")
    return [pid for task in tasks.iterdir() for pid in (task / "children").read_text().split()]


def _resident(process: str) -> float:
    """MB of memory a process holds; 0 when it has ended."""
    try:
        status = Path("/proc", process, "status").read_text()
    except OSError:
        return 0.0
    line = next((line for line in status.splitlines() if line.startswith("VmRSS:")), "VmRSS: 0 kB")
    return int(line.split()[1]) / 1024


def growth(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Figures of the long documents: name, value, goal."""
    few, many = (peak_of(long_pdf(folder / f"{pages}.pdf", pages)) for pages in (FEW, MANY))
    yield f"peak MB of the child, {FEW} / {MANY} pages", f"{few[0]:.0f} / {many[0]:.0f}", "flat"
    yield f"growth of the worker in MB, {FEW} / {MANY} pages", f"{few[1]:.0f} / {many[1]:.0f}", "flat"
    yield f"seconds a page, {FEW} / {MANY} pages", f"{few[2] / FEW:.4f} / {many[2] / MANY:.4f}", ""


def scanned_pages(files: Iterable[Path]) -> list[tuple[Path, int]]:
    """The first scanned pages among the files, one of each file."""
    from bots.documents.opening.load import text_pages
    from bots.documents.pages.pdf_file import Unreadable, kind_of

    found: list[tuple[Path, int]] = []
    for file in files:
        try:
            scan = kind_of(file) == "image" or not any(page.words for page in text_pages(file)[:1])
        except Unreadable:
            continue
        if scan:
            found.append((file, 1))
        if len(found) == PAGES:
            break
    return found


def ocr_share(files: Sequence[Path]) -> float:
    """How many times the engine's own CPU time a page takes in all, the median of some pages; 0 without any."""
    from bots.documents.ocr.port import engine_for
    from bots.documents.ocr.scan import scaled, scanned_page
    from bots.documents.pages.raster import picture_pages, render_pdf

    engine = engine_for("rapidocr")
    shares = []
    for file, number in scanned_pages(files):
        if file.suffix.lower() == ".pdf":
            _, image, dpi = next(iter(render_pdf(file, [number], engine.resolution[1])))
        else:
            _, image, dpi = next(iter(picture_pages(file, range(1, 2), Limits())))
        grey = scaled(image.convert("L"), dpi, engine.resolution)
        engine.read(grey)  # the first reading loads the models
        alone = _cpu_of(partial(engine.read, grey))
        whole = _cpu_of(partial(scanned_page, 1, image, dpi, engine_for("auto")))
        shares.append(whole / alone)
    return statistics.median(shares) if shares else 0.0


def _cpu_of(work: Callable[[], object]) -> float:
    """CPU seconds of a call, children included."""
    before = sum(os.times()[:4])
    work()
    return sum(os.times()[:4]) - before
