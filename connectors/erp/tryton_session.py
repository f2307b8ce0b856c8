"""A session with a Tryton server: JSON-RPC over HTTP, logged in once, every failure a typed error.

What is known of an effect follows from where a call failed. Refused before it was sent: it did not happen. Answered
with an error: Tryton rolled back. Sent and not answered: unknown, for a look-up to settle.
"""

from __future__ import annotations

import base64
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from connectors.erp import tryton_json
from connectors.erp.caller import Caller
from connectors.erp.connection import ErpConnection
from engine.errors import ApplicationException, BusinessException, ItemError, Outcome
from engine.trace_context import trace_headers

BUSY = ("database is locked", "could not serialize", "deadlock detected", "must be unique")
"""How a Tryton that was written to by two at once says so. It has rolled back, so the same call may be made again."""
TRIES = 5
NOT_NOW = (429, 503)


class TrytonWarning(BusinessException):
    """Tryton asks a person for a confirmation before it goes on; `kind` is its name, as `invoice_similar`."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(
            "ERP_WARNING",
            f"the ERP asks before it goes on: {message}",
            advice="check it in the ERP; correct the data, or book this one by hand",
        )
        self.kind = name.rpartition(".")[2]


class TrytonSession:
    """Kept warm between items. `preferences` is what Tryton wants as the context of each call."""

    def __init__(self, name: str, connection: ErpConnection) -> None:
        self.name = name
        self.connection = connection
        self.preferences: dict[str, Any] = {}
        self.known: dict[str, Any] = {}
        self._client = httpx.Client(
            base_url=connection.url.rstrip("/"), headers={"Content-Type": "application/json"}, follow_redirects=False
        )
        self._authorization = ""

    def close(self) -> None:
        self._client.close()

    def call(self, context: Caller, method: str, *parameters: Any, effect: bool = False) -> Any:
        """Call `model.account.invoice.read` and the like; `effect` marks calls that change something.

        Logs in when there is no session or it has expired, and tries again shortly when the ERP was busy.
        """
        logged_in_anew = False
        for attempt in range(1, TRIES + 2):
            started = time.monotonic()
            try:
                if not self._authorization:
                    self._log_in(context)
                result = self._request(context, method, [*parameters, self.preferences], effect)
            except ItemError as error:
                self._note(context, method, started, error.code)
                if error.code == "ERP_SESSION_EXPIRED" and not logged_in_anew:
                    self._authorization, logged_in_anew = "", True
                elif error.code == "ERP_CONFLICT" and attempt < TRIES:
                    context.sleep(0.1 * 2**attempt)
                else:
                    raise
            else:
                self._note(context, method, started, "ok")
                return result
        raise AssertionError("the last try returns or raises")

    def _note(self, context: Caller, method: str, started: float, outcome: str) -> None:
        milliseconds = round((time.monotonic() - started) * 1000)
        context.event("erp.call", connection=self.name, method=method, outcome=outcome, milliseconds=milliseconds)

    def _log_in(self, context: Caller) -> None:
        user, password = self.connection.user, self.connection.password.get_secret_value()
        answer = self._send(context, "common.db.login", [user, {"password": password}, "en"], effect=False)
        if answer.status_code == 401:
            raise self._login_refused()
        number, token = self._result(context, answer, effect=False)[:2]
        self._authorization = "Session " + base64.b64encode(f"{user}:{number}:{token}".encode()).decode()
        self.known.clear()
        self.preferences = {}
        mine = self._request(context, "model.res.user.get_preferences", [True, {}], effect=False)
        self.preferences = {"company": mine.get("company"), "language": "en"}
        if self.connection.company:
            self.preferences["company"] = self._company(context, self.connection.company)
        if self.preferences["company"] is None:
            raise ApplicationException(
                "ERP_NO_COMPANY",
                f"connection {self.name}: the ERP user {user} belongs to no company",
                advice="give the user a company in the ERP",
                outcome=Outcome.NOT_DONE,
            )

    def _company(self, context: Caller, name: str) -> int:
        query: list[Any] = [[["party.name", "=", name]], 0, None, None, ["id"], self.preferences]
        found = self._request(context, "model.company.company.search_read", query, effect=False)
        if len(found) != 1:
            raise ApplicationException(
                "ERP_NO_COMPANY",
                f"connection {self.name}: the user {self.connection.user} sees {len(found)} companies named {name!r}",
                advice="correct `company` in the connection, or the user's companies in the ERP",
                outcome=Outcome.NOT_DONE,
            )
        return int(found[0]["id"])

    def _request(self, context: Caller, method: str, parameters: list[Any], effect: bool) -> Any:
        answer = self._send(context, method, parameters, effect)
        if answer.status_code == 401:
            raise ApplicationException(
                "ERP_SESSION_EXPIRED",
                f"connection {self.name}: the ERP does not accept its own session",
                advice="check the clock of the ERP and whether something between drops the Authorization header",
                outcome=Outcome.NOT_DONE,
            )
        return self._result(context, answer, effect)

    def _send(self, context: Caller, method: str, parameters: list[Any], effect: bool) -> httpx.Response:
        body = tryton_json.dumps({"id": 1, "method": method, "params": parameters})
        headers = {**trace_headers()} | ({"Authorization": self._authorization} if self._authorization else {})
        seconds = max(min(self.connection.timeout, context.remaining()), 0.05)
        try:
            return self._client.post(
                f"/{self.connection.database}/rpc/", content=body, headers=headers, timeout=seconds
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol) as error:
            raise ApplicationException(
                "ERP_UNREACHABLE",
                f"connection {self.name}: nothing answers at {self.connection.url} ({_said(error)})",
                advice="check that the ERP runs and that `url` of the connection is right",
                outcome=Outcome.NOT_DONE,
            ) from error
        except httpx.HTTPError as error:
            raise ApplicationException(
                "ERP_NO_ANSWER",
                f"connection {self.name}: {method} was sent and not answered within {seconds:.0f} s ({_said(error)})",
                advice="check the ERP; what became of it is looked up before anything is sent again",
                outcome=Outcome.UNKNOWN if effect else Outcome.NOT_DONE,
            ) from error

    def _result(self, context: Caller, answer: httpx.Response, effect: bool) -> Any:
        unsure = Outcome.UNKNOWN if effect else Outcome.NOT_DONE
        if answer.status_code in NOT_NOW:
            raise ApplicationException(
                "ERP_BUSY",
                f"connection {self.name}: the ERP asks to come back later (HTTP {answer.status_code})",
                advice="it is tried again; if it stays, ask whoever runs the ERP",
                outcome=Outcome.NOT_DONE,
                retry_after=_retry_after(answer, context.now()),
            )
        if answer.status_code == 404:
            raise ApplicationException(
                "ERP_NO_DATABASE",
                f"connection {self.name}: {self.connection.url} has no database {self.connection.database}",
                advice="correct `database` in the connection",
                outcome=Outcome.NOT_DONE,
            )
        if answer.status_code != 200:
            refused = answer.status_code < 500
            raise ApplicationException(
                "ERP_ERROR",
                f"connection {self.name}: the ERP answered HTTP {answer.status_code}",
                advice="check the rights of the user, and the log of the ERP",
                outcome=Outcome.NOT_DONE if refused else unsure,
            )
        try:
            content = tryton_json.loads(answer.text)
        except ValueError as error:
            raise ApplicationException(
                "ERP_ERROR",
                f"connection {self.name}: what answers at {self.connection.url} is no Tryton ({answer.text[:60]!r})",
                advice="check `url` of the connection",
                outcome=unsure,
            ) from error
        if "error" in content:
            raise self._failure(content["error"], unsure)
        return content["result"]

    def _failure(self, error: list[Any], unsure: Outcome) -> ItemError:
        """Tryton's own errors come with HTTP 200: `[kind, details]`, or `[text, traceback]` of any other."""
        kind, details = error[0], error[1]
        if kind == "UserWarning":
            return TrytonWarning(details[0], details[1])
        message = " ".join(part for part in details[:2] if part) if isinstance(details, list) else str(details)
        if kind == "ConcurrencyException" or any(sign in f"{kind} {message}" for sign in BUSY):
            return ApplicationException(
                "ERP_CONFLICT",
                f"connection {self.name}: somebody else was writing in the ERP at the same moment",
                advice="it is tried again",
                outcome=Outcome.NOT_DONE,
            )
        if kind == "UserError":
            return BusinessException(
                "ERP_REFUSED", f"the ERP refuses it: {message}", advice="correct the data, or the set-up of the ERP"
            )
        return ApplicationException(
            "ERP_ERROR",
            f"connection {self.name}: the ERP failed inside: {kind}",
            advice="read the log of the ERP",
            outcome=unsure,
        )

    def _login_refused(self) -> ApplicationException:
        return ApplicationException(
            "ERP_LOGIN_REFUSED",
            f"connection {self.name}: the ERP refuses the log-in of {self.connection.user}",
            advice=f"check `user` of the connection {self.name}, and set its password anew with `secret set`",
            outcome=Outcome.NOT_DONE,
        )


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__


def _retry_after(answer: httpx.Response, now: datetime) -> float | None:
    """Seconds from a Retry-After header: a number, or a date (RFC 9110, 10.2.3)."""
    value = answer.headers.get("Retry-After", "").strip()
    if value.isdigit():
        return float(value)
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max((until - now).total_seconds(), 0.0)
