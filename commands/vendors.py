"""`vendors ...`: what corrections taught about the vendors' documents: see it, test it, take it away, carry it over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.session import Session, options, shown
from commands.subcommands import Subcommands
from engine.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from engine.memory import Memory, Subject
    from engine.store.database import Database

TOPIC = "document"


@click.group(cls=Subcommands, no_args_is_help=True)
def vendors() -> None:
    """See what corrections taught about vendors' documents. NAME is a vendor's name, id, VAT id or account."""


@vendors.command("list")
@options
def list_vendors(session: Session) -> None:
    """List the vendors known from their documents, and how much was learned of each."""
    found = []
    with _memory(session) as door, door() as memory:
        for vendor in memory.subjects():
            examples, templates = memory.examples(vendor.id, whole=False), memory.templates(vendor.id)
            known = {
                "id": vendor.id,
                "vendor": vendor.name,
                "examples": len(examples),
                "corrected": sum(bool(one.data["changed"]) for one in examples),
                "active": sum(one.state == "active" for one in templates),
                "anchors": len(templates),
                "tested": not vendor.stale,
            }
            found.append(known)
    if session.as_json:
        for known in found:
            session.line(known)
        return
    columns = ["vendor", "examples", "corrected", "anchors in use", "", "id"]
    lines = [(one["vendor"], one["examples"], one["corrected"], _in_use(one), _to_do(one), one["id"]) for one in found]
    session.table(columns, lines, none="no vendor is known yet", spare=["id"])


def _to_do(known: dict[str, Any]) -> str:
    return "" if known["tested"] else "to be tested"


def _in_use(known: dict[str, Any]) -> str:
    return f"{known['active']} of {known['anchors']}"


@vendors.command()
@click.argument("name")
@options
def show(session: Session, name: str) -> None:
    """Show one: where its fields stand, on what record that is used or not, and the examples behind it."""
    from bots.documents.vendors.study import study

    with _memory(session) as door:
        with door() as memory:
            vendor = _named(memory, name)
        vendor = study(door, vendor, session.clock.now())
        with door() as memory:
            keys = sorted(key for key in memory.keys(vendor.id) if not key.startswith("layout:"))
            templates, examples = memory.templates(vendor.id), memory.examples(vendor.id, whole=False)
    anchors = [
        {"id": one.id, "field": one.name, "anchor": one.data["words"], "state": one.state, "reason": one.reason}
        | {"record": one.data["record"], "agreed": one.data["agreed"], "made": one.made, "changed": one.changed}
        for one in templates
    ]
    told = [
        {"id": one.id, "file": one.data["file"], "item": one.item, "person": one.person, "made": one.made}
        | {"changed": one.data["changed"], "fields": one.data["fields"], "read": one.data["read"]}
        for one in examples
    ]
    if session.as_json:
        session.line({"id": vendor.id, "vendor": vendor.name, "keys": keys, "anchors": anchors, "examples": told})
        return
    session.say(f"{vendor.name}  {vendor.id}")
    session.say(f"known by: {', '.join(map(_key_aloud, keys)) or 'its layout alone'}\n")
    lines = [(one["anchor"], one["state"], one["reason"], one["id"]) for one in anchors]
    session.table(["anchor", "state", "why", "id"], lines, none="no two corrections agree on a field yet")
    session.say("")
    session.table(
        ["document", "looked at by", "when", "corrected", "id"],
        [(one["file"], one["person"] or "nobody", shown(one["made"]), _changes(one), one["id"]) for one in told],
        none="no examples",
        spare=["id"],
    )


def _key_aloud(key: str) -> str:
    kind, _, value = key.partition(":")
    return {"vat": f"VAT id {value}", "iban": f"account {value}", "name": f"the name {value}"}.get(kind, key)


def _changes(told: dict[str, Any]) -> str:
    """What was corrected, as it was read and as it is right."""
    return ", ".join(
        f"{name}: {_value(told['read'].get(name))} -> {_value(told['fields'].get(name))}" for name in told["changed"]
    )


def _value(value: Any) -> str:
    return "nothing" if value is None else str(value)


@vendors.command()
@click.argument("name", required=False)
@options
def test(session: Session, name: str | None) -> int:
    """Read every example again, of one vendor or of all; exit code 3 where a field comes out wrong now."""
    from bots.documents.vendors.replay import replay

    lines, documents = [], 0
    with _memory(session) as door:
        with door() as memory:
            wanted = [_named(memory, name)] if name else memory.subjects()
        for vendor in wanted:
            for one in replay(door, vendor, session.clock.now()):
                documents += 1
                wrong = [
                    {"field": each.field, "found": each.found, "right": each.right, "source": each.source}
                    for each in one.wrong
                ]
                lines += [(vendor.name, one.example.file, one.example.by, *_wrong(each)) for each in wrong]
                if session.as_json:
                    known: dict[str, Any] = {
                        "vendor": vendor.name,
                        "file": one.example.file,
                        "digest": one.example.digest,
                    }
                    known |= {"item": one.example.item, "person": one.example.person}
                    session.line(known | {"right": one.right, "wrong": wrong})
    if not session.as_json:
        columns = ["vendor", "document", "checked", "field", "read now", "right is"]
        session.table(columns, lines, none=f"all known fields of {documents} documents are read rightly")
    return int(ExitCode.WAITING if lines else ExitCode.DONE)


def _wrong(each: dict[str, Any]) -> tuple[str, str, str]:
    return each["field"], _value(each["found"]), _value(each["right"])


@vendors.command()
@click.argument("name")
@options
def forget(session: Session, name: str) -> None:
    """Forget a vendor with all its examples, or one anchor or one example by its id."""
    from commands.person import person_at_the_keyboard
    from console.permissions import Permission
    from engine.store.memory import StoredMemory

    with _store(session) as database, database.write() as transaction:
        person = person_at_the_keyboard(transaction, Permission.DECIDE)
        memory = StoredMemory(transaction, TOPIC)
        memory.alone()
        told = _forgotten(memory, name, person.name, session)
    session.line({"forgotten": name}) if session.as_json else session.say(told)


def _forgotten(memory: Memory, name: str, person: str, session: Session) -> str:
    """Forget what the name stands for; what that was, in words."""
    template = memory.template(name)
    if template is not None:
        memory.set_state(template.id, "forgotten", f"{person} took it away", session.clock.now())
        return f"not used any more: {template.data['words']}"
    example = next(
        (one for of in memory.subjects() for one in memory.examples(of.id, whole=False) if one.id == name), None
    )
    if example is not None:
        memory.forget_example(example)
        return f"the example {example.data['file']} is forgotten"
    vendor = _named(memory, name)
    memory.forget_subject(vendor.id)
    return f"{vendor.name} is forgotten, with its examples and anchors"


@vendors.command("export")
@click.argument("name")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@options
def export_vendor(session: Session, name: str, folder: Path) -> None:
    """Write a vendor's examples and anchors as text files, for review and for another project."""
    from bots.documents.vendors.files import write_vendor

    with _memory(session) as door, door() as memory:
        vendor = _named(memory, name)
        file = write_vendor(memory, vendor, folder)
    session.line({"vendor": vendor.name, "file": str(file)}) if session.as_json else session.say(f"wrote {file}")


