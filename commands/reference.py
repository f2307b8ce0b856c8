"""The reference of actions: one entry for each, made from its models; as data, as text and as the page in docs."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import BaseModel

from engine.action import Action, Effect
from engine.control_inputs import CONTROLS

EFFECTS = {
    Effect.NONE: "reads",
    Effect.IDEMPOTENT: "can be repeated",
    Effect.KEYED: "once, by its key",
    Effect.SEARCHABLE: "once, looked up after a crash",
    Effect.MANUAL: "once, a person is asked after a crash",
}
CONTROL = "steers the run"
VARIES = "depends on its input"


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    type: str
    required: bool
    default: str
    description: str


@dataclass(frozen=True)
class Entry:
    """One action as an author needs it."""

    name: str
    effect: str
    summary: str
    inputs: list[Field]
    results: list[Field]

    @property
    def line(self) -> str:
        return self.summary.split("\n")[0]

    def as_data(self) -> dict[str, Any]:
        data = asdict(self)
        return {"action": data.pop("name"), **data}

    def as_text(self) -> str:
        lines = [f"{self.name}  ({self.effect})", "", self.summary]
        for title, fields in (("inputs", self.inputs), ("results", self.results)):
            if fields:
                lines += ["", f"{title}:"]
                lines += [f"  {field.name}: {field.type}{_needed(field, title)}{_about(field)}" for field in fields]
        return "\n".join(lines)


def reference(registry: Mapping[str, Action]) -> dict[str, Entry]:
    """An entry for every action of the registry and every control action, by name."""
    entries = [_entry(action) for action in registry.values()]
    entries += [
        Entry(name, CONTROL, inspect.cleandoc(model.__doc__ or ""), list(_fields(model)), [])
        for name, model in CONTROLS.items()
    ]
    return {entry.name: entry for entry in sorted(entries, key=lambda entry: entry.name)}


def _entry(action: Action) -> Entry:
    effect = VARIES if callable(action.effect) else EFFECTS[action.effect]
    results = list(_fields(action.output)) if action.output is not None else []
    return Entry(action.name, effect, action.summary, list(_fields(action.input)), results)


def _fields(model: type[BaseModel]) -> Iterator[Field]:
    schema = model.model_json_schema()
    required = schema.get("required", [])
    for name, property_ in schema.get("properties", {}).items():
        default = property_.get("default")
        yield Field(
            name=name,
            type=_type(property_, schema.get("$defs", {})),
            required=name in required,
            default="" if default is None else _plain(default),
            description=" ".join(str(property_.get("description", "")).split()),
        )


def _type(property_: Mapping[str, Any], definitions: Mapping[str, Any], depth: int = 0) -> str:
    """A type in the words of the language: text, number, a | b, list of ..., {fields}."""
    if "$ref" in property_:
        name = property_["$ref"].rpartition("/")[2]
        inner = definitions.get(name, {})
        return _type(inner, definitions, depth + 1) if depth < 2 else "mapping"
    if "enum" in property_:
        return " | ".join(_plain(value) for value in property_["enum"])
    if "const" in property_:
        return _plain(property_["const"])
    for several in ("anyOf", "oneOf"):
        if several in property_:
            kinds = [_type(one, definitions, depth) for one in property_[several] if one.get("type") != "null"]
            if kinds == ["number", "text"]:  # how a model says Decimal
                return "number"
            return " | ".join(dict.fromkeys(kinds)) or "anything"
    match property_.get("type"):
        case "array":
            inner = _type(property_.get("items", {}), definitions, depth)
            return "list" if inner == "anything" else f"list of {inner}"
        case "object":
            names = ", ".join(property_.get("properties", {}))
            return f"{{{names}}}" if names else "mapping"
        case None:
            return "anything"
        case kind:
            formats = {"date": "date", "date-time": "datetime"}
            words = {"string": "text", "boolean": "true or false", "integer": "integer", "number": "number"}
            return formats.get(str(property_.get("format")), words.get(str(kind), str(kind)))


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def _needed(field: Field, title: str) -> str:
    if title == "results":
        return ""
    return ", required" if field.required else f", default {field.default}" if field.default else ""


def _about(field: Field) -> str:
    return f" - {field.description}" if field.description else ""


def page(entries: Mapping[str, Entry]) -> str:
    """The whole reference as a Markdown page."""
    parts = [
        "# Actions",
        "Generated by `make docs` from the models that check a workflow; `clerkwork actions NAME` shows the same.",
        "| action | effect | does |\n|---|---|---|\n"
        + "\n".join(
            f"| [{name}](#{_anchor(name)}) | {entry.effect} | {entry.line} |" for name, entry in entries.items()
        ),
    ]
    for entry in entries.values():
        parts.append(f"## {entry.name}")
        parts.append(f"{entry.summary}\n\nEffect: {entry.effect}.")
        if entry.inputs:
            parts.append(
                "| input | type | default | about |\n|---|---|---|---|\n" + "\n".join(map(_input, entry.inputs))
            )
        if entry.results:
            rows = [f"| `{one.name}` | {_cell(one.type)} | {_cell(one.description)} |" for one in entry.results]
            parts.append("| result | type | about |\n|---|---|---|\n" + "\n".join(rows))
    return "\n\n".join(parts) + "\n"


def _input(field: Field) -> str:
    default = "required" if field.required else f"`{field.default}`" if field.default else ""
    return f"| `{field.name}` | {_cell(field.type)} | {_cell(default)} | {_cell(field.description)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _anchor(name: str) -> str:
    """As GitHub makes it from a heading."""
    return "".join(letter for letter in name.lower() if letter.isalnum() or letter in "_-")
