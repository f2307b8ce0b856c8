"""Second factors: authenticator apps, recovery codes, passkeys, and how a session was begun."""

import sqlalchemy as sa
from alembic import op

from engine.store.tables import Moment, Words

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    with op.batch_alter_table("sessions") as sessions:
        sessions.add_column(sa.Column("by", sa.String(length=20), nullable=False, server_default="password"))
        sessions.add_column(sa.Column("agent", Words()))
        sessions.add_column(sa.Column("proved", Moment()))
    op.create_table(
        "half_sessions",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=200)),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("place", Words(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("expires", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_half_sessions_user", "half_sessions", ["user"])
    op.create_table(
        "second_factors",
        sa.Column("user", sa.String(length=200), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("created", Moment(), nullable=False),
        sa.Column("confirmed", Moment()),
        sa.PrimaryKeyConstraint("user"),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_recovery_codes_user", "recovery_codes", ["user"])
    op.create_table(
        "passkeys",
        sa.Column("id", sa.String(length=400), nullable=False),
        sa.Column("user", sa.String(length=200), nullable=False),
        sa.Column("name", Words(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("uses", sa.BigInteger(), nullable=False),
        sa.Column("created", Moment(), nullable=False),
        sa.Column("used", Moment()),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_passkeys_user", "passkeys", ["user"])
