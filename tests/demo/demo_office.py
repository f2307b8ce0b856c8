"""A demo project in a temporary folder, with invoices drawn for the purpose, and a screen that remembers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from commands.session import Session
from commands.wiring import open_engine
from demo.job import Wiring
from demo.samples import draw, samples, with_xml
from demo.samples.catalogue import Kind
from demo.samples.invoice import Invoice
from engine.work import Engine


class Screen:
    """Keeps what the job said."""

    as_json = True

    def __init__(self) -> None:
        self.said: list[str] = []
        self.lines: list[dict[str, Any]] = []

    def say(self, text: str) -> None:
        self.said.append(text)

    def line(self, value: Any) -> None:
        self.lines.append(value)

    def table(
        self, columns: Sequence[str], lines: Iterable[Sequence[Any]], *, none: str, spare: Sequence[str] = ()
    ) -> None:
        raise AssertionError("a machine reads no tables")

    @property
    def outcomes(self) -> dict[str, str]:
        return {row["invoice"]: row["outcome"] for row in self.lines if "invoice" in row}

    @property
    def totals(self) -> dict[str, dict[str, Any]]:
        return {row["currency"]: row["totals"] for row in self.lines if "currency" in row}


@contextmanager
def engine_of(folder: Path) -> Iterator[Engine]:
    with open_engine(Session(project_folder=str(folder))) as engine:
        yield engine


WIRING = Wiring(engine_of, lambda _engine, _total: nullcontext(lambda: None))


def of_kind(kind: Kind) -> Invoice:
    return next(sample.invoice for sample in samples() if sample.kind is kind)


def e_invoice(invoice: Invoice, **changes: Any) -> bytes:
    """The invoice with its XML inside, which is read without doubt; `changes` make it another invoice."""
    changed = replace(invoice, **changes)
    return with_xml(draw(changed), changed)
