"""A work item's inputs: what was given, typed as the workflow declares. All problems at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from engine.context import File
from engine.errors import UsageError
from engine.language import InputSpec, Workflow
from engine.surroundings import Surroundings


def typed_inputs(workflow: Workflow, given: Mapping[str, Any], surroundings: Surroundings) -> dict[str, Any]:
    """The inputs by name; UsageError that names every missing, unknown or ill-typed one."""
    problems = [
        f"{name} is not an input of {workflow.id} (its inputs: {', '.join(workflow.inputs) or 'none'})"
        for name in given
        if name not in workflow.inputs
    ]
    values: dict[str, Any] = {}
    for name, spec in workflow.inputs.items():
        if given.get(name) is None:
            if spec.required and spec.default is None:
                problems.append(f"{name} is missing ({spec.type}{', ' + spec.description if spec.description else ''})")
            values[name] = spec.default
            continue
        try:
            values[name] = _typed(spec, given[name], surroundings)
        except (ValueError, InvalidOperation):
            problems.append(f"{name} is {given[name]!r}, expected {_EXPECTED.get(spec.type, spec.type)}")
        except FileNotFoundError:
            problems.append(f"{name}: there is no file {given[name]}")
    if problems:
        raise UsageError(f"item of {workflow.id}: {'; '.join(problems)}", advice="give them as --item name=value")
    return values


_EXPECTED = {
    "number": "a number such as 12.5",
    "money": "an amount such as 1234.50",
    "integer": "a whole number",
    "date": "a date such as 2026-03-31",
    "datetime": "a time such as 2026-03-31T17:00",
    "bool": "true or false",
    "list": "a list",
    "mapping": "a mapping",
}


def _typed(spec: InputSpec, value: Any, surroundings: Surroundings) -> Any:
    if spec.type == "file":
        return _file(value, surroundings)
    return _READERS.get(spec.type, str)(value)


def _file(value: Any, surroundings: Surroundings) -> dict[str, str]:
    """An immutable copy under the project's artifacts, so that moving the original loses nothing."""
    path = Path(value["path"] if isinstance(value, Mapping) else str(value))
    if not path.is_file():
        raise FileNotFoundError(path)
    kept: File = surroundings.artifacts.take_in(path)
    return kept.model_dump()


def _bool(value: Any) -> bool:
    if str(value).lower() in ("true", "false"):
        return str(value).lower() == "true"
    raise ValueError(value)


def _integer(value: Any) -> int:
    number = Decimal(str(value))
    if number != number.to_integral_value():
        raise ValueError(value)
    return int(number)


def _date(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _datetime(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def _a(kind: type) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if not isinstance(value, kind):
            raise ValueError(value)
        return value

    return read


_READERS: dict[str, Callable[[Any], Any]] = {
    "number": lambda value: Decimal(str(value)),
    "money": lambda value: Decimal(str(value)),
    "integer": _integer,
    "date": _date,
    "datetime": _datetime,
    "bool": _bool,
    "list": _a(list),
    "mapping": _a(dict),
}
