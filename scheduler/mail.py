"""Mail triggers: a mail, or each of its attachments, becomes a work item. The server tells when one comes (IDLE)."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from connectors.mail.connection import mailbox_connection
from connectors.mail.letter import Letter
from connectors.mail.mailbox import Listed, Mailbox
from engine.errors import BusinessException, ItemError, UsageError
from engine.events import Event
from engine.language import Template, Workflow
from engine.store.database import StoreError
from engine.trigger_check import file_input
from engine.work import Engine
from scheduler import registered
from scheduler.arrivals import arrive, arrived, refuse
from scheduler.made_item import made_item

SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a trigger stands in its folder: mails up to `uid` were looked at, as long as `validity` stays the same.

    Those up to `anew` were there when the server last numbered its mails anew.
    """

    validity: int
    uid: int
    anew: int = 0


@dataclass
class MailTrigger:
    """Watches one folder of one mailbox for one workflow."""

    name: str
    workflow: str
    connection: str
    folder: str
    sender: str | None = None
    subject: str | None = None
    attachment: str | None = None
    input: str | None = None
    processed: str | None = None
    failed: str | None = None
    existing: bool = False
    inputs: Template | None = field(default=None, compare=False)

    def mailbox(self, engine: Engine) -> Mailbox:
        """The folder it watches; ConfigurationError where the connection is no mailbox."""
        settings = engine.surroundings.connection(self.connection)
        return Mailbox(self.connection, mailbox_connection(self.connection, settings), self.folder)

    def look(self, engine: Engine, mailbox: Mailbox) -> list[str]:
        """Queue what is new in the folder; the ids of the new items. Where it stands is kept with the trigger.

        A mail counts as looked at once its items are queued and it is moved: after a crash between the two it is
        looked at again, its mark tells that it was taken, and it is moved.
        """
        place, since = self._place(engine, mailbox)
        made: list[str] = []
        largest = mailbox.connection.largest * MEGABYTE
        for listed, letter in mailbox.letters(place.uid, lambda one: one.size > largest):
            before = letter is not None and letter.sent is not None and letter.sent < since
            if not (listed.uid <= place.anew and before and not self.existing):
                made += self._take(engine, mailbox, listed, letter)
            place = replace(place, uid=listed.uid)
            self._keep(engine, place)
        return made

    def _place(self, engine: Engine, mailbox: Mailbox) -> tuple[Place, datetime]:
        """Where it stands in the folder, and since when there is this trigger."""
        validity = mailbox.validity()
        with engine.database.read() as transaction:
            row = registered.read(transaction, [self.name])[self.name]
        kept = Place(**row["place"]) if row["place"] is not None else None
        if kept is not None and kept.validity == validity:
            return kept, row["since"]
        there = mailbox.next_uid() - 1
        if kept is None:
            place = Place(validity, 0 if self.existing else there)
        else:
            # Numbered anew: all is looked at again. Marks tell what was taken, dates what was there before.
            place = Place(validity, 0, there)
        self._keep(engine, place)
        return place, row["since"]

    def _keep(self, engine: Engine, place: Place) -> None:
        with engine.database.write() as transaction:
            registered.keep_place(transaction, self.name, asdict(place))

    def _take(self, engine: Engine, mailbox: Mailbox, listed: Listed, letter: Letter | None) -> list[str]:
        if letter is None:
            size = f"{listed.size / MEGABYTE:.0f} MB"
            told = f"a mail of {size} is not taken; up to {mailbox.connection.largest} MB are (`largest`)"
            self._refuse(engine, mailbox, listed.uid, told)
            return []
        if not self._wanted(letter):
            return []
        parts = list(self._parts(letter))
        if not parts:
            told = f"the mail {letter.subject!r} of {letter.sender} has no attachment like {self.attachment}"
            self._refuse(engine, mailbox, letter.uid, told)
            return []
        known = arrived(engine, self.name, [mark for mark, _, _ in parts])
        try:
            made = [self._item(engine, letter, *part) for part in parts if part[0] not in known]
        except (BusinessException, UsageError) as error:  # where files cannot be kept now, the mail waits
            told = f"the mail {letter.subject!r} of {letter.sender} is not queued: {error}"
            self._refuse(engine, mailbox, letter.uid, told)
            return []
        if self.processed:
            mailbox.move(letter.uid, self.processed)
        return [item for item in made if item is not None]

    def _wanted(self, letter: Letter) -> bool:
        return (self.sender is None or fnmatch(letter.sender.lower(), self.sender.lower())) and (
            self.subject is None or fnmatch(letter.subject.lower(), self.subject.lower())
        )

    def _parts(self, letter: Letter) -> Iterator[tuple[str, str, bytes]]:
        """(mark, file name, content) of everything in the mail that is an item."""
        if self.attachment is None:
            yield letter.mark, "mail.eml", letter.raw
            return
        for number, one in enumerate(letter.attachments, 1):
            if fnmatch(one.name.lower(), self.attachment.lower()):
                yield f"{letter.mark}:{number}", one.name, one.content

    def _item(self, engine: Engine, letter: Letter, mark: str, name: str, content: bytes) -> str | None:
        mail = {
            "sender": letter.sender,
            "sender_name": letter.sender_name,
            "to": letter.to,
            "subject": letter.subject,
            "sent": letter.sent,
            "text": letter.text,
            "message_id": letter.message_id,
            "attachments": [one.name for one in letter.attachments],
        }
        names: dict[str, Any] = {"mail": mail, "attachment": {"name": name, "size": len(content)}}
        with tempfile.TemporaryDirectory(prefix="clerkwork-mail-") as folder:
            given = {}
            if self.input is not None:
                file = Path(folder) / safe_name(name)
                file.write_bytes(content)
                given = {self.input: str(file)}
            key = f"{self.name}@{mark}"
            new = made_item(engine, self.workflow, self.inputs, names, given=given, otherwise=key)
            return arrive(engine, self.name, mark, new)

    def _refuse(self, engine: Engine, mailbox: Mailbox, uid: int, message: str) -> None:
        refuse(engine, self.name, f"{message}; it is in {self.failed or self.folder}")
        if self.failed:
            mailbox.move(uid, self.failed)


