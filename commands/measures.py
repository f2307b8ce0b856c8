"""What the office says of itself in the settings, as the measures take it; and the scheduler's part in counting."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from commands.session import Session

if TYPE_CHECKING:
    from engine.measures.scope import Given
    from engine.work import Engine

EVERY = timedelta(minutes=5)
AT_ONCE = 5_000


def given_of(session: Session) -> Given:
    """The office's own figures: minutes by hand, costs, and what its workflows are for."""
    from engine.measures.scope import Given

    return Given(**session.project.settings.measures.model_dump())


def counting_of(session: Session, engine: Engine) -> list[Callable[[], object]]:
    """What a scheduler does now and then, so that a dashboard that nobody looked at for long is there at once."""
    from engine.measures.counting import keep_up

    last: list[datetime] = []

    def count() -> None:
        now = engine.clock.now()
        if last and timedelta() <= now - last[0] < EVERY:
            return
        # What is never counted yet comes in portions; the next beat goes on.
        if keep_up(engine.database, now, session.project.settings.zone, most=AT_ONCE):
            last[:] = [now]

    return [count]
