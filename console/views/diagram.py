"""A workflow as a diagram: its steps from top to bottom, with what lies inside of them and where they branch off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from console.views.steps import written
from engine.action import Effect
from engine.language import Step

ICONS: Mapping[str, str] = {
    "approve": "stamp",
    "review": "eye",
    "wait": "clock",
    "fail": "warning",
    "queue.add": "queue",
}


@dataclass(frozen=True, slots=True)
class Node:
    """A step. `notes` are what goes for it in a few words; `standing` is how many items stand here now, and
    `filter` what the queue calls this step."""

    title: str
    kind: str
    line: int
    icon: str
    does: str
    only_if: str
    repeated: str
    notes: Sequence[str]
    branches: Sequence[tuple[str, Sequence[Node]]]
    filter: str
    standing: int


def diagram(steps: Sequence[Step], standing: Mapping[str, int]) -> list[Node]:
    """The nodes of these steps. `standing` counts open exceptions by the place in the file where they stand."""
    return [_node(step, standing) for step in steps]


def _node(step: Step, standing: Mapping[str, int]) -> Node:
    outside = step.effect_kind is not Effect.NONE
    return Node(
        title=step.name or step.kind,
        kind=step.kind,
        line=step.location.line,
        icon="plug" if outside else ICONS.get(step.kind, "play"),
        does="changes something outside" if outside else "asks a person" if step.kind in ("approve", "review") else "",
        only_if=written(step.condition),
        repeated=written(step.for_each),
        notes=list(_notes(step)),
        branches=[(title, diagram(inner, standing)) for title, inner in _branches(step)],
        filter=step.title,
        standing=standing.get(step.path, 0),
    )


def _notes(step: Step) -> Sequence[str]:
    found = []
    if step.review is not None:
        found.append(f"a person looks if {written(step.review.when)}")
    if step.retry is not None and step.retry.attempts > 1:
        found.append(f"up to {step.retry.attempts} attempts")
    if step.timeout is not None:
        found.append(f"{step.timeout:g} s at most")
    if step.max_parallel > 1:
        found.append(f"{step.max_parallel} at once")
    if step.on_error == ():
        found.append("goes on if it fails")
    return found


def _branches(step: Step) -> Sequence[tuple[str, Sequence[Step]]]:
    named = (
        ("at the same time" if step.kind == "parallel" else "", step.children),
        ("if it fails", step.on_error or ()),
        ("in the end, whatever happens", step.final),
    )
    return [(title, inner) for title, inner in named if inner]
