"""Functions on lists and mappings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.budget import MAX_LIST, Budget, too_long
from engine.errors import ExpressionError
from engine.functions.function import Function, expects, list_of, text_of, whole_of
from engine.operators import equal, ordering
from engine.values import field_of, is_number, number

_less = ordering("<", lambda left, right: left < right)


def length(value: Any) -> int:
    """How many characters, entries or fields the value has."""
    if not isinstance(value, (str, list, Mapping)):
        raise expects("len", "text, a list or a mapping", value)
    return len(value)


def first(values: Any) -> Any:
    """The first entry of a list; none if it is empty."""
    entries = list_of("first", values)
    return entries[0] if entries else None


def last(values: Any) -> Any:
    """The last entry of a list; none if it is empty."""
    entries = list_of("last", values)
    return entries[-1] if entries else None


def sorted_(budget: Budget, values: Any, by: Any = None, descending: Any = False) -> list[Any]:
    """The list in order; `by` names the field of each entry to go by."""
    entries = list_of("sorted", values)
    name = None if by is None else text_of("sorted", by)

    keys = [entry if name is None else field_of(entry, name, "an entry of the list") for entry in entries]
    budget.spend(4 * len(keys))
    for key in keys:
        _less(keys[0], key, budget)  # what does not compare with the first has no place in the order
    order = [number(key) for key in keys] if keys and is_number(keys[0]) else keys
    places = sorted(range(len(order)), key=order.__getitem__, reverse=descending is True)
    return [entries[place] for place in places]


def unique(budget: Budget, values: Any) -> list[Any]:
    """The list without repeats, in the order in which they come first."""
    kept: list[Any] = []
    seen: set[Any] = set()
    for entry in list_of("unique", values):
        if isinstance(entry, (list, Mapping)):
            budget.spend(10 * len(kept))
            if not any(equal(entry, other, budget) for other in kept):
                kept.append(entry)
        elif (type(entry) is bool, entry) not in seen:
            seen.add((type(entry) is bool, entry))
            kept.append(entry)
    return kept


def any_(values: Any) -> bool:
    """Whether one entry of a list of true and false is true."""
    return any(_truths("any", values))


def all_(values: Any) -> bool:
    """Whether every entry of a list of true and false is true."""
    return all(_truths("all", values))


def _truths(name: str, values: Any) -> list[bool]:
    entries = list_of(name, values)
    for entry in entries:
        if not isinstance(entry, bool):
            raise expects(
                name, "a list of true and false", entry, f"compare each: `{name}([x.total > 0 for x in lines])`"
            )
    return entries


def range_(start: Any, end: Any = None) -> list[int]:
    """Whole numbers from start (or 0) up to but without end."""
    low, high = (0, whole_of("range", start)) if end is None else (whole_of("range", start), whole_of("range", end))
    if high - low > MAX_LIST:
        raise too_long("list", MAX_LIST, "entries")
    return list(range(low, high))


def reverse(values: Any) -> list[Any]:
    """The list from its end to its start."""
    return list_of("reverse", values)[::-1]


def flatten(values: Any) -> list[Any]:
    """One list of the entries of all lists in a list."""
    made: list[Any] = []
    for entry in list_of("flatten", values):
        made.extend(list_of("flatten", entry))
        if len(made) > MAX_LIST:
            raise too_long("list", MAX_LIST, "entries")
    return made


def keys(value: Any) -> list[str]:
    """The names of a mapping's fields."""
    return list(_mapping("keys", value))


def values_(value: Any) -> list[Any]:
    """The values of a mapping's fields."""
    return list(_mapping("values", value).values())


def get(value: Any, name: Any, otherwise: Any = None) -> Any:
    """The field of a mapping, or `otherwise` where it has none of that name."""
    return _mapping("get", value).get(text_of("get", name), otherwise)


def default(value: Any, otherwise: Any) -> Any:
    """The value, or `otherwise` if it is none or empty text."""
    return otherwise if value is None or value == "" else value


def _mapping(name: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise expects(name, "a mapping", value)
    return value


def group_by(values: Any, by: Any) -> list[dict[str, Any]]:
    """Entries with the same value of a field together: a list of mappings with `key` and `items`."""
    name = text_of("group_by", by)
    groups: dict[Any, list[Any]] = {}
    for entry in list_of("group_by", values):
        key = field_of(entry, name, "an entry of the list")
        if isinstance(key, (list, Mapping)):
            raise ExpressionError(
                f"group_by(...) cannot group by {name}, a list or mapping", advice="name another field"
            )
        groups.setdefault(key, []).append(entry)
    return [{"key": key, "items": entries} for key, entries in groups.items()]


TABLE = (
    Function("len", length, quick=True),
    Function("length", length, quick=True),
    Function("first", first, quick=True),
    Function("last", last, quick=True),
    Function("sorted", sorted_, metered=True),
    Function("unique", unique, metered=True),
    Function("any", any_),
    Function("all", all_),
    Function("range", range_),
    Function("reverse", reverse),
    Function("flatten", flatten),
    Function("keys", keys),
    Function("values", values_),
    Function("get", get, quick=True),
    Function("default", default, quick=True),
    Function("group_by", group_by),
)
