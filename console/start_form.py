"""The form that starts an item: a field for each input, and what was typed into it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from console.words import label, value
from engine.inputs import EXPECTED
from engine.language import InputSpec, TriggerSpec, Workflow
from engine.nearest import listed

PREFIX = "input."
WAS = "was."
"""A file that was sent with a form that came back, by its digest and name: it need not be chosen again."""


@dataclass(frozen=True, slots=True)
class StartField:
    """`kind` is how it is asked for; `text` what stands in it, for a file its name; `kept` the file that was sent."""

    name: str
    label: str
    kind: str
    text: str
    hint: str
    required: bool
    choices: Sequence[str] = ()
    kept: str = ""
    error: str = ""

    @property
    def id(self) -> str:
        return f"input-{self.name}"

    @property
    def described_by(self) -> str:
        """The ids of what belongs to the field, for those who hear the page."""
        return " ".join(f"{self.id}-{part}" for part, text in (("hint", self.hint), ("error", self.error)) if text)


def manual_of(workflow: Workflow) -> TriggerSpec | None:
    return next((one for one in workflow.triggers if one.kind == "manual"), None)


def form_title(workflow: Workflow) -> str:
    manual = manual_of(workflow)
    return str((manual.settings.title if manual is not None else None) or f"Run {workflow.title}")


def asked(workflow: Workflow) -> list[InputSpec]:
    """The inputs that a person is asked for, in this order."""
    manual = manual_of(workflow)
    names = list(manual.settings.ask) if manual is not None and manual.settings.ask else []
    return [workflow.inputs[name] for name in names or workflow.inputs]


def start_fields(
    workflow: Workflow, typed: Mapping[str, str], kept: Mapping[str, str], errors: Mapping[str, str]
) -> list[StartField]:
    """The fields as they are shown: what was typed, else the default."""
    return [
        StartField(
            name=spec.name,
            label=label(spec.name),
            kind=_kind(spec),
            text=kept[spec.name].partition("/")[2] if spec.name in kept else typed.get(spec.name, _default(spec)),
            hint=_hint(spec),
            required=spec.required,
            choices=[value(choice) for choice in spec.choices],
            kept=kept.get(spec.name, ""),
            error=errors.get(spec.name, ""),
        )
        for spec in asked(workflow)
    ]


def given_of(workflow: Workflow, typed: Mapping[str, str]) -> dict[str, Any]:
    """The inputs as they were typed, without files. What is empty is not given, so that a default can hold."""
    given: dict[str, Any] = {}
    for spec in asked(workflow):
        text = typed.get(spec.name, "")
        if spec.type == "file" or not text.strip():
            continue
        given[spec.name] = _value(spec, text)
    return given


def _value(spec: InputSpec, text: str) -> Any:
    if spec.type == "text":
        return text.replace("\r\n", "\n")
    text = text.strip()
    if spec.type == "mapping" or (spec.type == "list" and text.startswith("[")):
        try:
            return json.loads(text)
        except ValueError:
            return text  # told as what it is: no list, no mapping
    if spec.type == "list":
        return [line.strip() for line in text.splitlines() if line.strip()]
    return text


def _kind(spec: InputSpec) -> str:
    if spec.choices:
        return "choice"
    if spec.type == "text" and "\n" in str(spec.default or ""):
        return "lines"
    return {"number": "number", "money": "number", "integer": "integer", "list": "lines", "mapping": "lines"}.get(
        spec.type, spec.type
    )


def _default(spec: InputSpec) -> str:
    if spec.default is None:
        return ""
    if spec.type == "bool":
        return str(spec.default).lower()
    if spec.type == "list" and all(isinstance(one, str) for one in spec.default):
        return "\n".join(spec.default)
    return value(spec.default)


def _hint(spec: InputSpec) -> str:
    """What it is for and what it may be, in one line."""
    parts = [spec.description]
    bounds = [
        f"{word} {value(bound)}" for word, bound in (("from", spec.min), ("up to", spec.max)) if bound is not None
    ]
    if spec.pattern is not None:
        parts.append(f"text like {spec.pattern}")
    elif bounds:
        parts.append(" ".join(bounds))
    elif spec.type in ("number", "money", "integer") and not spec.choices:
        parts.append(EXPECTED[spec.type])
    if spec.type == "list":
        parts.append("one in each line")
    if spec.type == "mapping":
        parts.append('such as {"a": 1}')
    if spec.type == "file" and spec.default is not None:
        parts.append(f"{spec.default} if none is chosen")
    return "; ".join(part for part in parts if part)


def who_may(workflow: Workflow) -> str:
    """The people and teams that a workflow names as those who start it."""
    manual = manual_of(workflow)
    return listed(manual.settings.by) if manual is not None else ""
