"""Pages and e-invoices as plain JSON values and back, for the pipe to the reading child and for the cache.

It goes by the fields of the dataclasses, so a field added to one of them travels by itself. Whoever wrote the values is
not trusted: what does not fit its declared type is a ValueError, and nothing but the declared types is ever built.
"""

from __future__ import annotations

import math
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Literal, TypeAlias, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")
Step: TypeAlias = Callable[[Any], Any]

_DERIVED = frozenset({("Page", "lines")})
"""Fields that are worked out from the others when the object is made."""


def to_plain(value: Any) -> Any:
    """A dataclass instance as JSON values: a list of its fields in their order."""
    return _encoder(cast(Any, type(value)))(value)


def from_plain(model: type[T], plain: Any) -> T:
    """An instance of the dataclass `model` from what `to_plain` gave. ValueError for anything else."""
    return cast(T, _decoder(cast(Any, model))(plain))


def shape_of(model: type[Any]) -> str:
    """The fields that travel, of this dataclass and of all within it: both ends must agree on them."""
    inner = {kind for _, hint in _carried(model) for kind in _dataclasses(hint)}
    own = f"{model.__name__}({', '.join(f'{one.name}: {hint}' for one, hint in _carried(model))})"
    return " ".join([own, *sorted(shape_of(kind) for kind in inner)])


def _dataclasses(hint: Any) -> set[type[Any]]:
    if is_dataclass(hint):
        return {cast(type[Any], hint)}
    return {kind for member in get_args(hint) for kind in _dataclasses(member)}


def _carried(model: type[Any]) -> list[tuple[Field[Any], Any]]:
    """The fields that travel, each with its type."""
    hints = get_type_hints(model)
    return [(one, hints[one.name]) for one in fields(model) if (model.__name__, one.name) not in _DERIVED]


def _members(hint: Any) -> tuple[Any, ...]:
    """The types of a union without None; the type itself where it is none."""
    if get_origin(hint) in (Union, types.UnionType):
        return tuple(member for member in get_args(hint) if member is not type(None))
    return (hint,)


def _may_be_none(hint: Any) -> bool:
    return get_origin(hint) in (Union, types.UnionType) and type(None) in get_args(hint)


# -- to JSON ----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _encoder(hint: Any) -> Step:
    members = _members(hint)
    if len(members) > 1:
        return _encode_tagged
    step = _encode_one(members[0])
    return (lambda value: None if value is None else step(value)) if _may_be_none(hint) else step


def _encode_one(hint: Any) -> Step:
    origin, arguments = get_origin(hint), get_args(hint)
    if is_dataclass(hint):
        parts = [(one.name, _encoder(kind)) for one, kind in _carried(cast(type[Any], hint))]
        return lambda value: [encode(getattr(value, name)) for name, encode in parts]
    if origin in (list, tuple, frozenset, set) or origin is Sequence:
        kinds = [kind for kind in arguments if kind is not Ellipsis]
        if all(kind in (str, int, float, bool) for kind in kinds):
            return list
        if len(kinds) == 1:
            each = _encoder(kinds[0])
            return lambda value: [each(member) for member in value]
        steps = [_encoder(kind) for kind in kinds]
        return lambda value: [encode(member) for encode, member in zip(steps, value, strict=True)]
    if origin in (dict, Mapping):
        each = _encoder(arguments[1])
        return lambda value: {str(key): each(member) for key, member in value.items()}
    return str if hint in (Decimal, date) else lambda value: value


def _encode_tagged(value: Any) -> Any:
    """A value of a union, with its type where JSON has no word for it."""
    if isinstance(value, (Decimal, date)):
        return [type(value).__name__.lower(), str(value)]
    return value


# -- from JSON --------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _decoder(hint: Any) -> Step:
    members = _members(hint)
    if len(members) > 1:
        return _decode_tagged(members)
    step = _decode_one(members[0])
    return (lambda plain: None if plain is None else step(plain)) if _may_be_none(hint) else step


