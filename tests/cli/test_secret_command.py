"""`secret`: write-only."""

from __future__ import annotations

from cli_office import Office

from config.secrets import SecretStore


def test_a_secret_is_set_from_standard_input_and_never_shown(office: Office) -> None:
    answer = office("secret", "set", "erp-password", stdin="correct horse\n")
    assert (answer.code, answer.out, answer.err) == (0, "secret erp-password is set\n", "")
    assert SecretStore(office.root / "data", {}).get("erp-password") == "correct horse"
    assert "correct horse" not in office("secret", "list").out + office("secret", "list", "--json").out


def test_the_list_tells_what_connections_still_need(office: Office) -> None:
    office.write(
        "config/connections.yaml", "erp: {password: {secret: erp-password}}\nmail: {key: {secret: mail-key}}\n"
    )
    office("secret", "set", "mail-key", stdin="value\n")
    assert office("secret", "list", "--json").lines == [
        {"secret": "erp-password", "set": False, "connections": ["erp"]},
        {"secret": "mail-key", "set": True, "connections": ["mail"]},
    ]


def test_a_secret_is_removed_once(office: Office) -> None:
    office("secret", "set", "mail-key", stdin="value\n")
    assert office("secret", "rm", "mail-key", "--json").lines == [{"secret": "mail-key", "set": False}]
    answer = office("secret", "rm", "mail-key")
    assert (answer.code, answer.err) == (2, "clerkwork: there is no secret mail-key; known: none\n")


def test_an_empty_value_is_refused(office: Office) -> None:
    answer = office("secret", "set", "mail-key", stdin="\n")
    assert (answer.code, answer.err) == (
        2,
        "clerkwork: the value of secret mail-key is empty; type it, or pipe it in on standard input\n",
    )
