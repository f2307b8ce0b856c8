"""Broken files without end through the real reader: each must end in a reading or a named problem, and none in a crash.

Small documents of every kind are made, mutated at random from a seed, read, and drawn for the screen. A crash is an
exception in the process that asks; a fault is one that the child caught without a name for it: both are errors of ours.
"""

from __future__ import annotations

import io
import random
import re
import tempfile
import time
import traceback
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TypeAlias

from bots.documents.pages.pdf_file import Unreadable
from bots.documents.reader import Reader

Mutation: TypeAlias = Callable[[bytes, list[bytes], random.Random], bytes]

LIMITS = ("TOO_LARGE", "TOO_SLOW", "READER_KILLED")
EVERY = 40  # cases between two that are also read as a picture, which costs a hundred times as much

_LINES = ("Northwind Paper Ltd", "Invoice number: INV-2026-0417", "Invoice date: 14 March 2026", "Total due GBP 372.00")
_UBL = b"""<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"><ID>R-77</ID><IssueDate>2026-02-01</IssueDate>
<DocumentCurrencyCode>EUR</DocumentCurrencyCode><LegalMonetaryTotal><TaxExclusiveAmount>100.00</TaxExclusiveAmount>
<TaxInclusiveAmount>119.00</TaxInclusiveAmount></LegalMonetaryTotal><InvoiceLine><InvoicedQuantity>4</InvoicedQuantity>
<LineExtensionAmount>100.00</LineExtensionAmount><Item><Name>Shelf</Name></Item></InvoiceLine></Invoice>
"""


@dataclass
class FuzzReport:
    """What became of the cases. `crashes` and `faults` name the seed of the case that can be made again."""

    seed: int
    cases: int = 0
    seconds: float = 0.0
    read: int = 0  # with at least one field
    problems: Counter[str] = field(default_factory=Counter)
    limits: Counter[str] = field(default_factory=Counter)
    crashes: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    slowest: float = 0.0  # seconds for one case

    @property
    def clean(self) -> bool:
        return not self.crashes and not self.faults


def fuzz(seconds: float, seed: int, reader: Reader, cases: int | None = None) -> FuzzReport:
    """Mutated files for so many seconds, or so many `cases`; the same seed gives the same files in the same order."""
    report = FuzzReport(seed)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        for number, (suffix, content) in enumerate(mutants(seed)):
            if number == cases or time.monotonic() - began > seconds:
                break
            _try(Path(folder), suffix, content, number, reader, report)
    report.seconds = time.monotonic() - began
    return report


def mutants(seed: int) -> Iterator[tuple[str, bytes]]:
    """Mutated documents without end, each with the suffix of its file."""
    kinds = corpus()
    others = [content for _, content in kinds]
    for number in count():
        chance = random.Random(f"{seed}/{number}")
        suffix, content = chance.choice(kinds)
        for _ in range(chance.choice((1, 1, 2, 5))):
            content = chance.choice(_MUTATIONS)(content, others, chance)
        yield suffix, content


def _try(folder: Path, suffix: str, content: bytes, number: int, reader: Reader, report: FuzzReport) -> None:
    path = folder / f"case{suffix}"
    path.write_bytes(content)
    began = time.monotonic()
    report.cases += 1
    try:
        document = reader.read(path, ocr="auto" if number % EVERY == EVERY - 1 else "never")
        report.read += bool(document.fields)
        told = [(problem.code, problem.message) for problem in document.problems]
        told += _drawn(reader, path)
    except Exception:  # noqa: BLE001 - a crash of the reader is what is looked for
        report.crashes.append(f"case {number} of seed {report.seed} ({suffix}): {traceback.format_exc(limit=-4)}")
        return
    finally:
        report.slowest = max(report.slowest, time.monotonic() - began)
    for code, message in told:
        report.problems[code] += 1
        if code in LIMITS:
            report.limits[code] += 1
        if code == "READER_FAULT":
            report.faults.append(f"case {number} of seed {report.seed} ({suffix}): {message}")


def _drawn(reader: Reader, path: Path) -> list[tuple[str, str]]:
    try:
        for _ in reader.pictures(path, 2):
            pass
    except Unreadable as unreadable:
        return [(unreadable.problem.code, unreadable.problem.message)]
    return []


# -- small documents of every kind ------------------------------------------------------------------------------------


