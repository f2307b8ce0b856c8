"""`report list`, `report send`, and what a report holds: to a mail server with page and PDF, and to Slack."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pypdf
import pytest
from cli_office import Office

from engine.ids import new_id
from engine.store import tables
from engine.store.database import Database

NOW = datetime(2026, 3, 2, 5, 59, tzinfo=UTC)  # a Monday; 06:59 in Berlin
SETTINGS = """\
timezone: Europe/Berlin
measures: {minutes: {bills: 6}, rework: 0, upkeep: 0}
reports:
  weekly: {cron: "0 7 * * mon", to: [office-mail, chat], tiles: [throughput, hours-saved, roi]}
"""


class Mail(socketserver.ThreadingTCPServer):
    """A mail server; it takes everything that comes in `taken`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Mail)
        self.taken: list[EmailMessage] = []


class _Mail(socketserver.StreamRequestHandler):
    server: Mail

    def handle(self) -> None:
        self._say("220 here")
        while line := self.rfile.readline():
            word = line.split()[0].upper() if line.split() else b""
            if word == b"EHLO":
                self._say("250-here\r\n250 SIZE 10000000")
            elif word == b"DATA":
                self._say("354 go on")
                content = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    content += part.removeprefix(b".") if part.startswith(b"..") else part
                taken = message_from_bytes(content, policy=policy.default)
                assert isinstance(taken, EmailMessage)
                self.server.taken.append(taken)
                self._say("250 taken")
            elif word == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 fine")

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")


