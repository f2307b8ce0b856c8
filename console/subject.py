"""What an item is about, in one line: vendor, number and total where a document was read, else its key and inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from console.words import value
from engine.store import tables
from engine.store.database import Row, Transaction, rows


@dataclass(frozen=True, slots=True)
class Subject:
    """`title` names it, `detail` tells it from others, `amount` is what it is worth, all as shown."""

    title: str
    detail: str
    amount: str


def subjects(transaction: Transaction, exceptions: Sequence[Row]) -> list[Subject]:
    """The subject of each exception, in their order; two queries for all of them."""
    wanted = [(str(row["run"]), correctable_path(row)) for row in exceptions]
    steps, items = tables.steps, tables.items
    results = {
        (str(row["run"]), str(row["path"])): row["result"]
        for row in rows(
            transaction,
            steps.select().where(
                steps.c.run.in_([run for run, _ in wanted]), steps.c.path.in_({path for _, path in wanted})
            ),
        )
    }
    found = rows(transaction, items.select().where(items.c.id.in_([row["item"] for row in exceptions])))
    by_id = {str(row["id"]): row for row in found}
    return [
        subject_of(by_id[str(row["item"])], results.get(place)) for row, place in zip(exceptions, wanted, strict=True)
    ]


def correctable_path(exception: Row) -> str:
    """The step whose result the exception is about."""
    return str((exception["details"] or {}).get("correctable") or exception["path"])


def subject_of(item: Row, result: Any) -> Subject:
    """From a document's fields where there are any, else from the item."""
    fields = result.get("fields") if isinstance(result, Mapping) else None
    known = {name: value(told.get("value")) for name, told in fields.items()} if isinstance(fields, Mapping) else {}
    name, number = known.get("seller.name", ""), known.get("number", "")
    file = file_name(item["inputs"])
    amount = " ".join(part for part in (known.get("total", ""), known.get("currency", "")) if part)
    if name or number:
        return Subject(name or number, " · ".join(part for part in (number if name else "", file) if part), amount)
    return Subject(file or _summary(item["inputs"]) or str(item["key"]), "" if file else str(item["id"]), amount)


def file_name(inputs: Mapping[str, Any]) -> str:
    """The name of the first file an item carries."""
    files = (told for told in inputs.values() if isinstance(told, Mapping) and "sha256" in told)
    return next((str(told.get("name", "")) for told in files), "")


def _summary(inputs: Mapping[str, Any]) -> str:
    plain = [f"{name} {value(told)}" for name, told in inputs.items() if not isinstance(told, (Mapping, list))]
    return ", ".join(plain[:3])[:120]
