"""The audit log, and the head of its chain."""

import sqlalchemy as sa
from alembic import op

from engine.store.tables import Moment, Words

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("about", sa.String(length=300), nullable=False),
        sa.Column("text", Words()),
        sa.Column("source", sa.String(length=20)),
        sa.Column("row", sa.String(length=40)),
        sa.Column("lasting", sa.String(length=64)),
        sa.Column("content", sa.String(length=64)),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("audit_of_person", "audit", ["person", "number"])
    op.create_index("audit_of_act", "audit", ["act", "number"])
    head = op.create_table(
        "audit_head",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.bulk_insert(head, [{"number": 0, "mac": "0" * 64}])
