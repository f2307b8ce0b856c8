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
    """`title` names it, `number` is its own or its key, `amount` what it is worth, `file` what it came in; as shown."""

    title: str
    number: str
    amount: str
    file: str

    @property
    def detail(self) -> str:
        """What tells it from others with the same title."""
        return " · ".join(part for part in (self.number, self.file) if part and part != self.title)


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
    name, number, file = known.get("seller.name", ""), known.get("number", ""), file_name(item["inputs"])
    amount = " ".join(part for part in (known.get("total", ""), known.get("currency", "")) if part)
    if name or number:
        return Subject(name or number, number if name else "", amount, file)
    key = own_key(item)
    title = file or _summary(item["inputs"]) or key or str(item["id"])
    return Subject(title, key if key != title else "", amount, file)


def own_key(item: Row) -> str:
    """The key that a workflow gave an item; empty where the item is one of its kind."""
    key = str(item["key"])
    return "" if key.startswith("once_") else key


def file_name(inputs: Mapping[str, Any]) -> str:
    """The name of the first file an item carries."""
    return next((str(told["name"]) for told in inputs.values() if is_file(told)), "")


def is_file(told: Any) -> bool:
    """Whether an input is a file the item carries."""
    return isinstance(told, Mapping) and {"path", "name", "sha256"} <= told.keys()


def _summary(inputs: Mapping[str, Any]) -> str:
    told = ((name, value(thing)) for name, thing in inputs.items() if not isinstance(thing, (Mapping, list)))
    return ", ".join(f"{name} {text}" for name, text in list(told)[:3] if text)[:120]
