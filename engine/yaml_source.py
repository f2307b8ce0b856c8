"""YAML with marks: the values of a file, and where each key and value stands.

libyaml's events, resolved by the core schema of YAML 1.2: `NO`, `on`, `yes`, `0123` and `12:30` are text. What could
surprise an author (duplicate keys, aliases, tags, tabs) is refused with its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from engine.errors import Location, Problems, WorkflowError
from engine.yaml_errors import translated

MAX_BYTES = 2_000_000
MAX_DEPTH = 50

ValuePath: TypeAlias = tuple[str | int, ...]
LocationOf: TypeAlias = Callable[[ValuePath, int], Location]
"""Where the character at an offset of the value at a path stands in the file."""

_CONSTANTS: Mapping[str, Any] = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMERIC = frozenset("+-.0123456789")
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,3})?")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")


class Mark(NamedTuple):
    """A place in the text: line and column count from zero, as do `start` and `end`, its characters."""

    line: int
    column: int
    start: int
    end: int
    style: str | None = None


class MarkedMapping(dict[str, Any]):
    """A mapping of a file, with the marks of its keys and values."""

    __slots__ = ("keys_at", "mark", "values_at")

    def __init__(self, mark: Mark) -> None:
        super().__init__()
        self.mark = mark
        self.keys_at: dict[str, Mark] = {}
        self.values_at: dict[str, Mark] = {}


class MarkedList(list[Any]):
    """A list of a file, with the marks of its entries."""

    __slots__ = ("mark", "values_at")

    def __init__(self, mark: Mark) -> None:
        super().__init__()
        self.mark = mark
        self.values_at: list[Mark] = []


@dataclass(frozen=True, slots=True)
class Source:
    """A file as read: `value` is its content, `text` what it was read from."""

    file: str
    text: str
    value: Any
    mark: Mark

    def location(self, mark: Mark) -> Location:
        return Location(self.file, mark.line + 1, mark.column + 1)

    def key(self, mapping: Mapping[str, Any], name: str) -> Location:
        """Where a key of a mapping of this file stands; the mapping's own place for a key that is not there."""
        if isinstance(mapping, MarkedMapping):
            return self.location(mapping.keys_at.get(name, mapping.mark))
        return self.location(self.mark)

    def entry(self, parent: Any, name: str | int) -> Location:
        """Where the value of a key, or an entry of a list, stands."""
        mark = mark_of(parent, name)
        return self.location(mark if mark is not None else self.mark)

    def at(self, value: Any, mark: Mark, path: Sequence[Any], *, key: bool = False) -> Location:
        """Where the value at a path below `value` stands, as far as the path leads into the file."""
        for number, name in enumerate(path):
            inner = mark_of(value, name)
            if inner is None:
                break
            if key and number == len(path) - 1 and isinstance(value, MarkedMapping):
                inner = value.keys_at[name]
            value, mark = value[name], inner
        return self.location(mark)

    def inside(self, value: Any, mark: Mark) -> LocationOf:
        """Locates characters of the texts below `value`, which stands at `mark`."""

        def locate(path: ValuePath, offset: int) -> Location:
            found, place = value, mark
            for name in path:
                inner = mark_of(found, name)
                if inner is None:
                    return self.location(place)
                found, place = found[name], inner
            if not isinstance(found, str) or not offset:
                return self.location(place)
            return self._character(place, found, offset)

        return locate

    def _character(self, mark: Mark, value: str, offset: int) -> Location:
        """The place of one character of a text, counted without white space: folding changes only that."""
        wanted = sum(not letter.isspace() for letter in value[:offset])
        index = self._begin(mark)
        while index < mark.end:
            letter = self.text[index]
            if letter.isspace():
                index += 1
                continue
            length, counts = self._length(mark, index)
            if counts and not wanted:
                break
            wanted -= counts
            index += length
        line = self.text.count("\n", mark.start, index)
        before = self.text.rfind("\n", 0, index)
        return Location(self.file, mark.line + 1 + line, index - before)

    def _begin(self, mark: Mark) -> int:
        if mark.style in ("'", '"'):
            return mark.start + 1
        return self.text.index("\n", mark.start) + 1 if mark.style in ("|", ">") else mark.start

    def _length(self, mark: Mark, index: int) -> tuple[int, int]:
        """How long the character at `index` is as written, and whether it is one that is not white space."""
        two = self.text[index : index + 2]
        if mark.style == "'" and two == "''":
            return 2, 1
        if mark.style == '"' and two.startswith("\\"):
            return {"x": 4, "u": 6, "U": 10}.get(two[1:], 2), int(two[1:] not in "ntr \n_NLP")
        return 1, 1


