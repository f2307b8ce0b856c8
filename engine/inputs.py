"""A work item's inputs: what was given, typed as the workflow declares. All problems at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from engine.context import File
from engine.errors import UsageError
from engine.input_limits import what_is_wrong
from engine.language import InputSpec, Workflow
from engine.surroundings import Surroundings


class WrongInputs(UsageError):
    """What was given cannot be an item; `problems` has one sentence for each input, by its name."""

    def __init__(self, workflow: str, problems: Mapping[str, str]) -> None:
        super().__init__(f"item of {workflow}: {'; '.join(problems.values())}", advice="give them as --item name=value")
        self.problems = problems


def typed_inputs(workflow: Workflow, given: Mapping[str, Any], surroundings: Surroundings) -> dict[str, Any]:
    """The inputs by name; WrongInputs that names every missing, unknown or ill-typed one."""
    problems = {
        name: f"{name} is not an input of {workflow.id} (its inputs: {', '.join(workflow.inputs) or 'none'})"
        for name in given
        if name not in workflow.inputs
    }
    values: dict[str, Any] = {}
    for name, spec in workflow.inputs.items():
        value = given.get(name)
        if value is None and spec.default is None:
            if spec.required:
                told = f"{spec.type}{', ' + spec.description if spec.description else ''}"
                problems[name] = f"{name} is missing ({told})"
            values[name] = None
            continue
        if value is None:
            value = _default(spec, surroundings)
        try:
            values[name] = _typed(spec, value, surroundings)
            if expected := what_is_wrong(spec, values[name], reader_of(spec.type)):
                problems[name] = f"{name} is {value!r}, expected {expected}"
        except FileNotFoundError:
            problems[name] = f"{name}: there is no file {value}"
        except IsADirectoryError:
            problems[name] = f"{name}: {value} is a folder, expected a file"
        except (ValueError, InvalidOperation):
            problems[name] = f"{name} is {value!r}, expected {EXPECTED.get(spec.type, spec.type)}"
    if problems:
        raise WrongInputs(workflow.id, problems)
    return values


def reader_of(spec_type: str) -> Callable[[Any], Any]:
    """Gives a value as written this type; ValueError or InvalidOperation if it cannot have it."""
    return _READERS.get(spec_type, str)


def fits(spec_type: str, value: Any) -> bool:
    """Whether a value as written can be an input of this type. A file is only looked for when an item is made."""
    try:
        return spec_type == "file" or _READERS.get(spec_type, str)(value) is not None
    except (ValueError, InvalidOperation):
        return False


def _default(spec: InputSpec, surroundings: Surroundings) -> Any:
    """What stands in the workflow; a file there is named from the project's folder, wherever the command is given."""
    return str(surroundings.path(str(spec.default))) if spec.type == "file" else spec.default


EXPECTED = {
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
    given = str(value["path"] if isinstance(value, Mapping) else value)
    known = surroundings.artifacts.known(given)
    if known is not None:
        return known.model_dump()
    path = Path(given)
    if path.is_dir():
        raise IsADirectoryError(path)
    if not path.is_file():
        raise FileNotFoundError(path)
    kept: File = surroundings.artifacts.take_in(path)
    return kept.model_dump()


def _bool(value: Any) -> bool:
    if str(value).lower() in ("true", "false"):
        return str(value).lower() == "true"
    raise ValueError(value)


def _number(value: Any) -> Decimal:
    number = Decimal(str(value))
    if isinstance(value, bool) or not number.is_finite():
        raise ValueError(value)
    return number


def _integer(value: Any) -> int:
    number = _number(value)
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
    "number": _number,
    "money": _number,
    "integer": _integer,
    "date": _date,
    "datetime": _datetime,
    "bool": _bool,
    "list": _a(list),
    "mapping": _a(dict),
}
