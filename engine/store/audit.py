"""The audit log: who did what, each line chained to the one before by a keyed hash, written with the act itself.

Lines are collected while a transaction runs and written at its very end, under the lock of the chain's head: nothing
is locked after it, so no two transactions wait for each other. The key is not in the store. What is personal is not
in a line but in the row that it is about, as a keyed hash, so that it can be forgotten.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from engine import codec
from engine.store import tables

KEY, ORIGIN = "audit_key", "audit_origin"
FIRST = "0" * 64
"""What the first line is chained to."""
_PENDING = "audit_pending"
LASTING: Mapping[str, tuple[str, ...]] = {
    "decisions": ("id", "exception", "item", "person", "kind", "seen", "made"),
    "acts": ("id", "exception", "item", "workflow", "person", "kind", "made"),
}
"""The columns of a row that never change; the others may be forgotten."""
FORGETTABLE: Mapping[str, tuple[str, ...]] = {"decisions": ("corrections", "reason"), "acts": ("text",)}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `about` names what it was done to; `source` is the row with the particulars, as `(table, values)`."""

    person: str
    act: str
    about: str
    at: datetime
    text: str = ""
    source: tuple[str, Mapping[str, Any]] | None = None


def note(transaction: sa.Connection, entry: Entry) -> None:
    """Have a line written when this transaction ends; nothing of it is there if it fails."""
    transaction.info.setdefault(_PENDING, []).append(entry)


def begin(transaction: sa.Connection) -> None:
    """Forget what a transaction on this connection that failed had collected."""
    transaction.info.pop(_PENDING, None)


def flush(transaction: sa.Connection) -> None:
    """Write what was collected, as the last thing of the transaction."""
    pending: list[Entry] = transaction.info.pop(_PENDING, [])
    if not pending:
        return
    options = transaction.get_execution_options()
    key, origin = options.get(KEY, b""), options.get(ORIGIN, "")
    head = tables.audit_head
    row = transaction.execute(sa.select(head).with_for_update()).mappings().one()
    number, mac = int(row["number"]), str(row["mac"])
    lines = []
    for entry in pending:
        number += 1
        line = _line(number, entry, origin, key)
        mac = line["mac"] = mac_of(key, mac, line)
        lines.append(line)
    transaction.execute(tables.audit.insert(), lines)
    transaction.execute(head.update().values(number=number, mac=mac))


def mac_of(key: bytes, before: str, line: Mapping[str, Any]) -> str:
    """The hash that chains a line to the one before."""
    names = ("number", "at", "person", "origin", "act", "about", "text", "source", "row", "lasting", "content")
    told = [before, *(_plain(line[name]) for name in names)]
    return hmac.digest(key, json.dumps(told, ensure_ascii=False).encode(), hashlib.sha256).hex()


def digests_of(key: bytes, table: str, row: Mapping[str, Any]) -> tuple[str, str]:
    """What is kept of a row: a keyed hash of what never changes, and one of what may be forgotten."""
    return _digest(key, row, LASTING[table]), _digest(key, row, FORGETTABLE[table])


def is_forgotten(table: str, row: Mapping[str, Any]) -> bool:
    return all(row[name] is None for name in FORGETTABLE[table])


def _line(number: int, entry: Entry, origin: str, key: bytes) -> dict[str, Any]:
    line: dict[str, Any] = {"number": number, "at": entry.at, "person": entry.person[:200], "origin": origin}
    line |= {"act": entry.act[:40], "about": entry.about[:300], "text": entry.text[:300] or None}
    line |= {"source": None, "row": None, "lasting": None, "content": None}
    if entry.source is not None:
        table, row = entry.source
        lasting, content = digests_of(key, table, row)
        line |= {"source": table, "row": row["id"], "lasting": lasting, "content": content}
    return line


def _digest(key: bytes, row: Mapping[str, Any], names: tuple[str, ...]) -> str:
    told = json.dumps([_plain(row.get(name)) for name in names], ensure_ascii=False)
    return hmac.digest(key, told.encode(), hashlib.sha256).hex()


def _plain(value: Any) -> Any:
    """The same text for a value before it is stored and when it is read again."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if value is None or value == "":
        return ""
    if isinstance(value, str):
        return str(value).replace("\0", "").encode(errors="replace").decode()
    return codec.dumps(value) if isinstance(value, (Mapping, list, tuple)) else value
