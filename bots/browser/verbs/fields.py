"""Fields of a form: fill, type, clear, select, check, choose, date. What was set is read back."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, RootModel

from bots.browser.values import Scalar, text_of
from bots.browser.verbs.registry import Read, VerbInput, verb
from engine.errors import BusinessException

if TYPE_CHECKING:
    from bots.browser.session import Session


class OneTimeCode(BaseModel):
    """`{otp: name}`: the one-time code (TOTP) of now, from the secret of that name."""

    model_config = ConfigDict(extra="forbid")

    otp: str = Field(description="The name of the secret that makes the codes")


class FromSecret(BaseModel):
    """`{secret: name}`: the secret of that name, for a password that is no log-in."""

    model_config = ConfigDict(extra="forbid")

    secret: str = Field(description="The name of the secret")


class Fill(RootModel[dict[str, Scalar | OneTimeCode | FromSecret]]):
    """Label to value: `{Vendor: ACME, Amount: 12.50}`; `{Code: {otp: portal-otp}}` for a one-time code,
    `{New password: {secret: portal-next}}` for a secret."""


@verb("fill")
def fill(input: Fill, session: Session) -> Read:
    """Put values into the fields named by their labels; each is read back and must have been kept."""
    values: dict[str, Scalar] = {}
    for label, value in input.root.items():
        if isinstance(value, OneTimeCode):
            values[label] = session.door.code(session.context.secret(value.otp), f"the secret {value.otp}")
        elif isinstance(value, FromSecret):
            values[label] = session.context.secret(value.secret)
            session.evidence.hide(str(values[label]))
        else:
            values[label] = value
    session.forms.fill(values)
    return None


class Type(RootModel[dict[str, Scalar]]):
    """Label to text, typed key by key: for fields that react to each key."""


@verb("type")
def type_keys(input: Type, session: Session) -> Read:
    """Type into fields key by key, as a person does."""
    for label, value in input.root.items():
        session.forms.type_keys(label, text_of(value))
    return None


class Clear(VerbInput):
    short: ClassVar[str | None] = "labels"
    labels: str | list[str] = Field(description="One label, or several")


@verb("clear")
def clear(input: Clear, session: Session) -> Read:
    """Empty one field or several."""
    session.forms.fill(dict.fromkeys(_several(input.labels)))
    return None


class Select(RootModel[dict[str, Scalar | list[Scalar]]]):
    """Label to option, or to a list of options: `{Terms: 30 days}`."""


@verb("select")
def select(input: Select, session: Session) -> Read:
    """Select an option of a list by the text a person reads there."""
    for label, value in input.root.items():
        options = [text_of(one) for one in value] if isinstance(value, list) else [text_of(value)]
        session.forms.select(label, options)
    return None


class Check(VerbInput):
    short: ClassVar[str | None] = "boxes"
    boxes: str | list[str] = Field(description="The label of a check box, or several")


@verb("check")
def check(input: Check, session: Session) -> Read:
    """Tick check boxes; one that is ticked stays so."""
    for label in _several(input.boxes):
        session.forms.tick(label, True)
    return None


@verb("uncheck")
def uncheck(input: Check, session: Session) -> Read:
    """Take the tick from check boxes; one without stays so."""
    for label in _several(input.boxes):
        session.forms.tick(label, False)
    return None


class Choose(RootModel[str | dict[str, Scalar]]):
    """The label of a radio button; where the same label stands in several groups: `{question: option}`."""


@verb("choose")
def choose(input: Choose, session: Session) -> Read:
    """Choose one of several radio buttons."""
    if isinstance(input.root, str):
        session.forms.tick(input.root, True)
    else:
        for question, option in input.root.items():
            session.forms.tick(f"{question} >> {text_of(option)}", True)
    return None


class Date(RootModel[dict[str, Scalar]]):
    """Label to date; `{Due: 2026-03-01, format: "%d.%m.%Y"}` writes it as the page wants it."""


@verb("date")
def set_date(input: Date, session: Session) -> Read:
    """Put dates into fields: as ISO into a date field, in `format` into a text field; else clicked in its calendar."""
    form = input.root.get("format")
    for label, value in input.root.items():
        if label != "format":
            session.calendars.set(label, _date(label, value), None if form is None else str(form))
    return None


def _date(label: str, value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise BusinessException(
            "NOT_A_DATE",
            f"the value for {label} is {value!r}, which is not a date",
            advice="give a date, or a text like 2026-03-01",
        ) from None


def _several(given: str | list[str]) -> list[str]:
    return [given] if isinstance(given, str) else given
