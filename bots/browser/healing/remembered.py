"""The fingerprints and proposals of one step, in the memory that people's teaching is kept in.

Each step of a workflow is a subject; each of its targets an example, by what told its element apart; each proposed
mend a template, which waits for a person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from bots.browser.healing.fingerprint import Fingerprint, digest_of
from engine.memory import Example, Memory, Subject, Template

TOPIC = "browser"
MOST_TARGETS = 80  # of one step; beyond, those found longest ago are forgotten

Door: TypeAlias = Callable[..., AbstractContextManager[Memory]]
"""Opens the memory, as `Context.memory` does: `door()` to read, `door(change=True)` to write."""
Key: TypeAlias = tuple[str, str]
"""A target as remembered, and what is wanted of it: `("Save", "click")`."""


class State(StrEnum):
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


def _name(workflow: str, step: str) -> str:
    return f"{workflow} {step}"


def _subject(memory: Memory, workflow: str, step: str) -> Subject | None:
    found = memory.matching([_name(workflow, step)])
    return memory.subject(next(iter(found))) if found else None


def _made(memory: Memory, workflow: str, step: str, now: datetime) -> Subject:
    found = _subject(memory, workflow, step)
    if found is None:
        found = memory.new_subject(_name(workflow, step), now)
        memory.add_keys(found.id, [_name(workflow, step)])
    return found


def fingerprints(door: Door, workflow: str, step: str) -> dict[Key, Fingerprint]:
    """What is remembered of a step's targets, without what stood beside them."""
    with door() as memory:
        subject = _subject(memory, workflow, step)
        found = memory.examples(subject.id, whole=False) if subject is not None else []
    read = [Fingerprint.of_data(one.data) for one in found]
    return {(one.target, one.want): one for one in read}


def whole(door: Door, workflow: str, step: str, key: Key) -> Fingerprint | None:
    """One of them, with what stood beside it."""
    with door() as memory:
        found = memory.example(digest_of(workflow, step, *key))
        subject = _subject(memory, workflow, step)
        if found is None or subject is None:
            return None
        kept = next((one for one in memory.examples(subject.id) if one.id == found.id), None)
    return None if kept is None else Fingerprint.of_data(kept.data, kept.content)


def keep(door: Door, workflow: str, step: str, item: str, found: Iterable[Fingerprint], now: datetime) -> None:
    """Keep what was found by a step that ended well."""
    with door(change=True) as memory:
        memory.alone()
        subject = _made(memory, workflow, step, now)
        for one in found:
            digest = digest_of(workflow, step, one.target, one.want)
            memory.keep(subject.id, Example(digest, one.as_data(), now, one.packed_rivals(), item=item))
        for old in memory.examples(subject.id, whole=False)[MOST_TARGETS:]:
            memory.forget_example(old)


def proposals(memory: Memory, workflow: str, step: str) -> list[Template]:
    """What was proposed for a step."""
    subject = _subject(memory, workflow, step)
    return memory.templates(subject.id) if subject is not None else []


def propose(door: Door, workflow: str, step: str, name: str, data: Mapping[str, object], now: datetime) -> Template:
    """Note a mend that waits for a person; one that waits already is counted once more."""
    with door(change=True) as memory:
        memory.alone()
        subject = _made(memory, workflow, step, now)
        others = memory.templates(subject.id)
        same = [one for one in others if one.name == name and one.data["locator"] == data["locator"]]
        waiting = next((one for one in same if one.state == State.PROPOSED), None)
        times = waiting.data["times"] + 1 if waiting else 1
        identity = {"id": waiting.id} if waiting else {}
        made = waiting.made if waiting else now
        fresh = Template(
            name[:200], State.PROPOSED, str(data["reason"]), {**data, "times": times}, made, now, **identity
        )
        kept = [one for one in others if one.state != State.PROPOSED or one.name != name]
        memory.studied(subject, [*kept, fresh])
        return fresh
