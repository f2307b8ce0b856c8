"""Who a user is at the company's provider, and which sign-ins there were used."""

import sqlalchemy as sa
from alembic import op

from engine.store.tables import Moment

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "identities",
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("user", sa.String(length=200), nullable=False),
        sa.Column("created", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "subject"),
    )
    op.create_index("ix_identities_user", "identities", ["user"])
    op.create_table(
        "spent_sign_ins",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("expires", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
