"""Masks secrets in whatever is about to be written: logs, evidence, messages, in every encoding they travel in.

A secret typed into a page comes back URL-encoded in a trace, base64-encoded in a header, escaped in JSON and HTML:
masking only its plain form leaves it readable.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable, Iterator, Mapping
from threading import Lock
from typing import Any
from urllib.parse import quote, quote_plus

MASK = "***"
SHORTEST = 4
"""Shorter secrets are not masked: they would tear holes into ordinary words and tell their length by it."""

SURE = 8
"""A secret at least this long does not stand in other data by chance: there it is masked, a shorter one is not."""

LONG_LINE = 16
"""Lines of a secret of several lines (a private key) are masked one by one when they are at least this long."""


class Scrubber:
    """Knows the secrets that were handed out so far; `scrub` masks them. Safe to share between threads."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._lock = Lock()
        self._text: re.Pattern[str] | None = None
        self._bytes: re.Pattern[bytes] | None = None
        self._sure: re.Pattern[str] | None = None

    def add(self, secret: str) -> None:
        """From now on, mask this value. Values shorter than four characters are left alone."""
        parts = {secret, secret.strip()} | {line for line in secret.splitlines() if len(line) >= LONG_LINE}
        new = {part for part in parts if len(part) >= SHORTEST}
        with self._lock:
            if new <= self._secrets:
                return
            self._secrets |= new
            forms = {form for known in self._secrets for form in _forms(known)}
            ordered = sorted(forms, key=lambda form: (-len(form), form))
            # The longest first: else a secret that begins like another one would leave its tail readable.
            sure = {form for known in self._secrets if len(known) >= SURE for form in _forms(known)}
            self._sure = re.compile("|".join(re.escape(form) for form in ordered if form in sure)) if sure else None
            self._text = re.compile("|".join(re.escape(form) for form in ordered))
            self._bytes = re.compile(b"|".join(re.escape(form.encode(errors="surrogateescape")) for form in ordered))

    def scrub(self, text: str) -> str:
        """The text with every known secret masked."""
        return self._text.sub(MASK, text) if self._text is not None else text

    def scrub_all(self, value: Any) -> Any:
        """Every text inside lists and mappings with every known secret masked."""
        return _each_text(value, self.scrub)

    def conceal(self, value: Any) -> Any:
        """Data that is worked with, secrets masked. One of fewer than eight characters is left: `demo` may be a
        password and the name of a customer, and a value that is changed by mistake is worse than what it tells."""
        sure = self._sure
        return value if sure is None else _each_text(value, lambda text: sure.sub(MASK, text))

    def scrub_bytes(self, content: bytes) -> bytes:
        """The same for bytes that hold text in UTF-8 or ASCII."""
        return self._bytes.sub(MASK.encode(), content) if self._bytes is not None else content


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {_each_text(key, change): _each_text(entry, change) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_each_text(entry, change) for entry in value]
    return value


def _forms(secret: str) -> Iterator[str]:
    once = set(_escaped(secret))
    for form in once:
        yield form
        # Evidence is often escaped twice: a form post inside the JSON of a trace.
        yield from _escaped(form)
    for wide in ("utf-16-le", "utf-16-be"):
        yield secret.encode(wide).decode(errors="surrogateescape")  # a file in UTF-16, read as if it were UTF-8
    for coding in ("utf-8", "utf-16-le", "utf-16-be"):
        raw = secret.encode(coding)
        yield raw.hex()
        yield raw.hex().upper()
        for offset in range(3):
            for encode in (base64.b64encode, base64.urlsafe_b64encode):
                core = _base64_core(raw, offset, encode)
                if len(core) >= SHORTEST:
                    yield core


def _escaped(text: str) -> Iterator[str]:
    yield text
    for safe in ("", "/"):
        percent = quote(text, safe=safe)
        yield percent
        yield re.sub(r"%[0-9A-F]{2}", lambda found: found[0].lower(), percent)
    yield quote_plus(text)
    yield json.dumps(text)[1:-1]
    yield json.dumps(text, ensure_ascii=False)[1:-1]
    yield json.dumps(text)[1:-1].replace("/", "\\/")
    escaped = html.escape(text)
    yield escaped
    yield html.escape(text, quote=False)
    yield escaped.replace("&#x27;", "&#39;").replace("&quot;", "&#34;")


def _base64_core(raw: bytes, offset: int, encode: Callable[[bytes], bytes]) -> str:
    """The characters that depend on these bytes alone when they start `offset` bytes into a group of three."""
    text = encode(b"\0" * offset + raw).decode()
    first = (0, 2, 3)[offset]
    last = (offset + len(raw)) * 8 // 6
    return text[first:last]
