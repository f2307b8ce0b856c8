"""A store as an office has it after a year: most items done, some standing for a handful of causes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from console.users import add_user
from engine.clock import SystemClock
from engine.ids import new_id
from engine.items import State
from engine.store import tables
from engine.store.database import Database, insert_once, recount

PASSWORD = "seven green bicycles"
USER = "lead"
WORKFLOWS = ("invoice-intake", "orders", "onboarding", "statements", "contracts", "stock-count")
STANDING = 0.15
CHUNK = 2_000
CAUSES = (
    ("business", State.EXCEPTION, "TOTALS_DISAGREE", "the lines add up to another total", "Read the document"),
    ("business", State.EXCEPTION, "DUPLICATE_EFFECT", "it was booked before", "Book it"),
    ("application", State.FAILED, "ERP_UNREACHABLE", "the ERP does not answer", "Book it"),
    ("application", State.FAILED, "ELEMENT_NOT_FOUND", "the page has no button Save", "Enter it in the portal"),
    ("review", State.WAITING, "LOW_CONFIDENCE", "the reading is 71 % sure", "Read the document"),
    ("approval", State.WAITING, "APPROVAL", "more than 3,000 needs a second person", "Sign it off"),
    ("uncertain", State.UNCERTAIN, "UNCERTAIN", "its outcome is not known", "Book it"),
)
FLOW = """\
workflow: {name}
inputs: {{n: integer, vendor: text}}
queue: {{key: "${{{{ item.n }}}}"}}
steps:
  - name: Read the document
    set: {{seen: "${{{{ item.vendor }}}}"}}
  - name: Book it
    set: {{booked: true}}
"""


def write_project(root: Path) -> None:
    (root / "config").mkdir(parents=True)
    (root / "config" / "settings.yaml").write_text("timezone: Europe/Berlin\n")
    (root / "workflows").mkdir()
    for name in WORKFLOWS:
        (root / "workflows" / f"{name}.yaml").write_text(FLOW.format(name=name))


def fill(database: Database, number: int) -> None:
    """So many items of the last year, and one person who may see all of them."""
    now, chance = SystemClock().now(), Random(1)
    with database.write() as transaction:
        add_user(transaction, USER, PASSWORD, "supervisor", [], now)
        for name in WORKFLOWS:
            insert_once(transaction, tables.queues, {"workflow": name, "paused": False, "failures_in_row": 0})
            source = {"digest": _digest(name), "file": f"workflows/{name}.yaml", "source": FLOW.format(name=name)}
            insert_once(transaction, tables.sources, source)
    rows: dict[Any, list[dict[str, Any]]] = {}
    for n in range(number):
        for table, row in _item(n, number, now, chance):
            rows.setdefault(table, []).append(row)
        if (n + 1) % CHUNK == 0 or n + 1 == number:
            with database.write() as transaction:
                for table, many in rows.items():
                    transaction.execute(table.insert(), many)
            rows.clear()
    with database.write() as transaction:
        for table in (tables.items, tables.exceptions, tables.steps, tables.runs):
            recount(transaction, table)


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def _item(n: int, number: int, now: datetime, chance: Random) -> Iterator[tuple[Any, dict[str, Any]]]:
    workflow, created = WORKFLOWS[n % len(WORKFLOWS)], now - timedelta(days=365) * (1 - n / number)
    item, run, vendor = new_id("item"), new_id("run"), f"Vendor {chance.randrange(400)} Ltd"
    cause = chance.choice(CAUSES) if chance.random() < STANDING else None
    state, ended = (cause[1], None) if cause else (State.DONE, created + timedelta(minutes=3))
    yield (
        tables.items,
        {
            "id": item,
            "workflow": workflow,
            "key": str(n),
            "state": state,
            "priority": 0,
            "inputs": {"n": n, "vendor": vendor},
            "created": created,
            "due": created + timedelta(days=2),
            "claim": 1,
            "run": run,
            "finished": ended,
            "outputs": {"booked": True} if cause is None else None,
            "code": cause[2] if cause else None,
            "message": cause[3] if cause else None,
            "step": cause[4] if cause else None,
        },
    )
    yield (
        tables.runs,
        {
            "id": run,
            "item": item,
            "workflow": workflow,
            "digest": _digest(workflow),
            "started": created,
            "finished": ended,
            "outcome": state if ended else None,
        },
    )
    for seq, title in enumerate(("Read the document", "Book it"), 1):
        yield (
            tables.steps,
            {
                "run": run,
                "path": f"steps.{seq - 1}",
                "seq": seq,
                "kind": "set",
                "title": title,
                "status": "done",
                "result": {"seen": vendor},
                "started": created,
                "finished": created,
            },
        )
    if cause is not None:
        kind, _, code, message, step = cause
        yield (
            tables.exceptions,
            {
                "id": new_id("exc"),
                "item": item,
                "run": run,
                "workflow": workflow,
                "kind": kind,
                "code": code,
                "message": message,
                "path": "steps.1",
                "step": step,
                "due": created + timedelta(days=1),
                "details": {"vendor": vendor},
                "fingerprint": _digest(f"{workflow}{code}{step}"),
                "created": created,
            },
        )
