"""What a process shows of itself, wired from the settings: metrics, health, traces, and the alerts of a scheduler."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from commands.session import Session
from engine.errors import ConfigurationError

if TYPE_CHECKING:
    from engine.work import Engine
    from scheduler.traces import Tracing
    from scheduler.vitals import Vitals

ANCHOR_SECONDS = 60
PORT = "CLERKWORK_METRICS__PORT"


@contextmanager
def shown(session: Session, kind: str, engine: Engine, late: Callable[[], int] | None = None) -> Iterator[Vitals]:
    """Show this process of an office while it runs. `late` is given by a scheduler: how many schedules are late."""
    from scheduler.vitals import Vitals

    settings = session.project.settings
    vitals = Vitals(kind, engine.database, engine.clock, engine.events)
    vitals.able = sorted(engine.able) if engine.able is not None else None
    with ExitStack() as stack:
        stack.callback(vitals.close)
        if settings.traces.endpoint is not None:
            tracing = _tracing(settings.traces.endpoint, kind)
            stack.callback(tracing.close)
            engine.events.listen(tracing.hear)
        if settings.metrics.port is not None:
            vitals.serve(settings.metrics.host, settings.metrics.port, late)
        vitals.start()
        yield vitals


def _tracing(endpoint: str, kind: str) -> Tracing:
    try:
        from scheduler.traces import Tracing
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"traces.endpoint is set, and {error.name} is not installed",
            advice="pip install 'clerkwork[traces]', or take traces out of config/settings.yaml",
        ) from error
    return Tracing(endpoint, kind)


def metrics_port(session: Session, number: int) -> Mapping[str, str]:
    """The variable that gives the `number`th child of a command a port of its own."""
    first = session.project.settings.metrics.port
    return {} if first is None else {PORT: str(first + number if first else 0)}


def alerts_of(session: Session, engine: Engine) -> list[Callable[[], object]]:
    """What a scheduler does every few seconds for the alerts; nothing where nobody is to be told."""
    from scheduler.alerts import Alerts

    settings = session.project.settings
    if not settings.alerts:
        return []
    alerts = Alerts(
        engine.database, engine.clock, settings.alerts, session.surroundings, settings.zone, session.project.data
    )
    return [alerts.look, alerts.deliver]


def anchor_of(session: Session, engine: Engine) -> Callable[[], object]:
    """What a scheduler does for the audit log, once a minute: write its head down outside the store."""
    from engine.audit import anchor

    next_time = 0.0

    def write() -> None:
        nonlocal next_time
        if time.monotonic() >= next_time:
            next_time = time.monotonic() + ANCHOR_SECONDS
            anchor(engine.database, session.project.anchors, engine.clock.now())

    return write


def hooks_of(session: Session, engine: Engine) -> list[Callable[[], object]]:
    """What a scheduler does every few seconds for the systems that are called; nothing where there are none."""
    from scheduler.outgoing import Outgoing

    hooks = session.project.settings.hooks
    if not hooks:
        return []
    outgoing = Outgoing(engine.database, engine.clock, hooks, session.surroundings)
    return [outgoing.look, outgoing.deliver]
