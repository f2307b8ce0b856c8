"""The action `browser`: what a person would do in a web system, in a person's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bots.browser.connection import BrowserConnection
from bots.browser.do import Do, names_read, only_reads
from bots.browser.handlers import Handler
from engine.action import Effect, Preview, Shape, action
from engine.context import Context


class BrowserStep(BaseModel):
    """Where to work, and the verbs in their order."""

    model_config = ConfigDict(extra="forbid")

    connection: str | None = Field(default=None, description="The web system, by its name among the connections")
    base_url: str | None = Field(default=None, description="An address instead of a connection: no log-in, no secrets")
    do: list[Do] = Field(min_length=1, description="The verbs, one a line: `click: Save`")
    reads: bool = Field(
        default=False,
        description="They only read, though they click (a search, a menu): requests that change data are held back",
    )

    handlers: list[Handler] = Field(
        default_factory=list,
        description="Overlays that may come at any time, and the verbs that close them: they are no effect of the step",
    )

    @model_validator(mode="after")
    def _one_place(self) -> BrowserStep:
        if self.connection is not None and self.base_url is not None:
            raise ValueError("a browser step has a connection or a base_url, not both")
        return self


class Page(BaseModel):
    """What was read, under its names, and the address the step ended on."""

    model_config = ConfigDict(extra="allow")

    url: str


def effect(raw: Mapping[str, Any]) -> Effect:
    """Reading verbs may be repeated; after anything else a crash asks a person, unless the step names a `verify`."""
    return Effect.NONE if raw.get("reads") is True or only_reads(raw.get("do")) else Effect.MANUAL


def shape(raw: Mapping[str, Any]) -> Shape:
    """The names read, and the address."""
    return {"url": None, **dict.fromkeys(names_read(raw.get("do")))}


def preview(input: BrowserStep, context: Context) -> Preview:
    """What would be sent: in a dry run the verbs run, and what would change data is held back at the network."""
    from bots.browser.rehearsal import rehearse

    return rehearse(input.do, _connection(input, context), input.connection, context)


@action("browser", effect=effect, preview=preview, shape=shape)
def browser(input: BrowserStep, context: Context) -> Page:
    """Work in a web system: open pages, fill forms, click, see that it worked, read what came out."""
    from bots.browser.step import open_session

    with open_session(_connection(input, context), input.connection, input.reads, context) as session:
        session.handlers.add(input.handlers)
        read = session.run(input.do)
        return Page.model_validate(context.conceal({**read, "url": session.page.url}))


def _connection(input: BrowserStep, context: Context) -> BrowserConnection:
    if input.connection is not None:
        return context.connection(input.connection, BrowserConnection)
    return BrowserConnection(base_url=input.base_url or "")
