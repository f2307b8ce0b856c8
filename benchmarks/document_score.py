"""What a reading of documents is worth against the truth: fields, documents, and what a supervisor never sees.

A folder of documents carries `truth.jsonl`, one object a document: `file`, and the values by their names in `NAMES`.
Values are compared as their letters and digits in upper case without accents, money to the cent, dates as ISO text; a
value that `visible` says is not on the page is not asked for. Precision, recall and F1 are counted over all fields.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from bots.documents.document import Document, plain

NAMES: Mapping[str, tuple[str, ...]] = {
    "number": ("invoice_number", "contract_number"),
    "issue_date": ("invoice_date",),
    "due_date": ("due_date",),
    "seller.name": ("seller_name", "company"),
    "seller.address": ("address",),
    "seller.tax_id": ("seller_vat_id",),
    "seller.iban": ("iban",),
    "buyer.name": ("buyer_name",),
    "order_number": ("purchase_order",),
    "net_total": ("net_total",),
    "tax_total": ("tax_total",),
    "total": ("gross_total", "total"),
}
"""Our fields and what a truth file calls them, in order of preference."""
MONEY = frozenset({"net_total", "tax_total", "total"})
VENDOR = ("template_group", "seller_vat_id", "seller_name", "company", "bank")


@dataclass(frozen=True)
class Truth:
    """What is known of one document: its file, its values, and the vendor whose layout it has."""

    path: Path
    values: Mapping[str, str]
    vendor: str
    row: Mapping[str, Any] = field(repr=False, default_factory=dict)


def truths_of(folder: Path, only: Iterable[str] = ()) -> list[Truth]:
    """The documents of a folder with their values; orders, which are no invoices, are left out."""
    wanted = frozenset(only)
    found = []
    with (folder / "truth.jsonl").open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if row.get("doc_kind", "invoice") == "order":
                continue
            values = {name: value for name, value in _values(row) if not wanted or name in wanted}
            vendor = next((str(row[name]) for name in VENDOR if row.get(name)), str(row["file"]))
            found.append(Truth(folder / row["file"], values, f"{folder.name}: {vendor}", row))
    return found


def _values(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    visible = row.get("visible") or {}
    for name, names in NAMES.items():
        given = next((one for one in names if row.get(one) not in (None, "")), None)
        if given is not None and visible.get(given) is not False:
            yield name, str(row[given])


def same(name: str, found: Any, truth: Any) -> bool:
    """Whether a value read is the true one, however it is written."""
    if name in MONEY:
        try:
            return Decimal(str(found)).quantize(Decimal("0.01")) == Decimal(str(truth)).quantize(Decimal("0.01"))
        except InvalidOperation:
            return False
    one, other = _letters(found), _letters(truth)
    if name.endswith("tax_id") and min(len(one), len(other)) >= 8:
        return one in other or other in one  # with or without the country's letters and the word for the tax
    return one == other


def _letters(value: Any) -> str:
    ascii_only = unicodedata.normalize("NFKD", str(value)).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Z0-9]", "", ascii_only.upper())


@dataclass
class Score:
    """Counts over a set of documents. `wrong` counts values given and false, `missing` values not given."""

    right: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    documents: int = 0
    whole: int = 0
    accepted: int = 0
    accepted_wrong: int = 0
    accepted_with_wrong_value: int = 0
    sureness: list[tuple[float, bool]] = field(default_factory=list)  # of every value given: confidence, right
    mistakes: list[str] = field(default_factory=list)

    def add(self, truth: Truth, document: Document, accept: float) -> None:
        """Count one document. `accept` is the confidence from which nobody looks at it."""
        if not truth.values:
            return
        self.documents += 1
        clean, given_wrong = True, False
        for name, value in truth.values.items():
            found = document.fields.get(name)
            if found is None:
                self.missing[name] += 1
                clean = False
                self.mistakes.append(f"{truth.path.name}: {name}: not found; {value}")
                continue
            right = same(name, plain(found.value), value)
            self.sureness.append((found.confidence, right))
            (self.right if right else self.wrong)[name] += 1
            if not right:
                clean, given_wrong = False, True
                self.mistakes.append(f"{truth.path.name}: {name}: {found.value} [{found.confidence:.2f}]; {value}")
        self.whole += clean
        if document.confidence >= accept and not document.problems:
            self.accepted += 1
            self.accepted_wrong += not clean
            self.accepted_with_wrong_value += given_wrong

    def f1(self, names: Iterable[str] | None = None) -> float:
        """Micro-F1 over some fields, or all."""
        wanted = list(names) if names is not None else sorted({*self.right, *self.wrong, *self.missing})
        right = sum(self.right[name] for name in wanted)
        wrong = sum(self.wrong[name] for name in wanted)
        missing = sum(self.missing[name] for name in wanted)
        return 2 * right / (2 * right + 2 * wrong + missing) if right else 0.0

    def share(self, count: int, whole: int | None = None) -> float:
        """A count as a share of the documents, or of another count."""
        return count / max(self.documents if whole is None else whole, 1)


def reliability(sureness: Iterable[tuple[float, bool]]) -> list[tuple[str, int, float, float]]:
    """Of the values said to be so sure, how many are right: band, values, mean confidence, share right."""
    bands: dict[int, list[tuple[float, bool]]] = {}
    for sure, right in sureness:
        bands.setdefault(min(int(sure * 10), 9), []).append((sure, right))
    return [
        (
            f"{band / 10:.1f}-{(band + 1) / 10:.1f}",
            len(values),
            sum(sure for sure, _ in values) / len(values),
            sum(right for _, right in values) / len(values),
        )
        for band, values in sorted(bands.items())
    ]


def calibration_error(sureness: Iterable[tuple[float, bool]]) -> float:
    """The mean distance between confidence and share right over the bands, weighted by their values (ECE)."""
    rows = reliability(sureness)
    values = sum(count for _, count, _, _ in rows)
    return sum(count * abs(sure - right) for _, count, sure, right in rows) / max(values, 1)