def _decode_one(hint: Any) -> Step:
    origin, arguments = get_origin(hint), get_args(hint)
    if is_dataclass(hint):
        return _dataclass(cast(type[Any], hint))
    if origin in (list, tuple, frozenset, set) or origin is Sequence:
        return _collection(tuple if origin is Sequence else origin, arguments)
    if origin in (dict, Mapping):
        return _mapping(_decoder(arguments[1]))
    if origin is Literal:
        return _one_of(arguments)
    simple: dict[Any, Step] = {str: _text, int: _whole, float: _number, bool: _truth, Decimal: _decimal, date: _date}
    if hint not in simple:
        raise TypeError(f"{hint} cannot travel as JSON; name its members' types")
    return simple[hint]


def _dataclass(model: type[Any]) -> Step:
    carried = _carried(model)
    steps = [(one.name, _decoder(kind)) for one, kind in carried]
    needed = sum(one.default is MISSING and one.default_factory is MISSING for one, _ in carried)

    def decode(plain: Any) -> Any:
        if not isinstance(plain, list) or not needed <= len(plain) <= len(steps):
            raise ValueError(f"{model.__name__}: found {_shown(plain)}; expected a list of its fields")
        return model(**{name: step(member) for (name, step), member in zip(steps, plain, strict=False)})

    return decode


def _collection(made: Any, arguments: tuple[Any, ...]) -> Step:
    if made is tuple and arguments[-1] is not Ellipsis:
        steps = [_decoder(kind) for kind in arguments]

        def fixed(plain: Any) -> Any:
            if not isinstance(plain, list) or len(plain) != len(steps):
                raise ValueError(f"found {_shown(plain)}; expected {len(steps)} values")
            return tuple([step(member) for step, member in zip(steps, plain, strict=True)])

        return fixed
    each = _decoder(arguments[0])

    def many(plain: Any) -> Any:
        if not isinstance(plain, list):
            raise ValueError(f"found {_shown(plain)}; expected a list")
        return made([each(member) for member in plain])

    return many


def _mapping(each: Step) -> Step:
    def decode(plain: Any) -> Any:
        if not isinstance(plain, dict):
            raise ValueError(f"found {_shown(plain)}; expected a mapping")
        return {_text(key): each(member) for key, member in plain.items()}

    return decode


def _one_of(allowed: tuple[Any, ...]) -> Step:
    def decode(plain: Any) -> Any:
        if plain not in allowed:
            raise ValueError(f"found {_shown(plain)}; expected one of {', '.join(map(str, allowed))}")
        return plain

    return decode


def _decode_tagged(members: tuple[Any, ...]) -> Step:
    tagged: dict[Any, tuple[str, Step]] = {Decimal: ("decimal", _decimal), date: ("date", _date)}
    allowed = dict(tagged[member] for member in members if member in tagged)
    untagged = [_decode_one(member) for member in members if member not in tagged]

    def decode(plain: Any) -> Any:
        if isinstance(plain, list) and len(plain) == 2 and plain[0] in allowed:
            return allowed[plain[0]](plain[1])
        for step in untagged:
            try:
                return step(plain)
            except ValueError:
                continue
        raise ValueError(f"found {_shown(plain)}; expected one of {', '.join(member.__name__ for member in members)}")

    return decode


def _text(plain: Any) -> str:
    if not isinstance(plain, str):
        raise ValueError(f"found {_shown(plain)}; expected text")
    return plain if plain.isascii() else plain.encode("utf-8", "replace").decode("utf-8")


def _whole(plain: Any) -> int:
    if type(plain) is not int:
        raise ValueError(f"found {_shown(plain)}; expected a whole number")
    return plain


def _number(plain: Any) -> float:
    if not ((type(plain) is float and math.isfinite(plain)) or (type(plain) is int and abs(plain) < 2**53)):
        raise ValueError(f"found {_shown(plain)}; expected a number")
    return float(plain)


def _truth(plain: Any) -> bool:
    if not isinstance(plain, bool):
        raise ValueError(f"found {_shown(plain)}; expected true or false")
    return plain


def _decimal(plain: Any) -> Decimal:
    try:
        number = Decimal(_text(plain))
    except InvalidOperation as error:
        raise ValueError(f"found {_shown(plain)}; expected a decimal number") from error
    if not number.is_finite():
        raise ValueError(f"found {_shown(plain)}; expected a decimal number")
    return number


def _date(plain: Any) -> date:
    return date.fromisoformat(_text(plain))


def _shown(plain: Any) -> str:
    return repr(plain)[:60]
