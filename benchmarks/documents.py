"""How well documents are read, how honest the confidence is, and what it costs, beside two baselines in the same run.

Every folder under DIR with a `truth.jsonl` is a set (see benchmarks/document_score.py for what stands in it). E-invoice
XML inside the files is ignored: what is measured is reading pages. Without DIR the drawn invoices of many layouts are
read, which need nothing from outside.
"""

from __future__ import annotations

import importlib.util
import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from benchmarks.document_limits import growth, ocr_share
from benchmarks.document_score import Score, Truth, calibration_error, reliability, truths_of
from benchmarks.documents_fuzz import fuzz
from benchmarks.first_match import read_first_match
from benchmarks.line_score import LineScore, score_lines
from benchmarks.statement_score import score_statements
from benchmarks.table_score import score_tables
from bots.documents.document import Document, Finding
from bots.documents.opening.load import OcrChoice
from bots.documents.reader import Reader

CORE = ("number", "issue_date", "total", "seller.tax_id")
RECEIPT = ("seller.name", "seller.address", "issue_date", "total")
ACCEPT = 0.9
FUZZ = 300  # seconds of the full report for mutated files
SAMPLE = 12  # documents of a set, unless all are asked for


@dataclass
class SetResult:
    """One set: scores of our reader and of the baselines, and what reading cost."""

    name: str
    ours: Score
    pages: int = 0
    cpu: float = 0.0  # seconds, children included
    wall: float = 0.0
    peak: int = 0  # MB, the largest child's
    baselines: dict[str, Score] = field(default_factory=dict)
    lines: LineScore = field(default_factory=LineScore)
    digital: bool = True  # no page had to be read as a picture

    @property
    def core(self) -> Sequence[str]:
        """The fields that the goals speak of."""
        return RECEIPT if "receipt" in self.name else CORE


@dataclass(frozen=True)
class Row:
    """A line of the report; `goal` is empty where there is none."""

    set: str
    figure: str
    value: str
    goal: str = ""


def sets_of(directory: Path) -> list[Path]:
    """The folders with fields to find, `directory` itself if it is one."""
    folders = [directory] if (directory / "truth.jsonl").is_file() else sorted(directory.iterdir())
    found = [folder for folder in folders if (folder / "truth.jsonl").is_file()]
    return [folder for folder in found if any(truth.values for truth in truths_of(folder))]


