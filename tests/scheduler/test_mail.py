"""Mails become work items, once each, on a real IMAP server that tells when one comes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fakes.shop import Shop
from peers.dovecot import PASSWORD, USER, Dovecot, find_dovecot

from connectors.mail.connection import mailbox_connection
from connectors.mail.letter import Letter
from connectors.mail.mailbox import Mailbox
from engine.clock import SystemClock
from engine.errors import ApplicationException, BusinessException, ConfigurationError
from engine.store import tables
from engine.store.database import rows
from scheduler import mail as module
from scheduler import registered
from scheduler.mail import MailTrigger, safe_name
from scheduler.service import Scheduler

FLOW = """
workflow: shop
inputs: {file: {type: file, required: false}, label: {type: text, required: false}}
triggers:
  - mail: {connection: ap, OPTIONS}
steps:
  - set: {a: 1}
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    if find_dovecot() is None:
        pytest.skip("dovecot is not installed: apt install dovecot-imapd")
    made = Dovecot(tls=True)
    made.start()
    yield made
    made.remove()


class Post:
    """A shop whose workflow watches a folder of its own on the server."""

    def __init__(self, server: Dovecot, folder: Path, options: str) -> None:
        self.server = server
        self.box = folder.name
        client = server.client()
        client.create(self.box)
        client.logout()
        self.shop = Shop(folder, FLOW.replace("OPTIONS", f"folder: {self.box}, {options}"))
        self.settings = {
            "host": "127.0.0.1",
            "port": server.port,
            "user": USER,
            "password": PASSWORD,
            "security": "none",
        }
        self.shop.surroundings.connections["ap"] = self.settings
        self.heard: list[str] = []
        self.shop.engine.events.listen(lambda event: self.heard.append(str(event.data.get("message", ""))))
        self.scheduler = Scheduler(self.shop.engine, ZoneInfo("UTC"))
        self.scheduler.reload()

    @property
    def trigger(self) -> MailTrigger:
        (found,) = (one for _, triggers in self.scheduler._flows.values() for one in triggers.mails)
        return found

    def deliver(self, message: EmailMessage | bytes) -> None:
        self.server.deliver(message if isinstance(message, bytes) else message.as_bytes(), self.box)

    def look(self) -> list[str]:
        with self.trigger.mailbox(self.shop.engine) as mailbox:
            return self.trigger.look(self.shop.engine, mailbox)

    def inputs(self) -> list[dict[str, Any]]:
        with self.shop.database.read() as tx:
            return [dict(row["inputs"]) for row in rows(tx, tables.items.select().order_by(tables.items.c.id))]


@pytest.fixture
def post(server: Dovecot, tmp_path: Path) -> Callable[..., Post]:
    return lambda options="input: file": Post(server, tmp_path, options)


def letter(
    subject: str, *files: str, message_id: str = "", sender: str = "Ann <ann@acme.com>", text: str = "hi"
) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, "ap@example.com", subject
    made["Date"] = "Mon, 02 Mar 2026 09:30:00 +0100"
    made["Message-ID"] = message_id or f"<{subject}@acme.com>"
    made.set_content(text)
    for name in files:
        made.add_attachment(f"content of {name}".encode(), maintype="application", subtype="pdf", filename=name)
    return made


def test_each_attachment_that_fits_becomes_an_item_once(post: Callable[..., Post]) -> None:
    inbox = post(
        'attachment: "*.pdf", input: file, inputs: {label: "${{ attachment.name }} of ${{ mail.sender }}: ${{ mail.subject }}"}'
    )
    assert inbox.look() == []
    inbox.deliver(letter("March", "a.pdf", "B.PDF", "notes.txt"))
    assert len(inbox.look()) == 2 and inbox.look() == []
    found = inbox.inputs()
    assert [one["label"] for one in found] == ["a.pdf of ann@acme.com: March", "B.PDF of ann@acme.com: March"]
    assert Path(found[0]["file"]["path"]).read_text() == "content of a.pdf"


