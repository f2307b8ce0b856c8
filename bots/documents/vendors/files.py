"""A vendor as text files, for review in git and for another project: one YAML file, and the words of each document."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from bots.documents.document import Value, plain
from bots.documents.pages.codec import from_plain, to_plain
from bots.documents.pages.page import Page
from bots.documents.schemas import Schema, schema_of
from bots.documents.vendors.anchor import Anchor
from bots.documents.vendors.example import VendorExample
from bots.documents.vendors.learning import keep
from bots.documents.vendors.study import readable
from bots.documents.words.lexicon import squeeze
from engine.errors import UsageError
from engine.memory import Memory, Subject

WORDS = ".words.json"


def write_vendor(memory: Memory, vendor: Subject, folder: Path) -> Path:
    """Write a vendor to `folder/NAME.yaml`, the words of its documents beside it; returns the YAML file."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{squeeze(vendor.name)[:40] or 'vendor'}-{vendor.id[-6:]}"
    examples = readable(memory.examples(vendor.id))
    for example in examples:
        pages = [json.dumps(to_plain(page), separators=(",", ":"), ensure_ascii=False) for page in example.pages]
        words = folder / name / f"{example.digest}{WORDS}"
        words.parent.mkdir(exist_ok=True)
        words.write_text("[" + ",\n".join(pages) + "]\n", encoding="utf-8")
    told = {
        "vendor": vendor.name,
        "known_by": sorted(key for key in memory.keys(vendor.id) if not key.startswith("layout:")),
        "anchors": [
            {"field": one.name, "words": one.data["words"], "state": one.state, "reason": one.reason}
            | {"rule": one.data["rule"], "form": Anchor.of_data(one.name, one.data).form.aloud}
            for one in memory.templates(vendor.id)
        ],
        "examples": [_told(example) for example in examples],
    }
    file = folder / f"{name}.yaml"
    file.write_text(yaml.safe_dump(told, sort_keys=False, allow_unicode=True, width=120), encoding="utf-8")
    return file


def _told(example: VendorExample) -> dict[str, Any]:
    return {
        "digest": example.digest,
        "file": example.file,
        "person": example.person,
        "made": example.made.isoformat(),
        "item": example.item,
        "workflow": example.workflow,
        "schema_fields": example.schema_fields,
        "changed": sorted(example.changed),
        "fields": {name: plain(value) for name, value in example.fields.items()},
        "read": {name: plain(value) for name, value in example.read.items()},
    }


def read_vendor(memory: Memory, file: Path) -> tuple[Subject, int]:
    """Take the examples of a file that `write_vendor` wrote into the memory: the vendor, and how many there were.

    Anchors are not taken over: they are drawn from the examples and tested, as if these had been corrected here.
    UsageError for a file of another kind.
    """
    told = _mapping(file)
    vendor: Subject | None = None
    for entry in told["examples"]:
        example = _example(entry, file)
        vendor = keep(example, memory) or vendor
    if vendor is None:
        raise UsageError(f"{file} holds no example", advice="name a file that `vendors export` wrote")
    return vendor, len(told["examples"])


def _mapping(file: Path) -> Mapping[str, Any]:
    try:
        told = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UsageError(f"{file} cannot be read: {error}", advice="name a file that `vendors export` wrote") from error
    if not isinstance(told, dict) or not isinstance(told.get("examples"), list):
        raise UsageError(f"{file} describes no vendor", advice="name a file that `vendors export` wrote")
    return told


def _example(entry: Mapping[str, Any], file: Path) -> VendorExample:
    try:
        words = file.with_suffix("") / f"{_digest(entry['digest'])}{WORDS}"
        schema = schema_of(entry["schema_fields"])
        return VendorExample.of_pages(
            [from_plain(Page, page) for page in json.loads(words.read_text(encoding="utf-8"))],
            digest=entry["digest"],
            file=str(entry["file"]),
            schema_fields=entry["schema_fields"],
            fields=_values(entry["fields"], schema),
            read=_values(entry["read"], schema),
            changed=frozenset(entry["changed"]),
            made=datetime.fromisoformat(entry["made"]),
            person=entry["person"],
            item=str(entry["item"]),
            workflow=str(entry["workflow"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{file}: an example cannot be read ({type(error).__name__}: {error})",
            advice="export the vendor again, and keep its folder of words beside the file",
        ) from error


def _digest(text: Any) -> str:
    if not re.fullmatch(r"[0-9a-f]{64}", str(text)):
        raise ValueError(f"{text!r} is no SHA-256")
    return str(text)


def _values(told: Mapping[str, Any], schema: Schema) -> dict[str, Value | None]:
    """Values as they were before they were written as text."""
    types = {spec.name: spec.type for spec in schema.fields}
    return {name: _value(types.get(name, "text"), value) for name, value in told.items()}


def _value(type: str, value: Any) -> Value | None:
    if value is None or isinstance(value, bool):
        return value
    if type in ("money", "number"):
        return Decimal(str(value)) if re.fullmatch(r"-?\d+(\.\d+)?", str(value)) else str(value)
    return date.fromisoformat(str(value)) if type == "date" else str(value)
