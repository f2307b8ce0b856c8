"""The steps of a workflow in the order they run, and where a place in a run lies among them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.action import Effect
from engine.language import Step, Workflow
from engine.ledger import Status
from engine.store.database import Row


@dataclass(frozen=True, slots=True)
class ComingEffect:
    """An effect that lies ahead. `only_if` is its condition as written; `done` says that it is not repeated,
    `begun` that it is looked up in the target system before anything is tried again."""

    title: str
    action: str
    only_if: str
    repeated: str
    done: bool
    begun: bool


def in_file(path: str) -> str:
    """The place in the file of a place in a run: loops lose their turn, a call stands for what it called."""
    return re.sub(r"\[\d+\]", "", path.partition(".call.")[0])


def flat(steps: Sequence[Step]) -> Iterator[Step]:
    """All steps, groups before what is in them; what runs only after an error is left out."""
    for step in steps:
        yield step
        yield from flat(step.children)
        yield from flat(step.final)


def find_step(workflow: Workflow, path: str) -> Step | None:
    wanted = in_file(path)
    return next((step for step in flat(workflow.steps) if step.path == wanted), None)


def coming_effects(workflow: Workflow, path: str, *, including: bool, ledger: Sequence[Row]) -> list[ComingEffect]:
    """The effects after a place, in order; with `including` that place itself is done again."""
    steps = list(flat(workflow.steps))
    places = [step.path for step in steps]
    here = in_file(path)
    start = places.index(here) + (not including) if here in places else 0
    done = {in_file(str(row["path"])) for row in ledger if row["status"] == Status.DONE}
    begun = {in_file(str(row["path"])) for row in ledger if row["status"] in (Status.INTENDED, Status.UNCERTAIN)}
    return [
        ComingEffect(
            title=step.title,
            action=step.kind,
            only_if=written(step.condition),
            repeated=written(step.for_each),
            done=step.path in done and not step.for_each,
            begun=step.path in begun,
        )
        for step in steps[start:]
        if step.effect_kind is not Effect.NONE
    ]


def written(template: object) -> str:
    """An expression as its author wrote it, without the braces; empty where there is none."""
    raw = getattr(template, "raw", None)
    if raw is None:
        return ""
    text = str(raw).strip()
    whole = re.fullmatch(r"\$\{\{(.*)\}\}", text, re.DOTALL)
    return whole[1].strip() if whole else text
