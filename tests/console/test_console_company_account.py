"""Signing in with the company's account: with a real provider, and with one that lies (attack 20)."""

from __future__ import annotations

import base64
import dataclasses
import hmac
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fakes.lying_provider import LyingProvider
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from peers.openid_provider import OpenIdServer
from playwright.sync_api import Browser

from benchmarks.loopback import free_port
from connectors.openid.connection import openid_connection
from connectors.openid.provider import OpenIdProvider
from console.company import Company
from console.users import add_user, find_user
from engine.clock import SystemClock
from engine.errors import ConfigurationError
from engine.store import tables
from engine.store.database import change, rows
from tests.console.office import Office, sign_in, text_of

SECRET = "a secret of the client's"
NOW = 1772442000  # the office's clock, 2026-03-02 09:00 UTC


def company_of(issuer: str, client: str = "clerkwork", secret: str = SECRET, **more: Any) -> Company:
    given = {"system": "openid", "issuer": issuer, "client_id": client, "client_secret": secret}
    return Company(OpenIdProvider(openid_connection("company", given)), "Example SE account", **more)


class Liar:
    """`back(claims)` begins a sign-in and comes back from a provider whose token says that; `told` is the answer."""

    def __init__(self, office: Office, provider: LyingProvider) -> None:
        self.office, self.provider = office, provider
        self.client = httpx.Client(base_url=office.open(), trust_env=False)
        self.nonce = self.state = ""

    def begin(self) -> None:
        answer = self.client.get("/sign-in/company?next=/items")
        assert answer.status_code == 303, answer.text
        asked = parse_qs(urlsplit(answer.headers["location"]).query)
        self.nonce, self.state = asked["nonce"][0], asked["state"][0]

    def claims(self, **changed: Any) -> dict[str, Any]:
        claims = {
            "iss": self.provider.issuer,
            "aud": "clerkwork",
            "sub": "4711",
            "iat": NOW,
            "exp": NOW + 300,
            "nonce": self.nonce,
            "email": "mia@example.com",
            "email_verified": True,
            "groups": ["everybody", "invoices"],
            **changed,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def back(self, token: str = "", **changed: Any) -> httpx.Response:
        if not self.state:
            self.begin()
        self.provider.token = token or self.provider.signed(self.claims(**changed))
        answer = self.client.get("/sign-in/company/back", params={"code": "x", "state": self.state})
        self.state = ""
        return answer

    @property
    def is_in(self) -> bool:
        return self.client.get("/items").status_code == 200


@pytest.fixture
def liar(office: Office) -> Iterator[Liar]:
    with ExitStack() as stack:
        provider = stack.enter_context(LyingProvider())
        company = company_of(provider.issuer, roles={"invoices": "supervisor"}, teams={"invoices": "accounts"})
        office.services = dataclasses.replace(office.services, company=company)
        made = Liar(office, provider)
        stack.callback(made.client.close)
        yield made


def user(office: Office, name: str) -> Any:
    with office.database.read() as transaction:
        return find_user(transaction, name)


# -- a real provider ----------------------------------------------------------------------------------------------------


def test_a_person_signs_in_with_the_company_account_and_comes_to_the_page_they_wanted(
    office: Office, chromium: Browser
) -> None:
    office.port = free_port()
    mia = {"sub": "mia", "email": "mia@example.com", "email_verified": True, "groups": ["invoices"]}
    redirects = [f"http://127.0.0.1:{office.port}/sign-in/company/back"]
    with OpenIdServer([mia], redirects) as server, chromium.new_context() as context:
        company = company_of(server.issuer, server.client, server.secret, roles={"invoices": "supervisor"})
        office.services = dataclasses.replace(office.services, company=company, clock=SystemClock())
        page = context.new_page()
        page.goto(office.open() + "/items")
        page.get_by_role("link", name="Example SE account").click()
        page.get_by_placeholder("Enter any login").fill("mia")
        page.get_by_placeholder("and password").fill("whatever")
        page.get_by_role("button", name="Sign-in").click()
        page.get_by_role("button", name="Continue").click()
        page.wait_for_url("**/items")
        assert "mia@example.com" in page.locator(".who").inner_text()
        cookies = {cookie["name"]: cookie for cookie in context.cookies(office.address)}
    assert cookies["clerkwork"]["sameSite"] == "Strict"
    assert "clerkwork_company" not in cookies
    assert user(office, "mia@example.com")["role"] == "supervisor"


def test_who_says_no_at_the_provider_is_told_so(office: Office, chromium: Browser) -> None:
    office.port = free_port()
    redirects = [f"http://127.0.0.1:{office.port}/sign-in/company/back"]
    with OpenIdServer([], redirects) as server, chromium.new_context() as context:
        company = company_of(server.issuer, server.client, server.secret)
        office.services = dataclasses.replace(office.services, company=company, clock=SystemClock())
        page = context.new_page()
        page.goto(office.open() + "/sign-in")
        page.get_by_role("link", name="Example SE account").click()
        page.get_by_role("link", name="Cancel").click()
        page.get_by_role("heading", name="Example SE account did not sign you in (access_denied).").wait_for()


# -- who comes in -------------------------------------------------------------------------------------------------------


def test_groups_give_role_and_teams_and_take_them_again(liar: Liar) -> None:
    assert liar.back().status_code == 200
    assert liar.is_in
    made = user(liar.office, "mia@example.com")
    assert (made["role"], made["teams"], made["password"]) == ("supervisor", ["accounts"], None)
    answer = liar.back(groups=["everybody"])
    assert answer.status_code == 403
    assert "The account mia@example.com is in none of the groups that may come in here" in text_of(answer.text)


def test_an_account_keeps_its_user_when_its_mail_address_changes(liar: Liar) -> None:
    liar.back()
    assert liar.back(email="mia.new@example.com").status_code == 200
    with pytest.raises(Exception, match="no user mia.new"):
        user(liar.office, "mia.new@example.com")


def test_a_stranger_gets_no_role(liar: Liar) -> None:
    answer = liar.back(groups=["everybody"])
    assert answer.status_code == 403
    assert "Nobody has said what mia@example.com may do here" in text_of(answer.text)
    assert not liar.is_in


def test_who_was_disabled_does_not_come_in(liar: Liar) -> None:
    liar.back()
    with liar.office.database.write() as transaction:
        change(transaction, tables.users, {"name": "mia@example.com"}, disabled=True)
    assert "may not come in here any more" in text_of(liar.back().text)
    assert not liar.is_in


def test_a_name_that_somebody_has_here_already_is_not_taken_over(liar: Liar) -> None:
    liar.office.add_user("mia@example.com", "admin")
    answer = liar.back()
    assert "There is a user mia@example.com here already, who signs in otherwise" in text_of(answer.text)
    assert not liar.is_in
    other = liar.back(sub="4712", email="ben@example.com")
    assert other.status_code == 200
    taken = liar.back(sub="4713", email="ben@example.com")
    assert "There is a user ben@example.com here already" in text_of(taken.text)


def test_whom_an_admin_has_added_without_a_password_comes_in_by_the_account_alone(office: Office) -> None:
    with LyingProvider() as provider:
        office.services = dataclasses.replace(office.services, company=company_of(provider.issuer))
        with office.database.write() as transaction:
            add_user(transaction, "mia@example.com", None, "approver", ["heads"], office.clock.now())
        made = Liar(office, provider)
        assert made.back(groups=None).status_code == 200
        assert user(office, "mia@example.com")["teams"] == ["heads"]
        made.client.close()


def test_a_password_does_not_help_where_there_is_none(liar: Liar) -> None:
    liar.back()
    with httpx.Client(base_url=liar.office.address, trust_env=False) as client:
        assert sign_in(client, "mia@example.com", "").status_code == 403


# -- attack 20 ----------------------------------------------------------------------------------------------------------


def _unsigned(claims: dict[str, Any], alg: str = "none") -> str:
    def part(told: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=").decode()

    return f"{part({'alg': alg, 'kid': 'one'})}.{part(claims)}."


def _by_secret(liar: Liar) -> str:
    return jwt.encode({"alg": "HS256"}, liar.claims(), OctKey.import_key(SECRET.encode()))


def _by_public_key(liar: Liar) -> str:
    public = liar.provider.key.as_pem(private=False)
    head = base64.urlsafe_b64encode(json.dumps({"alg": "HS256", "kid": "one"}).encode()).rstrip(b"=")
    body = base64.urlsafe_b64encode(json.dumps(liar.claims()).encode()).rstrip(b"=")
    mac = base64.urlsafe_b64encode(hmac.digest(public, head + b"." + body, "sha256")).rstrip(b"=")
    return (head + b"." + body + b"." + mac).decode()


def _by_a_key_of_its_own(liar: Liar) -> str:
    other = RSAKey.generate_key(2048)
    return liar.provider.signed(liar.claims(), other, jwk=other.as_dict(private=False))


LIES: dict[str, Callable[[Liar], str]] = {
    "alg_none": lambda liar: _unsigned(liar.claims()),
    "alg_nOnE": lambda liar: _unsigned(liar.claims(), "nOnE"),
    "signed_with_the_clients_secret": _by_secret,
    "signed_with_the_public_key": _by_public_key,
    "signed_with_a_key_that_it_brings_itself": _by_a_key_of_its_own,
    "wrong_issuer": lambda liar: liar.provider.signed(liar.claims(iss="https://elsewhere.example")),
    "wrong_audience": lambda liar: liar.provider.signed(liar.claims(aud="another-client")),
    "audience_of_many_for_another": lambda liar: liar.provider.signed(
        liar.claims(aud=["clerkwork", "another"], azp="another")
    ),
    "expired": lambda liar: liar.provider.signed(liar.claims(exp=NOW - 100)),
    "without_an_end": lambda liar: liar.provider.signed(liar.claims(exp=None)),
    "another_nonce": lambda liar: liar.provider.signed(liar.claims(nonce="of another sign-in")),
    "without_a_nonce": lambda liar: liar.provider.signed(liar.claims(nonce=None)),
    "without_a_subject": lambda liar: liar.provider.signed(liar.claims(sub=None)),
    "an_address_that_nobody_verified": lambda liar: liar.provider.signed(liar.claims(email_verified=False)),
    "an_address_of_which_it_says_nothing": lambda liar: liar.provider.signed(liar.claims(email_verified=None)),
    "no_token_at_all": lambda liar: "x",
}


@pytest.mark.parametrize("lie", LIES)
def test_attack_20_oidc_a_token_that_does_not_hold_lets_nobody_in(liar: Liar, lie: str) -> None:
    liar.begin()
    answer = liar.back(LIES[lie](liar))
    assert answer.status_code == 403, text_of(answer.text)
    assert "clerkwork" not in answer.cookies
    assert not liar.is_in
    with liar.office.database.read() as transaction:
        assert [row["name"] for row in rows(transaction, tables.users.select())] == ["admin"]
        assert transaction.execute(tables.sessions.select()).first() is None


def test_attack_20_oidc_nonce_replay_the_same_sign_in_counts_once(liar: Liar) -> None:
    liar.begin()
    state, cookie = liar.state, liar.client.cookies["clerkwork_company"]
    assert liar.back().status_code == 200
    with httpx.Client(base_url=liar.office.address, trust_env=False) as thief:
        thief.cookies.set("clerkwork_company", cookie)
        answer = thief.get("/sign-in/company/back", params={"code": "x", "state": state})
        assert answer.status_code == 403
        assert "This sign-in was used already" in text_of(answer.text)
        assert "clerkwork" not in answer.cookies


def test_attack_20_oidc_a_code_that_another_browser_brings_lets_nobody_in(liar: Liar) -> None:
    liar.begin()
    liar.provider.token = liar.provider.signed(liar.claims())
    with httpx.Client(base_url=liar.office.address, trust_env=False) as victim:
        asked = {"code": "x", "state": liar.state}
        answer = victim.get("/sign-in/company/back", params=asked)
        assert answer.status_code == 403
        assert "was not begun in this browser" in text_of(answer.text)
        victim.get("/sign-in/company")
        assert victim.get("/sign-in/company/back", params=asked).status_code == 403
    assert "/token" not in liar.provider.asked


def test_attack_20_oidc_an_answer_of_another_provider_is_refused(liar: Liar) -> None:
    liar.begin()
    asked = {"code": "x", "state": liar.state, "iss": "https://elsewhere.example"}
    assert liar.client.get("/sign-in/company/back", params=asked).status_code == 403
    assert "/token" not in liar.provider.asked


def test_the_way_back_leads_nowhere_else(liar: Liar) -> None:
    answer = liar.client.get("/sign-in/company?next=https://elsewhere.example/")
    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    liar.nonce, liar.state = asked["nonce"][0], asked["state"][0]
    page = liar.back().text
    assert "elsewhere" not in page
    assert 'content="0; url=/"' in page


# -- the provider is not as it should be --------------------------------------------------------------------------------


def test_a_provider_that_is_away_or_another_is_told_of(liar: Liar) -> None:
    liar.provider.description["issuer"] = "https://elsewhere.example"
    answer = liar.client.get("/sign-in/company")
    assert answer.status_code == 502
    assert "it calls itself 'https://elsewhere.example'; write that as `issuer`" in text_of(answer.text)
    liar.provider.description |= {"issuer": liar.provider.issuer, "authorization_endpoint": "http://example.com/a"}
    assert "it names no authorization_endpoint that begins with https://" in text_of(
        liar.client.get("/sign-in/company").text
    )


def test_new_keys_of_the_provider_are_fetched(liar: Liar) -> None:
    liar.back()
    liar.provider.key = RSAKey.generate_key(2048, {"kid": "two", "use": "sig"})
    liar.provider.keys = {"keys": [liar.provider.key.as_dict(private=False)]}
    liar.begin()
    token = liar.provider.signed(liar.claims(), kid="two")
    assert liar.back(token).status_code == 403  # within a minute nothing is asked again
    liar.office.clock.sleep(61)
    liar.begin()
    assert liar.back(liar.provider.signed(liar.claims(), kid="two")).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"issuer": "http://login.example.com"}, "issuer: expected an address that begins with https://"),
        ({"client_secret": "short"}, "client_secret: "),
        ({"client_id": ""}, "client_id: "),
        ({"authority": "/none.pem"}, "authority: there is no file /none.pem"),
        ({"scope": "openid"}, "scope: Extra inputs are not permitted"),
    ],
)
def test_a_connection_that_is_not_right_is_refused_with_its_place(wrong: dict[str, str], told: str) -> None:
    given = {"system": "openid", "issuer": "https://login.example.com", "client_id": "c", "client_secret": SECRET}
    with pytest.raises(ConfigurationError, match="connection company: " + told) as refused:
        openid_connection("company", {**given, **wrong})
    assert SECRET not in str(refused.value)
