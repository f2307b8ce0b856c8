"""Files that stand in an inbox and are no invoice anybody can read."""

from __future__ import annotations

from io import BytesIO

from demo.samples.catalogue import samples
from demo.samples.layouts import draw


def bad_files() -> dict[str, bytes]:
    """Name to content. The password-protected one differs each time it is made: encryption draws fresh salts."""
    return {"password.pdf": locked(), "empty.pdf": b"", "text.pdf": NOTE.encode()}


def locked() -> bytes:
    """A real invoice behind a password that nobody sent along."""
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter()
    writer.append(PdfReader(BytesIO(draw(samples()[1].invoice))))
    writer.encrypt("nobody-sent-it-along", algorithm="AES-256")
    buffer = BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


NOTE = """Hello,

please find our invoice attached. (Somebody saved the mail instead of the attachment.)

Kind regards
"""