def test_what_was_there_before_the_trigger_is_left_alone_unless_it_says_otherwise(
    server: Dovecot, tmp_path: Path
) -> None:
    for number, (options, expected) in enumerate((("input: file", 0), ("input: file, existing: true", 1))):
        folder = tmp_path / f"before{number}"
        folder.mkdir()
        server.deliver(letter("old").as_bytes(), folder.name)
        inbox = Post(server, folder, options)
        assert len(inbox.look()) == expected
        inbox.deliver(letter("new"))
        assert len(inbox.look()) == 1


def test_a_mail_delivered_twice_is_one_item_and_another_mail_of_that_id_is_another(post: Callable[..., Post]) -> None:
    inbox = post()
    inbox.look()
    inbox.deliver(letter("March", "a.pdf"))
    inbox.deliver(b"Received: from elsewhere\r\nX-Spam: no\r\n" + letter("March", "a.pdf").as_bytes())
    inbox.deliver(letter("April", "b.pdf", message_id="<March@acme.com>"))
    assert len(inbox.look()) == 2
    assert [one["file"]["name"] for one in inbox.inputs()] == ["mail.eml", "mail.eml"]


def test_only_mails_of_this_sender_and_subject(post: Callable[..., Post]) -> None:
    inbox = post('input: file, sender: "*@acme.com", subject: "*invoice*", inputs: {label: "${{ mail.subject }}"}')
    inbox.look()
    inbox.deliver(letter("Invoice 1"))
    inbox.deliver(letter("Invoice 2", sender="bob@other.com"))
    inbox.deliver(letter("Lunch?"))
    inbox.deliver(letter("Your =?utf-8?q?inv?=oice"))
    assert len(inbox.look()) == 2


def test_taken_mails_move_and_those_that_cannot_be_items_move_elsewhere_and_are_told(post: Callable[..., Post]) -> None:
    inbox = post('attachment: "*.pdf", input: file, processed: PLACE/done, failed: PLACE/bad'.replace("PLACE", "moved"))
    inbox.look()
    inbox.deliver(letter("with", "a.pdf"))
    inbox.deliver(letter("without"))
    assert len(inbox.look()) == 1
    assert (inbox.server.subjects(inbox.box), inbox.server.subjects("moved/done")) == ([], ["with"])
    assert inbox.server.subjects("moved/bad") == ["without"]
    assert inbox.heard[-1] == "the mail 'without' of ann@acme.com has no attachment like *.pdf; it is in moved/bad"


