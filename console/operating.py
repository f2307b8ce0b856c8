"""Making queues and triggers wait and go on: who may, and that it is written down who did."""

from __future__ import annotations

from console.access import demand
from console.permissions import Permission
from console.services import ConsoleServices
from console.sessions import Viewer
from engine import acts, items
from engine.acts import Did
from engine.language import Workflow

LONGEST_REASON = 200


def pause_queue(services: ConsoleServices, viewer: Viewer, workflow: Workflow, reason: str) -> None:
    """No further item of it is begun; what is at work is finished."""
    demand(viewer, Permission.OPERATE)
    with services.database.write() as transaction:
        items.pause(transaction, workflow.id, _told(viewer, reason))
        did = Did(viewer.name, "paused", workflow=workflow.id, text=_short(reason))
        acts.note(transaction, did, services.clock.now())


def resume_queue(services: ConsoleServices, viewer: Viewer, workflow: Workflow) -> None:
    demand(viewer, Permission.OPERATE)
    with services.database.write() as transaction:
        items.resume(transaction, workflow.id)
        acts.note(transaction, Did(viewer.name, "resumed", workflow=workflow.id), services.clock.now())


def pause_trigger(services: ConsoleServices, viewer: Viewer, workflow: Workflow, trigger: str, reason: str) -> None:
    """It makes no item until it is resumed; UsageError if the workflow has no such trigger."""
    demand(viewer, Permission.OPERATE)
    services.the_desk.pause(workflow, trigger, _told(viewer, reason))
    with services.database.write() as transaction:
        did = Did(viewer.name, "paused", workflow=workflow.id, text=_short(reason), data={"trigger": trigger})
        acts.note(transaction, did, services.clock.now())


def resume_trigger(services: ConsoleServices, viewer: Viewer, workflow: Workflow, trigger: str, *, missed: bool) -> int:
    """It goes on; with `missed`, what fell into the pause is made up by its policy. How many items that are."""
    demand(viewer, Permission.OPERATE)
    made = services.the_desk.resume(workflow, trigger, missed=missed)
    with services.database.write() as transaction:
        did = Did(viewer.name, "resumed", workflow=workflow.id, data={"trigger": trigger, "made": made})
        acts.note(transaction, did, services.clock.now())
    return made


def _told(viewer: Viewer, reason: str) -> str:
    return f"paused by {viewer.name}" + (f": {_short(reason)}" if reason.strip() else "")


def _short(reason: str) -> str:
    return reason.strip()[:LONGEST_REASON]
