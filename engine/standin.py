"""What stands for an effect's result in a dry run, so that later steps can be tried too."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from engine.action import Action, Shape

TEXT = "(dry run)"


def stand_in(action: Action, raw: Mapping[str, Any]) -> Any:
    """A result with the action's names and no real content."""
    if action.shape is None and action.output is not None:
        return _of_model(action.output)
    return _of_shape(action.shape_of(raw))


def _of_model(model: type[BaseModel]) -> dict[str, Any]:
    return {name: _of_type(field.annotation) for name, field in model.model_fields.items()}


def _of_type(kind: Any) -> Any:
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return _of_type(typing.get_args(kind)[0])
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return _of_model(kind)
    plain = {
        Decimal: Decimal(0),
        int: 0,
        bool: False,
        date: date(1970, 1, 1),
        datetime: datetime(1970, 1, 1, tzinfo=UTC),
    }
    if kind in plain:
        return plain[kind]
    if origin in (list, tuple) or kind is list:
        return []
    if origin is dict or kind is dict:
        return {}
    return TEXT


def _of_shape(shape: Shape) -> Any:
    return TEXT if shape is None else {name: _of_shape(inner) for name, inner in shape.items()}
