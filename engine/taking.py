"""An item taken from the queue, with what its run begins or goes on with."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from engine import items, journal
from engine.admission import Admission
from engine.items import Claim
from engine.journal import Journal
from engine.language import Workflow
from engine.store.database import Transaction
from engine.takeover import lost_over
from engine.workflows import Library


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a worker would take: `only` names items, `workflows` queues; None: any."""

    only: Sequence[str] | None = None
    workflows: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """A claimed item. `lost`: so many workers were lost over it. `source`: `(file, text)` it was begun with, where
    that is another text than that of `workflow`."""

    claim: Claim
    workflow: Workflow
    journal: Journal
    inputs: Mapping[str, Any]
    lost: int
    source: tuple[str, str] | None


def take(
    transaction: Transaction,
    worker: str,
    library: Library,
    wanted: Wanted,
    now: datetime,
    lease: timedelta,
    admission: Admission,
    *,
    tend: bool,
    kept: Collection[str],
) -> Taken | None:
    """Claim the next item and open its run; None: there is nothing to do.

    `tend` as in `items.claim`; `kept` are the digests of workflows whose text the store has for certain.
    """
    able = [name for name in library.ids() if name not in admission.lacking]
    claim = items.claim(
        transaction,
        worker,
        now,
        only=wanted.only,
        workflows=able if wanted.workflows is None else [name for name in wanted.workflows if name in able],
        admission=admission,
        lease=lease,
        tend=tend,
    )
    if claim is None:
        return None
    workflow = library.get(claim.workflow)
    opened = journal.begin_in(transaction, claim, workflow, now, is_kept=workflow.digest in kept)
    lost = lost_over(transaction, claim.item, opened.run) if claim.number > 1 else 0
    source = None if opened.digest == workflow.digest else journal.source_of(transaction, opened.digest)
    return Taken(claim, workflow, opened, claim.inputs, lost, source)