@vendors.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(dir_okay=False, path_type=Path))
@options
def import_vendors(session: Session, files: tuple[Path, ...]) -> None:
    """Take over the examples that `export` wrote; their anchors are drawn and tested here again."""
    from bots.documents.vendors.files import read_vendor
    from commands.person import person_at_the_keyboard
    from console.permissions import Permission
    from engine.store.memory import StoredMemory

    for file in files:
        with _store(session) as database, database.write() as transaction:
            person_at_the_keyboard(transaction, Permission.DECIDE)
            memory = StoredMemory(transaction, TOPIC)
            memory.alone()
            vendor, number = read_vendor(memory, file)
        if session.as_json:
            session.line({"vendor": vendor.name, "examples": number})
        else:
            session.say(f"{vendor.name}: {number} examples")


@contextmanager
def _store(session: Session) -> Iterator[Database]:
    from commands.wiring import open_store

    with open_store(session) as database:
        yield database


@contextmanager
def _memory(session: Session) -> Iterator[Callable[..., AbstractContextManager[Memory]]]:
    """The door to what was taught, as an action gets it."""
    from engine.store.memory import StoredMemory

    with _store(session) as database:

        @contextmanager
        def door(*, change: bool = False) -> Iterator[Memory]:
            with database.write() if change else database.read() as transaction:
                yield StoredMemory(transaction, TOPIC)

        yield door


def _named(memory: Memory, name: str) -> Subject:
    """The vendor a person means: by name or id, or by a VAT id or account as it is printed."""
    compact = "".join(name.split()).upper()
    found = memory.matching([f"vat:{compact}", f"iban:{compact}"])
    if len(found) == 1:
        vendor = memory.subject(next(iter(found)))
        if vendor is not None:
            return vendor
    try:
        return memory.named(name)
    except UsageError as error:
        raise UsageError(error.message, advice="see `vendors list`") from error
