"""Alembic's environment: one given connection, no files of its own."""

from typing import Any

from alembic import context

from engine.store.tables import metadata

applied = context.config.attributes.get("applied")


def tell(ctx: Any, step: Any, heads: Any, run_args: Any) -> None:
    if applied is not None:
        applied(step.up_revision_id)


context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, on_version_apply=tell)
with context.begin_transaction():
    context.run_migrations()