def corpus() -> list[tuple[str, bytes]]:
    """Documents that are read well as they are: PDFs plain, packed, with an e-invoice and scanned; pictures; XML."""
    plain = _pdf(packed=False)
    pictures = [(f".{kind.lower()}", _picture(kind)) for kind in ("PNG", "JPEG", "TIFF", "GIF", "BMP", "WEBP")]
    return [
        (".pdf", plain),
        (".pdf", _pdf(packed=True)),
        (".pdf", _rewritten(plain)),
        (".pdf", _picture("PDF")),
        (".xml", _UBL),
        *pictures,
    ]


def _pdf(*, packed: bool) -> bytes:
    shown = b" ".join(b"1 0 0 1 50 %d Tm (%b) Tj" % (780 - 20 * at, line.encode()) for at, line in enumerate(_LINES))
    text, how = b"BT /F 12 Tf " + shown + b" ET 50 500 200 1 re f", b""
    if packed:
        text, how = zlib.compress(text), b"/Filter /FlateDecode"
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F 5 0 R >> >> >>",
        b"<< /Length %d %b >> stream\n%b\nendstream" % (len(text), how, text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body, places = b"%PDF-1.7\n", []
    for number, part in enumerate(parts, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(body)
    return body + b"xref\n0 6\n0000000000 65535 f \n" + table + end


def _rewritten(plain: bytes) -> bytes:
    """The PDF as another program would write it, with an e-invoice inside."""
    from pypdf import PdfWriter

    writer = PdfWriter(clone_from=io.BytesIO(plain))
    writer.add_attachment("factur-x.xml", _UBL)
    writer.compress_identical_objects()
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def _picture(kind: str) -> bytes:
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (420, 160), "white")
    for at, line in enumerate(_LINES):
        ImageDraw.Draw(image).text((20, 20 + 30 * at), line, fill="black")
    target = io.BytesIO()
    image.save(target, kind)
    return target.getvalue()


# -- mutations --------------------------------------------------------------------------------------------------------


def _flip_bits(content: bytes, others: list[bytes], chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.choice((1, 3, 20))):
        if changed:
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _cut_short(content: bytes, others: list[bytes], chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content) + 1)]


def _drop(content: bytes, others: list[bytes], chance: random.Random) -> bytes:
    start, end = _span(content, chance)
    return content[:start] + content[end:]


def _double(content: bytes, others: list[bytes], chance: random.Random) -> bytes:
    start, end = _span(content, chance)
    return content[:end] + content[start:end] * chance.choice((1, 1, 50)) + content[end:]


def _splice(content: bytes, others: list[bytes], chance: random.Random) -> bytes:
    """A piece of another document in the midst of this one."""
    other = chance.choice(others)
    start, end = _span(other, chance)
    place = chance.randrange(len(content) + 1)
    return content[:place] + other[start:end] + content[place + chance.choice((0, end - start)) :]


def _blow_up_number(content: bytes, others: list[bytes], chance: random.Random) -> bytes:
    numbers = list(re.finditer(rb"\d+", content))
    if not numbers:
        return content
    one = chance.choice(numbers)
    new = chance.choice((b"-1", b"0", b"99999999", b"2147483648", b"1e99", b"9" * 300, b"4 0 R", b"0.0000001"))
    return content[: one.start()] + new + content[one.end() :]


def _swap_names(content: bytes, others: list[bytes], chance: random.Random) -> bytes:
    """One name, keyword or tag in the place of another."""
    names = list(re.finditer(rb"/?[A-Za-z]{2,}", content))
    if len(names) < 2:
        return content
    one, other = chance.choice(names), chance.choice(names)
    return content[: one.start()] + other.group() + content[one.end() :]


def _fill(content: bytes, others: list[bytes], chance: random.Random) -> bytes:
    start, end = _span(content, chance)
    return content[:start] + chance.choice((b"\0", b"\xff", b"(", b"<", b"[")) * (end - start) + content[end:]


def _span(content: bytes, chance: random.Random) -> tuple[int, int]:
    start = chance.randrange(len(content) + 1)
    return start, min(start + chance.choice((1, 8, 64, 1024)), len(content))


_MUTATIONS: tuple[Mutation, ...] = (
    _flip_bits, _cut_short, _drop, _double, _splice, _blow_up_number, _blow_up_number, _swap_names, _fill,
)  # fmt: skip
