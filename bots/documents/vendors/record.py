"""The record of an anchor on a vendor's past documents, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

AGREEING = 2  # documents that must speak for an anchor
CONTRADICTIONS = 2  # corrections that contradict an anchor before it is given up


class State(StrEnum):
    """What becomes of an anchor."""

    ACTIVE = "active"  # used
    PROPOSED = "proposed"  # kept, tested again with every new example, not used
    RETIRED = "retired"  # given up: it was contradicted
    FORGOTTEN = "forgotten"  # given up: a person said so


@dataclass(frozen=True, slots=True)
class Record:
    """Counts over past documents whose value of the field is known.

    `agrees`: it finds the right value; of these `fixes`, where reading without it does not, and `drawn`, where a person
    showed the very place. `wrong`: it finds another one; of these `breaks`, where reading without it is right.
    `contradicted`: wrong where a person has looked. `disturbs`: other fields that are read wrongly once it is used.
    `silent`: it finds nothing.
    """

    agrees: int = 0
    fixes: int = 0
    wrong: int = 0
    breaks: int = 0
    contradicted: int = 0
    disturbs: int = 0
    silent: int = 0
    drawn: int = 0
    broken: tuple[str, ...] = ()  # the files that it breaks, for the person who asks why

    @property
    def words(self) -> str:
        return f"fixes {self.fixes}, breaks {self.breaks + self.disturbs}"

    def to_data(self) -> dict[str, Any]:
        return asdict(self) | {"broken": list(self.broken)}

    @classmethod
    def of_data(cls, data: Mapping[str, Any]) -> Record:
        return cls(**{**data, "broken": tuple(data["broken"])})


def judge(record: Record, before: State | None = None, reason: str = "") -> tuple[State, str]:
    """Whether an anchor with this record is used, and why or why not; `before`: what it was so far, with its reason."""
    if before is State.FORGOTTEN:
        return before, reason
    if record.contradicted >= CONTRADICTIONS:
        return State.RETIRED, f"{record.contradicted} corrections contradict it"
    if before is State.RETIRED:
        return before, reason
    if record.breaks or record.disturbs:
        where = f" ({', '.join(record.broken[:3])})" if record.broken else ""
        return State.PROPOSED, f"not used: it {record.words}{where}"
    if record.wrong:
        return State.PROPOSED, f"not used: on {_documents(record.wrong)} it finds another value than the right one"
    # A place that a person showed says what a value alone does not: it counts for two documents.
    if record.agrees + record.drawn < AGREEING:
        return State.PROPOSED, f"not used: it is right on {_documents(record.agrees)} only"
    if not record.fixes:
        return State.PROPOSED, "not used: the field is read rightly without it on all past documents"
    return State.ACTIVE, f"used: it {record.words}"


def _documents(number: int) -> str:
    return "1 document" if number == 1 else f"{number} documents"
