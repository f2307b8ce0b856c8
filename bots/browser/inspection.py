"""What can be named on a page: each field, button, link and table, with the words to write in a workflow."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bots.browser.targets import Want, parse

if TYPE_CHECKING:
    from playwright.sync_api import Frame

    from bots.browser.session import Session


@dataclass(frozen=True, slots=True)
class Named:
    """A thing on the page. `write` names it and nothing else; `others` is how many share its plain `name`."""

    role: str
    verb: str
    name: str
    write: str
    frame: str
    others: int
    closed: bool  # disabled or read only now
    box: list[int]


@dataclass(frozen=True, slots=True)
class NamedTable:
    """A table with its headers; `write` goes under `table: {rows: ...}`."""

    name: str
    write: str
    headers: list[str]
    rows: int
    frame: str


@dataclass(frozen=True, slots=True)
class Inspection:
    """All that can be named, frame after frame."""

    url: str
    title: str
    things: list[Named] = field(default_factory=list)
    tables: list[NamedTable] = field(default_factory=list)


def inspect(session: Session) -> Inspection:
    """Look at the window at work and all its frames, once it is at rest."""
    session.proofs.rest()
    page = session.page
    found = Inspection(session.evidence.scrub(page.url), page.title())
    frames = session.finder.frames()
    for frame in frames:
        answer = session.finder.call(frame, "inspect", None)
        if answer is None:
            continue
        name = _called(frame, frames)
        for told in answer["things"]:
            found.things.append(_named(told, name, session))
        for told in answer["tables"]:
            found.tables.append(NamedTable(**{**told, "write": _within(told["write"], name), "frame": name}))
    return found


def _named(told: dict[str, Any], frame: str, session: Session) -> Named:
    """Plain words are looked for in all frames; where another frame has them too, the frame is part of the words."""
    want: Want = told["want"]
    write = told["write"]
    if frame:
        results = session.finder.ask([parse(write)], want)
        write = write if results[0].total == 1 else _within(write, frame)
    shown = {key: told[key] for key in ("role", "verb", "name", "others", "closed", "box")}
    return Named(**shown, write=write, frame=frame)


def _within(write: str, frame: str) -> str:
    return f"frame={frame} >> {write}" if frame else write


def _called(frame: Frame, frames: list[Frame]) -> str:
    """A name for the frame that no other has; empty where there is only one."""
    if len(frames) == 1:
        return ""
    if frame.parent_frame is None:
        return ""
    last = frame.url.rsplit("/", 1)[-1]
    return frame.name or last