class Slack(ThreadingHTTPServer):
    """Takes messages while it does not `refuse`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Hook)
        self.taken: list[dict[str, Any]] = []
        self.refuses = False


class _Hook(BaseHTTPRequestHandler):
    server: Slack

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self.server.refuses:
            self.server.taken.append(json.loads(body))
        self.send_response(503 if self.server.refuses else 200)
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def mail() -> Iterator[Mail]:
    with Mail() as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def slack() -> Iterator[Slack]:
    with Slack() as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def reporting(office: Office, mail: Mail, slack: Slack) -> Office:
    office("secret", "set", "hook", stdin=f"http://127.0.0.1:{slack.server_address[1]}/hook")
    office.write("config/settings.yaml", SETTINGS)
    office.write(
        "config/connections.yaml",
        f"office-mail: {{system: smtp, host: 127.0.0.1, port: {mail.server_address[1]}, security: none, "
        "sender: rpa@example.com, to: [lead@example.com]}\nchat: {system: slack, url: {secret: hook}}\n",
    )
    return office


def test_a_report_goes_out_as_mail_with_html_and_pdf_and_to_slack(reporting: Office, mail: Mail, slack: Slack) -> None:
    answer = reporting("report", "send", "weekly", "--json")
    assert answer.lines == [
        {"report": "weekly", "to": "office-mail", "sent": True, "error": None},
        {"report": "weekly", "to": "chat", "sent": True, "error": None},
    ]
    (letter,) = mail.taken
    assert str(letter["Subject"]).startswith("weekly: 20") and letter["To"] == "lead@example.com"
    text, page = letter.get_body(("plain",)), letter.get_body(("html",))
    assert text is not None and page is not None
    assert "Throughput: 0 an hour (n = 0 done items; in 168 hours)" in text.get_content()
    assert "Hours saved: no figure. No item of a workflow with a baseline was closed" in text.get_content()
    assert "<h1>weekly: 20" in page.get_content() and "days of Europe/Berlin" in page.get_content()
    assert "Straight-through" not in page.get_content()
    (paper,) = letter.iter_attachments()
    assert (paper.get_filename(), paper.get_content_type()) == ("weekly.pdf", "application/pdf")
    reporting.write("weekly.pdf", "")
    (reporting.root / "weekly.pdf").write_bytes(paper.get_content())
    printed = " ".join(pypdf.PdfReader(reporting.root / "weekly.pdf").pages[0].extract_text().split())
    assert "Throughput" in printed and "n = 0 done items" in printed
    (told,) = slack.taken
    assert told["blocks"][0]["text"]["text"].startswith("weekly: 20")
    assert "Throughput: 0 an hour" in told["blocks"][1]["text"]["text"]


def test_a_report_is_written_to_a_file_without_being_sent(reporting: Office, mail: Mail, slack: Slack) -> None:
    html, other = reporting.root / "now.html", reporting.root / "now.doc"
    answer = reporting("report", "send", "weekly", "--to-file", str(html))
    assert answer.code == 0 and answer.out == f"written to {html}\n"
    assert "Return (ROI)" in html.read_text() and not mail.taken and not slack.taken
    answer = reporting("report", "send", "weekly", "--to-file", str(other))
    assert (answer.code, answer.err) == (
        2,
        f"clerkwork: {other} is neither .html nor .pdf; name the file as what it is to be\n",
    )


@pytest.fixture
def unprinted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bots.browser.print.pdf_of", lambda _html: b"%PDF")


@pytest.mark.usefixtures("unprinted")
def test_what_is_wrong_with_a_report_is_told(reporting: Office, slack: Slack) -> None:
    slack.refuses = True
    answer = reporting("report", "send", "weekly")
    assert answer.code == 1
    assert answer.out.splitlines()[0] == "office-mail: sent"
    assert answer.out.splitlines()[1].startswith("chat: slack answered 503")
    answer = reporting("report", "send", "weakly")
    assert (answer.code, answer.err) == (
        2,
        "clerkwork: there is no report weakly in config/settings.yaml; did you mean weekly?\n",
    )
    reporting.write("config/settings.yaml", SETTINGS.replace("throughput", "throughtput"))
    answer = reporting("report", "send", "weekly")
    assert answer.code == 2
    assert "the report weekly names a tile throughtput, and there is none; did you mean throughput?" in answer.err
    reporting.write("config/settings.yaml", SETTINGS.replace("0 7 * * mon", "7 o'clock"))
    answer = reporting("report", "list")
    assert answer.code == 2
    assert 'reports.weekly.cron is "7 o\'clock"; expected minute, hour, day, month, weekday' in answer.err


def test_the_list_says_when_each_goes_out_next(reporting: Office) -> None:
    found = reporting("report", "list", "--json").lines
    assert [(one["report"], one["to"], one["sent"]) for one in found] == [
        ("weekly", "office-mail", None),
        ("weekly", "chat", None),
    ]
    assert "T07:00:00" in found[0]["next"]
    reporting.write("config/settings.yaml", "")
    assert reporting("report", "list").out == "no report is named in config/settings.yaml\n"


@pytest.mark.usefixtures("unprinted")
def test_a_report_has_the_figures_of_whole_days_before_its_own(reporting: Office) -> None:
    """With the settings' own wiring: the figures of real items, seven whole days before the day it goes out."""
    from commands.report import make_report
    from commands.session import Session

    session = Session()
    session.project_folder = str(reporting.root)
    database = Database(session.project.database_url)
    database.migrate()
    try:
        _bill(database, datetime(2026, 2, 25, 9, tzinfo=UTC))
        _bill(database, datetime(2026, 3, 2, 5, tzinfo=UTC))
        report = session.project.settings.reports["weekly"]
        made = make_report(session, database, "weekly", report, NOW + timedelta(minutes=1))
    finally:
        database.close()
    assert made.title == "weekly: 2026-02-23 to 2026-03-01"
    assert made.lines[1] == "Throughput: 0.006 an hour (n = 1 done items; in 168 hours)"
    assert made.lines[2] == "Hours saved: 0.1 h (n = 1 closed items with a baseline)"
    assert made.lines[3].startswith("Return (ROI): no figure. Say what an hour of a person and a month")


def _bill(database: Database, at: datetime) -> None:
    item = new_id("item")
    values = {"id": item, "workflow": "bills", "key": item, "state": "done", "priority": 0, "inputs": {}, "claim": 1}
    with database.write() as transaction:
        transaction.execute(tables.items.insert().values(**values, created=at, finished=at + timedelta(minutes=1)))