def mark_of(parent: Any, name: Any) -> Mark | None:
    """The mark of an entry of a mapping or list of a file; None if there is no such entry."""
    if isinstance(parent, MarkedMapping):
        return parent.values_at.get(name)
    if isinstance(parent, MarkedList) and isinstance(name, int) and 0 <= name < len(parent.values_at):
        return parent.values_at[name]
    return None


def read_yaml(path: Path, file: str | None = None) -> Source:
    """The content of a file; WorkflowError with every problem that its text has."""
    name = file or str(path)
    problems = Problems()
    try:
        content = path.read_bytes()
    except OSError as error:
        advice = "check the path" if isinstance(error, FileNotFoundError) else "check its permissions"
        problems.add(Location(name, 1, 1), f"the file cannot be read: {error.strerror}", "expected a YAML file", advice)
        raise WorkflowError(problems.found) from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        place = Location(name, before.count(b"\n") + 1, error.start - before.rfind(b"\n"))
        problems.add(place, "a byte that is not UTF-8", "expected text in UTF-8", "save the file as UTF-8")
        raise WorkflowError(problems.found) from None
    return parse_yaml(text, name)


def parse_yaml(text: str, file: str) -> Source:
    """The content of a text; WorkflowError with every problem that it has. `file` is what the marks name."""
    problems = Problems()
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    _refuse_at_once(text, file, problems)
    builder = _Builder(text, file, problems)
    value, mark = builder.build()
    if problems.found:
        raise WorkflowError(problems.found)
    return Source(file, text, value, mark)


def _refuse_at_once(text: str, file: str, problems: Problems) -> None:
    if len(text) > MAX_BYTES:
        found = f"the file has {len(text):,} characters"
        problems.add(Location(file, 1, 1), found, f"expected at most {MAX_BYTES:,}", "split it into several workflows")
    if "\t" in text:
        for number, line in enumerate(text.split("\n"), 1):
            if "\t" in line:
                place = Location(file, number, line.index("\t") + 1)
                advice = 'indent with spaces; inside a text write "\\t" in double quotes'
                problems.add(place, "a tab", "expected spaces", advice)
    if problems.found:
        raise WorkflowError(problems.found)


class _Stop(Exception):
    """The rest of the file cannot be understood; its problem is noted."""


