"""What pydantic finds wrong with a value of a file, as problems with places and the nearest right names."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from engine.errors import Problems
from engine.nearest import listed, nearest, suggestion
from engine.place import Place
from engine.values import described
from engine.workflow_file import has_expression

M = TypeVar("M", bound=BaseModel)

_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "decimal_type": "a number",
    "decimal_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "mapping_type": "a mapping",
    "date_from_datetime_parsing": "a date such as 2026-03-31",
    "date_parsing": "a date such as 2026-03-31",
    "datetime_from_date_parsing": "a time such as 2026-03-31T17:00",
    "date_from_datetime_inexact": "a date such as 2026-03-31",
    "too_short": "at least one entry",
    "datetime_parsing": "a time such as 2026-03-31T17:00",
}
_ABOUT_KEYS = ("missing", "extra_forbidden")


def checked(model: type[M], place: Place, what: str, problems: Problems, *, expressions: bool) -> M | None:
    """The value as `model`, or None: its problems are noted, or it waits for the run.

    Where `expressions` may stand, a value that holds one is left to the run: its own type is not known yet.
    `what` names the thing in messages, as in `erp.find_bill has no input vendr`.
    """
    try:
        return model.model_validate(place.value)
    except ValidationError as error:
        _note_all(error, model, place, what, problems, expressions=expressions)
        return None


def is_sound(model: type[BaseModel], place: Place, what: str, problems: Problems) -> bool:
    """Whether nothing is wrong with an action's input as far as it is known before a run."""
    try:
        model.model_validate(place.value)
    except ValidationError as error:
        return _note_all(error, model, place, what, problems, expressions=True) == 0
    return True


def _note_all(
    error: ValidationError, model: type[BaseModel], place: Place, what: str, problems: Problems, *, expressions: bool
) -> int:
    entries = _without_misspelt(list(_one_for_each_value(error.errors(include_url=False), place)))
    return sum(_note(entry, model, place, what, problems, expressions=expressions) for entry in entries)


def _without_misspelt(entries: list[Any]) -> list[Any]:
    """A key that is only misspelt is one problem: that the right one is missing too goes without saying."""
    meant: set[tuple[Any, ...]] = set()
    for entry in entries:
        if entry["type"] == "extra_forbidden":
            *before, last = entry["loc"]
            beside = [one["loc"] for one in entries if one["type"] == "missing" and one["loc"][:-1] == tuple(before)]
            near = nearest(str(last), [str(loc[-1]) for loc in beside])
            meant |= {loc for loc in beside if loc[-1] == near}
    return [entry for entry in entries if not (entry["type"] == "missing" and entry["loc"] in meant)]


def _one_for_each_value(errors: list[Any], place: Place) -> Iterator[Any]:
    """A value that fits no member of a union has an error for each; a mapping is told what its mapping lacks."""
    groups: dict[tuple[Any, ...], list[Any]] = {}
    for entry in errors:
        groups.setdefault(_union_at(entry, place), []).append(entry)
    for path, entries in groups.items():
        if path == ():
            yield from entries
            continue
        deeper = [
            entry for entry in entries if _path(entry, place)[: len(path)] == path and _is_inside(entry, path, place)
        ]
        if deeper:
            yield from deeper
        else:
            yield {**entries[0], "either": entries}


def _union_at(entry: Any, place: Place) -> tuple[Any, ...]:
    """The path of the union that the error lies in: pydantic puts the member's name after it. () if in none."""
    path: list[Any] = []
    inner = place
    for number, name in enumerate(entry["loc"]):
        if inner.has(name):
            path.append(name)
            inner = inner.at(name)
        elif (
            not (number == len(entry["loc"]) - 1 and entry["type"] in ("missing", "extra_forbidden"))
            and name != "[key]"
        ):
            return tuple(path)
    return ()


def _is_inside(entry: Any, path: tuple[Any, ...], place: Place) -> bool:
    return len(_path(entry, place)) > len(path) or entry["type"] in _ABOUT_KEYS


def _path(entry: Any, place: Place) -> tuple[Any, ...]:
    """The error's path as far as the file has it, names of union members left out."""
    path: list[Any] = []
    for name in entry["loc"]:
        if place.has(name):
            path.append(name)
            place = place.at(name)
    return tuple(path)


