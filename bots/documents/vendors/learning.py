"""Review that becomes learning: what a decision says about a reading is kept as an example of its vendor."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from bots.documents.corrections import given_at
from bots.documents.document import Value
from bots.documents.pages.page import Page
from bots.documents.schemas import Schema, schema_of, title
from bots.documents.vendors.example import VendorExample, pack, unpack
from bots.documents.vendors.form import form_of
from bots.documents.vendors.identity import WEIGHTS, keys_of
from bots.documents.vendors.induction import CONSTANT, induce
from bots.documents.vendors.record import AGREEING
from bots.documents.vendors.sheet import Place, same
from bots.documents.vendors.study import readable
from engine.lessons import Lesson
from engine.memory import Memory, Subject

WORDS = "words.z"
"""The file under which a reading keeps the words of its pages with the run."""

MOST = 50  # past documents kept of a vendor
MOST_UNSEEN = 20  # of these, such as nobody looked at
BELIEVED = 0.9  # confidence from which a value that nobody looked at counts as known
LAYOUT_KEYS = 4  # that two documents must share to be of one layout, where nothing else says whose they are


def learn(lesson: Lesson, memory: Memory) -> str:
    """Keep a reading as an example of its vendor, and say what that leads to. Quick: nothing is tested here."""
    content = lesson.kept(WORDS)
    if content is None:
        return ""
    digest, _, words = content.partition(b"\n")
    example = _example(lesson, digest.decode(), unpack(words))
    if example is None:
        return ""
    vendor = keep(example, memory)
    if vendor is None:
        return "It was not kept as an example: nothing on it says whose document it is" if lesson.corrections else ""
    return _told(example, vendor, memory) if lesson.corrections else ""


def keep(example: VendorExample, memory: Memory) -> Subject | None:
    """Keep an example with its vendor, a new one where none is known by it; None where nothing says whose it is."""
    stored = memory.example(example.digest)
    if stored is not None:
        if example.person is None:
            # What a person said of it counts more than that its item is done.
            return memory.subject(stored.subject)
        example = _joined(example, VendorExample.of_example(stored))
    vendor = _vendor_of(example, memory)
    if vendor is not None:
        memory.keep(vendor.id, example.to_example())
        memory.add_keys(vendor.id, _keys(example))
        _prune(vendor, memory)
    return vendor


def words_to_keep(digest: str, pages: Sequence[Page]) -> bytes:
    """What a reading keeps with its run under `WORDS`: the SHA-256 of the file, and the words of its pages."""
    return digest.encode() + b"\n" + pack(pages)


def _example(lesson: Lesson, digest: str, pages: Sequence[Page]) -> VendorExample | None:
    """The example that a lesson gives; None for a document without pages, or a value, to learn from."""
    result = lesson.result
    schema = schema_of(result["schema_fields"])
    fields = _known_values(result["fields"], looked=lesson.person is not None)
    if not fields or not any(page.words for page in pages):
        return None
    read = {name: told["value"] for name, told in lesson.given["fields"].items() if told["source"] != "person"}
    changed = {name for name in lesson.corrections if not _alike(schema, name, read.get(name), fields.get(name))}
    return VendorExample.of_pages(
        pages,
        digest=digest,
        file=result["file"],
        schema_fields=result["schema_fields"],
        fields=fields,
        read=read,
        changed=frozenset(changed),
        made=lesson.at,
        person=lesson.person,
        item=lesson.item,
        workflow=lesson.workflow,
        drawn=_drawn(lesson, changed),
    )


def _drawn(lesson: Lesson, changed: Collection[str]) -> dict[str, Place]:
    """Where a person showed on the page that a changed value stands."""
    drawn: dict[str, Place] = {}
    for name in changed:
        _, place = given_at(lesson.corrections[name])
        if place is not None and lesson.result["fields"][name]["value"] is not None:
            x0, y0, x1, y1 = map(float, place[1])
            drawn[name] = (place[0], (x0, y0, x1, y1))
    return drawn


def _known_values(told: Mapping[str, Mapping[str, Any]], *, looked: bool) -> dict[str, Value | None]:
    """The values known to be right: all that a person looked at, else those that reading was sure of."""
    return {
        name: field["value"]
        for name, field in told.items()
        if field["source"] == "person"
        or (field["value"] is not None and (looked or float(field["confidence"]) >= BELIEVED))
    }


def _alike(schema: Schema, name: str, one: Value | None, other: Value | None) -> bool:
    if one is None or other is None:
        return one is other
    return same(one, other, loosely=schema[name].type in ("name", "text", "address"))


def _joined(new: VendorExample, old: VendorExample) -> VendorExample:
    """Two lessons of one document: the newer values, and what was changed in either."""
    return dataclasses.replace(
        new,
        fields={**old.fields, **new.fields},
        read={**new.read, **old.read},
        changed=new.changed | (old.changed if old.person is not None else frozenset()),
        seen=new.seen | old.seen,
        drawn={**old.drawn, **new.drawn},
    )


def _keys(example: VendorExample) -> frozenset[str]:
    first = next((page for page in example.pages if page.words), None)
    return keys_of(example.fields, first)


def _vendor_of(example: VendorExample, memory: Memory) -> Subject | None:
    """The vendor whose document it is by its true values: a known one, or a new one; None if nothing names one."""
    keys = _keys(example)
    named = {key for key in keys if not key.startswith("layout:")}
    by = memory.matching(named or keys)
    scores = {id: _closeness(keys, shared, memory.keys(id)) for id, shared in by.items()}
    best = max(scores, key=lambda id: scores[id], default=None)
    if best is not None and scores[best] > 0:
        found = memory.subject(best)
        name = example.fields.get("seller.name")
        if found is not None and isinstance(name, str) and example.person is not None and found.name != name:
            memory.rename(found.id, name)
            return memory.subject(best)
        return found
    if not keys:
        return None
    name = example.fields.get("seller.name") or next(iter(sorted(named)), "").partition(":")[2]
    return memory.new_subject(str(name or f"documents like {example.file}"), example.made)


def _closeness(keys: Collection[str], shared: Collection[str], theirs: Collection[str]) -> float:
    """How much speaks for a known vendor; 0 where its tax id is another one."""
    own, others = ({key for key in of if key.startswith("vat:")} for of in (keys, theirs))
    if own and others and not own & others:
        return 0.0
    kinds = {key.partition(":")[0] for key in shared}
    if kinds == {"layout"}:
        return WEIGHTS["layout"] if len(shared) >= LAYOUT_KEYS else 0.0
    return sum(WEIGHTS[kind] for kind in kinds)


def _prune(vendor: Subject, memory: Memory) -> None:
    """Forget the oldest documents beyond what is kept: first those that nobody looked at, or that were right."""
    examples = memory.examples(vendor.id, whole=False)
    unseen = [one for one in examples if one.person is None]
    for one in unseen[MOST_UNSEEN:]:
        memory.forget_example(one)
    left = [one for one in examples if one not in unseen[MOST_UNSEEN:]]
    least = sorted(left, key=lambda one: (bool(one.data["changed"]), one.person is not None, one.made), reverse=True)
    for one in least[MOST:]:
        memory.forget_example(one)


def _told(example: VendorExample, vendor: Subject, memory: Memory) -> str:
    """What a correction leads to, in words for the person who made it."""
    saved = f"Saved as an example of {vendor.name}"
    told = [_expected(name, example, vendor, memory) for name in sorted(example.changed)]
    return f"{saved}; {'; '.join(told)}." if told else f"{saved}."


def _expected(field: str, example: VendorExample, vendor: Subject, memory: Memory) -> str:
    value, form = example.fields.get(field), form_of(example.schema[field].type, [example.fields.get(field)])
    if value is not None and field not in CONSTANT and (form is None or not example.sheet.places_of(value, form)):
        return f"the {title(field)} does not stand on the pages as it is, so nothing is learned from it"
    stored = [one for one in memory.examples(vendor.id) if field in one.data["changed"]]
    if len(stored) < AGREEING and field not in example.drawn:
        return f"with one more like it, the {title(field)} will be found by itself"
    told = [one for one in readable(stored[:5]) if field in one.schema.names and field in one.fields]
    anchors = induce(example.schema[field], [one.told(field) for one in told])
    if not anchors and len(stored) < AGREEING:
        return f"with one more like it, the {title(field)} will be found by itself"
    if not anchors:
        return f"the {len(stored)} examples do not agree yet on where the {title(field)} stands"
    return f"{anchors[0].aloud}: used from now on if it proves right on the past documents"
