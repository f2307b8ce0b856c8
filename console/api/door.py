"""The door of the interface for programs: a token in the Authorization header, its scopes, its rate, JSON alone.

Session cookies are not looked at: with nothing that a browser sends by itself there is no request to forge.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

from fastapi import Request, Response
from fastapi.routing import APIRoute

from console.access import ByToken, enter
from console.api.problems import ApiProblem
from console.api.tokens import TokenViewer, find_token, note_use
from console.permissions import Permission
from console.services import ConsoleServices

WINDOW = 60.0
CALLS = 600
"""So many calls a minute for each token."""
FAILURES = 30
"""So many wrong tokens a minute from one address; then none from there is looked at."""
MOST_KEYS = 10_000
_JSON = ("application/json", "application/json;charset=utf-8")


class RateLimit:
    """Calls of the last minute by key, in memory: the console is one process."""

    def __init__(self) -> None:
        self._calls: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def wait(self, key: str, most: int) -> int:
        """Seconds until another call is due, zero if it is now."""
        now = time.monotonic()
        with self._lock:
            calls = self._calls.get(key, deque())
            while calls and calls[0] <= now - WINDOW:
                calls.popleft()
            return int(calls[0] + WINDOW - now) + 1 if len(calls) >= most else 0

    def count(self, key: str) -> None:
        now = time.monotonic()
        with self._lock:
            if len(self._calls) >= MOST_KEYS:
                self._calls = {one: calls for one, calls in self._calls.items() if calls and calls[-1] > now - WINDOW}
            self._calls.setdefault(key, deque()).append(now)


class Scope(ByToken):
    """Opened by a token with one of these scopes."""

    def __init__(self, *permissions: Permission) -> None:
        self.permissions = permissions

    def __call__(self, request: Request) -> TokenViewer:
        viewer = _viewer(request)
        if not any(viewer.may(one) for one in self.permissions):
            wanted = " or ".join(self.permissions)
            raise ApiProblem(
                403,
                f"the token {viewer.token} may not do this",
                "use a token with that scope, whose owner may do it too",
                expected=f"the scope {wanted}",
            )
        enter(request, viewer)
        return viewer


class JsonRoute(APIRoute):
    """A body is JSON and says so, before anything of it is read."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def handle(request: Request) -> Response:
            if request.method not in ("GET", "HEAD"):
                kind = request.headers.get("content-type", "").replace(" ", "").lower()
                if kind not in _JSON or request.headers.get("content-encoding", "identity") != "identity":
                    raise ApiProblem(
                        415,
                        f"a body came as {kind[:80] or 'nothing'}",
                        "send JSON with the header Content-Type: application/json",
                    )
            return await answer(request)

        return handle


def _viewer(request: Request) -> TokenViewer:
    services: ConsoleServices = request.app.state.services
    limit: RateLimit = request.app.state.api_limit
    address = f"address {request.client.host if request.client is not None else ''}"
    _hold(limit.wait(address, FAILURES))
    given = request.headers.getlist("authorization")
    scheme, _, token = given[0].partition(" ") if len(given) == 1 else ("", "", "")
    if scheme.lower() != "bearer":
        _refuse("the call has no token")
    now = services.clock.now()
    with services.database.read() as transaction:
        found = find_token(transaction, token, now)
    if found is None:
        limit.count(address)
        _refuse("this token is not valid (any more)", 'error="invalid_token"')
    viewer, is_due = found
    _hold(limit.wait(viewer.token, CALLS))
    limit.count(viewer.token)
    if is_due:
        with services.database.write() as transaction:
            note_use(transaction, viewer.token, now)
    return viewer


def _refuse(found: str, more: str = "") -> NoReturn:
    raise ApiProblem(
        401,
        found,
        "send the header Authorization: Bearer cw_..., with a token from `token add`",
        headers={"www-authenticate": f'Bearer realm="clerkwork"{", " if more else ""}{more}'},
    )


def _hold(seconds: int) -> None:
    if seconds:
        raise ApiProblem(
            429, "too many calls in a minute", f"try again in {seconds} s", headers={"retry-after": str(seconds)}
        )
