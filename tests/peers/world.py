"""An outside system in a file of its own: what was posted there, and by which key. The tests count what it holds."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from engine.action import Action, Done, Effect, NotDone, Preview, Settlement, action
from engine.context import Context
from engine.errors import ApplicationException, BusinessException, Outcome

crash: Callable[[str], None] = lambda _point: None  # noqa: E731 - the crash drill puts its own in here


class Post(BaseModel):
    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)
    world: str
    value: str
    times: int = 1
    fail: str = ""  # how this call goes wrong: refused, down, lost_answer, bug


class Posted(BaseModel):
    id: int
    value: str


class Read(BaseModel):
    model_config = ConfigDict(extra="forbid")
    value: object
    confidence: float = 1.0


class Reading(BaseModel):
    value: object
    confidence: float
    problems: list[dict[str, object]] = []


def open_world(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=30, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE IF NOT EXISTS posts (id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT, value TEXT)")
    connection.execute("CREATE TABLE IF NOT EXISTS calls (fail TEXT)")
    return connection


def posts(path: Path | str) -> list[str]:
    """The values posted, in order."""
    with closing(open_world(str(path))) as world:
        return [value for (value,) in world.execute("SELECT value FROM posts ORDER BY id")]


def calls(path: Path | str) -> int:
    with closing(open_world(str(path))) as world:
        return int(world.execute("SELECT count(*) FROM calls").fetchone()[0])


def _post(input: Post, key: str) -> Posted:
    with closing(open_world(input.world)) as world:
        world.execute("INSERT INTO calls VALUES (?)", (input.fail,))
        times = world.execute("SELECT count(*) FROM calls WHERE fail = ?", (input.fail,)).fetchone()[0]
        if input.fail == "refused":
            raise BusinessException("REFUSED", "the world does not want this value", advice="give it another one")
        if input.fail == "down" or (input.fail.startswith("down twice") and times <= 2):
            raise ApplicationException("DOWN", "the world does not answer", outcome=Outcome.NOT_DONE)
        if input.fail == "bug":
            raise ZeroDivisionError("a bug in a bot")
        crash("before the post")
        row = world.execute("INSERT INTO posts (key, value) VALUES (?, ?)", (key, input.value)).lastrowid
        crash("after the post")
        if input.fail.startswith("lost_answer") and times == 1:
            raise ApplicationException("TIMEOUT", "the world's answer was lost")
    return Posted(id=row or 0, value=input.value)


def _find(input: Post, context: Context) -> Settlement:
    with closing(open_world(input.world)) as world:
        row = world.execute("SELECT id, value FROM posts WHERE key = ?", (context.key,)).fetchone()
    return Done(Posted(id=row[0], value=row[1])) if row else NotDone()


def _preview(input: Post, context: Context) -> Preview:
    return Preview("a post", {"value": (None, input.value)})


@action("world.post", effect=Effect.SEARCHABLE, verify=_find, preview=_preview)
def post(input: Post, context: Context) -> Posted:
    """Post a value; it can be looked up by its key."""
    return _post(input, context.key)


@action("world.put", effect=Effect.KEYED)
def put(input: Post, context: Context) -> Posted:
    """Post a value once: the world ignores a second one with the same key."""
    with closing(open_world(input.world)) as world:
        row = world.execute("SELECT id FROM posts WHERE key = ?", (context.key,)).fetchone()
    return Posted(id=row[0], value=input.value) if row else _post(input, context.key)


@action("world.shout", effect=Effect.MANUAL)
def shout(input: Post, context: Context) -> Posted:
    """Post a value that nobody can look up."""
    return _post(input, context.key)


@action("world.list")
def list_posts(input: Post, context: Context) -> Reading:
    """How many posts have this value."""
    return Reading(value=posts(input.world).count(input.value), confidence=1.0)


def _correct(result: dict[str, object], corrections: dict[str, object]) -> dict[str, object]:
    return result | corrections | {"confidence": 1.0}


@action("world.read", correct=_correct)
def read(input: Read, context: Context) -> Reading:
    """Give back what was given."""
    crash("while reading")
    return Reading(value=input.value, confidence=input.confidence)


def world_actions() -> dict[str, Action]:
    """The registry a test workflow is loaded with."""
    from engine.action import REGISTRY

    return {name: entry for name, entry in REGISTRY.items() if name.startswith("world.")}
