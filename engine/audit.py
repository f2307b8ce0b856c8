"""Reading the audit log, holding it against itself and against what was anchored outside the store."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.errors import UsageError
from engine.store import tables
from engine.store.audit import FIRST, FORGETTABLE, Entry, digests_of, is_forgotten, mac_of, note
from engine.store.database import Database, Row, Transaction, rows

__all__ = ["Anchor", "Entry", "Finding", "Verdict", "anchor", "anchors_in", "lines_of", "note", "verify"]
AT_ONCE = 1000
LONGEST = 500
"""Bytes that hold the last anchor of a file for certain."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """The head of the chain as it was at a time, kept outside the store."""

    number: int
    mac: str
    at: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was written. `number` is the line that is wrong, or after which something is."""

    number: int
    what: str
    expected: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """`lines` were looked at and `anchors` held against them; without findings all is as it was written."""

    lines: int
    anchors: int
    findings: Sequence[Finding]


def lines_of(
    transaction: Transaction,
    *,
    person: str = "",
    act: str = "",
    about: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[Row]:
    """The lines that match, the newest first. `about` is a part of what it was done to; `before` pages on."""
    table = tables.audit.c
    query = tables.audit.select().order_by(table.number.desc()).limit(limit)
    if person:
        query = query.where(table.person == person)
    if act:
        query = query.where(table.act == act)
    if about:
        query = query.where(table.about.contains(about, autoescape=True))
    if since is not None:
        query = query.where(table.at >= since)
    if until is not None:
        query = query.where(table.at < until)
    if before is not None:
        query = query.where(table.number < before)
    return rows(transaction, query)


def verify(database: Database, key: bytes, anchors: Sequence[Anchor]) -> Verdict:
    """Go through the whole chain; the first line that is wrong is told, as all after it hang on it.

    Found are lines that were edited, left out, swapped, cut off at the end or written anew with another key, and
    decisions and acts that are not as they were or are gone. What was forgotten as it has to be is not wrong.
    """
    findings: list[Finding] = []
    held = {one.number: one for one in anchors}
    before, number = FIRST, 0
    with database.read() as transaction:
        for line in _all(transaction):
            number += 1
            if line["number"] != number:
                findings.append(Finding(number, f"the line is missing; {line['number']} follows", f"line {number}"))
                return Verdict(number - 1, 0, findings)
            if mac_of(key, before, dict(line)) != line["mac"]:
                told = f"{line['at']:%Y-%m-%d %H:%M:%S} {line['person']} {line['act']} {line['about']}".strip()
                findings.append(
                    Finding(number, f"the line is not what was written: {told}", "the hash it was written with")
                )
                return Verdict(number - 1, 0, findings)
            before = str(line["mac"])
            kept = held.pop(number, None)
            if kept is not None and kept.mac != before:
                findings.append(
                    Finding(number, "the chain was written anew up to this line", f"the hash anchored at {kept.at}")
                )
                return Verdict(number, 0, findings)
        findings += _at_the_end(transaction, number, before, list(held.values()))
        findings += _rows(transaction, key)
    return Verdict(number, len(anchors), findings)


def _all(transaction: Transaction) -> Iterator[Row]:
    table, last = tables.audit, 0
    while True:
        found = rows(transaction, table.select().where(table.c.number > last).order_by(table.c.number).limit(AT_ONCE))
        if not found:
            return
        yield from found
        last = found[-1]["number"]


def _at_the_end(transaction: Transaction, number: int, mac: str, beyond: list[Anchor]) -> Iterator[Finding]:
    head = rows(transaction, tables.audit_head.select())
    if len(head) != 1 or (head[0]["number"], head[0]["mac"]) != (number, mac):
        told = f"line {head[0]['number']}" if len(head) == 1 else f"{len(head)} heads"
        yield Finding(number, "the lines after this one are gone, or the head was changed", told)
    if beyond:
        last = max(beyond, key=lambda one: one.number)
        yield Finding(number, "the lines after this one are gone", f"line {last.number}, anchored at {last.at}")


def _rows(transaction: Transaction, key: bytes) -> Iterator[Finding]:
    """Decisions and acts against the lines that tell of them."""
    line = tables.audit.c
    for name in FORGETTABLE:
        table = tables.metadata.tables[name]
        query = (
            tables.audit.outerjoin(table, table.c.id == line.row)
            .select()
            .where(line.source == name)
            .with_only_columns(line.number, line.row.label("kept_row"), line.lasting, line.content, *table.c)
            .order_by(line.number)
        )
        for row in transaction.execute(query.execution_options(yield_per=AT_ONCE)).mappings():
            what, kept = f"{name[:-1]} {row['kept_row']}", dict(row)
            if row["id"] is None:
                yield Finding(row["number"], f"the {what} is gone", "the row that this line tells of")
                continue
            lasting, content = digests_of(key, name, kept)
            if lasting != row["lasting"] or (content != row["content"] and not is_forgotten(name, kept)):
                yield Finding(row["number"], f"the {what} is not what was decided", "the row as it was written")


# -- anchors outside the store -----------------------------------------------------------------------------------------


def anchor(database: Database, file: Path, now: datetime) -> Anchor | None:
    """Write the head of the chain to the end of a file; None if it is there already. Safe to call often."""
    with database.read() as transaction:
        (head,) = rows(transaction, tables.audit_head.select())
    if head["number"] == 0 or _last_in(file) >= head["number"]:
        return None
    made = Anchor(int(head["number"]), str(head["mac"]), now.astimezone(UTC).isoformat(timespec="seconds"))
    file.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps({"number": made.number, "mac": made.mac, "at": made.at}) + "\n"
    handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, line.encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    return made


def _last_in(file: Path) -> int:
    """The number of the last anchor of a file; it is written to for years, so only its end is read."""
    if not file.exists():
        return 0
    with file.open("rb") as opened:
        opened.seek(max(file.stat().st_size - LONGEST, 0))
        lines = opened.read().decode(errors="replace").splitlines()
    try:
        return int(json.loads(lines[-1])["number"]) if lines else 0
    except (ValueError, KeyError, TypeError):
        return 0  # what is no anchor is told of by who reads them; a new one is written all the same


def anchors_in(file: Path) -> list[Anchor]:
    """The anchors of a file, the oldest first; UsageError naming the line that is none."""
    if not file.exists():
        return []
    found = []
    for number, line in enumerate(file.read_text().splitlines(), 1):
        try:
            told: dict[str, Any] = json.loads(line)
            found.append(Anchor(int(told["number"]), str(told["mac"]), str(told["at"])))
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError(
                f"{file}:{number}: this is no anchor: {line[:80]!r}", advice="bring the file back from a copy"
            ) from error
    return found
