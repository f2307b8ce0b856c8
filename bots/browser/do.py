"""`do:`, a list of lines of one verb each. The model is made from the registry, so a new verb needs no second place."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, create_model, model_validator
from pydantic_core import PydanticCustomError

from bots.browser.verbs import clicks, dialogs, fields, files, flow, gestures, navigate, proofs, reads, signing_in
from bots.browser.verbs.registry import VERBS, Verb

FAMILIES = (navigate, fields, gestures, clicks, files, proofs, reads, dialogs, signing_in, flow)
IN_ORDER = [one for family in FAMILIES for one in VERBS.values() if one.function.__module__ == family.__name__]
"""All verbs as a reader wants them: going, filling, clicking, proving, reading."""


class Line(BaseModel):
    """One line under `do:`: a mapping with exactly one verb."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _one_verb(cls, given: Any) -> Any:
        if isinstance(given, str) and given in VERBS:
            return {given: {}}
        if not isinstance(given, Mapping) or len(given) != 1:
            raise PydanticCustomError("verb", "one verb and its argument on each line, as `click: Save`")
        (name,) = given
        if name not in VERBS:
            near = difflib.get_close_matches(str(name), VERBS, 1)
            raise PydanticCustomError(
                "verb",
                "one of the verbs; {name} is none, {advice}",
                {
                    "name": str(name),
                    "advice": f"did you mean {near[0]}?" if near else f"they are {', '.join(VERBS)}",
                },
            )
        return {name: {} if given[name] is None else given[name]}

    @property
    def verb(self) -> Verb:
        (name,) = self.model_fields_set
        return VERBS[name.rstrip("_")]

    @property
    def input(self) -> Any:
        (name,) = self.model_fields_set
        return getattr(self, name)


if TYPE_CHECKING:
    Do = Line
else:
    Do = create_model(
        "Do",
        __base__=Line,
        **{
            f"{one.name}_": (one.input | None, Field(default=None, alias=one.name, description=one.summary))
            for one in IN_ORDER
        },
    )
    for model in (flow.Repeat, flow.If):
        model.model_rebuild(_types_namespace={"Do": Do}, force=True)
    Do.model_rebuild(force=True)


def raw_lines(lines: Any) -> Iterator[tuple[str, Any]]:
    """Every verb and its argument of a `do:` as written, those of `repeat` and `if` included."""
    for line in lines if isinstance(lines, list) else []:
        if isinstance(line, str):
            yield line, None
        elif isinstance(line, Mapping):
            for name, argument in line.items():
                yield str(name), argument
                if name in ("repeat", "if") and isinstance(argument, Mapping):
                    yield from raw_lines(argument.get("do"))
                    yield from raw_lines(argument.get("else"))


def only_reads(lines: Any) -> bool:
    """True when no verb here can change anything outside."""
    return all(
        name in VERBS and (VERBS[name].reads or name in ("repeat", "if")) for name, _argument in raw_lines(lines)
    )


def names_read(lines: Any) -> list[str]:
    """The names that these verbs add to the result of their step."""
    found = dict.fromkeys(
        read
        for name, argument in raw_lines(lines)
        if name in VERBS and (names := VERBS[name].names) is not None
        for read in names(argument)
    )
    return list(found)


def reference() -> str:
    """The verbs as a table in Markdown, for the page of the documentation."""
    rows = ["| verb | does | only reads |", "|---|---|---|"]
    rows += [f"| `{one.name}` | {one.summary} | {'yes' if one.reads else ''} |" for one in IN_ORDER]
    return "\n".join(rows)
