"""What the dashboard counts: a line for each item, sums for each day, checked samples, attention, reports."""

import sqlalchemy as sa
from alembic import op

from engine.store.tables import Moment, Words

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    _focus()
    _measured()
    _daily()
    _measured_until()
    _checked_items()
    _checked_fields()
    _reports_sent()
    _report_times()


def _focus() -> None:
    op.create_table(
        "focus",
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("last", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("item", "person"),
    )
    op.create_index("ix_focus_last", "focus", ["last"])


def _measured() -> None:
    op.create_table(
        "measured",
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.Column("workflow", sa.String(length=200), nullable=False),
        sa.Column("vendor", Words(), nullable=True),
        sa.Column("document", sa.String(length=40), nullable=True),
        sa.Column("lot", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("arrived_on", sa.String(length=10), nullable=False),
        sa.Column("started_on", sa.String(length=10), nullable=True),
        sa.Column("closed_on", sa.String(length=10), nullable=True),
        sa.Column("due_on", sa.String(length=10), nullable=True),
        sa.Column("due", Moment(), nullable=True),
        sa.Column("closed", Moment(), nullable=True),
        sa.Column("cycle", sa.BigInteger(), nullable=True),
        sa.Column("in_time", sa.Boolean(), nullable=True),
        sa.Column("exceptions", sa.Integer(), nullable=False),
        sa.Column("technical", sa.Integer(), nullable=False),
        sa.Column("uncertain", sa.Integer(), nullable=False),
        sa.Column("touches", sa.Integer(), nullable=False),
        sa.Column("corrections", sa.Integer(), nullable=False),
        sa.Column("focus", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("item"),
    )
    op.create_index("measured_arrived", "measured", ["arrived_on", "workflow"])
    op.create_index("measured_closed", "measured", ["closed_on", "workflow", "state"])
    op.create_index("measured_due", "measured", ["due_on", "workflow"])
    op.create_index("measured_ended", "measured", ["closed"])
    op.create_index("measured_lots", "measured", ["lot"])
    op.create_index("measured_started", "measured", ["started_on", "workflow"])
    touched = sa.text("touches > 0")
    op.create_index("measured_touched", "measured", ["closed_on"], sqlite_where=touched, postgresql_where=touched)
    op.create_index("measured_vendors", "measured", ["vendor", "workflow"])


def _daily() -> None:
    op.create_table(
        "daily",
        sa.Column("workflow", sa.String(length=200), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("sums", sa.Text(), nullable=False),
        sa.Column("cycles", sa.Text(), nullable=False),
        sa.Column("handling", sa.Text(), nullable=False),
        sa.Column("documents", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("workflow", "day"),
    )


def _measured_until() -> None:
    op.create_table(
        "measured_until",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("zone", sa.String(length=100), nullable=False),
        sa.Column("moment", Moment(), nullable=False),
        sa.Column("items", sa.String(length=40), nullable=False),
        sa.Column("runs", sa.String(length=40), nullable=False),
        sa.Column("exceptions", sa.String(length=40), nullable=False),
        sa.Column("decisions", sa.String(length=40), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _checked_items() -> None:
    op.create_table(
        "checked_items",
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.Column("workflow", sa.String(length=200), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("vendor", Words(), nullable=True),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("straight", sa.Boolean(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("doubled", sa.Boolean(), nullable=False),
        sa.Column("made", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("item"),
    )
    op.create_index("checked_by_day", "checked_items", ["day"])


def _checked_fields() -> None:
    op.create_table(
        "checked_fields",
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.Column("field", sa.String(length=200), nullable=False),
        sa.Column("is_right", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("item", "field"),
    )


def _reports_sent() -> None:
    op.create_table(
        "reports_sent",
        sa.Column("report", sa.String(length=100), nullable=False),
        sa.Column("channel", sa.String(length=200), nullable=False),
        sa.Column("fire_time", Moment(), nullable=False),
        sa.Column("made", Moment(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try", Moment(), nullable=True),
        sa.Column("holder", sa.String(length=40), nullable=True),
        sa.Column("held_until", Moment(), nullable=True),
        sa.Column("error", Words(), nullable=True),
        sa.Column("sent", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("report", "channel", "fire_time"),
    )
    op.create_index("reports_to_send", "reports_sent", ["next_try"])


def _report_times() -> None:
    op.create_table(
        "report_times",
        sa.Column("report", sa.String(length=100), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("last", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("report"),
    )