def test_a_crash_between_the_item_and_the_move_repeats_nothing_and_moves_it_then(
    post: Callable[..., Post], monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = post("input: file, processed: after-crash")
    inbox.look()
    inbox.deliver(letter("one"))
    with monkeypatch.context() as patched:

        def crash(*_: object) -> None:
            raise KeyboardInterrupt

        patched.setattr(Mailbox, "move", crash)
        with pytest.raises(KeyboardInterrupt):
            inbox.look()
    assert inbox.look() == [] and len(inbox.inputs()) == 1
    assert inbox.server.subjects("after-crash") == ["one"]


def test_a_folder_that_the_server_numbers_anew_doubles_nothing(post: Callable[..., Post]) -> None:
    inbox = post()
    inbox.deliver(letter("before"))
    inbox.look()
    inbox.deliver(letter("taken").as_bytes().replace(b"Mon, 02 Mar 2026", b"Tue, 03 Mar 2026"))
    assert len(inbox.look()) == 1
    with inbox.shop.database.write() as tx:
        place = registered.read(tx, [inbox.trigger.name])[inbox.trigger.name]["place"]
        registered.keep_place(tx, inbox.trigger.name, {**place, "validity": 1})
    inbox.deliver(letter("new").as_bytes().replace(b"Mon, 02 Mar 2026", b"Wed, 04 Mar 2026"))
    assert len(inbox.look()) == 1
    assert len(inbox.inputs()) == 2


def test_a_mail_that_is_too_large_is_not_even_fetched(
    post: Callable[..., Post], monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = post()
    inbox.look()
    monkeypatch.setattr(module, "MEGABYTE", 1000)
    inbox.settings["largest"] = 1
    inbox.deliver(letter("big", text="x" * 3000))
    inbox.deliver(letter("small"))
    assert len(inbox.look()) == 1
    assert (
        inbox.heard[-2].startswith("a mail of ")
        and "is not taken; up to 1 MB are (`largest`); it is in " in inbox.heard[-2]
    )


def test_a_mail_no_item_can_be_made_of_is_told_and_holds_nothing_up(post: Callable[..., Post]) -> None:
    inbox = post('input: file, inputs: {label: "${{ mail.attachments[0] }}"}')
    inbox.look()
    inbox.deliver(letter("none"))
    inbox.deliver(letter("one", "a.pdf"))
    assert len(inbox.look()) == 1
    assert inbox.heard[0].startswith("the mail 'none' of ann@acme.com is not queued: ")


def test_what_strangers_put_into_a_mail_harms_nothing(post: Callable[..., Post]) -> None:
    inbox = post()
    inbox.look()
    inbox.deliver(b"\xff\xfe\x00 no headers at all")
    inbox.deliver(
        b"Subject: =?utf-8?b?////?=\r\nContent-Type: multipart/mixed; boundary=x\r\nDate: never\r\n\r\n--x\r\n--x--x"
    )
    inbox.deliver(letter("../../etc/passwd", "../../../evil.pdf"))
    assert len(inbox.look()) == 3


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../evil.pdf", "evil.pdf"),
        ("C:\\temp\\a.pdf", "a.pdf"),
        ("...", "attachment"),
        ("a\0\nb.pdf", "ab.pdf"),
        ("x" * 300 + ".pdf", "x" * 100 + ".pdf"),
    ],
)
def test_names_of_attachments_stay_inside_their_folder(name: str, kept: str) -> None:
    assert safe_name(name) == kept


def test_the_parts_of_a_letter() -> None:
    made = Letter(1, letter("  Two   words ", "a.pdf").as_bytes())
    assert (made.subject, made.sender, made.sender_name, made.to) == (
        "Two words",
        "ann@acme.com",
        "Ann",
        ["ap@example.com"],
    )
    assert str(made.sent) == "2026-03-02 08:30:00+00:00" and made.message_id == "<Twowords@acme.com>"
    assert Letter(2, b"Date: soon\r\n\r\nhi").sent is None


# -- the server -------------------------------------------------------------------------------------------------------


def test_a_new_mail_is_an_item_within_seconds_and_two_schedulers_make_one(
    post: Callable[..., Post], eventually: Callable[[Callable[[], bool]], None]
) -> None:
    inbox = post()
    both = []
    for _ in range(2):
        engine = inbox.shop.new_engine()
        engine.clock = SystemClock()
        both.append(Scheduler(engine, ZoneInfo("UTC")))
    for service in both:
        service.start()
    eventually(lambda: _place(inbox) is not None)
    for subject in ("one", "two"):
        inbox.deliver(letter(subject))
    delivered = time.monotonic()
    eventually(lambda: len(inbox.inputs()) == 2)
    assert time.monotonic() - delivered < 10
    began = time.monotonic()
    for service in both:
        service.stop()
    assert time.monotonic() - began < 8, "who waits for a mail leaves when it is asked to"
    assert len(inbox.inputs()) == 2