def safe_name(name: str) -> str:
    """The last part of a file name that a stranger chose, without what a file system cannot keep."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(letter for letter in last if letter.isprintable() and letter not in '<>:"|?*').strip(". ")
    stem, dot, ending = kept.rpartition(".")
    return f"{stem[:100]}{dot}{ending[:20]}" if stem else kept[:100] or "attachment"


class MailWatch:
    """One mail trigger at work in a thread of its own."""

    def __init__(self, engine: Engine, trigger: MailTrigger) -> None:
        self.engine, self.trigger = engine, trigger
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._run, name=trigger.name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._leaving.set()

    def join(self, seconds: float = 10) -> None:
        self._thread.join(seconds)

    def _run(self) -> None:
        pause, told = SHORTEST_PAUSE, ""
        while not self._leaving.is_set():
            try:
                with self.trigger.mailbox(self.engine) as mailbox:
                    told = self._looked(told)
                    pause = SHORTEST_PAUSE
                    self._watch(mailbox)
            except (ItemError, UsageError, StoreError) as error:
                # Told once for as long as it stays the same; a mail server may be away for hours.
                message = str(error).splitlines()[0]
                if message != told:
                    self._tell("trigger.delayed", message)
                told = message
                self._leaving.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    def _looked(self, told: str) -> str:
        if told:
            self._tell("trigger.resumed", f"the mailbox {self.trigger.connection} answers again")
        return ""

    def _watch(self, mailbox: Mailbox) -> None:
        while not self._leaving.is_set():
            with self.engine.database.read() as transaction:
                paused = self.trigger.name in registered.paused(transaction)
            if not paused:
                self.trigger.look(self.engine, mailbox)
            mailbox.wait(self._leaving.is_set)

    def _tell(self, event: str, message: str) -> None:
        data = {"trigger": self.trigger.name, "message": message}
        self.engine.events.emit(Event(event, self.engine.clock.now(), "", data=data))


def mails_of(workflow: Workflow) -> list[MailTrigger]:
    """The mailboxes that a workflow watches."""
    found = []
    for trigger in (one for one in workflow.triggers if one.kind == "mail"):
        given = trigger.settings
        found.append(
            MailTrigger(
                name=f"{workflow.id}/mail/{given.connection}/{given.folder}",
                workflow=workflow.id,
                connection=given.connection,
                folder=given.folder,
                sender=given.sender,
                subject=given.subject,
                attachment=given.attachment,
                input=given.input or file_input(workflow),
                processed=given.processed,
                failed=given.failed,
                existing=given.existing,
                inputs=trigger.inputs,
            )
        )
    return found
