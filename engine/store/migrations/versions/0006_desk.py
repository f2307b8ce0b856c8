"""What people do besides deciding: who holds an exception, until when it rests, notes, mentions, views."""

import sqlalchemy as sa
from alembic import op

from engine.store.tables import Data, Moment

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("exceptions", sa.Column("holder", sa.String(length=200), nullable=True))
    op.add_column("exceptions", sa.Column("held", Moment(), nullable=True))
    op.add_column("exceptions", sa.Column("snoozed", Moment(), nullable=True))
    op.create_index("open_causes", "exceptions", ["closed", "fingerprint"], unique=False)
    op.create_table(
        "acts",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("item", sa.String(length=40), nullable=True),
        sa.Column("exception", sa.String(length=40), nullable=True),
        sa.Column("workflow", sa.String(length=200), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("data", Data(), nullable=True),
        sa.Column("made", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("acts_of_item", "acts", ["item"], unique=False)
    op.create_index("acts_of_workflow", "acts", ["workflow", "id"], unique=False)
    op.create_table(
        "mentions",
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("exception", sa.String(length=40), nullable=False),
        sa.Column("made", Moment(), nullable=False),
        sa.Column("seen", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("act", "person"),
    )
    op.create_index("mentions_of_person", "mentions", ["person", "seen"], unique=False)
    op.create_table(
        "saved_views",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("made", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
