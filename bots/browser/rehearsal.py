"""A dry run inside the browser: verbs run until the first of them would change something, which is held back."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bots.browser.connection import BrowserConnection
from bots.browser.do import Do
from bots.browser.holding import Held, masked
from bots.browser.preview import changes, titled
from engine.action import Preview
from engine.context import Context
from engine.errors import ItemError
from engine.standin import TEXT

if TYPE_CHECKING:
    from bots.browser.session import Session

SETTLE = 0.3
"""Seconds without a request after which a click has sent what it sends."""
STAND_INS = {"number": Decimal(0), "money": Decimal(0), "date": date(1970, 1, 1)}


class _Stop(Exception):
    """What was held back is what the rest of the step would build on."""


def rehearse(lines: Sequence[Do], connection: BrowserConnection, name: str | None, context: Context) -> Preview:
    """What was typed, what would have been sent (held back at the network), and which verbs were not run.

    `result` has what was read for real, and stand-ins for what was not.
    """
    from bots.browser.step import open_session

    place = name or connection.base_url or "the web"
    with open_session(connection, name, True, context) as session:
        rehearsal = _Rehearsal(session)
        done, read = rehearsal.go(lines)
    told: dict[str, tuple[Any, Any]] = dict(changes(lines[:done], context.scrub))
    for number, held in enumerate(rehearsal.held, 1):
        title = _fresh(f"would send {context.scrub(str(held))}", number, told)
        told[title] = (None, masked(held.fields, context.scrub))
    for line in lines[done:]:
        for title in titled(line):
            told[f"not run: {context.scrub(title)}"] = (None, None)
    return Preview(place, told, result=context.conceal({**_stand_ins(lines), **read}))


class _Rehearsal:
    def __init__(self, session: Session) -> None:
        self._session = session
        self._before = len(session.profile.holding.held)
        session.watches.append(self._watch)

    @property
    def held(self) -> list[Held]:
        return self._session.profile.holding.held[self._before :]

    def go(self, lines: Sequence[Do]) -> tuple[int, dict[str, Any]]:
        """How many verbs ran (the one that was held back counts), and what they read."""
        read: dict[str, Any] = {}
        number = 0
        while number < len(lines):
            # The answer to a dialog belongs to the verb that opens it.
            together = 2 if number + 1 < len(lines) and lines[number + 1].verb.name == "dialog" else 1
            try:
                read |= self._session.perform(lines[number : number + together])
                if lines[number].verb.sends:
                    self._rest()
            except _Stop:
                return number + 1, read
            except ItemError:
                # What failed because nothing was sent is no failure of the workflow.
                if not (self.held and self._session.sent):
                    raise
                return number, read
            number += together
        return number, read

    def _rest(self) -> None:
        began = time.monotonic()
        for last in self._session.polls(timeout=self._session.connection.timeout):
            if last or min(self._session.profile.traffic.quiet_for(), time.monotonic() - began) > SETTLE:
                return

    def _watch(self) -> None:
        if self._session.sent and any(not held.beside for held in self.held):
            raise _Stop


def _fresh(title: str, number: int, told: dict[str, tuple[Any, Any]]) -> str:
    return f"{title} ({number})" if title in told else title


def _stand_ins(lines: Sequence[Do]) -> dict[str, Any]:
    """For each name that the verbs read: a list for a table, nought for a count, the kind of a value."""
    found: dict[str, Any] = {}
    for line in lines:
        if line.verb.name == "table":
            found |= {name: [] for name in line.input.root}
        elif line.verb.name == "count":
            found |= dict.fromkeys(line.input.root, 0)
        elif line.verb.name == "read":
            found |= {name: STAND_INS.get(getattr(one, "kind", ""), TEXT) for name, one in line.input.root.items()}
        elif line.verb.name == "repeat":
            found |= {name: [] for name in _stand_ins(line.input.lines)}
        elif line.verb.name == "if":
            found |= _stand_ins([*line.input.do, *line.input.otherwise])
    return found
