"""A mailbox over IMAP: what is new in a folder, moving it, and waiting for more (IDLE, RFC 2177)."""

from __future__ import annotations

import imaplib
import re
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import TypeVar

from imap_tools.errors import ImapToolsError, MailboxLoginError
from imap_tools.mailbox import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted

from connectors.mail.connection import PORTS, MailboxConnection
from connectors.mail.letter import Letter
from engine.errors import ApplicationException, BusinessException, Outcome

_T = TypeVar("_T")
LONGEST_IDLE = 9 * 60
"""Seconds: servers log off who idles for half an hour, and firewalls forget connections sooner."""
WITHOUT_IDLE = 30
"""Seconds between two looks where a server cannot tell."""
_SIZE = re.compile(rb"UID (\d+).*?RFC822\.SIZE (\d+)|RFC822\.SIZE (\d+).*?UID (\d+)")
_TROUBLE = (ImapToolsError, imaplib.IMAP4.error, OSError)


@dataclass(frozen=True, slots=True)
class Listed:
    """A mail that is there, not fetched yet. `size` is in bytes."""

    uid: int
    size: int


class Mailbox:
    """One folder of one mailbox, open for as long as the block lasts. ApplicationException: the server does not answer.

    with Mailbox("ap-mailbox", connection, "INBOX") as mailbox: ...
    """

    def __init__(self, name: str, connection: MailboxConnection, folder: str = "INBOX") -> None:
        self.name, self.connection, self.folder = name, connection, folder
        self._box: BaseMailBox | None = None

    def __enter__(self) -> Mailbox:
        try:
            self._box = self._connected()
            self._box.login(self.connection.user, self.connection.password.get_secret_value(), None)
        except MailboxLoginError as error:
            self.close()
            raise self._failed("MAILBOX_LOGIN", "refuses the user or the password") from error
        except _TROUBLE as error:
            self.close()
            raise self._failed("MAILBOX_UNREACHABLE", f"does not answer: {error}") from error
        self._select(self._box)
        return self

    def _select(self, box: BaseMailBox) -> None:
        try:
            box.folder.set(self.folder)
            return
        except _TROUBLE as error:
            trouble = error
        try:
            names = [one.name for one in box.folder.list()]
        except _TROUBLE:
            names = [self.folder]
        self.close()
        if self.folder.casefold() in {name.casefold() for name in names}:
            raise self._failed("MAILBOX_UNREACHABLE", f"does not open {self.folder}: {trouble}") from trouble
        raise BusinessException(
            "MAILBOX_FOLDER",
            f"the mailbox {self.name} has no folder {self.folder}; it has {', '.join(names)}",
            advice="write one of those under `folder`",
        ) from trouble

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Leave; a connection that is gone already is only forgotten."""
        box, self._box = self._box, None
        if box is None:
            return
        try:
            box.logout()
        except _TROUBLE:
            box.client.shutdown()

    def _connected(self) -> BaseMailBox:
        there = self.connection
        port = there.port or PORTS[there.security]
        if there.security == "none":
            return MailBoxUnencrypted(there.host, port, timeout=there.timeout)
        context = ssl.create_default_context(cafile=str(there.authority) if there.authority else None)
        kind = MailBox if there.security == "tls" else MailBoxStartTls
        return kind(there.host, port, timeout=there.timeout, ssl_context=context)

    def _failed(self, code: str, message: str) -> ApplicationException:
        place = f"{self.connection.host}:{self.connection.port or PORTS[self.connection.security]}"
        return ApplicationException(
            code,
            f"the mailbox {self.name} ({self.connection.user} at {place}) {message}",
            advice="see the connection in config/connections.yaml",
            outcome=Outcome.NOT_DONE,
        )

    @property
    def _open(self) -> BaseMailBox:
        assert self._box is not None, "the mailbox is used inside its block"
        return self._box

    # -- what is there ------------------------------------------------------------------------------------------------

    def validity(self) -> int:
        """A number that changes when the server has numbered its mails anew."""
        return self._asked(lambda box: int(box.folder.status(self.folder, ["UIDVALIDITY"])["UIDVALIDITY"]))

    def next_uid(self) -> int:
        """The number that the next mail will have, or less."""
        return self._asked(lambda box: int(box.folder.status(self.folder, ["UIDNEXT"])["UIDNEXT"]))

    def listed(self, after: int = 0) -> list[Listed]:
        """The mails with a number above `after`, by their numbers."""
        found = self._asked(lambda box: [int(uid) for uid in box.uids(f"UID {after + 1}:*")])
        # `7:*` names the last mail even where its number is below 7.
        wanted = sorted(uid for uid in found if uid > after)
        sizes: dict[int, int] = {}
        for start in range(0, len(wanted), 500):
            sizes |= self._sizes(wanted[start : start + 500])
        return [Listed(uid, sizes[uid]) for uid in wanted if uid in sizes]

    def _sizes(self, uids: list[int]) -> dict[int, int]:
        told = self._fetched(",".join(map(str, uids)), "(UID RFC822.SIZE)")
        found: dict[int, int] = {}
        for line in told:
            match = _SIZE.search(line if isinstance(line, bytes) else line[0])
            if match is not None:
                one, size, other_size, other = match.groups()
                found[int(one or other)] = int(size or other_size)
        return found

    def letters(self, after: int, skip: Callable[[Listed], bool]) -> Iterator[tuple[Listed, Letter | None]]:
        """The mails after this number, each fetched when it is asked for; None for what `skip` leaves out."""
        for listed in self.listed(after):
            if skip(listed):
                yield listed, None
                continue
            parts = [one for one in self._fetched(str(listed.uid), "(UID BODY.PEEK[])") if isinstance(one, tuple)]
            if parts:  # else somebody took it away in the meantime
                yield listed, Letter(listed.uid, parts[0][1])

    def _fetched(self, uids: str, what: str) -> list[bytes | tuple[bytes, bytes]]:
        def fetch(box: BaseMailBox) -> list[bytes | tuple[bytes, bytes]]:
            status, told = box.client.uid("FETCH", uids, what)
            if status != "OK":
                raise imaplib.IMAP4.error(str(told))
            return [one for one in told if one is not None]

        return self._asked(fetch)

    def move(self, uid: int, folder: str) -> None:
        """Put a mail into another folder, which is made if it is not there."""

        def put(box: BaseMailBox) -> None:
            if not box.folder.exists(folder):
                box.folder.create(folder)
            box.move(str(uid), folder)

        self._asked(put)

    def _asked(self, ask: Callable[[BaseMailBox], _T]) -> _T:
        try:
            return ask(self._open)
        except _TROUBLE as error:
            raise self._failed("MAILBOX_UNREACHABLE", f"does not answer: {error}") from error

    # -- waiting ------------------------------------------------------------------------------------------------------

    def wait(self, leaving: Callable[[], bool]) -> None:
        """Until something happens in the folder, `leaving` says so, or it is time to ask again."""
        deadline = time.monotonic() + (LONGEST_IDLE if "IDLE" in self._open.client.capabilities else WITHOUT_IDLE)
        if "IDLE" not in self._open.client.capabilities:
            while time.monotonic() < deadline and not leaving():
                time.sleep(0.5)
            return

        def idle(box: BaseMailBox) -> None:
            with box.idle as idling:
                while time.monotonic() < deadline and not leaving():
                    asked = time.monotonic()
                    # An answer at once without a word is a connection that was closed: leaving the block says so.
                    if idling.poll(1.0) or time.monotonic() - asked < 0.5:
                        return

        self._asked(idle)
