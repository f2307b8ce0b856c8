"""Measures what two corrections teach: made-up vendors' invoices, read before and after the first ones were corrected.

    python -m benchmarks.vendor_memory [--seeds 0-64] [--taught 2] [--tried 3] [--errors 20] [--blind]

Of each vendor the first invoices are corrected wholly, as a person would; the others are read with what that taught.
The corrected ones are not counted. `fixed` and `broken` are fields of the others that changed for better or worse.
`--blind` leaves reading out: every field counts as corrected, and what its anchor alone finds is counted.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from benchmarks.zoo_score import right, true_values
from bots.documents.document import Value
from bots.documents.pages.page import Page
from bots.documents.reader import understand
from bots.documents.schemas import INVOICE
from bots.documents.vendors.anchor import Anchor
from bots.documents.vendors.example import VendorExample
from bots.documents.vendors.induction import Told, induce
from bots.documents.vendors.recall import Given
from bots.documents.vendors.record import State
from bots.documents.vendors.sheet import Sheet
from bots.documents.vendors.study import draw
from tests.documents.zoo_series import series

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@dataclass
class Gain:
    """Counts of fields, over the invoices that nobody corrected."""

    known: Counter[str] = field(default_factory=Counter)
    before: Counter[str] = field(default_factory=Counter)
    after: Counter[str] = field(default_factory=Counter)
    fixed: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    teachable: Counter[str] = field(default_factory=Counter)  # wrong before, and corrected twice in the same vendor
    notes: list[str] = field(default_factory=list)


def example(name: str, pages: list[Page], truth: Mapping[str, str], minutes: int) -> VendorExample:
    """An invoice corrected by a person who knows the truth."""
    read = {field: found.value for field, found in understand(name, pages, INVOICE).fields.items()}
    fields = {field: value for field, value in read.items() if field in truth}
    wrong = [field for field, value in truth.items() if not right(field, read.get(field), value)]
    for one in wrong:
        fields[one] = typed(one, truth[one])
    return VendorExample.of_pages(
        pages,
        digest=f"{minutes:064}",
        file=name,
        schema_fields="invoice",
        fields=fields,
        read=read,
        changed=frozenset(wrong),
        made=NOW.replace(minute=minutes),
        person="mary",
    )


def typed(name: str, text: str) -> Value:
    """A true value as the field's type."""
    kind = INVOICE[name].type
    try:
        return Decimal(text) if kind == "money" else date.fromisoformat(text) if kind == "date" else text
    except (InvalidOperation, ValueError):
        return text


def measure(seed: int, taught: int, tried: int, gain: Gain) -> None:
    """Teach one vendor's first invoices and read the others."""
    made = series(seed, taught + tried)
    pages = [one.pages() for one in made]
    truths = [true_values(one.truth) for one in made]
    examples = [example(made[n].name, pages[n], truths[n], n) for n in range(taught)]
    used = [one for one in draw(examples, [], NOW) if one.state == State.ACTIVE]
    anchors = Given([Anchor.of_data(one.name, one.data) for one in used])
    twice = Counter(name for one in examples for name in one.changed)
    for n in range(taught, taught + tried):
        alone = understand(made[n].name, pages[n], INVOICE).fields
        helped = understand(made[n].name, pages[n], INVOICE, memory=anchors).fields
        for name, truth in truths[n].items():
            was = name in alone and right(name, alone[name].value, truth)
            now = name in helped and right(name, helped[name].value, truth)
            gain.known[name] += 1
            gain.before[name] += was
            gain.after[name] += now
            gain.fixed[name] += now and not was
            gain.broken[name] += was and not now
            gain.teachable[name] += not was and twice[name] >= 2
            if (was and not now) or (not now and twice[name] >= 2):
                word = "broken" if was else "not fixed"
                value = helped[name].value if name in helped else None
                rules = "; ".join(one.data["words"] for one in used if one.name == name)
                gain.notes.append(f"{seed} {n} {name} {word}: {value} for {truth} [{rules}]")


@dataclass
class Found:
    """Counts of what anchors alone find, by field: right, wrong, nothing (silent), or no anchor was induced (none)."""

    counts: dict[str, Counter[str]] = field(default_factory=lambda: {name: Counter() for name in INVOICE.names})
    notes: list[str] = field(default_factory=list)

    def total(self, kind: str) -> int:
        return sum(count[kind] for count in self.counts.values())


def measure_blind(seed: int, taught: int, tried: int, found: Found) -> None:
    """Induce each field of one vendor from its first invoices, and look for it on the others."""
    made = series(seed, taught + tried)
    sheets = [Sheet(one.pages()) for one in made]
    truths = [true_values(one.truth) for one in made]
    for name in truths[0]:
        # Tax ids are told from their own checksums, and a currency from the amounts.
        if name.endswith("tax_id") or name == "currency" or not all(name in truth for truth in truths):
            continue
        told = [Told(sheets[n], typed(name, truths[n][name])) for n in range(taught)]
        anchors = induce(INVOICE[name], told)
        for n in range(taught, taught + tried):
            hit = anchors[0].hit(sheets[n]) if anchors else None
            told_right = hit is not None and hit.whole and right(name, hit.value, truths[n][name])
            kind = "none" if not anchors else "right" if told_right else "wrong" if hit and hit.whole else "silent"
            found.counts[name][kind] += 1
            if kind != "right":
                aloud = anchors[0].aloud if anchors else ""
                found.notes.append(f"{seed} {n} {kind}: {hit.value if hit else None} for {truths[n][name]} [{aloud}]")


def _print_found(found: Found) -> None:
    kinds = ("right", "wrong", "silent", "none")
    print(f"{'field':<16}" + "".join(f"{kind:>8}" for kind in kinds))
    for name, counts in found.counts.items():
        if counts:
            print(f"{name:<16}" + "".join(f"{counts[kind]:>8}" for kind in kinds))
    print(f"{'all':<16}" + "".join(f"{found.total(kind):>8}" for kind in kinds))


def _print_gain(gain: Gain) -> None:
    print(f"{'field':<16}{'known':>7}{'before':>8}{'after':>8}{'teachable':>11}{'fixed':>7}{'broken':>8}")
    for name in [*gain.known, "all"]:
        counts = [
            sum(count.values()) if name == "all" else count[name]
            for count in (gain.known, gain.before, gain.after, gain.teachable, gain.fixed, gain.broken)
        ]
        known, before, after, *rest = counts
        shares = f"{before / known:>8.3f}{after / known:>8.3f}"
        print(f"{name:<16}{known:>7}{shares}{rest[0]:>11}{rest[1]:>7}{rest[2]:>8}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="0-64")
    parser.add_argument("--taught", type=int, default=2)
    parser.add_argument("--tried", type=int, default=3)
    parser.add_argument("--errors", type=int, default=0)
    parser.add_argument("--blind", action="store_true")
    given = parser.parse_args()
    first, _, last = given.seeds.partition("-")
    seeds = range(int(first), int(last or int(first) + 1))
    if given.blind:
        found = Found()
        for seed in seeds:
            measure_blind(seed, given.taught, given.tried, found)
        _print_found(found)
        print("\n".join(found.notes[: given.errors]))
        return 0
    gain = Gain()
    for seed in seeds:
        measure(seed, given.taught, given.tried, gain)
    _print_gain(gain)
    for note in gain.notes[: given.errors]:
        print(note)
    return 0


if __name__ == "__main__":
    sys.exit(main())
