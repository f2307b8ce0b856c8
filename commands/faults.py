"""What goes wrong in a workflow test, on purpose: a worker that dies, a system that is away, an answer that is lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine.action import Action
from engine.context import Context
from engine.errors import ApplicationException, Outcome
from engine.events import Event
from engine.workflow_test import Fault


class Crash(BaseException):
    """The worker dies here. Nothing that catches errors may catch it, as nothing catches a kill."""


class Faults:
    """The faults of one test, each counted down as it happens.

    `arrive` waits until what a verb has set off in the page has reached the system: a `fetch` begins after the click.
    """

    def __init__(self, faults: Sequence[Fault], arrive: Callable[[], None]) -> None:
        self._arrive = arrive
        self._left: dict[tuple[str, str], int] = {}
        for fault in faults:
            for kind in ("crash before", "crash after", "fail before", "fail after"):
                target = getattr(fault, kind.replace(" ", "_"))
                if target is not None:
                    self._left[kind, target] = fault.times

    def left(self) -> list[str]:
        """Those that never happened: the test would show nothing."""
        return [f"{kind} {target}" for (kind, target), times in self._left.items() if times]

    def around(self, registry: Mapping[str, Action]) -> Mapping[str, Action]:
        """The same actions, each with what goes wrong before and after it."""
        return {name: replace(action, function=self._around(action.function)) for name, action in registry.items()}

    def listen(self, event: Event) -> None:
        """Die at a step of the engine itself, or at a verb of the browser."""
        title = str(event.data.get("title", ""))
        if event.name == "step.begun":
            self._crash("crash before", title)
        elif event.name == "step.done":
            self._crash("crash after", title)
        elif event.name.startswith("browser."):
            verb = event.name.removeprefix("browser.")
            fields = event.data.get("fields") or [event.data]
            for one in fields:
                if self._due("crash after", f"{verb} {one.get('target', '')}"):
                    self._arrive()
                    raise Crash(f"crash after {verb}")

    def _around(self, function: Callable[[Any, Context], Any]) -> Callable[[Any, Context], Any]:
        def faulty(input: Any, context: Context) -> Any:
            if self._due("fail before", context.step):
                message = f"the test says that the system is away when {context.step!r} begins"
                raise ApplicationException("FAULT", message, outcome=Outcome.NOT_DONE)
            result = function(input, context)
            self._crash("crash after", context.step)
            if self._due("fail after", context.step):
                message = f"the test says that the answer to {context.step!r} is lost"
                raise ApplicationException("FAULT", message, outcome=Outcome.UNKNOWN)
            return result

        return faulty

    def _crash(self, kind: str, target: str) -> None:
        if self._due(kind, target):
            raise Crash(f"{kind} {target}")

    def _due(self, kind: str, target: str) -> bool:
        times = self._left.get((kind, target), 0)
        if times:
            self._left[kind, target] = times - 1
        return times > 0
