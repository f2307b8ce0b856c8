"""Sends one message. What the other side said when it did not take it becomes the error's text."""

from __future__ import annotations

import mimetypes
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from connectors.notices.connection import PORTS, ChatConnection, SmtpConnection
from engine.errors import ApplicationException

CARD = "http://adaptivecards.io/schemas/adaptive-card.json"


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail has besides its plain text: the same as a page, and papers by their file names."""

    html: str
    papers: Mapping[str, bytes] = field(default_factory=dict)


def send_notice(
    connection: ChatConnection | SmtpConnection, title: str, lines: list[str], letter: Letter | None = None
) -> None:
    """Hand over one message, a title and lines below it; ApplicationException if it was not taken."""
    if isinstance(connection, SmtpConnection):
        _mail(connection, title, lines, letter)
    else:
        _chat(connection, title, lines)


def slack_payload(title: str, lines: list[str]) -> dict[str, object]:
    """The form of https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks."""
    text = "\n".join(lines)
    body = {"type": "section", "text": {"type": "plain_text", "text": text[:3000]}}
    head = {"type": "header", "text": {"type": "plain_text", "text": title[:150]}}
    # `text` is what a notification shows; its mark-up is escaped, as a message may hold text of a document.
    plain = title.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {"text": plain, "blocks": [head, body] if text else [head]}


def teams_payload(title: str, lines: list[str]) -> dict[str, object]:
    """The form of a Teams web hook (Workflows): a message with an adaptive card."""
    # A RichTextBlock takes no mark-up, so that text of a document cannot make a link.
    head = {"type": "TextRun", "text": title, "weight": "Bolder"}
    body = [{"type": "RichTextBlock", "inlines": [head]}]
    body += [{"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": line}]} for line in lines]
    card = {"$schema": CARD, "type": "AdaptiveCard", "version": "1.4", "body": body}
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _chat(connection: ChatConnection, title: str, lines: list[str]) -> None:
    import httpx

    made = slack_payload if connection.system == "slack" else teams_payload
    try:
        answer = httpx.post(
            connection.url.get_secret_value(),
            json=made(title, lines),
            timeout=connection.timeout,
            follow_redirects=False,
        )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        # The error's own text may name the address, which is a secret.
        raise _refused(f"{connection.system} does not answer ({type(error).__name__})") from error
    if not answer.is_success:
        raise _refused(f"{connection.system} answered {answer.status_code}: {answer.text[:200]}")


def _mail(connection: SmtpConnection, title: str, lines: list[str], letter: Letter | None) -> None:
    message = EmailMessage()
    message["Subject"] = " ".join(title.split())
    message["From"], message["To"] = connection.sender, ", ".join(connection.to)
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain=connection.sender.partition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("\n".join(lines) + "\n")
    if letter is not None:
        message.add_alternative(letter.html, subtype="html")
        for name, content in letter.papers.items():
            main, _, kind = (mimetypes.guess_type(name)[0] or "application/octet-stream").partition("/")
            message.add_attachment(content, maintype=main, subtype=kind, filename=name)
    port = connection.port or PORTS[connection.security]
    try:
        with _server(connection, port) as server:
            if connection.user is not None:
                password = connection.password.get_secret_value() if connection.password is not None else ""
                server.login(connection.user, password)
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        told = f"{error.smtp_code} {error.smtp_error!r}" if isinstance(error, smtplib.SMTPResponseException) else error
        raise _refused(f"the mail server {connection.host}:{port} did not take it: {told}") from error


def _server(connection: SmtpConnection, port: int) -> smtplib.SMTP:
    trusted = ssl.create_default_context(cafile=str(connection.authority) if connection.authority else None)
    if connection.security == "tls":
        return smtplib.SMTP_SSL(connection.host, port, timeout=connection.timeout, context=trusted)
    server = smtplib.SMTP(connection.host, port, timeout=connection.timeout)
    if connection.security == "starttls":
        try:
            server.starttls(context=trusted)
        except BaseException:
            server.close()
            raise
    return server


def _refused(message: str) -> ApplicationException:
    return ApplicationException(
        "NOT_DELIVERED", message, advice="see the connection in config/connections.yaml, then `alerts test`"
    )
