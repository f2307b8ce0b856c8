"""The models of `triggers:`: what makes work items, and what the inputs of a trigger may name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, TypeAlias, get_args
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from engine.action import Shape
from engine.values import FIELDS, MOMENT_FIELDS
from engine.workflow_file import Names, PlainSpan, Strict, WorkflowId, one_or_many

SHORTEST_EVERY = timedelta(seconds=1)
LONGEST_WINDOW = timedelta(days=366)
_HOOK = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise PydanticCustomError("zone", "the name of a time zone, such as Europe/Berlin or UTC") from None
    return name


def _cron(text: str) -> str:
    from cronsim import CronSim, CronSimError

    try:
        if len(text.split()) not in (5, 6):
            raise CronSimError(f"it has {len(text.split())} fields")
        next(CronSim(text, datetime(2026, 1, 1, tzinfo=UTC)))
    except (CronSimError, StopIteration) as error:
        told = str(error) or "it never fires"
        raise PydanticCustomError(
            "cron", "minute, hour, day, month, weekday, such as 0 7 * * mon-fri ({told})", {"told": told}
        ) from None
    return text


Zone = Annotated[str, AfterValidator(_zone)]
Cron = Annotated[str, AfterValidator(_cron)]


def _every(span: Any) -> Any:
    if span.length < SHORTEST_EVERY:
        raise PydanticCustomError("every", "a second or more, such as 30s or 5m")
    return span


def _window(span: Any) -> Any:
    if span.length > LONGEST_WINDOW:
        raise PydanticCustomError("window", "366 days or less: firings are forgotten some time after that")
    return span


def _moment(value: Any) -> datetime:
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        raise PydanticCustomError("moment", "a time such as 2026-03-31T17:00") from None


def _moments(value: Any) -> Any:
    given = value if isinstance(value, list) else [value]
    return [_moment(entry) for entry in given]


_MOMENT_SCHEMA = {"type": "string", "description": "a time such as 2026-03-31T17:00"}
Moments = Annotated[
    Any,
    BeforeValidator(_moments),
    WithJsonSchema({"anyOf": [_MOMENT_SCHEMA, {"type": "array", "items": _MOMENT_SCHEMA, "minItems": 1}]}),
]
MomentText = Annotated[Any, BeforeValidator(_moment), WithJsonSchema(_MOMENT_SCHEMA)]


def _hook(path: str) -> str:
    if _HOOK.fullmatch(path) is None:
        raise PydanticCustomError("hook", "the end of an address: letters, digits, . _ - and /, such as orders/new")
    return path


End: TypeAlias = Literal["done", "rejected", "skipped", "discarded"]
_END_SCHEMA = {"enum": list(get_args(End))}
Ends = Annotated[
    list[End],
    BeforeValidator(one_or_many),
    WithJsonSchema({"anyOf": [_END_SCHEMA, {"type": "array", "items": _END_SCHEMA, "minItems": 1}]}),
]
HookPath = Annotated[str, AfterValidator(_hook)]


def _not_zero(number: int) -> int:
    if number == 0:
        raise PydanticCustomError("nth", "a number from 1 on, or from -1 down: -1 is the last one of the month")
    return number


class Trigger(Strict):
    """What every trigger may have."""

    inputs: dict[str, Any] | None = Field(None, description="inputs of its items; expressions may name what came in")


class Timed(Trigger):
    """What every trigger that the clock drives may have."""

    name: str | None = Field(None, min_length=1, max_length=60, description="what the schedule is called in lists")
    timezone: Zone | None = Field(None, description="the zone of these times; the project's own if left out")
    calendar: str | None = Field(
        None, description="fire on business days of this calendar only: office, one of the project, or a country: DE-BE"
    )
    closed: Literal["skip", "next", "previous"] = Field(
        "skip", description="what becomes of a firing on a closed day: none, or the business day after or before"
    )
    business_hours: bool = Field(False, description="fire within the business hours of the calendar only")
    missed: Literal["none", "last", "all"] = Field("last", description="which missed firings are made up")
    window: Annotated[PlainSpan, AfterValidator(_window)] = Field(
        "7 days", validate_default=True, description="how long ago a firing may be to be made up"
    )
    overlap: Literal["skip", "queue", "allow"] = Field("queue", description="when the item before is still open")
    jitter: PlainSpan = Field(
        "0s",
        validate_default=True,
        description="let each item start up to so much later, by chance",
    )


class FolderTrigger(Trigger):
    """A work item for every file that arrives in a folder."""

    path: str = Field(description="the folder")
    match: str = Field("*", description="which files, by a pattern such as *.pdf")
    input: str | None = Field(None, description="the input that takes the file; the only file input if left out")
    stable: PlainSpan = Field(
        "1s", validate_default=True, description="how long a file must stay as it is before it is taken"
    )
    processed: str | None = Field(None, description="where taken files go; the folder processed inside if left out")
    failed: str | None = Field(None, description="where files go that cannot be items; the folder failed inside")


class MailTrigger(Trigger):
    """A work item for every mail, or every attachment of one."""

    connection: str = Field(description="the mailbox")
    folder: str = Field("INBOX", description="the folder of the mailbox")
    sender: str | None = Field(None, description="only mails from this address, or a pattern such as *@acme.com")
    subject: str | None = Field(None, description="only mails whose subject has this pattern, such as *invoice*")
    attachment: str | None = Field(None, description="one item for each attachment with such a name, such as *.pdf")
    input: str | None = Field(None, description="the input that takes the attachment, or the whole mail as a file")
    processed: str | None = Field(None, description="the folder of the mailbox where taken mails go")
    failed: str | None = Field(None, description="the folder of the mailbox where mails go that cannot be items")
    existing: bool = Field(False, description="take the mails too that were there when the trigger first looked")


class ScheduleTrigger(Timed):
    """A work item at every time that a cron line names."""

    cron: Cron = Field(description="minute, hour, day, month, weekday: 0 7 * * mon-fri; with six fields, seconds first")
    business_day: Annotated[int, AfterValidator(_not_zero)] | None = Field(
        None, ge=-23, le=23, description="fire on this business day of the month only: 3 is the third, -1 the last"
    )


class EveryTrigger(Timed):
    """A work item again and again."""

    every: Annotated[PlainSpan, AfterValidator(_every)] = Field(description="how long from one to the next")
    start: MomentText | None = Field(None, description="a time from which it counts; midnight of a Monday if left out")


class AtTrigger(Timed):
    """One work item at one time, or at each of a list of times."""

    at: Moments = Field(description="the time, or a list of times: 2026-03-31T17:00")


class WebhookTrigger(Trigger):
    """A work item for every signed call of an address of the console."""

    path: HookPath = Field(description="the end of the address: /hooks/PATH")
    secret: str = Field(description="the name of the secret that signs the calls")
    window: PlainSpan = Field("5m", validate_default=True, description="how far the time of a call may be off")
    input: str | None = Field(None, description="the input that takes the body; its fields are the inputs if left out")


class QueueTrigger(Trigger):
    """A work item for every item of another workflow that comes to such an end."""

    workflow: WorkflowId = Field(description="the other workflow")
    on: Ends = Field(
        ["done"], min_length=1, description="after which ends of the other item: done, rejected, skipped, discarded"
    )


class SpreadsheetTrigger(Trigger):
    """A work item for every new row of a spreadsheet."""

    file: str = Field(description="the spreadsheet (.xlsx) or table (.csv) that is watched")
    sheet: str | None = Field(None, description="the sheet; the first one if left out")
    header_row: int = Field(1, ge=1, description="the row with the names of the columns")
    key: Names = Field([], description="the columns that tell one row from another; all of them if left out")
    where: dict[str, Any] = Field({}, description="only rows with these values in these columns")


class ManualTrigger(Trigger):
    """A person starts an item; the inputs of the workflow are the form."""

    title: str | None = Field(None, description="what the form is called")
    ask: Names = Field([], description="the inputs that the form asks for, in this order; all if left out")
    by: Names = Field(
        [], description="the people and teams who may start it in the console; whoever may run if left out"
    )


TRIGGERS: Mapping[str, type[Trigger]] = {
    "folder": FolderTrigger,
    "mail": MailTrigger,
    "schedule": ScheduleTrigger,
    "every": EveryTrigger,
    "at": AtTrigger,
    "webhook": WebhookTrigger,
    "queue": QueueTrigger,
    "spreadsheet": SpreadsheetTrigger,
    "manual": ManualTrigger,
}
SHORT_TRIGGERS: Mapping[str, str] = {
    "folder": "path",
    "schedule": "cron",
    "every": "every",
    "at": "at",
    "queue": "workflow",
    "manual": "title",
}
"""`every: 5m` is `every: {every: 5m}`."""

_MOMENT: Shape = dict.fromkeys(MOMENT_FIELDS)
_DAY: Shape = dict.fromkeys(next(iter(FIELDS.values())))
_FIRING: Mapping[str, Shape] = {"fire_time": _MOMENT, "fire_day": _DAY, "schedule": None}
_MAIL: Shape = dict.fromkeys(("sender", "sender_name", "to", "subject", "sent", "text", "message_id", "attachments"))
TRIGGER_NAMES: Mapping[str, Mapping[str, Shape]] = {
    "schedule": _FIRING,
    "every": _FIRING,
    "at": _FIRING,
    "folder": {"file": {"name": None, "path": None}},
    "mail": {"mail": _MAIL, "attachment": {"name": None, "size": None}},
    "webhook": {"body": None},
    "queue": {"item": None, "outputs": None, "other": {"id": None, "key": None, "state": None, "workflow": None}},
    "spreadsheet": {"row": None, "row_number": None},
    "manual": {},
}
"""The names that the expressions in `inputs` of a trigger may use, besides `now` and `today`."""
