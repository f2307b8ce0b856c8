"""All that stopped for one cause: what they say, what they share that good items lack, and retrying them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from console.access import demand
from console.bulk import Outcome
from console.permissions import Permission
from console.sessions import Viewer
from console.subject import correctable_path, is_file
from console.words import label, value
from engine import retrials
from engine.errors import UsageError
from engine.exceptions import Kind
from engine.items import State
from engine.store import tables
from engine.store.database import Row, Transaction, one, rows

SAMPLE = 200
MOST_MESSAGES = 5
MOST_TRAITS = 6
COMMON = 0.6
"""A trait is told where so many of those that stand have it, and at most half as large a share of the good ones."""
LONGEST = 80


@dataclass(frozen=True, slots=True)
class Trait:
    """A value that those that stand share. The shares are in per cent; `among_good` is None where none is done."""

    name: str
    value: str
    among_standing: int
    among_good: int | None


@dataclass(frozen=True)
class CausePage:
    """`found` are the exceptions by deadline; `retrial` is the last one of this cause."""

    found: list[Row]
    messages: list[tuple[str, int]]
    traits: list[Trait]
    good: int
    retrial: Row | None

    @property
    def first(self) -> Row:
        return self.found[0]


def read_cause(transaction: Transaction, fingerprint: str, most: int) -> CausePage:
    """UsageError if nothing ever stopped for this cause."""
    table = tables.exceptions
    standing_now = table.select().where(table.c.fingerprint == fingerprint, table.c.closed.is_(None))
    found = rows(transaction, standing_now.order_by(table.c.due.is_(None), table.c.due, table.c.id).limit(most))
    shown = found or [of_cause(transaction, fingerprint)]
    messages = Counter(str(row["message"]) for row in found).most_common(MOST_MESSAGES)
    standing = _values(transaction, [(str(row["item"]), str(row["run"])) for row in shown[:SAMPLE]], shown[0])
    items = tables.items
    done = items.select().where(items.c.workflow == shown[0]["workflow"], items.c.state == State.DONE)
    latest = rows(transaction, done.order_by(items.c.finished.desc()).limit(SAMPLE))
    good = _values(transaction, [(str(row["id"]), str(row["run"])) for row in latest], shown[0])
    return CausePage(
        found=found,
        messages=messages,
        traits=_traits(standing, good) if len(found) > 1 else [],
        good=len(good),
        retrial=retrials.latest(transaction, fingerprint),
    )


def of_cause(transaction: Transaction, fingerprint: str) -> Row:
    """The latest that stopped for it, open or not; UsageError if nothing ever did."""
    table = tables.exceptions
    found = one(transaction, table.select().where(table.c.fingerprint == fingerprint).order_by(table.c.id.desc()))
    if found is None:
        raise UsageError("nothing stopped for such a cause", advice="go back to the queue")
    return found


def judged(viewer: Viewer, found: Sequence[Row]) -> Outcome:
    """Which of them this person may retry as they stand. That is asked again of each when it is done."""
    done: list[str] = []
    left: Counter[str] = Counter()
    for row in found:
        if not viewer.person.answers_for(row["assigned"]):
            left[f"it is assigned to {row['assigned']}"] += 1
        elif row["holder"] not in (None, viewer.name):
            left[f"{row['holder']} has it"] += 1
        elif row["kind"] not in (Kind.BUSINESS, Kind.APPLICATION):
            left["it waits for a decision"] += 1
        else:
            done.append(str(row["id"]))
    return Outcome(done, dict(left))


def retry_all(transaction: Transaction, viewer: Viewer, fingerprint: str, names: Sequence[str], now: datetime) -> str:
    """One first, the others when it got past the cause; the id of the retrial."""
    demand(viewer, Permission.RETRY)
    return retrials.begin(transaction, fingerprint, viewer.person, names, now)


def stop(transaction: Transaction, viewer: Viewer, retrial: str, now: datetime) -> None:
    demand(viewer, Permission.RETRY)
    retrials.stop(transaction, retrial, viewer.person, now)


def _values(transaction: Transaction, pairs: Sequence[tuple[str, str]], like: Row) -> list[set[tuple[str, str]]]:
    """Of each item the values it carries and those that were read, as they are shown."""
    items, steps = tables.items, tables.steps
    inputs = {
        row["id"]: row["inputs"]
        for row in rows(transaction, items.select().where(items.c.id.in_([item for item, _ in pairs])))
    }
    read = rows(
        transaction,
        steps.select().where(steps.c.run.in_([run for _, run in pairs]), steps.c.path == correctable_path(like)),
    )
    results = {row["run"]: row["result"] for row in read}
    return [{*_plain(inputs.get(item) or {}), *_fields(results.get(run))} for item, run in pairs]


def _plain(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, thing in values.items():
        if is_file(thing):
            yield label(name), str(thing["name"])
        elif not isinstance(thing, (Mapping, list)) and thing is not None:
            yield label(name), value(thing)[:LONGEST]


def _fields(result: Any) -> Iterator[tuple[str, str]]:
    fields = result.get("fields") if isinstance(result, Mapping) else None
    if isinstance(fields, Mapping):
        yield from _plain({name: told.get("value") for name, told in fields.items() if isinstance(told, Mapping)})


def _traits(standing: Sequence[set[tuple[str, str]]], good: Sequence[set[tuple[str, str]]]) -> list[Trait]:
    """What sets those that stand apart, the clearest first."""
    among = Counter(pair for one in standing for pair in one)
    others = Counter(pair for one in good for pair in one)
    found = []
    for (name, text), number in among.items():
        share, other = number / len(standing), others[name, text] / len(good) if good else 0.0
        if text and share >= COMMON and other <= share / 2:
            found.append((share - other, Trait(name, text, round(share * 100), round(other * 100) if good else None)))
    found.sort(key=lambda pair: (-pair[0], pair[1].name))
    return [trait for _, trait in found[:MOST_TRAITS]]
