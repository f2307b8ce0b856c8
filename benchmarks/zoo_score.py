"""Reads made-up invoices (tests/documents/zoo.py) and scores them by field, language and layout.

python -m benchmarks.zoo_score [--seeds 0-256] [--fields total,number] [--errors 40] [--show SEED]
    python -m benchmarks.zoo_score --save DIR [--scans]
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.document_score import NAMES, same
from benchmarks.line_score import LineScore, number, same_number, score_lines
from bots.documents.document import Document, plain
from bots.documents.reader import understand
from bots.documents.schemas import INVOICE
from tests.documents.zoo import Specimen, specimen

FIELDS: Mapping[str, tuple[str, ...]] = {**NAMES, "buyer.tax_id": ("buyer_vat_id",), "currency": ("currency",)}
ACCEPT = 0.9  # the confidence from which nobody looks at a document


def true_values(truth: Mapping[str, Any]) -> dict[str, str]:
    """The values of a truth row by our field names."""
    found = {}
    for name, theirs in FIELDS.items():
        value = next((truth[key] for key in theirs if truth.get(key) not in (None, "")), None)
        if value is not None:
            found[name] = str(value)
    return found


def right(name: str, found: Any, truth: str) -> bool:
    """Whether a value is right; a tax id printed without the letters of its country may be read without them."""
    if same(name, found, truth):
        return True
    if not name.endswith("tax_id"):
        return False
    value = str(found).removesuffix("MWST").removesuffix("TVA").removesuffix("IVA")
    return same(name, value, truth) or same(name, value, truth[2:])


@dataclass
class Tally:
    """Counts over many specimens."""

    right: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    invented: Counter[str] = field(default_factory=Counter)
    groups: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    lines: LineScore = field(default_factory=LineScore)
    breakdowns: list[int] = field(default_factory=lambda: [0, 0, 0])  # right, wrong, missing
    whole: int = 0
    accepted: int = 0
    accepted_wrong: int = 0
    documents: int = 0
    errors: list[str] = field(default_factory=list)

    def f1(self, name: str) -> float:
        """F1 of a field; `lines` and `lines.cells` stand for the rows of items."""
        good, bad, gone = self.right[name], self.wrong[name], self.missing[name]
        return 2 * good / (2 * good + 2 * bad + gone) if good else 0.0

    def add(self, one: Specimen, document: Document, only: frozenset[str]) -> None:
        """Count one specimen."""
        values = true_values(one.truth)
        good = seen = 0
        for name in FIELDS:
            found, true = document.value(name), values.get(name)
            if only and name not in only:
                continue
            if true is None:
                self.invented[name] += found is not None and name != "due_date"
                continue
            seen += 1
            if found is None:
                self.missing[name] += 1
            elif right(name, plain(found), true):
                self.right[name] += 1
                good += 1
                continue
            else:
                self.wrong[name] += 1
            self.errors.append(f"{one.seed} {one.truth['country']}: {name}: {found!s} / {true}   [{one.layout.name}]")
        self._rows(one, document, only)
        self.documents += 1
        self.whole += good == seen
        if document.confidence >= ACCEPT and not document.problems:
            self.accepted += 1
            self.accepted_wrong += good != seen
        for group in (("language", str(one.truth["language"])), ("layout", one.layout.name)):
            self.groups[group][0] += good
            self.groups[group][1] += seen

    def _rows(self, one: Specimen, document: Document, only: frozenset[str]) -> None:
        data = document.to_json()
        lines = score_lines(one.truth["line_items"], data["lines"])
        self.lines += lines
        clean = lines.found == lines.read == lines.true and lines.cells == lines.asked
        if not clean and (not only or "lines" in only):
            counts = f"read {lines.read}, true {lines.true}, found {lines.found}, cells {lines.cells}/{lines.asked}"
            self.errors.append(
                f"{one.seed} {one.truth['country']}: lines: {counts}   "
                f"[{' '.join(one.layout.columns)}; {one.layout.name}]"
            )
        true = one.truth["tax_breakdown"]
        if true and "tax_breakdown" in data:
            state = breakdown_state(true, data["tax_breakdown"])
            self.breakdowns[state] += 1
            if state and (not only or "tax_breakdown" in only):
                self.errors.append(
                    f"{one.seed} {one.truth['country']}: tax_breakdown: {data['tax_breakdown']} / {true}"
                )

    def report(self) -> str:
        """The figures as text."""
        rows = [f"{'field':16} {'F1':>6} {'right':>6} {'wrong':>6} {'missing':>8} {'invented':>9}"]
        for name in FIELDS:
            good, bad, gone = self.right[name], self.wrong[name], self.missing[name]
            if good + bad + gone:
                rows.append(f"{name:16} {self.f1(name):6.3f} {good:6} {bad:6} {gone:8} {self.invented[name]:9}")
        lines = self.lines
        rows.append(
            f"{'lines':16} precision {lines.precision:.3f}  recall {lines.recall:.3f}  "
            f"their numbers {lines.right_cells:.3f}"
        )
        good, bad, gone = self.breakdowns
        rows.append(f"{'tax_breakdown':16} right {good}  wrong {bad}  missing {gone}")
        for kind in ("language", "layout"):
            shares = sorted(
                (good / max(seen, 1), name) for (group, name), (good, seen) in self.groups.items() if group == kind
            )
            rows.append(
                f"{kind}: "
                + "; ".join(f"{name} {share:.2f}" for share, name in (shares if kind == "language" else shares[:10]))
            )
        rows.append(
            f"{self.documents} documents, all right {self.whole / max(self.documents, 1):.3f}, "
            f"accepted at {ACCEPT} {self.accepted}, of them wrong {self.accepted_wrong}"
        )
        return "\n".join(rows)


def breakdown_state(true: Iterable[Mapping[str, Any]], read: Iterable[Mapping[str, Any]]) -> int:
    """0 where a tax breakdown is right, 1 where it is wrong, 2 where there is none."""
    wanted = sorted(tuple(number(row[key]) or 0 for key in ("rate", "basis", "amount")) for row in true)
    found = sorted(tuple(number(row[key]) or 0 for key in ("rate", "basis", "amount")) for row in read)
    if not found:
        return 2
    pairs = zip(wanted, found, strict=False)
    return int(
        len(wanted) != len(found)
        or not all(same_number(number(a), number(b)) for x, y in pairs for a, b in zip(x, y, strict=True))
    )


def tally(seeds: Iterable[int], only: frozenset[str] = frozenset()) -> Tally:
    """Read the specimens of these seeds."""
    counts = Tally()
    for seed in seeds:
        one = specimen(seed)
        counts.add(one, understand(one.name, one.pages(), INVOICE), only)
    return counts


def show(seed: int) -> str:
    """One specimen in full: its text, what was read of it, its truth."""
    one = specimen(seed)
    pages = one.pages()
    text = [
        f"{line.page}:{line.index:3} {line.box[0]:5.0f} {line.box[1]:5.0f}  {line.text}"
        for page in pages
        for line in page.lines
    ]
    read = json.dumps(understand(one.name, pages, INVOICE).to_json(), indent=1, ensure_ascii=False)
    return "\n".join([*text, read, json.dumps(one.truth, ensure_ascii=False)])


def save(seeds: Iterable[int], folder: Path, *, scan: bool) -> None:
    """Write specimens and their truth.jsonl into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for seed in seeds:
        one = specimen(seed)
        one.save(folder, scan=scan)
        rows.append(json.dumps(one.truth, ensure_ascii=False) + "\n")
    (folder / "truth.jsonl").write_text("".join(rows), encoding="utf-8")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="0-256", help="a number, or first-last (the last is left out)")
    parser.add_argument("--fields", default="", help="only these, parted by commas; also lines, tax_breakdown")
    parser.add_argument("--errors", type=int, default=0, help="how many mistakes to list")
    parser.add_argument("--show", type=int, help="show one specimen in full")
    parser.add_argument("--save", type=Path, help="write the PDFs and truth.jsonl there")
    parser.add_argument("--scans", action="store_true", help="with --save: as pictures of paper")
    given = parser.parse_args()
    if given.show is not None:
        sys.stdout.write(show(given.show) + "\n")
        return
    first, _, last = given.seeds.partition("-")
    seeds = range(int(first), int(last or int(first) + 1))
    if given.save:
        save(seeds, given.save, scan=given.scans)
        return
    started = time.process_time()
    counts = tally(seeds, frozenset(filter(None, given.fields.split(","))))
    for error in counts.errors[: given.errors]:
        sys.stdout.write(error + "\n")
    sys.stdout.write(f"{counts.report()}, {time.process_time() - started:.1f} s\n")


if __name__ == "__main__":
    main()