def test_a_server_that_goes_away_is_told_once_and_what_came_meanwhile_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    if find_dovecot() is None:
        pytest.skip("dovecot is not installed: apt install dovecot-imapd")
    monkeypatch.setattr(module, "LONGEST_PAUSE", 1.0)
    server = Dovecot()
    server.start()
    try:
        inbox = Post(server, tmp_path, "input: file")
        inbox.shop.engine.clock = SystemClock()
        inbox.scheduler.start()
        eventually(lambda: _place(inbox) is not None)
        server.kill()
        eventually(lambda: any("does not answer" in text for text in inbox.heard))
        server.start_again()
        inbox.deliver(letter("meanwhile"))
        eventually(lambda: len(inbox.inputs()) == 1)
        inbox.scheduler.stop()
        assert sum("does not answer" in text for text in inbox.heard) <= 2
        assert "the mailbox ap answers again" in inbox.heard
    finally:
        server.remove()


def _place(inbox: Post) -> Any:
    with inbox.shop.database.read() as tx:
        return registered.read(tx, [inbox.trigger.name])[inbox.trigger.name]["place"]


def test_tls_with_an_authority_of_ones_own_and_never_without_trust(server: Dovecot) -> None:
    settings = {"host": "localhost", "port": server.tls_port, "user": USER, "password": PASSWORD}
    own = mailbox_connection("ap", settings | {"authority": server.folder / "cert.pem"})
    with Mailbox("ap", own) as mailbox:
        assert mailbox.validity() > 0
    starttls = mailbox_connection(
        "ap", settings | {"authority": server.folder / "cert.pem", "security": "starttls", "port": server.port}
    )
    with Mailbox("ap", starttls) as mailbox:
        assert mailbox.next_uid() > 0
    with pytest.raises(ApplicationException, match="the mailbox ap .* does not answer: .*CERTIFICATE_VERIFY_FAILED"):
        Mailbox("ap", mailbox_connection("ap", settings)).__enter__()


def test_a_wrong_password_and_a_folder_that_is_not_there(server: Dovecot) -> None:
    settings = {"host": "127.0.0.1", "port": server.port, "user": USER, "password": "guess", "security": "none"}
    with pytest.raises(ApplicationException) as refused:
        Mailbox("ap", mailbox_connection("ap", settings)).__enter__()
    assert str(refused.value) == (
        f"the mailbox ap (ap at 127.0.0.1:{server.port}) refuses the user or the password; "
        "see the connection in config/connections.yaml"
    )
    with pytest.raises(BusinessException, match="the mailbox ap has no folder Nowhere; it has .*INBOX"):
        Mailbox("ap", mailbox_connection("ap", settings | {"password": PASSWORD}), "Nowhere").__enter__()


def test_a_server_with_a_trouble_of_its_own_is_not_said_to_lack_the_folder(
    server: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from imap_tools.errors import MailboxFolderSelectError
    from imap_tools.folder import MailBoxFolderManager

    def trouble(*_: object) -> None:
        raise MailboxFolderSelectError(("NO", [b"[SERVERBUG] Internal error occurred"]), "OK")

    monkeypatch.setattr(MailBoxFolderManager, "set", trouble)
    settings = {"host": "127.0.0.1", "port": server.port, "user": USER, "password": PASSWORD, "security": "none"}
    with pytest.raises(ApplicationException, match=r"does not open INBOX: .*SERVERBUG"):
        Mailbox("ap", mailbox_connection("ap", settings)).__enter__()


def test_settings_that_are_no_mailbox_are_told_all_at_once() -> None:
    with pytest.raises(ConfigurationError) as wrong:
        mailbox_connection("ap", {"hst": "x", "port": 0})
    assert str(wrong.value) == (
        "the connection ap is no mailbox: host: Field required; port: Input should be greater than or equal to 1; "
        "user: Field required; password: Field required; hst: Extra inputs are not permitted; "
        "see it in config/connections.yaml; a mailbox has host, user, password and security"
    )
    with pytest.raises(ConfigurationError, match="security is none, and imap.acme.com is another machine; write tls"):
        mailbox_connection("ap", {"host": "imap.acme.com", "user": "a", "password": "b", "security": "none"})
