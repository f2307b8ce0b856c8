"""Sample invoices: drawn by this package, degraded as scanners do, with the truth beside them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from demo.samples.catalogue import Kind, Sample, samples
from demo.samples.einvoice import with_xml
from demo.samples.layouts import draw
from demo.samples.truth import truth_of

FOLDER = Path(__file__).parent
INVOICES = FOLDER / "invoices"
"""The committed set, as `python -m demo.samples` wrote it."""


def render(sample: Sample) -> bytes:
    """The PDF of one sample; the same bytes each time."""
    pdf = draw(sample.invoice)
    if sample.kind is Kind.E_INVOICE:
        pdf = with_xml(pdf, sample.invoice)
    return sample.scanner.scan(pdf) if sample.scanner else pdf


def write(folder: Path) -> Iterator[Path]:
    """Write all samples and `truth.jsonl` into the folder, naming each file once it is there."""
    folder.mkdir(parents=True, exist_ok=True)
    listed = samples()
    for sample in listed:
        target = folder / sample.file
        target.write_bytes(render(sample))
        yield target
    truth = folder / "truth.jsonl"
    truth.write_text("".join(json.dumps(truth_of(one), ensure_ascii=False) + "\n" for one in listed), encoding="utf-8")
    yield truth
