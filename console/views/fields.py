"""The fields of a result as a person checks them: what was read, how sure it is, where it stands, what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from console.places import written
from console.words import label, value

SURE = 0.85
DOUBTFUL = 0.6

ABOUT_THE_READING = frozenset(
    {
        "file",
        "pages",
        "type",
        "language",
        "schema_fields",
        "fields",
        "lines",
        "tables",
        "problems",
        "confidence",
        "adjustments",
        "tax_breakdown",
        "page_images",
        "alternatives",
    }
)
"""What a reading tells of itself; the other names of a result are its fields."""


class Level(StrEnum):
    """How sure a value is. Shown as colour, icon and words."""

    SURE = "sure"
    CHECK = "check"
    DOUBTFUL = "doubtful"
    MISSING = "missing"
    PERSON = "person"


WORDS: Mapping[Level, str] = {
    Level.SURE: "sure",
    Level.CHECK: "look at it",
    Level.DOUBTFUL: "doubtful",
    Level.MISSING: "not found",
    Level.PERSON: "entered by a person",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """Another value that a field may have; `place` is empty where it stands on no page, `mends` as the reader says."""

    text: str
    words: str
    place: str
    mends: bool


@dataclass(frozen=True, slots=True)
class FieldView:
    """`text` is the value as shown and typed, `typed` what stands in the box now, `box` in points from the top left;
    `place` is where the typed value was taken from the page, if it was."""

    name: str
    label: str
    text: str
    typed: str
    level: Level
    confidence: float | None
    page: int | None
    box: tuple[float, float, float, float] | None
    source: str
    problems: tuple[str, ...]
    choices: tuple[Choice, ...] = ()
    place: str = ""

    @property
    def words(self) -> str:
        sure = f", {self.confidence:.0%}" if self.confidence is not None and self.level is not Level.PERSON else ""
        taught = ", found as it was corrected before" if self.source == "template" else ""
        return WORDS[self.level] + sure + taught

    @property
    def needs_a_look(self) -> bool:
        # A value that is missing and that no rule misses is nothing to stop at.
        return bool(self.problems) or self.level in (Level.CHECK, Level.DOUBTFUL)

    @property
    def mends(self) -> bool:
        """Whether one of its other values would make every rule hold."""
        return any(choice.mends for choice in self.choices)

    @property
    def crop(self) -> str:
        """The piece of the page around the value, as the view box of a picture; empty where it stands nowhere."""
        if self.box is None:
            return ""
        left, top, right, bottom = self.box
        x = max(left - 60, 0)
        return f"{x:.1f} {top - 5:.1f} {right + 60 - x:.1f} {bottom - top + 10:.1f}"

    @property
    def id(self) -> str:
        return "field-" + self.name.replace(".", "-")


@dataclass(frozen=True, slots=True)
class PageView:
    """A page as a picture. `width` and `height` are in points, as the boxes are."""

    artifact: str
    number: int
    width: float
    height: float
    fields: tuple[FieldView, ...]


def fields_of(
    result: Mapping[str, Any],
    problems: Sequence[Mapping[str, Any]],
    typed: Mapping[str, str],
    places: Mapping[str, str] | None = None,
) -> list[FieldView]:
    """The fields of a result, in its own order; `typed` is what a person has entered, `places` where they took it."""
    told = result.get("fields")
    readings: Mapping[str, Any] = told if isinstance(told, Mapping) else {}
    # A field that nobody looks for and nothing was found for is no line of its own.
    wanted = {name for problem in problems for name in problem.get("fields") or ()}
    names = dict.fromkeys([*_flat_names(result), *readings, *wanted])
    found = [_field(name, readings, result, problems, typed) for name in names]
    return [replace(field, place=(places or {}).get(field.name, "")) for field in found]


def changed(fields: Sequence[FieldView]) -> dict[str, str]:
    """What a person entered that differs from what was shown."""
    return {field.name: field.typed.strip() for field in fields if field.typed.strip() != field.text.strip()}


def pages_of(result: Mapping[str, Any], fields: Sequence[FieldView]) -> list[PageView]:
    """The pages with the fields that stand on them."""
    return [
        PageView(
            artifact=str(image["artifact"]),
            number=int(image["page"]),
            width=float(image["width"]),
            height=float(image["height"]),
            fields=tuple(field for field in fields if field.box is not None and field.page == image["page"]),
        )
        for image in result.get("page_images") or ()
    ]


def _flat_names(result: Mapping[str, Any]) -> Iterator[str]:
    for name, told in result.items():
        if name in ABOUT_THE_READING:
            continue
        if isinstance(told, Mapping):
            yield from (f"{name}.{inner}" for inner in told)
        else:
            yield name


def _field(
    name: str,
    readings: Mapping[str, Any],
    result: Mapping[str, Any],
    problems: Sequence[Mapping[str, Any]],
    typed: Mapping[str, str],
) -> FieldView:
    reading = readings.get(name) or {}
    text = value(reading["value"] if "value" in reading else _plain(result, name))
    confidence = float(reading["confidence"]) if reading.get("confidence") is not None else None
    box = reading.get("box")
    source = str(reading.get("source") or "")
    return FieldView(
        name=name,
        label=label(name),
        text=text,
        typed=typed.get(name, text),
        level=_level(text, confidence, source),
        confidence=confidence,
        page=reading.get("page"),
        box=(float(box[0]), float(box[1]), float(box[2]), float(box[3])) if box else None,
        source=source,
        problems=tuple(str(problem["message"]) for problem in problems if name in (problem.get("fields") or ())),
        choices=_choices(result, name, text),
    )


def _choices(result: Mapping[str, Any], name: str, text: str) -> tuple[Choice, ...]:
    """What else the reader saw for a field."""
    told = result.get("alternatives")
    others = told.get(name) or () if isinstance(told, Mapping) else ()
    return tuple(
        Choice(
            text=value(other["value"]),
            words=str(other.get("why") or "") or f"{float(other['confidence'] or 0):.0%}",
            place=written(other["page"], other["box"]) if other.get("box") else "",
            mends=bool(other.get("mends")),
        )
        for other in others
        if value(other["value"]) != text
    )


def _plain(result: Mapping[str, Any], name: str) -> Any:
    found: Any = result
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _level(text: str, confidence: float | None, source: str) -> Level:
    if source == "person":
        return Level.PERSON
    if not text:
        return Level.MISSING
    if confidence is None or confidence >= SURE:
        return Level.SURE
    return Level.CHECK if confidence >= DOUBTFUL else Level.DOUBTFUL
