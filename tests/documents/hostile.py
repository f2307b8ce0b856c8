"""Draws files that were made to break a reader, byte by byte, since no library would write them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

PAGE = (
    b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> %b >> >>"
)
FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
TEXT = (
    b"BT /F 12 Tf 1 0 0 1 50 780 Tm (Northwind Paper Ltd) Tj 1 0 0 1 50 700 Tm (Invoice number: INV-2026-0417) Tj "
    b"1 0 0 1 50 680 Tm (Invoice date: 14 March 2026) Tj 1 0 0 1 50 660 Tm (Total due) Tj "
    b"1 0 0 1 400 660 Tm (GBP 372.00) Tj ET"
)


def stream(content: bytes, more: bytes = b"") -> bytes:
    return b"<< /Length %d %b >> stream\n%b\nendstream" % (len(content), more, content)


def zeros(mib: int, content: bytes = b" ") -> bytes:
    """Zipped bytes that unpack to so many MiB."""
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(content * 2**20) for _ in range(mib)) + packer.flush()


def pdf(path: Path, parts: Mapping[int, bytes], *, trailer: bytes = b"/Root 1 0 R", table: bool = True) -> Path:
    """A PDF of numbered objects. Where they are left out: a catalog, one page, its text, a font."""
    whole = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: PAGE % b"",
        4: stream(TEXT),
        5: FONT,
        **parts,
    }
    body = b"%PDF-1.7\n"
    places = {}
    for number, part in whole.items():
        places[number] = len(body)
        body += b"%d 0 obj\n%b\nendobj\n" % (number, part)
    start = len(body)
    size = max(whole) + 1
    if table:
        body += b"xref\n0 %d\n0000000000 65535 f \n" % size
        for number in range(1, size):
            body += b"%010d 00000 n \n" % places[number] if number in places else b"0000000000 00000 f \n"
    path.write_bytes(body + b"trailer << /Size %d %b >>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, start))
    return path


def png(path: Path, width: int, height: int, packed: bytes) -> Path:
    """A grey PNG of any size that claims to hold what is given."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b""))
    return path


def form(content: bytes, calls: int) -> bytes:
    """A drawing that other drawings call, and that calls one itself as `/X Do`."""
    more = b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X %d 0 R >> >>" % calls
    return stream(content, more)
