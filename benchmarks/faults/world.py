"""An outside system in a file of its own. Whatever becomes of workers and stores, it tells what was posted there."""

from __future__ import annotations

import os
import sqlite3
import time
import zlib
from collections import Counter
from contextlib import closing

import httpx
from pydantic import BaseModel

from engine.action import REGISTRY, Action, Done, Effect, NotDone, Settlement, action
from engine.context import Context
from engine.errors import ApplicationException, Outcome

CLIENT_SECONDS = 0.5


class Post(BaseModel):
    world: str
    value: str
    slow: float = 0.0  # seconds that the system takes before it keeps the post
    lost: int = 0  # of a hundred keys, how many have the answer to their first post lost
    kills: bool = False  # the worker dies of it
    down: bool = False
    connection: str = ""
    via: str = ""  # where the system answers over HTTP


class Posted(BaseModel):
    id: int


def open_world(path: str) -> sqlite3.Connection:
    """It survives the death of its callers, which is all that is asked of it; so it need not wait for the disk."""
    connection = sqlite3.connect(path, timeout=60, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("CREATE TABLE IF NOT EXISTS posts (id INTEGER PRIMARY KEY, key TEXT, value TEXT)")
    connection.execute("CREATE INDEX IF NOT EXISTS by_key ON posts (key)")
    return connection


def posted(path: str) -> Counter[str]:
    """How often each value was posted."""
    with closing(open_world(path)) as world:
        return Counter(value for (value,) in world.execute("SELECT value FROM posts"))


def _post(input: Post, key: str) -> Posted:
    if input.kills:
        os._exit(70)
    if input.down:
        raise ApplicationException("DOWN", "the system does not answer", outcome=Outcome.NOT_DONE)
    time.sleep(input.slow)
    with closing(open_world(input.world)) as world:
        row = world.execute("INSERT INTO posts (key, value) VALUES (?, ?)", (key, input.value)).lastrowid
    if zlib.crc32(key.encode()) % 100 < input.lost:
        raise ApplicationException("TIMEOUT", "the answer was lost")
    return Posted(id=row or 0)


def _find(input: Post, context: Context) -> Settlement:
    with closing(open_world(input.world)) as world:
        row = world.execute("SELECT id FROM posts WHERE key = ?", (context.key,)).fetchone()
    return Done(Posted(id=row[0])) if row else NotDone()


def _searchable(input: Post, context: Context) -> Posted:
    """Post a value; it can be looked up by its key."""
    return _post(input, context.key)


def _keyed(input: Post, context: Context) -> Posted:
    """Post a value; the system takes a second one with the same key for the first, whoever is paused in between."""
    with closing(open_world(input.world)) as world:
        once = "INSERT INTO posts (key, value) SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM posts WHERE key = ?1)"
        time.sleep(input.slow)
        world.execute(once, (context.key, input.value))
        (row,) = world.execute("SELECT id FROM posts WHERE key = ?", (context.key,))
    return Posted(id=row[0])


def _send(input: Post, context: Context) -> Posted:
    """Post a value over HTTP."""
    return Posted(id=_ask("POST", input, context.key)["id"])


def _sent(input: Post, context: Context) -> Settlement:
    found = _ask("GET", input, context.key)["id"]
    return Done(Posted(id=found)) if found else NotDone()


def _ask(method: str, input: Post, key: str) -> dict[str, int]:
    try:
        asked = {"key": key, "value": input.value}
        answer = httpx.request(method, input.via, params=asked, timeout=CLIENT_SECONDS, trust_env=False)
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise ApplicationException("DOWN", "nothing answers", outcome=Outcome.NOT_DONE) from error
    except httpx.HTTPError as error:
        raise ApplicationException("NO_ANSWER", f"no answer: {type(error).__name__}") from error
    if answer.status_code == 429:
        after = float(answer.headers["Retry-After"])
        raise ApplicationException("BUSY", "later", outcome=Outcome.NOT_DONE, retry_after=after)
    if answer.status_code != 200:
        raise ApplicationException("ERROR", f"the system answered {answer.status_code}")
    found: dict[str, int] = answer.json()
    return found


def world_actions() -> dict[str, Action]:
    if "fault.post" not in REGISTRY:
        action("fault.post", effect=Effect.SEARCHABLE, verify=_find)(_searchable)
        action("fault.put", effect=Effect.KEYED)(_keyed)
        action("fault.send", effect=Effect.SEARCHABLE, verify=_sent)(_send)
    return {name: REGISTRY[name] for name in ("fault.post", "fault.put", "fault.send")}
