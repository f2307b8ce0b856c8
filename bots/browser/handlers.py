"""Overlays that may come at any time: a cookie banner, a tip of the day, `Your session ends soon`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from bots.browser.do import Do
from engine.errors import ItemError

if TYPE_CHECKING:
    from bots.browser.session import Session

TIMES = 10  # a handler runs so often within one verb; then what it closes does not close
EVERY = 0.3  # seconds between two looks while a verb waits
PATIENCE = 1_000.0  # milliseconds Playwright tries something before we look whether an overlay lies over it


class Handler(BaseModel):
    """`{when: We use cookies, do: [{click: Accept}]}`."""

    model_config = ConfigDict(extra="forbid")

    when: str = Field(description="A text or locator that shows that the overlay is there")
    do: list[Do] = Field(min_length=1, description="The verbs that close it")


class Handlers:
    """Looks for overlays before each verb and while one waits, and closes them. What closes one is no effect of the
    step, unless it sends a request that changes data."""

    def __init__(self, session: Session, rules: Sequence[Handler]) -> None:
        self._session = session
        self._rules = list(rules)
        self._busy = False
        self._looked = 0.0
        self._times = 0

    def add(self, rules: Sequence[Handler]) -> None:
        """The step's own, tried before those of the connection."""
        self._rules = [*rules, *self._rules]

    def before_verb(self) -> None:
        if self._rules and not self._busy:
            self._times = 0
            self.clear()

    def while_waiting(self) -> float:
        """Look now and then; the seconds that it took."""
        began = time.monotonic()
        if not self._rules or self._busy or began - self._looked < EVERY:
            return 0.0
        self.clear()
        return time.monotonic() - began

    def patience(self, ms: float) -> float:
        """How long Playwright may try at a stretch, in milliseconds."""
        return min(ms, PATIENCE) if self._rules and not self._busy else ms

    def goes_on(self, log: str) -> bool:
        """After Playwright could not do it: is there time left to try again, an overlay closed or not?"""
        if not self._rules or self._busy or "action done" in log:
            return False
        self.clear()
        return self._session.ms() > 1

    def clear(self) -> None:
        """Close what is seen now. ApplicationException where it cannot be closed."""
        self._looked = time.monotonic()
        for rule in self._rules:
            while not self._busy and self._session.proofs.seen_now(rule.when):
                self._times += 1
                if self._times > TIMES:
                    raise self._session.failure(
                        "PAGE_TIMEOUT",
                        f"{rule.when!r} is still seen on {self._session.where()} after its handler ran {TIMES} times",
                        "let the handler's verbs close it, or name in `when:` what is gone after them",
                    )
                self._close(rule)

    def _close(self, rule: Handler) -> None:
        self._busy = True
        try:
            with self._session.aside():
                self._session.perform(rule.do)
        except ItemError as error:
            message = f"the handler of {rule.when!r} did not work: {error.message}"
            raise self._session.failure(error.code, message, "correct the verbs that are to close it") from error
        finally:
            self._busy = False
        self._session.context.event("browser.handled", target=rule.when)
