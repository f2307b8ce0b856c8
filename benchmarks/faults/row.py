"""One row of the table: a fault, how often it was made, and what became of the work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.faults.office import Found


@dataclass(frozen=True, slots=True)
class Row:
    """`seconds` to recover, the 95th percentile; `told` says what else was seen, or why the row was left out."""

    fault: str
    store: str
    workers: int
    times: int
    lost: int = 0
    doubled: int = 0
    uncertain: int = 0
    seconds: float | None = None
    goal: str = "0 lost, 0 doubled"
    met: bool | None = None
    told: str = ""


def percentile(values: Sequence[float], share: float = 0.95) -> float | None:
    """None where nothing was measured."""
    return sorted(values)[min(int(len(values) * share), len(values) - 1)] if values else None


def clean(found: Found) -> bool:
    return not found.lost and not found.doubled