def sampled(truths: Sequence[Truth], whole: bool) -> list[Truth]:
    """All documents, or every n-th of them, so that each vendor has its chance."""
    wanted = [truth for truth in truths if truth.values]
    step = 1 if whole else max(len(wanted) // SAMPLE, 1)
    return wanted[::step] if whole else wanted[::step][:SAMPLE]


def measure_set(folder: Path, *, whole: bool, ocr: OcrChoice = "auto", peers: bool = True) -> SetResult:
    """Read a set with a reader of its own, without a cache, then with the baselines."""
    truths = sampled(truths_of(folder), whole)
    result = SetResult(folder.name, Score())
    fields = "receipt" if "receipt" in folder.name else "invoice"
    before, began = _cpu(), time.perf_counter()
    with Reader() as reader:
        for truth in truths:
            document = reader.read(truth.path, fields, einvoice=False, ocr=ocr)
            result.pages += max(document.pages, 1)
            result.ours.add(truth, document, ACCEPT)
            result.digital &= all(found.source != "ocr" for found in document.fields.values())
            if truth.row.get("line_items") and "amount" in truth.row["line_items"][0]:
                result.lines += score_lines(truth.row["line_items"], document.to_json()["lines"])
    result.wall, result.cpu = time.perf_counter() - began, _cpu() - before
    result.peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    if peers:
        for name, read in baselines():
            result.baselines[name] = score = Score()
            for truth in truths:
                score.add(truth, read(truth.path), ACCEPT)
    return result


def _cpu() -> float:
    """Seconds of CPU of this process and of its children that have ended."""
    return sum(os.times()[:4])


def baselines() -> Iterator[tuple[str, Callable[[Path], Document]]]:
    """The other readers that are installed."""
    yield "first match", read_first_match
    if importlib.util.find_spec("invoice2data"):
        yield "invoice2data", read_invoice2data


def read_invoice2data(path: Path) -> Document:
    """invoice2data with the templates it comes with."""
    import logging

    from invoice2data import extract_data
    from invoice2data.extract.loader import read_templates

    logging.disable(logging.CRITICAL)
    document = Document(str(path))
    try:
        found: dict[str, Any] = extract_data(str(path), templates=read_templates()) or {}
    except Exception:  # noqa: BLE001 - what a baseline cannot read it has not found
        found = {}
    finally:
        logging.disable(logging.NOTSET)
    if found.get("invoice_number"):
        document.fields["number"] = Finding(str(found["invoice_number"]), 1.0)
    if found.get("date"):
        document.fields["issue_date"] = Finding(found["date"].date(), 1.0)
    if found.get("vat"):
        document.fields["seller.tax_id"] = Finding(str(found["vat"]), 1.0)
    if found.get("issuer"):
        document.fields["seller.name"] = Finding(str(found["issuer"]), 1.0)
    with suppress(KeyError, InvalidOperation):
        document.fields["total"] = Finding(Decimal(str(found["amount"])), 1.0)
    return document


def rows_of(result: SetResult) -> Iterator[Row]:
    """The lines of the report for one set."""
    name, ours = result.name, result.ours
    goal = (
        ">= 0.92" if "receipt" in name or name.startswith("broadcast") else ">= 0.93" if "scans" in name else ">= 0.95"
    )
    yield Row(name, "documents / pages", f"{ours.documents} / {result.pages}")
    yield Row(name, "F1 of " + ", ".join(result.core), f"{ours.f1(result.core):.3f}", goal)
    yield Row(name, "F1 of all fields", f"{ours.f1():.3f}")
    yield Row(name, "documents wholly right", f"{ours.share(ours.whole):.3f}")
    yield Row(
        name,
        f"documents nobody looks at (confidence >= {ACCEPT}, no problem)",
        f"{ours.share(ours.accepted):.3f}",
        ">= 0.60",
    )
    yield Row(
        name,
        "of these, with a wrong value",
        f"{ours.share(ours.accepted_with_wrong_value, ours.accepted):.3f}",
        "<= 0.01",
    )
    yield Row(
        name, "of these, with a wrong or a missing value", f"{ours.share(ours.accepted_wrong, ours.accepted):.3f}"
    )
    yield Row(name, "distance of confidence from share right (ECE)", f"{calibration_error(ours.sureness):.3f}")
    pages = max(result.pages, 1)
    yield Row(name, "CPU seconds a page", f"{result.cpu / pages:.3f}", "<= 0.15" if result.digital else "")
    yield Row(name, "wall seconds a page / peak MB of a child", f"{result.wall / pages:.3f} / {result.peak}")
    if result.lines.true:
        yield Row(
            name, "rows of items: precision / recall", f"{result.lines.precision:.3f} / {result.lines.recall:.3f}"
        )
    for peer, score in result.baselines.items():
        yield Row(name, f"{peer}: F1 of the same fields", f"{score.f1(result.core):.3f}")


def reliability_rows(results: Sequence[SetResult]) -> Iterator[Row]:
    """Of the values said to be so sure, how many are right, over all sets."""
    pairs = [pair for result in results for pair in result.ours.sureness]
    for band, count, sure, right in reliability(pairs):
        yield Row("all", f"values said to be {band} sure: {count}", f"{right:.3f} right", f"{sure:.3f}")


def measure(
    directory: Path | None, *, whole: bool = False, ocr: OcrChoice = "auto", peers: bool = True
) -> Iterator[Row]:
    """The report on a folder of sets, or on drawn invoices, a line as soon as it is known."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = directory or _drawn(Path(temporary), 256 if whole else SAMPLE)
        results: list[SetResult] = []
        for one in sets_of(folder):
            results.append(measure_set(one, whole=whole, ocr=ocr, peers=peers))
            yield from rows_of(results[-1])
        yield from reliability_rows(results)
        yield from table_rows(folder)
        yield from statement_rows(folder)
        if whole:
            yield from edge_rows(folder, Path(temporary))


def table_rows(folder: Path) -> Iterator[Row]:
    """Tables, where a set has them: F1 of neighbouring cells as in the ICDAR 2013 competition."""
    for one in _with(folder, "tables"):
        for score in score_tables(one):
            if score.document == "mean":
                figure = f"{score.reader}: precision / recall / F1 of neighbouring cells, mean of documents"
                yield Row(one.name, figure, f"{score.precision:.3f} / {score.recall:.3f} / {score.f1:.3f}")


def statement_rows(folder: Path) -> Iterator[Row]:
    """Bank statements, where a set has them: every booking, and balances that hold."""
    for one in _with(folder, "transactions"):
        score = score_statements(one)
        yield Row(one.name, "statements / files that are no documents", f"{score.documents} / {score.closed}")
        yield Row(one.name, "bookings: precision / recall", f"{score.precision:.3f} / {score.recall:.3f}", ">= 1.0")
        figure = "statements with every booking / with balances that hold"
        yield Row(one.name, figure, f"{score.whole} / {score.holding} of {score.documents}")
        figure = f"statements nobody looks at (confidence >= {ACCEPT}, no problem) / wrong ones of these"
        yield Row(one.name, figure, f"{score.accepted} / {score.accepted_wrong}")


def _with(folder: Path, key: str) -> list[Path]:
    """The sets under a folder whose truth has something under a key."""
    files = [folder / "truth.jsonl", *sorted(folder.glob("*/truth.jsonl"))]
    return [file.parent for file in files if file.is_file() and f'"{key}": [' in file.read_text(encoding="utf-8")]


def edge_rows(folder: Path, temporary: Path) -> Iterator[Row]:
    """What long documents, scans and hostile files cost."""
    for figure, value, goal in growth(temporary):
        yield Row("long PDF", figure, value, goal)
    files = [truth.path for one in sets_of(folder) for truth in truths_of(one)]
    yield Row("scans", "CPU of a page, times the engine's own", f"{ocr_share(files):.2f}", "<= 1.2")
    with Reader() as reader:
        broken = fuzz(FUZZ, 1, reader)
    yield Row("broken files", f"mutated files read in {FUZZ} s", str(broken.cases))
    yield Row(
        "broken files", "crashes of the worker, unnamed problems", str(len(broken.crashes) + len(broken.faults)), "0"
    )


def _drawn(folder: Path, count: int) -> Path:
    """Invoices and bank statements of many layouts, digital and as scans, and receipts of many tills as photographs."""
    from benchmarks.zoo_score import save
    from tests.documents.bank_papers import save as statements
    from tests.documents.till_prints import save as photographs

    for name, scan, made in (("drawn_invoices", False, count), ("drawn_invoice_scans", True, max(count // 8, 4))):
        (folder / name).mkdir()
        save(range(made), folder / name, scan=scan)
    photographs(range(max(count // 8, 4)), folder / "drawn_receipts")
    statements(range(count), folder / "drawn_statements", scan=False)
    statements(range(max(count // 8, 4)), folder / "drawn_statement_scans", scan=True)
    return folder
