"""The form in which a person says what an uncertain effect gave, made from the action's output model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from console.words import label
from engine import codec
from engine.errors import UsageError

PREFIX = "result."


@dataclass(frozen=True, slots=True)
class ResultField:
    """One value of the result. `plain` ones are a line of text, the others JSON."""

    name: str
    label: str
    help: str
    required: bool
    plain: bool
    typed: str


def result_fields(output: type[BaseModel] | None, typed: Mapping[str, str]) -> list[ResultField]:
    if output is None:
        return []
    return [
        ResultField(
            name=name,
            label=label(name),
            help=field.description or "",
            required=field.is_required(),
            plain=_is_plain(field.annotation),
            typed=typed.get(name, ""),
        )
        for name, field in output.model_fields.items()
    ]


def read_result(output: type[BaseModel] | None, typed: Mapping[str, str]) -> dict[str, Any]:
    """What was typed as the action's own result; UsageError naming the first value that is wrong."""
    if output is None:
        return {}
    given: dict[str, Any] = {}
    for field in result_fields(output, typed):
        text = field.typed.strip()
        if text:
            given[field.name] = text if field.plain else _json(field, text)
    try:
        return dict(codec.plain(output.model_validate(given)))
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise UsageError(
            f"{label(name)}: {first['msg'].lower()}", advice="enter what the target system shows"
        ) from error


def _json(field: ResultField, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise UsageError(
            f"{field.label} is not JSON: {error}", advice='write it as ["a", "b"] or {"name": 1}'
        ) from error


def _is_plain(annotation: Any) -> bool:
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        return all(_is_plain(kind) for kind in get_args(annotation))
    kind = origin or annotation
    return not (isinstance(kind, type) and issubclass(kind, (list, dict, tuple, set, BaseModel)))
