"""Makes one signed call."""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.webhook.connection import HookConnection
from connectors.webhook.signing import signature
from engine.errors import ApplicationException, BusinessException

OF_THIS_CALL = (400, 409, 410, 413, 415, 422)
"""Answers that say something of one call, and nothing of whether the next one is taken."""
ADVICE = "see the connection in config/connections.yaml, then `hooks test`"


def send_call(connection: HookConnection, call: str, now: datetime, told: Mapping[str, Any]) -> None:
    """Tell it; `call` is the id, the same each time that this is told.

    ApplicationException if the receiver takes nothing now, BusinessException if it does not take this call.
    """
    import httpx

    body = json.dumps(told, ensure_ascii=False, separators=(",", ":"), default=str).encode()
    timestamp = str(int(now.timestamp()))
    headers = {
        "content-type": "application/json",
        "webhook-id": call,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(signature(key, call, timestamp, body) for key in connection.keys),
    }
    verify: ssl.SSLContext | bool = True
    if connection.authority is not None:
        verify = ssl.create_default_context(cafile=str(connection.authority))
    try:
        # A redirect could lead what is told to anywhere.
        answer = httpx.post(
            connection.url.get_secret_value(),
            content=body,
            headers=headers,
            timeout=connection.timeout,
            verify=verify,
            follow_redirects=False,
        )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        # The error's own text may name the address, which is a secret.
        raise _refused(f"it does not answer ({type(error).__name__})") from error
    if answer.is_success:
        return
    why = f"it answered {answer.status_code}: {answer.text[:200]}"
    if answer.status_code in OF_THIS_CALL:
        raise BusinessException("NOT_TAKEN", why, advice=ADVICE)
    raise _refused(why, _wait(answer.headers))


def _wait(headers: Mapping[str, str]) -> float | None:
    asked = headers.get("retry-after", "")
    return float(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else None


def _refused(message: str, retry_after: float | None = None) -> ApplicationException:
    return ApplicationException(
        "NOT_DELIVERED",
        message,
        advice=ADVICE,
        retry_after=retry_after,
    )
