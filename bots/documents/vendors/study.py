"""Studies a vendor's examples: anchors are induced, tested on its past documents, and used, kept or given up."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bots.documents.document import Value
from bots.documents.schemas import FieldSpec
from bots.documents.vendors.anchor import Anchor
from bots.documents.vendors.example import VendorExample
from bots.documents.vendors.induction import induce
from bots.documents.vendors.recall import Given, VendorMemory
from bots.documents.vendors.record import Record, State, judge
from bots.documents.vendors.sheet import same
from engine.memory import Memory, Subject, Template

MOST_TOLD = 12  # corrections of a field that an anchor is induced from, the newest

Door = Callable[..., AbstractContextManager[Memory]]
"""Opens the memory, as `Context.memory` does: `door()` to read, `door(change=True)` to write."""


@dataclass(frozen=True)
class Past:
    """A past document with what reading gives for it today, without any anchor."""

    example: VendorExample
    alone: Mapping[str, Value]

    def right(self, field: str, value: Value | None) -> bool:
        return agrees(self.example, field, value)


def study(door: Door, subject: Subject, now: datetime) -> Subject:
    """Bring a vendor's templates to what its examples say; the subject as it then is.

    Nothing is held while documents are read: where examples come meanwhile, theirs is another study.
    """
    with door() as memory:
        current = memory.subject(subject.id)
        if current is None or not current.stale:
            return current or subject
        examples = readable(memory.examples(subject.id))
        before = memory.templates(subject.id)
    drawn = draw(examples, before, now)
    with door(change=True) as memory:
        memory.alone()
        memory.studied(current, drawn)
        return memory.subject(subject.id) or current


def readable(examples: Iterable[Any]) -> list[VendorExample]:
    """The examples whose words and field set can still be read, the newest first."""
    found = []
    for example in examples:
        try:
            known = VendorExample.of_example(example)
            _ = known.schema
        except ValueError:
            # Kept by another version: it stays listed, and nothing can be tried on it.
            continue
        found.append(known)
    return found


def draw(examples: Sequence[VendorExample], before: Sequence[Template], now: datetime) -> list[Template]:
    """The templates that follow from the examples; those of before keep their ids, and their end where they had one."""
    past = [Past(example, reading(example, None)) for example in examples]
    known = {_key(Anchor.of_data(old.name, old.data)): old for old in before}
    anchors = {key: Anchor.of_data(old.name, old.data) for key, old in known.items()}
    for anchor in _induced(examples):
        anchors[_key(anchor)] = anchor
    tested = {key: _tested(anchor, past) for key, anchor in anchors.items()}
    states = {key: judge(record, *_state(known.get(key))) for key, (_, record) in tested.items()}
    used = [tested[key][0] for key, (state, _) in states.items() if state is State.ACTIVE]
    for field, files in _disturbing(used, past).items():
        for key, (anchor, record) in tested.items():
            if anchor.field == field and states[key][0] is State.ACTIVE:
                worse = dataclasses.replace(record, disturbs=len(files), broken=tuple(files))
                tested[key], states[key] = (anchor, worse), judge(worse, *_state(known.get(key)))
    return [_template(*tested[key], *states[key], known.get(key), now) for key in tested]


def reading(example: VendorExample, memory: VendorMemory | None) -> dict[str, Value]:
    """What the reader of today makes of an example's words."""
    from bots.documents.reader import understand

    document = understand(example.file, list(example.pages), example.schema, memory=memory)
    return {name: found.value for name, found in document.fields.items()}


def agrees(example: VendorExample, field: str, value: Value | None) -> bool:
    """Whether a value is the one that the example knows to be right."""
    truth = example.fields[field]
    if truth is None or value is None:
        return truth is value
    return same(truth, value, loosely=spec_of(example, field).type in ("name", "text", "address"))


def spec_of(example: VendorExample, field: str) -> FieldSpec:
    return example.schema[field]


def _induced(examples: Sequence[VendorExample]) -> list[Anchor]:
    """The anchors that the corrections explain."""
    found: list[Anchor] = []
    for field in sorted({name for example in examples for name in example.changed}):
        told = [one for one in examples if field in one.changed and field in one.schema.names]
        told = [one for one in told if field in one.fields][:MOST_TOLD]
        if told:
            found += induce(spec_of(told[0], field), [one.told(field) for one in told])
    return found


def _tested(anchor: Anchor, past: Sequence[Past]) -> tuple[Anchor, Record]:
    """The anchor with its record over the past documents."""
    counts = dict.fromkeys(("agrees", "fixes", "wrong", "breaks", "contradicted", "silent", "drawn"), 0)
    broken = []
    for one in past:
        field = anchor.field
        if field not in one.example.fields or field not in one.example.schema.names:
            continue
        hit = anchor.hit(one.example.sheet)
        if hit is None or not hit.whole:
            counts["silent"] += 1
            continue
        alone = one.right(field, one.alone.get(field))
        if one.right(field, hit.value):
            counts["agrees"] += 1
            counts["fixes"] += not alone
            told = one.example.told(field)
            counts["drawn"] += told.place is not None and told.is_at(hit.page, hit.box)
            continue
        counts["wrong"] += 1
        counts["contradicted"] += one.example.person is not None
        counts["breaks"] += alone
        if alone:
            broken.append(one.example.file)
    return anchor.trusting(counts["agrees"]), Record(**counts, broken=tuple(broken))


def _disturbing(used: Sequence[Anchor], past: Sequence[Past]) -> dict[str, list[str]]:
    """The fields whose anchors make reading worse in a way their own record does not show, with the files.

    The whole reading is done again with all anchors: a value may still lose to a rule after it, or move another field.
    """
    worse: dict[str, list[str]] = {}
    if not used:
        return worse
    for one in past:
        together = reading(one.example, Given(used))
        for field in one.example.fields:
            if field not in one.example.schema.names:
                continue
            right = one.right(field, one.alone.get(field))
            if right and not one.right(field, together.get(field)):
                for anchor in [anchor for anchor in used if anchor.field == field] or used:
                    worse.setdefault(anchor.field, []).append(one.example.file)
    return worse


def _key(anchor: Anchor) -> tuple[str, object]:
    """What makes two anchors the same one, whatever their record and the spread of their values."""
    return anchor.field, anchor.rule


def _state(template: Template | None) -> tuple[State | None, str]:
    return (State(template.state), template.reason) if template is not None else (None, "")


def _template(
    anchor: Anchor, record: Record, state: State, reason: str, known: Template | None, now: datetime
) -> Template:
    data = anchor.to_data() | {"record": record.to_data()}
    if known is None:
        return Template(anchor.field, state, reason, data, now, now)
    changed = now if (state, reason) != (known.state, known.reason) else known.changed
    return Template(anchor.field, state, reason, data, known.made, changed, known.id)
