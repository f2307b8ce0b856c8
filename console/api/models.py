"""What comes out, as the OpenAPI document describes it. Amounts are strings, times are RFC 3339."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from engine.store.database import Row


class Answer(BaseModel):
    @classmethod
    def of(cls, row: Row | Mapping[str, Any], **more: Any) -> Any:
        """From a row: its columns of the same names."""
        known = {name: row[name] for name in cls.model_fields if name in row}
        return cls(**{**known, **more})


class About(Answer):
    title: str
    number: str
    amount: str
    file: str


class ExceptionLine(Answer):
    id: str
    item: str
    run: str
    workflow: str
    kind: str = Field(description="business, application, review, approval or uncertain.")
    code: str
    message: str
    step: str
    path: str
    assigned: str | None
    holder: str | None
    due: datetime | None
    snoozed: datetime | None
    created: datetime
    closed: datetime | None
    cause: str
    about: About


class CauseLine(Answer):
    fingerprint: str
    code: str
    workflow: str
    step: str
    number: int


class ExceptionPage(Answer):
    exceptions: list[ExceptionLine]
    next: str | None = Field(description="Give it as `after` for the next page; null at the end.")
    total: int
    by_kind: dict[str, int]
    resting: int
    causes: list[CauseLine]


class Decision(Answer):
    id: str
    exception: str
    person: str
    kind: str
    reason: str | None
    corrections: Any
    made: datetime


class Act(Answer):
    id: str
    person: str
    kind: str
    text: str | None
    data: Any
    made: datetime


class EffectLine(Answer):
    id: str
    item: str
    run: str
    workflow: str
    path: str
    action: str
    key: str
    kind: str
    status: str
    result: Any
    note: str | None
    intended: datetime
    settled: datetime | None


class ArtifactLine(Answer):
    id: str
    run: str
    path: str
    name: str
    media_type: str
    sha256: str
    size: int
    created: datetime


class ExceptionWhole(ExceptionLine):
    seen: str = Field(description="Stands for what is shown here; an approval and a correction give it back.")
    details: Any
    result: Any = Field(description="What was read, where it can be corrected.")
    fields: dict[str, str] = Field(description="The values that can be corrected, as text.")
    decisions: list[Decision]
    acts: list[Act]
    effects: list[EffectLine]
    artifacts: list[ArtifactLine]


class Decided(Answer):
    exception: str
    item: str
    told: str = Field(description="What came of it, in words.")


class BulkPreview(Answer):
    fine: list[str] = Field(description="With these it can be done.")
    left: dict[str, int] = Field(description="Why others are left out, and how many those are.")


class BulkDone(Answer):
    act: str = Field(description="Give it to undo within the hour.")
    told: str
    left: dict[str, int]


class BulkUndone(Answer):
    undone: list[str]
    left: dict[str, int]


class TraitLine(Answer):
    name: str
    value: str
    among_standing: int
    among_good: int | None


class CauseWhole(Answer):
    fingerprint: str
    code: str
    workflow: str
    step: str
    exceptions: list[str]
    messages: dict[str, int]
    traits: list[TraitLine]
    retrial: dict[str, Any] | None


class RetrialBegun(Answer):
    retrial: str


class RunLine(Answer):
    id: str
    item: str
    workflow: str
    started: datetime
    finished: datetime | None
    outcome: str | None


class ItemLine(Answer):
    id: str
    workflow: str
    key: str
    state: str
    priority: int
    created: datetime
    due: datetime | None
    finished: datetime | None
    code: str | None
    message: str | None
    step: str | None


class ItemPage(Answer):
    items: list[ItemLine]
    next: str | None
    by_state: dict[str, int]
    by_workflow: dict[str, int]


class ItemWhole(ItemLine):
    inputs: Any
    outputs: Any
    runs: list[RunLine]
    exceptions: list[str]
    decisions: list[Decision]
    acts: list[Act]
    effects: list[EffectLine]


class StepLine(Answer):
    path: str
    kind: str
    title: str
    status: str
    result: Any
    started: datetime
    finished: datetime | None
    attempts: int
    artifacts: list[ArtifactLine]
    effects: list[str]
    exceptions: list[str]


class RunWhole(RunLine):
    file: str
    source: str
    steps: list[StepLine]


class EffectPage(Answer):
    effects: list[EffectLine]
    next: str | None
    by_status: dict[str, int]


class Input(Answer):
    name: str
    type: str
    required: bool


class TriggerLine(Answer):
    name: str
    kind: str
    when: str
    zone: str
    paused: str
    next: datetime | None


class WorkflowLine(Answer):
    id: str
    title: str
    paused: str = Field(description="Why its queue is paused; empty where it runs.")
    by_state: dict[str, int]
    may_start: bool


class WorkflowWhole(WorkflowLine):
    inputs: list[Input]
    triggers: list[TriggerLine]


class Workflows(Answer):
    workflows: list[WorkflowLine]
    problems: list[str]


class Started(Answer):
    item: str
    new: bool = Field(description="False: the same idempotency key was given before, and this is its item.")


class WouldDo(Answer):
    step: str
    action: str
    target: str
    changes: Any
    already: bool


class Tried(Answer):
    outcome: str
    code: str
    message: str
    step: str
    outputs: Any
    would: list[WouldDo]


class Resumed(Answer):
    made: int


class VendorLine(Answer):
    id: str
    name: str
    keys: list[str]
    examples: int
    corrected: int
    used: int
    outlook: str


class TemplateLine(Answer):
    id: str
    name: str
    state: str
    reason: str
    changed: datetime


class VendorWhole(VendorLine):
    templates: list[TemplateLine]


class Vendors(Answer):
    vendors: list[VendorLine]


class ViewLine(Answer):
    name: str
    query: str
    person: str
    made: datetime


class Views(Answer):
    views: list[ViewLine]


class Done(Answer):
    done: bool = True
