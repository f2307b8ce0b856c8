"""Tokens of programs in the store, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from console.api.tokens import add_token, find_token, list_tokens, note_use, revoke
from console.permissions import Permission
from console.users import add_user, remove_user
from engine.store.database import Database

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def test_a_token_is_found_by_what_it_is_until_it_ends_and_is_gone_with_its_owner(database: Database) -> None:
    with database.write() as transaction:
        add_user(transaction, "ada", None, "supervisor", ["buyers", "accounts"], NOW)
        text = add_token(transaction, "script", "ada", ["see", "retry"], ["buyers"], DAY, NOW)
        machine = add_token(transaction, "robot", None, ["see"], [], DAY, NOW)
    with database.read() as transaction:
        found = find_token(transaction, text, NOW)
        assert found is not None and found[1]
        viewer = found[0]
        assert (viewer.name, viewer.teams, viewer.token) == ("ada", ("buyers",), "script")
        assert viewer.permissions == {Permission.SEE, Permission.RETRY}
        assert find_token(transaction, text, NOW + DAY) is None
        assert find_token(transaction, text[:-1] + ("A" if text[-1] != "A" else "B"), NOW) is None
    with database.write() as transaction:
        note_use(transaction, "script", NOW)
        revoke(transaction, "robot", NOW)
    with database.read() as transaction:
        again = find_token(transaction, text, NOW + timedelta(seconds=59))
        assert again is not None and not again[1]
        assert find_token(transaction, machine, NOW) is None
    with database.write() as transaction:
        remove_user(transaction, "ada")
    with database.read() as transaction:
        assert [row["name"] for row in list_tokens(transaction)] == ["robot"]
        assert find_token(transaction, text, NOW) is None
