"""Security headers on every answer, and a limit on what a request may weigh."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.access import LARGEST_FORM, LARGEST_UPLOAD, takes_files

POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "cache-control": "no-store",
}


class SecurityHeaders:
    """What a route sets itself stands; the rest is filled in."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if scope["scheme"] == "https":
                    headers.setdefault("strict-transport-security", "max-age=31536000; includeSubDomains")
            await send(message)

        if b"%00" in scope["raw_path"] + scope["query_string"]:
            # No name has it, and PostgreSQL takes no such text.
            answer = PlainTextResponse("this address cannot be used", status_code=400)
            await answer(scope, receive, send_with_headers)
            return
        length = Headers(scope=scope).get("content-length", "0")
        chunked = "transfer-encoding" in Headers(scope=scope)
        most = LARGEST_UPLOAD if takes_files(scope["path"]) else LARGEST_FORM
        if chunked or not length.isdigit() or int(length) > most:
            answer = PlainTextResponse("this request is too large for a form", status_code=413)
            await answer(scope, receive, send_with_headers)
            return
        await self.app(scope, receive, send_with_headers)
