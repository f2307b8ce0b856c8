"""A workflow file that was mended while an item stood: may the item's run go on with the new text?

It may if every step that the journal holds is in the new text as it was; what came after is what was mended.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from engine.language import Step, Workflow
from engine.loader import every_step
from engine.template import ParsedTemplate

_TURN = re.compile(r"\[\d+\]")


def goes_on_with(paths: Iterable[str], old: Workflow, new: Workflow) -> bool:
    """Whether the journalled `paths` name the same steps in both. A loop's turn or a called step counts as its step."""
    before = {step.path: step for step in every_step(old.steps)}
    after = {step.path: step for step in every_step(new.steps)}
    for path in paths:
        place = _TURN.sub("", path).split(".call.")[0]
        if place not in before or place not in after or _text(before[place]) != _text(after[place]):
            return False
    return True


def _text(step: Step) -> tuple[object, ...]:
    """What makes a step the same: its action, its names, what it is given. A group's steps count by themselves."""
    given = step.input.raw if isinstance(step.input, ParsedTemplate) and not step.children else None
    return step.kind, step.name, step.bind, step.each, given
