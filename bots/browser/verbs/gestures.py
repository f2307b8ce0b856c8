"""Gestures of the hand: drag and drop, sliders, and lists that open while one types."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, RootModel

from bots.browser.values import Scalar, text_of
from bots.browser.verbs.registry import Read, VerbInput, verb

if TYPE_CHECKING:
    from bots.browser.session import Session


class By(BaseModel):
    """So many pixels to the right and down; negative to the left and up."""

    model_config = ConfigDict(extra="forbid")

    right: int = Field(default=0, description="Pixels to the right")
    down: int = Field(default=0, description="Pixels down")


class Drag(RootModel[dict[str, str | By]]):
    """What to drag, and onto what: `{Invoice 17: Approved}`; or by how far: `{css=.handle: {right: 80}}`."""


@verb("drag", sends=True)
def drag(input: Drag, session: Session) -> Read:
    """Drag one thing onto another by the mouse, or some way along."""
    for what, where in input.root.items():
        if isinstance(where, By):
            session.gestures.drag_by(what, where.right, where.down)
        else:
            session.gestures.drag_onto(what, where)
    return None


class Stand(BaseModel):
    """Where a slider is to stand, and where the page shows it."""

    model_config = ConfigDict(extra="forbid")

    to: Decimal = Field(description="The value")
    shown: str = Field(description="Where the page shows the value: a label, a text or a locator")


class Slider(RootModel[dict[str, Stand | Decimal]]):
    """Label to value: `{Volume: 40}`; where the slider itself does not tell it: `{Volume: {to: 40, shown: css=#v}}`."""


@verb("slider")
def slider(input: Slider, session: Session) -> Read:
    """Set a slider to a value, and see that it stands there."""
    for label, value in input.root.items():
        if isinstance(value, Stand):
            session.gestures.slide(label, value.to, value.shown)
        else:
            session.gestures.slide(label, value)
    return None


class Search(BaseModel):
    """What to type, and which of the suggestions to take."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(description="What is typed")
    choose: str = Field(description="The suggestion to take, as it is shown there")


class Autocomplete(RootModel[dict[str, Search | Scalar]]):
    """Label to the suggestion: `{City: Berlin}`, or `{City: {type: Ber, choose: Berlin (DE)}}`."""


@verb("autocomplete")
def autocomplete(input: Autocomplete, session: Session) -> Read:
    """Type into a field and take one of the suggestions that open."""
    for label, value in input.root.items():
        if isinstance(value, Search):
            session.gestures.complete(label, value.type, value.choose)
        else:
            session.gestures.complete(label, text_of(value), text_of(value))
    return None


class Script(VerbInput):
    short: ClassVar[str | None] = "code"
    code: str = Field(description="JavaScript: an expression, or statements that `return` a value")
    name: str = Field(default="script", description="The name under which the step gives its value")


def _name(raw: Any) -> list[str]:
    return [str(raw.get("name", "script")) if isinstance(raw, dict) else "script"]


@verb("script", sends=True, names=_name)
def script(input: Script, session: Session) -> Read:
    """Run JavaScript in the page, where no verb helps. Only on a connection with `scripts: true`."""
    return {input.name: session.gestures.script(input.code)}
