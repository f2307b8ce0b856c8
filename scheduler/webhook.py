"""Web hooks: a signed call of an address of the console becomes a work item.

The id of a call is the nonce: a call that comes again is answered with the item it made the first time.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any

from connectors.webhook.signing import key_of, signature
from engine.errors import ApplicationException, ItemError, UsageError
from engine.language import TriggerSpec, Workflow
from engine.store.database import StoreError
from engine.work import Engine
from scheduler import registered
from scheduler.arrivals import arrive, arrived, item_of, refuse
from scheduler.made_item import made_item

REFRESH = timedelta(seconds=2)
LONGEST_ID = 150


@dataclass(frozen=True, slots=True)
class HookAnswer:
    """What the caller is told: an HTTP status, and `{"item", "new"}` or `{"error"}`."""

    status: int
    told: Mapping[str, Any]


class Refused(Exception):
    """The call makes no item; the status and the reason go back to the caller."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


class Hooks:
    """All web hooks of a project. `receive` may be called by several threads."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._refreshed = engine.clock.now()
        self._lock = Lock()

    def receive(self, path: str, headers: Mapping[str, str], body: bytes) -> HookAnswer:
        """One call of /hooks/PATH; `headers` by their names in small letters."""
        found = self._find(path)
        if found is None:
            return HookAnswer(404, {"error": "there is no web hook at this address"})
        workflow, trigger = found
        name = f"{workflow.id}/hook/{path}"
        try:
            call = _verified(trigger, headers, body, self._secret(trigger), self.engine.clock.now())
            return self._take(workflow, trigger, name, call, body)
        except Refused as refused:
            refuse(self.engine, name, f"a call was refused: {refused.message}")
            return HookAnswer(refused.status, {"error": refused.message})
        except StoreError as error:
            refuse(self.engine, name, f"a call could not be kept: {str(error.orig or error).splitlines()[0]}")
            return HookAnswer(503, {"error": "the store does not answer; call again later"})

    def _find(self, path: str) -> tuple[Workflow, TriggerSpec] | None:
        with self._lock:
            if self.engine.clock.now() - self._refreshed >= REFRESH:
                self.engine.library.refresh()
                self._refreshed = self.engine.clock.now()
            hooks = ((flow, one) for flow in self.engine.library.all() for one in hooks_of(flow))
            return next(((flow, one) for flow, one in hooks if one.settings.path == path), None)

    def _secret(self, trigger: TriggerSpec) -> bytes:
        try:
            secret = self.engine.surroundings.secret(trigger.settings.secret)
        except UsageError as error:
            refuse(self.engine, trigger.settings.path, f"no call can be taken: {error}")
            raise Refused(503, "this web hook is not set up") from error
        try:
            return key_of(secret)
        except ValueError as error:
            raise Refused(503, "this web hook is not set up") from error

    def _take(self, workflow: Workflow, trigger: TriggerSpec, name: str, call: str, body: bytes) -> HookAnswer:
        engine = self.engine
        if arrived(engine, name, [call]):
            return HookAnswer(200, {"item": item_of(engine, name, call), "new": False})
        with engine.database.read() as transaction:
            if name in registered.paused(transaction):
                raise Refused(503, "this web hook is paused; call again later")
        value = _body(body)
        given: dict[str, Any] = {}
        if trigger.settings.input is not None:
            given = {trigger.settings.input: _as_input(workflow, trigger, value, body)}
        elif trigger.inputs is None:
            if not isinstance(value, dict):
                raise Refused(422, "the body is no JSON object; its fields are the inputs of the item")
            given = value
        try:
            new = made_item(
                engine, workflow.id, trigger.inputs, {"body": value}, given=given, otherwise=f"{name}@{call}"
            )
        except ApplicationException as error:
            refuse(engine, name, f"a call could not be kept: {error}")
            raise Refused(503, "its files cannot be kept now; call again later") from error
        except ItemError as error:
            raise Refused(422, str(error)) from error
        except UsageError as error:
            raise Refused(422, error.message) from error
        item = arrive(engine, name, call, new)
        if item is None:
            return HookAnswer(200, {"item": item_of(engine, name, call), "new": False})
        return HookAnswer(202, {"item": item, "new": True})


def hooks_of(workflow: Workflow) -> Iterator[TriggerSpec]:
    """The web hooks that a workflow declares."""
    return (one for one in workflow.triggers if one.kind == "webhook")


def hook_names(workflow: Workflow) -> list[str]:
    """The names by which they can be paused."""
    return [f"{workflow.id}/hook/{one.settings.path}" for one in hooks_of(workflow)]


def _verified(trigger: TriggerSpec, headers: Mapping[str, str], body: bytes, key: bytes, now: datetime) -> str:
    """The id of a call that is signed and of this time; Refused for any other."""
    call = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    signed = headers.get("webhook-signature", "")
    if not (call and timestamp and signed):
        raise Refused(401, "the call is not signed; expected webhook-id, webhook-timestamp and webhook-signature")
    right = signature(key, call, timestamp, body)
    # All are compared, each in the same time, so that the answer's time tells nothing of the right one.
    matches = [hmac.compare_digest(right.encode(), one.encode()) for one in signed.split()]
    if not any(matches):
        raise Refused(401, "the signature is not right")
    window = trigger.settings.window
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        raise Refused(401, "webhook-timestamp is no number of seconds since 1970")
    if abs(now - datetime.fromtimestamp(int(timestamp), UTC)) > window.length:
        raise Refused(401, f"the time of the call is off by more than {window.text}")
    if len(call) > LONGEST_ID or not call.isprintable():
        raise Refused(400, f"webhook-id is longer than {LONGEST_ID} letters or not printable")
    return call


def _body(body: bytes) -> Any:
    try:
        return json.loads(body.decode())
    except (ValueError, RecursionError) as error:
        raise Refused(400, "the body is not JSON in UTF-8") from error


def _as_input(workflow: Workflow, trigger: TriggerSpec, value: Any, body: bytes) -> Any:
    """The body as the input takes it: as text where that is text."""
    spec = workflow.inputs.get(trigger.settings.input)
    return body.decode() if spec is not None and spec.type == "text" else value
