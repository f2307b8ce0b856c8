"""`user ...`: who may sign in, and what is forgotten with a user."""

from __future__ import annotations

from cli_office import Office

from engine.store import tables
from engine.store.database import Database, insert_once, rows


def test_a_user_is_removed_with_all_that_they_sign_in_with(office: Office) -> None:
    assert office("user", "add", "ada", "--role", "supervisor", "--team", "accounts", "--json").code == 0
    database = Database(f"sqlite:///{office.root}/data/clerkwork.db")
    with database.write() as transaction:
        (user,) = rows(transaction, tables.users.select())
        for table, more in (
            (tables.identities, {"issuer": "https://login.example.com", "subject": "4711"}),
            (tables.recovery_codes, {"digest": "d"}),
            (tables.second_factors, {"sealed": "s", "step": 1}),
        ):
            made = {"created": user["created"]} if "created" in table.c else {}
            assert insert_once(transaction, table, {"user": "ada", **made, **more})
    assert office("user", "reset-second-factor", "ada").out == (
        "ada signs in with the password alone now, and can add another second factor\n"
    )
    with database.read() as transaction:
        assert rows(transaction, tables.second_factors.select()) == []
        assert rows(transaction, tables.recovery_codes.select()) == []
    assert office("user", "rm", "ada", "--json").lines == [{"user": "ada", "removed": True}]
    with database.read() as transaction:
        for table in (tables.users, tables.identities, tables.set_up_links):
            assert rows(transaction, table.select()) == []
    database.close()


def test_a_user_who_is_not_there_is_told(office: Office) -> None:
    answer = office("user", "reset-second-factor", "bob")
    assert (answer.code, answer.err) == (2, "clerkwork: there is no user bob; see `user list`\n")
