"""One mail as workflows see it, and what tells it from every other one."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from imap_tools.message import MailMessage


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Letter:
    """`raw` is the message as the server has it; `uid` its number in the folder."""

    uid: int
    raw: bytes

    @cached_property
    def _parsed(self) -> MailMessage:
        parsed: MailMessage = MailMessage.from_bytes(self.raw)
        return parsed

    @property
    def message_id(self) -> str:
        headers: dict[str, tuple[str, ...]] = dict(self._parsed.headers)
        return "".join(headers.get("message-id", ("",))[0].split())

    @property
    def sender(self) -> str:
        return self._parsed.from_

    @property
    def sender_name(self) -> str:
        found = self._parsed.from_values
        return found.name if found is not None else ""

    @property
    def to(self) -> list[str]:
        return list(self._parsed.to)

    @property
    def subject(self) -> str:
        return " ".join(self._parsed.subject.split())

    @property
    def sent(self) -> datetime | None:
        """When its sender says it was sent; None where that is no date."""
        date = self._parsed.date
        if date.year == 1900:
            return None  # what the library gives for a date that it cannot read
        return date.astimezone(UTC) if date.tzinfo is not None else date.replace(tzinfo=UTC)

    @property
    def text(self) -> str:
        return self._parsed.text

    @cached_property
    def attachments(self) -> list[Attachment]:
        """Named files inside, in their order; pictures that only decorate the text are not counted."""
        return [
            Attachment(one.filename, one.content_type, one.payload)
            for one in self._parsed.attachments
            if one.filename and not (one.content_disposition == "inline" and one.content_id)
        ]

    @cached_property
    def mark(self) -> str:
        """The same for a mail that is delivered twice, and another for two mails of one Message-ID.

        What servers add on the way is left out: only the sender's own words and files count.
        """
        parsed = self._parsed
        parts = [hashlib.sha256(one.payload).hexdigest() for one in parsed.attachments]
        own = [self.message_id, parsed.from_, parsed.date_str, parsed.subject, parsed.text, parsed.html, parts]
        return hashlib.sha256(json.dumps(own).encode()).hexdigest()
