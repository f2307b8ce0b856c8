"""Reading a page: values, tables, how many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

from bots.browser.values import Kind
from bots.browser.verbs.registry import Read, verb

if TYPE_CHECKING:
    from bots.browser.session import Session


def _names(raw: Any) -> list[str]:
    return list(raw) if isinstance(raw, dict) else []


class Value(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    source: str = Field(alias="from", description="A label, a text or a locator")
    kind: Kind = Field(default="text", alias="as", description="What it is: text, number, money or date")


class ReadValues(RootModel[dict[str, Value | str]]):
    """Name to what is read: `{entry_no: Entry number, total: {from: Total, as: money}}`."""


@verb("read", reads=True, names=_names)
def read(input: ReadValues, session: Session) -> Read:
    """Read the value beside a label, or the text of an element, under a name for later steps."""
    values = {name: Value(source=one) if isinstance(one, str) else one for name, one in input.root.items()}
    return {name: session.reading.value(one.source, one.kind) for name, one in values.items()}


class Rows(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    source: str = Field(alias="from", description="A heading, a caption or a locator of the table")
    pages: str | None = Field(default=None, description="What leads to the next page of the table, as `Next`")
    scroll: bool = Field(default=False, description="It holds only the rows that are seen: scroll it to its end")
    at_most: int = Field(default=100, ge=1, le=10_000, description="Pages, or views scrolled through, at most")

    @model_validator(mode="after")
    def _one_way(self) -> Rows:
        if self.scroll and self.pages is not None:
            raise ValueError("a table is scrolled or turned page by page, not both")
        return self


class Table(RootModel[dict[str, Rows | str]]):
    """Name to table: `{orders: css=table#orders}` gives a list of records, one value for each column's header."""


@verb("table", reads=True, names=_names)
def table(input: Table, session: Session) -> Read:
    """Read a table as records."""
    sources = {name: Rows(source=one) if isinstance(one, str) else one for name, one in input.root.items()}
    return {
        name: session.grids.records(one.source, one.at_most)
        if one.scroll
        else session.reading.table(one.source, one.pages, one.at_most)
        for name, one in sources.items()
    }


class Count(RootModel[dict[str, str]]):
    """Name to what is counted: `{rows: "table#results tbody tr"}`."""


@verb("count", reads=True, names=_names)
def count(input: Count, session: Session) -> Read:
    """Count what is seen. Nought is only said once the page has come to rest."""
    return {name: session.reading.count(source) for name, source in input.root.items()}
