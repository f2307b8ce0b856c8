"""Plain words and readable values for what the engine names in code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from engine import codec
from engine.exceptions import Kind
from engine.items import State
from engine.ledger import Status

KINDS: Mapping[str, str] = {
    Kind.REVIEW: "To review",
    Kind.APPROVAL: "To approve",
    Kind.BUSINESS: "Data or rule",
    Kind.APPLICATION: "System",
    Kind.UNCERTAIN: "Uncertain",
}
STATES: Mapping[str, str] = {
    State.READY: "Ready",
    State.RUNNING: "Running",
    State.WAITING: "Waiting",
    State.EXCEPTION: "Exception",
    State.FAILED: "Failed",
    State.UNCERTAIN: "Uncertain",
    State.DONE: "Done",
    State.REJECTED: "Rejected",
    State.DISCARDED: "Discarded",
    State.SKIPPED: "Skipped",
}
OUTCOMES: Mapping[str, str] = {
    Status.INTENDED: "Begun",
    Status.DONE: "Done",
    Status.NOT_DONE: "Did not happen",
    Status.UNCERTAIN: "Uncertain",
}


def state(name: str) -> str:
    """An item's state or an effect's outcome."""
    return OUTCOMES.get(name) or STATES.get(name, name)


def label(name: str) -> str:
    """A field's name as people say it: `seller.tax_id` is `Seller tax ID`."""
    words = name.replace(".", " ").replace("_", " ").split()
    text = " ".join({"id": "ID", "iban": "IBAN", "vat": "VAT"}.get(word, word) for word in words)
    return text[:1].upper() + text[1:]


def minutes(value: float) -> str:
    """Minutes to a tenth, less than nothing too."""
    return f"{value:,.1f} min"


def sentence(text: str, name: str = "") -> str:
    """A message as a sentence: a capital first, a full stop last. A person's `name` stays as it is."""
    text = text.strip()
    if not text:
        return ""
    first = text if name and text.startswith(f"{name} ") else text[:1].upper() + text[1:]
    return first if first.endswith((".", "!", "?")) else first + "."


def value(thing: Any) -> str:
    """A value as a person reads and types it: no quotes, dates in ISO form, nothing for None."""
    match thing:
        case None:
            return ""
        case bool():
            return "yes" if thing else "no"
        case datetime():
            return thing.isoformat(sep=" ", timespec="minutes")
        case date() | Decimal() | int() | str():
            return str(thing)
        case float():
            return f"{thing:g}"
        case {"value": told, "page": _, "box": _}:
            # A correction that was taken from a page.
            return value(told)
    return as_json(thing)


def as_json(thing: Any) -> str:
    return json.dumps(codec.readable(thing), ensure_ascii=False, indent=2)


def number(thing: int | Decimal) -> str:
    return f"{thing:,}".replace(",", "\u202f")


def count(thing: int, one: str, many: str = "") -> str:
    """`1 item`, `3 items`."""
    return f"{number(thing)} {one if thing == 1 else many or one + 's'}"


BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def browser(agent: str) -> str:
    """What people call a browser and its system, from the name it gives itself; that name where nobody knows it."""
    name = next((told for mark, told in BROWSERS if mark in agent), "")
    system = next((told for mark, told in SYSTEMS if mark in agent), "")
    return f"{name} on {system}" if name and system else name or agent[:60]


def size(bytes_: int) -> str:
    return f"{bytes_} B" if bytes_ < 1000 else f"{bytes_ / 1000:.0f} kB" if bytes_ < 1e6 else f"{bytes_ / 1e6:.1f} MB"
