"""The item that a trigger makes of what came in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.items import NewItem
from engine.language import Template
from engine.scope import evaluate
from engine.work import Engine


def made_item(
    engine: Engine,
    workflow: str,
    inputs: Template | None,
    names: Mapping[str, Any],
    *,
    given: Mapping[str, Any] | None = None,
    otherwise: str | None = None,
) -> NewItem:
    """An item with what `inputs` says of the names that came in, besides what is `given`.

    `otherwise` is its key where the queue gives none. ItemError or UsageError if no item can be made of it.
    """
    local = engine.clock.now().astimezone(engine.surroundings.timezone)
    scope = {"now": local, "today": local.date(), **names}
    values = evaluate(inputs, scope) if inputs is not None else {}
    return engine.new_item(engine.library.get(workflow), {**(given or {}), **values}, otherwise=otherwise)
