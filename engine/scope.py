"""What expressions can see, and how a run turns templates into values and verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from pydantic import BaseModel, ValidationError

from engine import codec
from engine.errors import BusinessException, ExpressionError
from engine.language import Template

Scope = dict[str, Any]


def first_scope(inputs: Mapping[str, Any], run: str, workflow: str, now: datetime, zone: tzinfo) -> Scope:
    """The names every step has: item, run, now, today."""
    local = now.astimezone(zone)
    names = {"item": dict(inputs), "run": {"id": run, "workflow": workflow}, "now": local, "today": local.date()}
    return names


def evaluate(template: Template, scope: Mapping[str, Any]) -> Any:
    """The value; an expression that cannot be evaluated with this item's data is a business exception."""
    try:
        return codec.plain(template.evaluate(scope))
    except ExpressionError as error:
        raise BusinessException("EXPRESSION", f"{template.location}: {error.message}", advice=error.advice) from error


def truth(template: Template, scope: Mapping[str, Any]) -> bool:
    """A condition; anything but true or false is refused."""
    value = evaluate(template, scope)
    if isinstance(value, bool):
        return value
    raise BusinessException(
        "EXPRESSION",
        f"{template.location}: the condition gives {_named(value)}, expected true or false",
        advice="compare it with something, for example `> 0` or `len(...) > 0`",
    )


def _named(value: Any) -> str:
    shown = repr(value)
    return f"{type(value).__name__} {shown if len(shown) < 60 else shown[:57] + '...'}"


def validated(model: type[BaseModel], values: Any, where: Template) -> BaseModel:
    """The action's input; the first thing that is wrong with it is a business exception."""
    try:
        return model.model_validate(values if values is not None else {})
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"]) or "the input"
        raise BusinessException(
            "BAD_INPUT",
            f"{where.location}: {name} is {_named(first.get('input'))}; {first['msg']}",
            advice="correct the value this item carries, or the step that makes it",
        ) from error
