"""Repeating verbs, and doing them only if something is seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.json_schema import SkipJsonSchema

from bots.browser.verbs.registry import Read, verb

if TYPE_CHECKING:
    from bots.browser.do import Do
    from bots.browser.session import Session


class Repeat(BaseModel):
    """`{times: 3, do: [...]}`, `{while: Next page, do: [...]}`, `{until: End of list, do: [...]}`, or
    `{for_each: "${{ item.rows }}", do: [...]}` with each row under `each`."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    times: int | None = Field(default=None, ge=0, le=10_000, description="How often")
    while_: str | None = Field(default=None, alias="while", description="As long as this is seen")
    until: str | None = Field(default=None, description="Until this is seen")
    for_each: list[Any] | str | None = Field(
        default=None, description="Once for each entry of a list, which stands under `each` in its verbs"
    )
    each: str | None = Field(default=None, description="Another name for the entry of `for_each`")
    at_most: int = Field(default=100, ge=1, le=10_000, description="Rounds at most; more are an exception")
    do: list[Do] = Field(description="The verbs of a round")
    rounds: SkipJsonSchema[list[list[Do]]] = Field(default_factory=list, exclude=True)

    @model_validator(mode="before")
    @classmethod
    def _rounds_as_evaluated(cls, given: Any) -> Any:
        """What the engine makes of `for_each`: the verbs of each round, one list each."""
        lines = given.get("do") if isinstance(given, Mapping) and isinstance(given.get("for_each"), list) else None
        if isinstance(lines, list) and all(isinstance(line, list) for line in lines):
            return {**given, "rounds": lines, "do": []}
        return given

    @model_validator(mode="after")
    def _one_end(self) -> Repeat:
        if sum(end is not None for end in (self.times, self.while_, self.until, self.for_each)) != 1:
            raise ValueError("repeat needs exactly one of times, while and until, or for_each")
        if self.for_each is None and self.each is not None:
            raise ValueError("`each` names the entry of `for_each`, which is not there")
        return self

    @property
    def lines(self) -> list[Do]:
        """The verbs of all rounds where these are known before they run, else those of any round."""
        return [line for lines in self.rounds for line in lines] or self.do


class If(BaseModel):
    """`{see: Cookies, do: [{click: Accept}]}`: does it only if this is seen now; `else` otherwise."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    see: str | None = Field(default=None, description="A text or locator that must be seen")
    see_not: str | None = Field(default=None, description="A text or locator that must not be seen")
    do: list[Do] = Field(description="The verbs then")
    otherwise: list[Do] = Field(default_factory=list, alias="else", description="The verbs otherwise")

    @model_validator(mode="after")
    def _one_condition(self) -> If:
        if (self.see is None) == (self.see_not is None):
            raise ValueError("if needs one of see and see_not")
        return self


@verb("repeat")
def repeat(input: Repeat, session: Session) -> Read:
    """Do verbs again and again. What they read is given as a list, one value for each round."""
    gathered: dict[str, list[Any]] = {}
    if input.for_each is not None:
        for lines in input.rounds:
            for name, value in session.perform(lines).items():
                gathered.setdefault(name, []).append(value)
        return dict(gathered)
    rounds = 0
    while _goes_on(input, session, rounds):
        if input.times is None and rounds >= input.at_most:
            raise session.failure(
                "PAGE_TIMEOUT",
                f"repeat did not come to its end in {input.at_most} rounds",
                advice="raise at_most, or look whether the page still shows what ends it",
            )
        for name, value in session.perform(input.do).items():
            gathered.setdefault(name, []).append(value)
        rounds += 1
    return dict(gathered)


def _goes_on(input: Repeat, session: Session, rounds: int) -> bool:
    if input.times is not None:
        return rounds < input.times
    if input.while_ is not None:
        return session.proofs.seen_at_rest(input.while_)
    return not session.proofs.seen_at_rest(input.until or "")


@verb("if")
def when(input: If, session: Session) -> Read:
    """Do verbs only if something is seen (or not seen) on the page at rest."""
    if input.see is not None:
        met = session.proofs.seen_at_rest(input.see)
    else:
        met = not session.proofs.seen_at_rest(input.see_not or "")
    return session.perform(input.do if met else input.otherwise)