class _Builder:
    """Makes values from the parser's events."""

    def __init__(self, text: str, file: str, problems: Problems) -> None:
        from yaml.cyaml import CParser  # type: ignore[attr-defined]

        self.text, self.file, self.problems = text, file, problems
        self.parser: Any = CParser(text)

    def build(self) -> tuple[Any, Mark]:
        from yaml import events

        self.events = events
        try:
            self._next()
            begin = self._next()
            if isinstance(begin, events.StreamEndEvent):
                return None, Mark(0, 0, 0, 0)
            built = self._value(self._next(), 0)
            self._next()
            more = self._next()
            if not isinstance(more, events.StreamEndEvent):
                self._problem(
                    _mark(more),
                    "a second document after ---",
                    "one document in a file",
                    "put it into a file of its own",
                )
            return built
        except _Stop:
            return None, Mark(0, 0, 0, 0)

    def _next(self) -> Any:
        from yaml import YAMLError

        try:
            return self.parser.get_event()
        except YAMLError as error:
            self.problems.found.append(translated(error, self.text, self.file))
            raise _Stop from None

    def _problem(self, mark: Mark, found: str, expected: str, advice: str) -> None:
        place = Location(self.file, mark.line + 1, mark.column + 1)
        self.problems.add(place, found, f"expected {expected}", advice)

    def _value(self, event: Any, depth: int) -> tuple[Any, Mark]:
        events, mark = self.events, _mark(event)
        if isinstance(event, events.AliasEvent):
            name = self.text[mark.start : mark.end]
            advice = "write the value out; put text that begins with * in quotes"
            self._problem(mark, f"the alias {name}", "no YAML aliases", advice)
            return None, mark
        self._refuse_anchor_and_tag(event, mark)
        if isinstance(event, events.ScalarEvent):
            return (event.value if not event.implicit[0] else _plain(event.value)), mark
        if depth >= MAX_DEPTH:
            self._problem(mark, "values nested too deeply", f"at most {MAX_DEPTH} levels", "split the workflow")
            raise _Stop
        if isinstance(event, events.MappingStartEvent):
            return self._mapping(mark, depth), mark
        return self._list(mark, depth), mark

    def _refuse_anchor_and_tag(self, event: Any, mark: Mark) -> None:
        if event.anchor is not None:
            advice = "write the value out where it is needed; put text that begins with & in quotes"
            self._problem(mark, f"the anchor &{event.anchor}", "no YAML anchors", advice)
        if event.tag is not None:
            advice = "take it out; put text that begins with ! in quotes"
            self._problem(mark, f"the tag {event.tag}", "no YAML tags", advice)

    def _list(self, mark: Mark, depth: int) -> MarkedList:
        made = MarkedList(mark)
        end = self.events.SequenceEndEvent
        while not isinstance(event := self._next(), end):
            value, place = self._value(event, depth + 1)
            made.append(value)
            made.values_at.append(place)
        return made

    def _mapping(self, mark: Mark, depth: int) -> MarkedMapping:
        made = MarkedMapping(mark)
        end = self.events.MappingEndEvent
        while not isinstance(event := self._next(), end):
            key = self._key(event, depth)
            place = _mark(event)
            value, value_place = self._value(self._next(), depth + 1)
            if key is None:
                continue
            if key in made:
                first = made.keys_at[key].line + 1
                advice = "remove one of the two, or make it a list"
                self._problem(place, f"the key {key} a second time (first in line {first})", "each key once", advice)
                continue
            made[key] = value
            made.keys_at[key] = place
            made.values_at[key] = value_place
        return made

    def _key(self, event: Any, depth: int) -> str | None:
        """A key is text as written: `2026:` and `true:` are names too."""
        if isinstance(event, self.events.ScalarEvent):
            self._refuse_anchor_and_tag(event, _mark(event))
            return str(event.value)
        mark = _mark(event)
        self._value(event, depth + 1)
        advice = 'put an expression in quotes: "${{ ... }}"' if self._braces(mark) else "write a name before the colon"
        self._problem(mark, "a list or mapping as a key", "a name", advice)
        return None

    def _braces(self, mark: Mark) -> bool:
        return "{{" in self.text[max(0, mark.start - 1) : mark.start + 2]


def _mark(event: Any) -> Mark:
    start = event.start_mark
    return Mark(start.line, start.column, start.index, event.end_mark.index, getattr(event, "style", None))


def _plain(text: str) -> Any:
    """A plain scalar by the core schema; a number with a leading zero is text, a float a Decimal."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] in _NUMERIC and len(text) <= 100:
        if _INTEGER.fullmatch(text):
            return int(text)
        if _FLOAT.fullmatch(text):
            return Decimal(text)
        if _BASED.fullmatch(text):
            return int(text, 0)
    return text
