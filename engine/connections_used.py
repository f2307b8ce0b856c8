"""The connections that the steps of a workflow name, its called workflows included."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.language import Step, Workflow
from engine.loader import every_step
from engine.template import ParsedTemplate
from engine.workflows import Library


def connection_of(step: Step) -> str | None:
    """The connection that a step names; None: it names none, or works out which."""
    name = _given(step).get("connection")
    return name if step.action is not None and isinstance(name, str) and "${{" not in name else None


def connections_used(workflow: Workflow, library: Library) -> frozenset[str]:
    return frozenset(_used(workflow, library, {workflow.id}))


def _used(workflow: Workflow, library: Library, seen: set[str]) -> set[str]:
    found: set[str] = set()
    for step in every_step((*workflow.steps, *(one for steps in workflow.verify.values() for one in steps))):
        if (name := connection_of(step)) is not None:
            found.add(name)
        called = _given(step).get("workflow") if step.kind == "call" else None
        if isinstance(called, str) and called not in seen and called in library.ids():
            seen.add(called)
            found |= _used(library.get(called), library, seen)
    return found


def _given(step: Step) -> Mapping[str, Any]:
    raw = step.input.raw if isinstance(step.input, ParsedTemplate) else None
    return raw if isinstance(raw, Mapping) else {}
