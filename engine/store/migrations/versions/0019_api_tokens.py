"""Tokens with which programs use the console."""

import sqlalchemy as sa
from alembic import op

from engine.store.tables import Data, Moment

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=200)),
        sa.Column("scopes", Data(), nullable=False),
        sa.Column("teams", Data()),
        sa.Column("created", Moment(), nullable=False),
        sa.Column("expires", Moment(), nullable=False),
        sa.Column("used", Moment()),
        sa.Column("revoked", Moment()),
        sa.PrimaryKeyConstraint("name"),
        sa.UniqueConstraint("digest"),
    )
    op.create_index("ix_api_tokens_user", "api_tokens", ["user"])