def _note(entry: Any, model: type[BaseModel], place: Place, what: str, problems: Problems, *, expressions: bool) -> int:
    path, inner, parent = _path(entry, place), place, place
    for name in path:
        if expressions and isinstance(inner.value, str) and has_expression(inner.value):
            return 0
        parent, inner = inner, inner.at(name)
    kind = entry["type"]
    last = entry["loc"][-1] if entry["loc"] else ""
    of = f"{'.'.join(str(name) for name in path)} of {what}" if path else what
    fields = dict(_fields(model, path[:-1] if kind == "extra_forbidden" else path))
    if kind == "extra_forbidden":
        owner = f"{'.'.join(str(name) for name in path[:-1])} of {what}" if path[:-1] else what
        known = [field.alias or name for name, field in fields.items()]
        advice = suggestion(str(last), known, "remove it, or write one of those")
        problems.add(parent.key(str(last)), f"{owner} has no {last}", f"expected {_one_of(known)}", advice)
    elif kind == "missing":
        field = fields.get(str(last)) or _by_alias(fields, str(last))
        told = f": {field.description}" if field is not None and field.description else ""
        problems.add(inner.location, f"{of} lacks {last}", f"expected {last}{told}", f"add `{last}:`")
    else:
        # A list or mapping stays one whatever its expressions give.
        if expressions and has_expression(inner.value) and (isinstance(inner.value, str) or not kind.endswith("_type")):
            return 0
        found = f"{of} is {described(inner.value)}" if path else f"{what} was given {described(inner.value)}"
        problems.add(inner.location, *_told(entry, of, found, inner.value))
    return 1


def _told(entry: Any, of: str, found: str, value: Any) -> tuple[str, str, str]:
    """What was found, what was expected, what to do.

    A validator of an action may say all that itself, its parts between semicolons: `found; expected ...; what to do`,
    or only the last two.
    """
    if "either" in entry or (entry["type"] != "value_error" and "; " not in entry["msg"]):
        return found, f"expected {_expected(entry)}", _advice(entry, value)
    first, *rest = _expected(entry).split("; ")
    if rest and rest[0].startswith("expected "):
        return f"{of}: {first}", rest[0], "; ".join(rest[1:]) or "correct the value"
    return found, f"expected {first.removeprefix('expected ')}", "; ".join(rest) or "correct the value"


def _by_alias(fields: Mapping[str, FieldInfo], alias: str) -> FieldInfo | None:
    return next((field for field in fields.values() if field.alias == alias), None)


def _one_of(known: list[str]) -> str:
    return f"one of {listed(known)}" if len(known) > 1 else (known[0] if known else "nothing here")


def _expected(entry: Any) -> str:
    if "either" in entry:
        told = dict.fromkeys(_expected(member) for member in entry["either"])
        return " or ".join(told)
    if entry["type"] in _EXPECTED:
        return _EXPECTED[entry["type"]]
    message = str(entry["msg"])
    if entry["type"].startswith(("greater_than", "less_than")):
        message = message.replace("Input should be ", "a number ")
    for start in ("Input should be ", "Value error, ", "Assertion failed, "):
        message = message.removeprefix(start)
    return message[:1].lower() + message[1:] if message[1:2].islower() else message


def _advice(entry: Any, value: Any) -> str:
    if entry["type"] == "string_type" and not isinstance(value, (list, dict)) and value is not None:
        shown = str(value).lower() if isinstance(value, bool) else str(value)
        return f'put it in quotes: "{shown}"'
    if entry["type"] in ("literal_error", "enum") and isinstance(value, str):
        return suggestion(value, re.findall(r"'([^']*)'", entry["ctx"]["expected"]), "write one of those")
    return "correct the value"


def _fields(model: Any, path: tuple[Any, ...]) -> Mapping[str, FieldInfo]:
    """The fields of the model at a path below `model`; nothing where it cannot be told."""
    models = list(_models(model))
    for name in path:
        following: list[type[BaseModel]] = []
        for candidate in models:
            fields = candidate.model_fields
            field = fields.get(str(name)) or _by_alias(fields, str(name))
            if field is not None:
                following.extend(_models(field.annotation))
            elif isinstance(name, int):
                following.append(candidate)  # an entry of a list: its models were taken out of the list already
        models = following
    found: dict[str, FieldInfo] = {}
    for candidate in models:
        found.update(candidate.model_fields)
    return found


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that an annotation is made of: of itself, its union, its list."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        return
    if typing.get_origin(annotation) in (typing.Union, types.UnionType, list, dict, typing.Annotated):
        for part in typing.get_args(annotation):
            yield from _models(part)
