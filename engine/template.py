"""A YAML value with `${{ }}` inside, parsed once.

A whole-value expression keeps its type; inside text it is formatted. What comes out is never evaluated again.
`$${{` stands for `${{` itself. A mapping with `for_each` and `do` is a loop: its `do` is evaluated once for each entry
of the list, which stands under `each` (or the name that `each:` gives it), and becomes a list of what came out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from engine.errors import ExpressionError, Location, Problems
from engine.expression_names import Reference
from engine.expressions import Expression, compile_expression
from engine.values import as_text
from engine.yaml_source import LocationOf, ValuePath

OPEN, CLOSE = "${{", "}}"

Part: TypeAlias = "str | Expression"


@dataclass(frozen=True, slots=True)
class _Text:
    """Text with expressions in it."""

    parts: tuple[Part, ...]

    def evaluate(self, scope: Mapping[str, Any]) -> str:
        return "".join(part if isinstance(part, str) else _formatted(part, scope) for part in self.parts)


@dataclass(frozen=True, slots=True)
class _Mapping:
    entries: tuple[tuple[Any, Any], ...]  # a name is text, or what gives one


@dataclass(frozen=True, slots=True)
class _Loop:
    """`{for_each: items, each: name, do: body}`, with its other entries in `rest`."""

    name: str
    items: Any
    body: Any
    rest: _Mapping
    location: Location


@dataclass(frozen=True, slots=True)
class _List:
    entries: tuple[Any, ...]


@dataclass(frozen=True)
class ParsedTemplate:
    """`raw` is the value as written; `location` where it stands."""

    raw: Any
    location: Location
    parts: Any = field(repr=False)
    expressions: tuple[tuple[Expression, frozenset[str]], ...]  # each with the names that loops around it bind
    location_of: LocationOf = field(repr=False, compare=False)

    def evaluate(self, scope: Mapping[str, Any]) -> Any:
        """The value with every expression replaced, made anew each time. ExpressionError names its own place."""
        return _evaluated(self.parts, scope)

    @property
    def constant(self) -> bool:
        """Whether it holds no expression."""
        return not self.expressions

    def references(self) -> Iterator[tuple[Reference, Location | None]]:
        """The names it refers to and where each stands."""
        for expression, bound in self.expressions:
            for name in expression.names:
                if name.path[0] not in bound:
                    yield name, _moved(expression.location, name.column)


def parse_template(value: Any, location_of: LocationOf, problems: Problems | None = None) -> ParsedTemplate:
    """Parse a value. Every expression that is wrong is a problem; without `problems`, they are raised together."""
    found = problems if problems is not None else Problems()
    expressions: list[tuple[Expression, frozenset[str]]] = []
    parts = _Parser(location_of, found, expressions).of(value, ())
    if problems is None:
        found.refuse()
    return ParsedTemplate(value, location_of((), 0), parts, tuple(expressions), location_of)


def parse_condition(value: Any, location_of: LocationOf, problems: Problems) -> ParsedTemplate:
    """A template that has to give true or false: `and` and `or` in it do so whatever they join."""
    expressions: list[tuple[Expression, frozenset[str]]] = []
    parts = _Parser(location_of, problems, expressions, condition=True).of(value, ())
    return ParsedTemplate(value, location_of((), 0), parts, tuple(expressions), location_of)


class _Parser:
    def __init__(
        self,
        location_of: LocationOf,
        problems: Problems,
        expressions: list[tuple[Expression, frozenset[str]]],
        *,
        condition: bool = False,
    ) -> None:
        self.location_of, self.problems, self.expressions = location_of, problems, expressions
        self.condition = condition
        self.bound: frozenset[str] = frozenset()

    def of(self, value: Any, path: ValuePath) -> Any:
        if isinstance(value, str):
            return self._text(value, path) if OPEN in value else value
        if isinstance(value, Mapping) and "for_each" in value and isinstance(value.get("do"), list):
            return self._loop(value, path)
        if isinstance(value, Mapping):
            return _Mapping(tuple(self._entry(name, entry, (*path, name)) for name, entry in value.items()))
        if isinstance(value, list):
            return _List(tuple(self.of(entry, (*path, number)) for number, entry in enumerate(value)))
        return value

    def _entry(self, name: Any, value: Any, path: ValuePath) -> tuple[Any, Any]:
        """A name may hold expressions, too: the label of a field that is known only when it is filled."""
        return self.of(name, path) if isinstance(name, str) else name, self.of(value, path)

    def _loop(self, value: Mapping[str, Any], path: ValuePath) -> _Loop:
        name = value.get("each", "each")
        items = self.of(value["for_each"], (*path, "for_each"))
        around, self.bound = self.bound, self.bound | {str(name)}
        body = self.of(value["do"], (*path, "do"))
        self.bound = around
        others = [(key, entry) for key, entry in value.items() if key not in ("for_each", "do")]
        rest = tuple(self._entry(key, entry, (*path, key)) for key, entry in others)
        return _Loop(str(name), items, body, _Mapping(rest), self.location_of((*path, "for_each"), 0))

    def _text(self, text: str, path: ValuePath) -> Any:
        parts: list[Part] = []
        for start, piece in pieces(text):
            if start is None:
                parts.append(piece)
            elif (expression := self._expression(piece, path, start)) is not None:
                parts.append(expression)
        if len(parts) == 1:
            return parts[0]
        whole = [part for part in parts if not (isinstance(part, str) and not part.strip())]
        if len(whole) == 1 and isinstance(whole[0], Expression):
            return whole[0]  # a block of lines ends with a line break; the value is still the whole expression
        return _Text(tuple(parts))

    def _expression(self, text: str, path: ValuePath, start: int) -> Expression | None:
        """The expression that begins at `start` of the value, or None with a problem noted."""
        inner = text.removesuffix(CLOSE)
        leading = len(inner) - len(inner.lstrip())
        if not text.endswith(CLOSE):
            place = self.location_of(path, start - len(OPEN))
            self.problems.add(place, "${{ is never closed", "expected }} after the expression", "add }}")
            return None
        try:
            place = self.location_of(path, start + leading)
            expression = compile_expression(inner.strip(), place, condition=self.condition)
        except ExpressionError as error:
            place = self.location_of(path, start + leading + error.column - 1)
            self.problems.add(place, error.message, "expected an expression", error.advice or "correct it")
            return None
        self.expressions.append((expression, self.bound))
        return expression


def pieces(text: str) -> Iterator[tuple[int | None, str]]:
    """`(None, text)` and `(offset, expression with its }})`, in order. The offset is where the expression begins."""
    at, plain = 0, ""
    while (begin := text.find(OPEN, at)) >= 0:
        if begin > at and text[begin - 1] == "$":
            plain += text[at : begin - 1] + OPEN
            at = begin + len(OPEN)
            continue
        plain += text[at:begin]
        if plain:
            yield None, plain
            plain = ""
        start = begin + len(OPEN)
        at = _end(text, start)
        yield start, text[start:at]
    plain += text[at:]
    if plain:
        yield None, plain


def _end(text: str, start: int) -> int:
    """Behind the }} that closes an expression: not one inside quotes or inside a mapping of the expression."""
    depth, quote, at = 0, "", start
    while at < len(text):
        letter = text[at]
        if quote:
            if letter == "\\":
                at += 1
            elif letter == quote:
                quote = ""
        elif letter in "'\"":
            quote = letter
        elif letter == "{":
            depth += 1
        elif letter == "}":
            if not depth and text.startswith(CLOSE, at):
                return at + len(CLOSE)
            depth = max(0, depth - 1)
        at += 1
    # A quote that is never closed hides the end; the expression's own message says more than "never closed".
    end = text.find(CLOSE, start)
    return end + len(CLOSE) if end >= 0 else len(text)


def _evaluated(part: Any, scope: Mapping[str, Any]) -> Any:
    if isinstance(part, Expression):
        return _value(part, scope)
    if isinstance(part, _Text):
        return part.evaluate(scope)
    if isinstance(part, _Mapping):
        return _mapped(part, scope)
    if isinstance(part, _List):
        return [_evaluated(entry, scope) for entry in part.entries]
    if isinstance(part, _Loop):
        return _looped(part, scope)
    return part


def _mapped(mapping: _Mapping, scope: Mapping[str, Any]) -> dict[Any, Any]:
    made: dict[Any, Any] = {}
    for named, entry in mapping.entries:
        name = named
        if isinstance(named, (Expression, _Text)):
            name = _formatted(named, scope) if isinstance(named, Expression) else named.evaluate(scope)
            if name in made:
                raise ExpressionError(f"two entries of a mapping have the name {name!r}", advice="write each name once")
        made[name] = _evaluated(entry, scope)
    return made


def _looped(loop: _Loop, scope: Mapping[str, Any]) -> dict[str, Any]:
    items = _evaluated(loop.items, scope)
    if not isinstance(items, (list, tuple)):
        error = ExpressionError(
            f"for_each gives {type(items).__name__} {str(items)[:40]!r}, expected a list", advice="give it a list"
        )
        error.location = loop.location
        raise error
    rounds = [_evaluated(loop.body, {**scope, loop.name: item}) for item in items]
    return {**_evaluated(loop.rest, scope), "for_each": list(items), "do": rounds}


def _value(expression: Expression, scope: Mapping[str, Any]) -> Any:
    try:
        return expression.evaluate(scope)
    except ExpressionError as error:
        error.location = expression.location
        raise


def _formatted(expression: Expression, scope: Mapping[str, Any]) -> str:
    value = _value(expression, scope)
    try:
        return as_text(value)
    except ExpressionError as error:
        told = ExpressionError(f"{expression.text}: {error.message}", advice=error.advice)
        told.location = expression.location
        raise told from None


def _moved(location: Location | None, column: int) -> Location | None:
    if location is None:
        return None
    return Location(location.file, location.line, location.column + column - 1)
