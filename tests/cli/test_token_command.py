"""`token ...`: tokens are made, listed and ended."""

from __future__ import annotations

from cli_office import Office


def test_a_token_is_shown_once_listed_without_it_and_ended(office: Office) -> None:
    assert office("user", "add", "ada", "--role", "supervisor", "--json").code == 0
    made = office("token", "add", "script", "--user", "ada", "--scope", "see", "--scope", "retry", "--json").lines[0]
    assert made["token"].startswith("cw_") and made["scopes"] == ["retry", "see"]
    listed = office("token", "list", "--json")
    assert made["token"] not in listed.out
    assert [(row["name"], row["user"], row["used"]) for row in listed.lines] == [("script", "ada", None)]
    assert office("token", "revoke", "script").out == "script opens nothing any more\n"
    assert "revoked" in office("token", "list").out


def test_a_token_that_may_not_be_is_told(office: Office) -> None:
    answer = office("token", "add", "robot", "--scope", "approve")
    told = "clerkwork: a machine may not have the scope approve; make the token for a person, with --user\n"
    assert (answer.code, answer.err) == (2, told)
    answer = office("token", "revoke", "nobody")
    assert (answer.code, answer.err) == (2, "clerkwork: there is no token nobody; see `token list`\n")
