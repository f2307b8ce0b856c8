"""The tables. One truth for SQLite and PostgreSQL; migrations bring a database to this shape."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

from engine import codec

metadata = MetaData()


class Moment(TypeDecorator[datetime]):
    """An aware time, stored in UTC. SQLite has no zone, so it is taken off and put back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Words(TypeDecorator[str]):
    """Text for people. NUL and half characters, as in damaged documents, are left out: no database takes them."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else value.replace("\0", "").encode(errors="replace").decode()


class Data(TypeDecorator[Any]):
    """A plain value as tagged JSON text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else codec.dumps(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return codec.loads(value)


def _id() -> Column[str]:
    return Column("id", String(40), primary_key=True)


_serial = BigInteger().with_variant(Integer, "sqlite")

queues = Table(
    "queues",
    metadata,
    Column("workflow", String(200), primary_key=True),
    Column("paused", Boolean, nullable=False, default=False),
    Column("reason", Words),
    Column("failures_in_row", Integer, nullable=False, default=0),
    Column("hold", Words),
)

items = Table(
    "items",
    metadata,
    _id(),
    Column("workflow", String(200), nullable=False),
    Column("key", String(500), nullable=False),
    Column("state", String(20), nullable=False),
    Column("priority", Integer, nullable=False, default=0),
    Column("inputs", Data, nullable=False),
    Column("created", Moment, nullable=False),
    Column("due", Moment),
    Column("not_before", Moment),
    Column("claim", BigInteger, nullable=False, default=0),
    Column("worker", String(200)),
    Column("lease_until", Moment),
    Column("run", String(40)),
    Column("code", String(100)),
    Column("message", Words),
    Column("step", Words),
    Column("outputs", Data),
    Column("finished", Moment),
    Column("parent", String(40)),
    Column("hold", Words),
    Column("erased", Moment),
    UniqueConstraint("workflow", "key", name="one_item_per_key"),
    Index("items_by_state", "state", "priority", "id"),
    Index("items_by_workflow", "workflow", "state"),
    Index(
        "items_runnable",
        "workflow",
        text("priority DESC"),
        "id",
        sqlite_where=text("state = 'ready' AND not_before IS NULL"),
        postgresql_where=text("state = 'ready' AND not_before IS NULL"),
    ),
    Index(
        "items_put_off",
        "not_before",
        sqlite_where=text("not_before IS NOT NULL"),
        postgresql_where=text("not_before IS NOT NULL"),
    ),
    Index("items_by_end", "workflow", "finished"),
    Index(
        "items_by_parent",
        "parent",
        sqlite_where=text("parent IS NOT NULL"),
        postgresql_where=text("parent IS NOT NULL"),
    ),
)

gates = Table(
    "gates",
    metadata,
    Column("name", String(300), primary_key=True),
    Column("opens", Moment),
    Column("failures", Integer, nullable=False),
    Column("rests_until", Moment),
    Column("reason", Words),
)

runs = Table(
    "runs",
    metadata,
    _id(),
    Column("item", String(40), nullable=False, index=True),
    Column("workflow", String(200), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("started", Moment, nullable=False),
    Column("finished", Moment),
    Column("outcome", String(20)),
)

sources = Table(
    "sources",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("file", Text, nullable=False),
    Column("source", Text, nullable=False),
)

steps = Table(
    "steps",
    metadata,
    Column("run", String(40), primary_key=True),
    Column("path", String(500), primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("kind", String(100), nullable=False),
    Column("title", Words, nullable=False),
    Column("status", String(20), nullable=False),
    Column("result", Data),
    Column("started", Moment, nullable=False),
    Column("finished", Moment),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", _serial, primary_key=True, autoincrement=True),
    Column("run", String(40), nullable=False),
    Column("path", String(500), nullable=False),
    Column("number", Integer, nullable=False),
    Column("started", Moment, nullable=False),
    Column("finished", Moment, nullable=False),
    Column("code", String(100)),
    Column("message", Words),
    Index("attempts_of_step", "run", "path"),
)

effects = Table(
    "effects",
    metadata,
    _id(),
    Column("scope", String(400), nullable=False),
    Column("key", String(500), nullable=False),
    Column("item", String(40), nullable=False, index=True),
    Column("run", String(40), nullable=False),
    Column("path", String(500), nullable=False),
    Column("workflow", String(200), nullable=False),
    Column("action", String(100), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("status", String(20), nullable=False),
    Column("input", Data),
    Column("result", Data),
    Column("note", Words),
    Column("intended", Moment, nullable=False),
    Column("settled", Moment),
    UniqueConstraint("scope", "key", name="one_effect_per_key"),
    Index("effects_by_status", "status"),
)

exceptions = Table(
    "exceptions",
    metadata,
    _id(),
    Column("item", String(40), nullable=False, index=True),
    Column("run", String(40), nullable=False),
    Column("workflow", String(200), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("code", String(100), nullable=False),
    Column("message", Words, nullable=False),
    Column("path", String(500), nullable=False),
    Column("step", Words, nullable=False),
    Column("assigned", String(200)),
    Column("due", Moment),
    Column("details", Data),
    Column("fingerprint", String(64), nullable=False),
    Column("created", Moment, nullable=False),
    Column("closed", Moment),
    Column("holder", String(200)),
    Column("held", Moment),
    Column("snoozed", Moment),
    Index("open_exceptions", "closed", "due", "id"),
    Index("exceptions_by_time", "created"),
    Index("open_causes", "closed", "fingerprint"),
    Index("causes_by_end", "fingerprint", "closed"),
    Index(
        "open_counts",
        *("closed", "kind", "workflow", "code", "step", "fingerprint", "snoozed", "assigned", "holder"),
        sqlite_where=text("closed IS NULL"),
        postgresql_where=text("closed IS NULL"),
    ),
)

decisions = Table(
    "decisions",
    metadata,
    _id(),
    Column("exception", String(40), nullable=False, index=True),
    Column("item", String(40), nullable=False, index=True),
    Column("person", String(200), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("corrections", Data),
    Column("learned", Words),
    Column("reason", Words),
    Column("seen", String(64)),
    Column("made", Moment, nullable=False),
)

acts = Table(
    "acts",
    metadata,
    _id(),
    Column("person", String(200), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("item", String(40)),
    Column("exception", String(40)),
    Column("workflow", String(200)),
    Column("text", Words),
    Column("data", Data),
    Column("made", Moment, nullable=False),
    Index("acts_of_item", "item"),
    Index("acts_of_workflow", "workflow", "id"),
)

mentions = Table(
    "mentions",
    metadata,
    Column("act", String(40), primary_key=True),
    Column("person", String(200), primary_key=True),
    Column("exception", String(40), nullable=False),
    Column("made", Moment, nullable=False),
    Column("seen", Moment),
    Index("mentions_of_person", "person", "seen"),
)

looks = Table(
    "looks",
    metadata,
    Column("exception", String(40), primary_key=True),
    Column("person", String(200), primary_key=True),
    Column("since", Moment, nullable=False),
    Column("until", Moment, nullable=False, index=True),
)

saved_views = Table(
    "saved_views",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("query", Text, nullable=False),
    Column("person", String(200), nullable=False),
    Column("made", Moment, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("person", String(200), nullable=False),
    Column("origin", String(40), nullable=False),
    Column("act", String(40), nullable=False),
    Column("about", String(300), nullable=False),
    Column("text", Words),
    Column("source", String(20)),
    Column("row", String(40)),
    Column("lasting", String(64)),
    Column("content", String(64)),
    Column("mac", String(64), nullable=False),
    Index("audit_of_person", "person", "number"),
    Index("audit_of_act", "act", "number"),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("mac", String(64), nullable=False),
)

retrials = Table(
    "retrials",
    metadata,
    _id(),
    Column("fingerprint", String(64), nullable=False),
    Column("workflow", String(200), nullable=False),
    Column("person", String(200), nullable=False),
    Column("teams", Data, nullable=False),
    Column("admin", Boolean, nullable=False),
    Column("state", String(20), nullable=False),
    Column("first", String(40), nullable=False),
    Column("item", String(40), nullable=False),
    Column("others", Data, nullable=False),
    Column("retried", Integer, nullable=False),
    Column("note", Words),
    Column("made", Moment, nullable=False),
    Column("changed", Moment, nullable=False),
    Index("retrials_by_state", "state"),
    Index("retrials_of_cause", "fingerprint", "id"),
)

events = Table(
    "events",
    metadata,
    Column("id", _serial, primary_key=True, autoincrement=True),
    Column("run", String(40), nullable=False, index=True),
    Column("path", String(500), nullable=False),
    Column("name", String(100), nullable=False),
    Column("at", Moment, nullable=False),
    Column("data", Data),
)

artifacts = Table(
    "artifacts",
    metadata,
    _id(),
    Column("run", String(40), nullable=False, index=True),
    Column("path", String(500), nullable=False),
    Column("name", Words, nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("created", Moment, nullable=False),
    Index("artifacts_by_content", "sha256"),
)

firings = Table(
    "firings",
    metadata,
    Column("schedule", String(300), primary_key=True),
    Column("fire_time", Moment, primary_key=True),
    Column("item", String(40)),
    Column("made", Moment, nullable=False),
    Column("outcome", String(20), nullable=False, server_default="queued"),
    Column("reason", Words),
    Index("firings_by_outcome", "outcome", "schedule"),
)

triggers = Table(
    "triggers",
    metadata,
    Column("name", String(300), primary_key=True),
    Column("workflow", String(200), nullable=False),
    Column("since", Moment, nullable=False),
    Column("last", Moment),
    Column("paused", Boolean, nullable=False, default=False),
    Column("reason", Words),
    Column("place", Data),
)

arrivals = Table(
    "arrivals",
    metadata,
    Column("trigger", String(300), primary_key=True),
    Column("mark", String(200), primary_key=True),
    Column("item", String(40)),
    Column("made", Moment, nullable=False),
)

users = Table(
    "users",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("password", Text),
    Column("role", String(20), nullable=False),
    Column("teams", Data, nullable=False),
    Column("disabled", Boolean, nullable=False, default=False),
    Column("created", Moment, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("user", String(200), nullable=False, index=True),
    Column("csrf", String(64), nullable=False),
    Column("created", Moment, nullable=False),
    Column("expires", Moment, nullable=False),
    Column("by", String(20), nullable=False),
    Column("agent", Words),
    Column("proved", Moment),
)

half_sessions = Table(
    "half_sessions",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("user", String(200), index=True),
    Column("purpose", String(20), nullable=False),
    Column("place", Words, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("expires", Moment, nullable=False),
)

second_factors = Table(
    "second_factors",
    metadata,
    Column("user", String(200), primary_key=True),
    Column("sealed", Text, nullable=False),
    Column("step", BigInteger, nullable=False),
    Column("created", Moment, nullable=False),
    Column("confirmed", Moment),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("user", String(200), nullable=False, index=True),
)

passkeys = Table(
    "passkeys",
    metadata,
    Column("id", String(400), primary_key=True),
    Column("user", String(200), nullable=False, index=True),
    Column("name", Words, nullable=False),
    Column("key", Text, nullable=False),
    Column("uses", BigInteger, nullable=False),
    Column("created", Moment, nullable=False),
    Column("used", Moment),
)

set_up_links = Table(
    "set_up_links",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("user", String(200), nullable=False),
    Column("expires", Moment, nullable=False),
)

identities = Table(
    "identities",
    metadata,
    Column("issuer", String(300), primary_key=True),
    Column("subject", String(300), primary_key=True),
    Column("user", String(200), nullable=False, index=True),
    Column("created", Moment, nullable=False),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("user", String(200), index=True),  # empty for a machine's
    Column("scopes", Data, nullable=False),
    Column("teams", Data),
    Column("created", Moment, nullable=False),
    Column("expires", Moment, nullable=False),
    Column("used", Moment),
    Column("revoked", Moment),
)

spent_sign_ins = Table(
    "spent_sign_ins",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("expires", Moment, nullable=False),
)

subjects = Table(
    "subjects",
    metadata,
    _id(),
    Column("topic", String(100), nullable=False),
    Column("name", Words, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("studied", Integer, nullable=False),
    Column("made", Moment, nullable=False),
    Index("subjects_of_topic", "topic"),
)

subject_keys = Table(
    "subject_keys",
    metadata,
    Column("topic", String(100), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("subject", String(40), primary_key=True),
    Index("keys_of_subject", "subject"),
)

examples = Table(
    "examples",
    metadata,
    _id(),
    Column("topic", String(100), nullable=False),
    Column("subject", String(40), nullable=False, index=True),
    Column("digest", String(64), nullable=False),
    Column("item", String(40), nullable=False),
    Column("person", String(200)),
    Column("data", Data, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("made", Moment, nullable=False),
    UniqueConstraint("topic", "digest", name="one_example_per_document"),
)

templates = Table(
    "templates",
    metadata,
    _id(),
    Column("topic", String(100), nullable=False),
    Column("subject", String(40), nullable=False, index=True),
    Column("name", String(200), nullable=False),
    Column("state", String(20), nullable=False),
    Column("reason", Words, nullable=False),
    Column("data", Data, nullable=False),
    Column("made", Moment, nullable=False),
    Column("changed", Moment, nullable=False),
)

processes = Table(
    "processes",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("host", String(200), nullable=False),
    Column("able", Data),
    Column("started", Moment, nullable=False),
    Column("seen", Moment, nullable=False),
)

duties = Table(
    "duties",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("holder", String(200), nullable=False),
    Column("until", Moment, nullable=False),
)

hook_positions = Table(
    "hook_positions",
    metadata,
    Column("hook", String(100), primary_key=True),
    Column("until", Moment, nullable=False),
    Column("failures", Integer, nullable=False, default=0),
    Column("rests_until", Moment),
)

deliveries = Table(
    "deliveries",
    metadata,
    _id(),
    Column("hook", String(100), nullable=False),
    Column("event", String(40), nullable=False),
    Column("subject", String(40), nullable=False),
    Column("at", Moment, nullable=False),
    Column("next_try", Moment, index=True),
    Column("tries", Integer, nullable=False, default=0),
    Column("holder", String(40)),
    Column("held_until", Moment),
    Column("error", Words),
    Column("delivered", Moment),
    UniqueConstraint("hook", "event", "subject", "at", name="told_once"),
)

focus = Table(
    "focus",
    metadata,
    Column("item", String(40), primary_key=True),
    Column("person", String(200), primary_key=True),
    Column("seconds", Float, nullable=False),
    Column("last", Moment, nullable=False, index=True),
)

measured = Table(
    "measured",
    metadata,
    Column("item", String(40), primary_key=True),
    Column("workflow", String(200), nullable=False),
    Column("vendor", Words),
    Column("document", String(40)),
    Column("lot", BigInteger, nullable=False),
    Column("state", String(20), nullable=False),
    Column("arrived_on", String(10), nullable=False),
    Column("started_on", String(10)),
    Column("closed_on", String(10)),
    Column("due_on", String(10)),
    Column("due", Moment),
    Column("closed", Moment),
    Column("cycle", BigInteger),
    Column("in_time", Boolean),
    Column("exceptions", Integer, nullable=False),
    Column("technical", Integer, nullable=False),
    Column("uncertain", Integer, nullable=False),
    Column("touches", Integer, nullable=False),
    Column("corrections", Integer, nullable=False),
    Column("focus", BigInteger, nullable=False),
    Index("measured_arrived", "arrived_on", "workflow"),
    Index("measured_started", "started_on", "workflow"),
    Index("measured_closed", "closed_on", "workflow", "state"),
    Index("measured_due", "due_on", "workflow"),
    Index("measured_ended", "closed"),
    Index("measured_vendors", "vendor", "workflow"),
    Index("measured_lots", "lot"),
    Index(
        "measured_touched",
        "closed_on",
        sqlite_where=text("touches > 0"),
        postgresql_where=text("touches > 0"),
    ),
)

daily = Table(
    "daily",
    metadata,
    Column("workflow", String(200), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("sums", Text, nullable=False),
    Column("cycles", Text, nullable=False),
    Column("handling", Text, nullable=False),
    Column("documents", Text, nullable=False),
)

measured_until = Table(
    "measured_until",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("zone", String(100), nullable=False),
    Column("moment", Moment, nullable=False),
    Column("items", String(40), nullable=False),
    Column("runs", String(40), nullable=False),
    Column("exceptions", String(40), nullable=False),
    Column("decisions", String(40), nullable=False),
    Column("whole", Boolean, nullable=False),
)

checked_items = Table(
    "checked_items",
    metadata,
    Column("item", String(40), primary_key=True),
    Column("workflow", String(200), nullable=False),
    Column("day", String(10), nullable=False),
    Column("vendor", Words),
    Column("person", String(200), nullable=False),
    Column("straight", Boolean, nullable=False),
    Column("wrong", Integer, nullable=False),
    Column("doubled", Boolean, nullable=False),
    Column("made", Moment, nullable=False),
    Index("checked_by_day", "day"),
)

checked_fields = Table(
    "checked_fields",
    metadata,
    Column("item", String(40), primary_key=True),
    Column("field", String(200), primary_key=True),
    Column("is_right", Boolean, nullable=False),
)

reports_sent = Table(
    "reports_sent",
    metadata,
    Column("report", String(100), primary_key=True),
    Column("channel", String(200), primary_key=True),
    Column("fire_time", Moment, primary_key=True),
    Column("made", Moment, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_try", Moment),
    Column("holder", String(40)),
    Column("held_until", Moment),
    Column("error", Words),
    Column("sent", Moment),
    Index("reports_to_send", "next_try"),
)

report_times = Table(
    "report_times",
    metadata,
    Column("report", String(100), primary_key=True),
    Column("since", Moment, nullable=False),
    Column("last", Moment, nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    _id(),
    Column("channel", String(200), nullable=False),
    Column("what", String(40), nullable=False),
    Column("subject", String(300), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("message", Words, nullable=False),
    Column("number", Integer, nullable=False),
    Column("first", Moment, nullable=False),
    Column("last", Moment, nullable=False),
    Column("ended", Moment),
    Column("pending", String(20)),
    Column("next_try", Moment),
    Column("tries", Integer, nullable=False),
    Column("error", Words),
    Column("sent", Moment),
    Column("holder", String(200)),
    Column("held_until", Moment),
    Index("alerts_to_send", "pending", "next_try"),
    Index("alerts_of_cause", "fingerprint", "ended"),
)
