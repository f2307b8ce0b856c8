"""What people taught a bot, kept for later: subjects, the examples of each, and the templates drawn from them.

The engine keeps and finds; what a subject is (a vendor, a page of a web application), what an example holds and when
a template may be used is the bot's own business. All of it belongs to one topic: the first word of the bot's actions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from engine.ids import new_id


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom or what examples are about. It is stale while an example is newer than the last study of them."""

    id: str
    name: str
    revision: int  # counts the changes of its examples
    studied: int  # the revision that its templates were drawn from
    made: datetime

    @property
    def stale(self) -> bool:
        return self.revision != self.studied


@dataclass(frozen=True, slots=True)
class Example:
    """What one document, by `digest`, turned out to be. `content` is what it was drawn from, as the bot packed it.

    `person` is who said so; None where the item was done without anybody looking.
    """

    digest: str
    data: Mapping[str, Any]
    made: datetime
    content: bytes = b""
    person: str | None = None
    item: str = ""
    id: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """What was drawn from examples, for one name. `state` and `reason` say whether it is used, and why or why not."""

    name: str
    state: str
    reason: str
    data: Mapping[str, Any]
    made: datetime
    changed: datetime
    id: str = field(default_factory=lambda: new_id("tpl"))
    subject: str = ""


class Memory(Protocol):
    """The memory of one topic, in one transaction."""

    topic: str

    def alone(self) -> None:
        """Wait until no other transaction changes this memory, and keep others waiting until this one is over."""

    # -- subjects -----------------------------------------------------------------------------------------------------

    def subjects(self) -> list[Subject]:
        """All of them, by name."""

    def subject(self, id: str) -> Subject | None:
        """The subject with this id."""

    def named(self, text: str) -> Subject:
        """The subject with this id, name or key, capitals aside. UsageError where there is none, or several."""

    def new_subject(self, name: str, now: datetime) -> Subject:
        """A subject without keys or examples."""

    def rename(self, subject: str, name: str) -> None:
        """Call a subject by another name."""

    def keys(self, subject: str) -> frozenset[str]:
        """What the subject is known by."""

    def add_keys(self, subject: str, keys: Iterable[str]) -> None:
        """Let a subject be known by these keys too."""

    def matching(self, keys: Collection[str]) -> dict[str, frozenset[str]]:
        """The subjects known by any of the keys, each with those it is known by."""

    def forget_subject(self, subject: str) -> None:
        """Forget it with all its examples and templates."""

    # -- examples -----------------------------------------------------------------------------------------------------

    def example(self, digest: str) -> Example | None:
        """The example of this document, whosever it is."""

    def examples(self, subject: str, *, whole: bool = True) -> list[Example]:
        """The examples of a subject, the newest first; without their content where they need not be `whole`."""

    def keep(self, subject: str, example: Example) -> None:
        """Keep an example; it takes the place of the one of the same document, also where that was of another."""

    def forget_example(self, example: Example) -> None:
        """Forget one document."""

    def count_examples(self, subject: str) -> int:
        """How many examples a subject has."""

    # -- templates ----------------------------------------------------------------------------------------------------

    def templates(self, subject: str) -> list[Template]:
        """The templates of a subject, by name."""

    def template(self, id: str) -> Template | None:
        """The template with this id."""

    def studied(self, subject: Subject, drawn: Sequence[Template]) -> bool:
        """Put what a study of the examples gave in the place of the templates; False if they have changed meanwhile."""

    def set_state(self, template: str, state: str, reason: str, now: datetime) -> None:
        """Say whether a template is used, and why or why not."""
