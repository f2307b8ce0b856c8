"""Signed calls, as Standard Webhooks has them (https://www.standardwebhooks.com): for those that come in and go out.

The headers `webhook-id`, `webhook-timestamp` (seconds since 1970) and `webhook-signature` (`v1,` and base64 of the
HMAC-SHA256 of `id.timestamp.body`; several stand side by side while a secret is changed).
"""

from __future__ import annotations

import base64
import hashlib
import hmac

ENCODED = "whsec_"
"""A secret that begins so is base64, as Standard Webhooks writes them."""


def key_of(secret: str) -> bytes:
    """The key that a secret stands for; ValueError if it says that it is base64 and is not."""
    if not secret.startswith(ENCODED):
        return secret.encode()
    return base64.b64decode(secret.removeprefix(ENCODED), validate=True)


def signature(key: bytes, call: str, timestamp: str, body: bytes) -> str:
    """The signature of a call, as its header has it."""
    digest = hmac.new(key, f"{call}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"
