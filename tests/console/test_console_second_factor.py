"""The second factor: authenticator app, recovery codes, passkeys, and what it is asked again for (attack 19)."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

import httpx
import pyotp
import pytest
from playwright.sync_api import Browser, Page

from console.second_factor import reset
from console.services import SecondFactorRule
from console.step_up import asks_for_second_factor
from engine.store import tables
from engine.store.database import change, find, rows
from tests.console.office import PASSWORD, Office, csrf_of, form_of, sign_in, text_of

SECRET = re.compile(r'<code class="code secret">([A-Z2-7]+)</code>')
CODES = re.compile(r"<code class=\"code\">([a-z0-9]{5}-[a-z0-9]{5})</code>")


def post(client: httpx.Client, place: str, **data: str) -> httpx.Response:
    """Send a form with the token of the page it stands on."""
    return client.post(place, data={"csrf": csrf_of(client.get("/account").text), **data})


def code_of(office: Office, secret: str, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(office.clock.now() + timedelta(seconds=30 * steps))


def enrol(office: Office, client: httpx.Client) -> tuple[str, list[str]]:
    """Add an app to the account that is signed in: its secret, and the recovery codes."""
    assert post(client, "/account/app", sure=PASSWORD).status_code == 303
    found = SECRET.search(client.get("/account").text)
    assert found is not None
    answer = post(client, "/account/app/confirm", code=code_of(office, found[1]))
    assert answer.status_code == 200, text_of(answer.text)
    office.clock.sleep(60)
    return found[1], CODES.findall(answer.text)


@pytest.fixture
def ada(office: Office) -> Iterator[httpx.Client]:
    office.add_user("ada", "supervisor", "accounts")
    with office.client("ada") as client:
        yield client


@contextmanager
def half_in(office: Office, name: str = "ada", place: str = "/items") -> Iterator[httpx.Client]:
    """A browser in which the password was right and the second factor is asked for."""
    with httpx.Client(base_url=office.address, trust_env=False) as client:
        answer = sign_in(client, name, PASSWORD, next=place)
        assert answer.headers["location"] == "/sign-in/second"
        yield client


def give(client: httpx.Client, code: str) -> httpx.Response:
    return client.post("/sign-in/second", data={"csrf": csrf_of(client.get("/sign-in/second").text), "code": code})


def is_in(client: httpx.Client) -> bool:
    return client.get("/items").status_code == 200


# -- the app ------------------------------------------------------------------------------------------------------------


def test_who_has_an_app_comes_in_with_its_code_and_to_the_page_they_wanted(office: Office, ada: httpx.Client) -> None:
    secret, _ = enrol(office, ada)
    with half_in(office) as client:
        assert not is_in(client)
        answer = give(client, code_of(office, secret))
        assert (answer.status_code, answer.headers["location"]) == (303, "/items")
        assert is_in(client)


def test_an_app_counts_only_once_a_code_of_it_was_right(office: Office, ada: httpx.Client) -> None:
    post(ada, "/account/app", sure=PASSWORD)
    answer = post(ada, "/account/app/confirm", code="000000")
    assert answer.status_code == 422
    assert "This is not the code that the app shows now" in text_of(answer.text)
    with httpx.Client(base_url=office.address, trust_env=False) as client:
        assert sign_in(client, "ada", PASSWORD).headers["location"] == "/"


def test_the_password_is_asked_for_before_anything_of_the_account_changes(office: Office, ada: httpx.Client) -> None:
    for place, more in (
        ("/account/app", {}),
        ("/account/password", {"new": "twelve blue tractors", "again": "twelve blue tractors"}),
        ("/account/passkeys/begin", {"name": "laptop"}),
    ):
        answer = post(ada, place, sure="wrong", **more)
        assert answer.status_code == 422
        assert "This is not your password" in text_of(answer.text)
    enrol(office, ada)
    for place in ("/account/app/remove", "/account/codes"):
        assert post(ada, place, sure="wrong").status_code == 422
    assert post(ada, "/account/app/remove", sure=PASSWORD).status_code == 303
    with httpx.Client(base_url=office.address, trust_env=False) as client:
        assert sign_in(client, "ada", PASSWORD).headers["location"] == "/"


def test_a_new_password_ends_what_is_open_with_the_old_one(office: Office, ada: httpx.Client) -> None:
    new = "twelve blue tractors"
    with office.client("ada") as other:
        assert post(ada, "/account/password", sure=PASSWORD, new=new, again=new).status_code == 303
        assert not is_in(other)
    assert is_in(ada)
    answer = post(ada, "/account/password", sure=new, new="short", again="short")
    assert "The password has 5 characters" in text_of(answer.text)


def test_own_sessions_are_listed_and_can_be_ended(office: Office, ada: httpx.Client) -> None:
    with office.client("ada") as one, office.client("ada") as two:
        page = ada.get("/account").text
        found = re.findall(r'name="session" value="([0-9a-f]{64})"', page)
        assert len(found) == 2
        assert "python-httpx" in page
        assert post(ada, "/account/sessions/end", session=found[0]).status_code == 303
        assert sorted([is_in(one), is_in(two)]) == [False, True]
        assert post(ada, "/account/sessions/end-others").status_code == 303
        assert not is_in(one)
        assert not is_in(two)
    assert is_in(ada)


def test_nobody_ends_the_session_of_another(office: Office, ada: httpx.Client) -> None:
    office.add_user("ben", "supervisor")
    with office.client("ben") as ben, office.database.read() as transaction:
        theirs = next(row for row in rows(transaction, tables.sessions.select()) if row["user"] == "ben")
        assert post(ada, "/account/sessions/end", session=theirs["digest"]).status_code == 422
        assert is_in(ben)


# -- attack 19: session fixation, replay of a code, use after disable, brute force ---------------------------------------


def test_attack_19_replay_a_code_counts_once(office: Office, ada: httpx.Client) -> None:
    secret, _ = enrol(office, ada)
    code = code_of(office, secret)
    with half_in(office) as client:
        assert give(client, code).status_code == 303
    with half_in(office) as thief:
        answer = give(thief, code)
        assert answer.status_code == 403
        assert "it was used already" in text_of(answer.text)
        assert give(thief, code_of(office, secret, -1)).status_code == 403  # an older one that nobody used
        assert not is_in(thief)


def test_attack_19_replay_a_recovery_code_counts_once_and_is_kept_as_a_digest(
    office: Office, ada: httpx.Client
) -> None:
    _, codes = enrol(office, ada)
    assert len(set(codes)) == 10
    with office.database.read() as transaction:
        kept = str(rows(transaction, tables.recovery_codes.select()))
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)
    with half_in(office) as client:
        assert give(client, codes[0].upper()).status_code == 303
    with half_in(office) as client:
        assert give(client, codes[0]).status_code == 403
        assert give(client, codes[1].replace("-", " ")).status_code == 303


def test_attack_19_brute_force_ends_the_sign_in_and_then_the_name_waits(office: Office, ada: httpx.Client) -> None:
    secret, codes = enrol(office, ada)
    wrong = "000000" if code_of(office, secret) != "000000" else "111111"
    with half_in(office) as client:
        for _ in range(5):
            assert give(client, wrong).status_code == 403
        assert client.get("/sign-in/second").headers["location"] == "/sign-in"
    with half_in(office) as client:
        answers = [give(client, wrong).status_code for _ in range(3)]
        assert answers == [403, 403, 403]
        answer = give(client, code_of(office, secret))
        assert answer.status_code == 429  # a right one does not help either
        assert "Too many attempts" in text_of(answer.text)
    office.clock.sleep(601)
    with half_in(office) as client:
        assert give(client, codes[0]).status_code == 303


def test_attack_19_use_after_disable_and_after_a_reset(office: Office, ada: httpx.Client) -> None:
    secret, _ = enrol(office, ada)
    with half_in(office) as client:
        with office.database.write() as transaction:
            change(transaction, tables.users, {"name": "ada"}, disabled=True)
        assert client.get("/sign-in/second").headers["location"] == "/sign-in"
        assert not is_in(client)
        with office.database.write() as transaction:
            change(transaction, tables.users, {"name": "ada"}, disabled=False)
            reset(transaction, "ada")
        assert client.get("/sign-in/second").headers["location"] == "/sign-in"
    assert not is_in(ada)
    with office.database.read() as transaction:
        for table in (tables.second_factors, tables.recovery_codes, tables.half_sessions, tables.sessions):
            assert rows(transaction, table.select()) == []
    with httpx.Client(base_url=office.address, trust_env=False) as client:
        assert sign_in(client, "ada", PASSWORD).headers["location"] == "/"
        assert pyotp.TOTP(secret)


def test_attack_19_fixation_a_planted_token_is_worth_nothing(office: Office, ada: httpx.Client) -> None:
    secret, _ = enrol(office, ada)
    with half_in(office) as client:
        client.cookies.set("clerkwork", "planted")
        half = client.cookies["clerkwork_half"]
        answer = give(client, code_of(office, secret))
        assert answer.cookies["clerkwork"] not in ("planted", half)
        assert "clerkwork_half" not in client.cookies
    with httpx.Client(base_url=office.address, trust_env=False) as thief:
        thief.cookies.set("clerkwork", half)  # what was half a session is no whole one
        assert not is_in(thief)
        thief.cookies.set("clerkwork_half", half)
        assert thief.get("/sign-in/second").headers["location"] == "/sign-in"


def test_attack_19_a_link_for_a_new_password_does_not_go_around_the_second_factor(
    office: Office, ada: httpx.Client
) -> None:
    from console.users import set_up_link

    secret, _ = enrol(office, ada)
    with office.database.write() as transaction:
        token = set_up_link(transaction, "ada", office.clock.now())
    with httpx.Client(base_url=office.address, trust_env=False) as client:
        new = {"password": "twelve blue tractors", "again": "twelve blue tractors"}
        answer = client.post(f"/set-up/{token}", data={"csrf": csrf_of(client.get(f"/set-up/{token}").text), **new})
        assert answer.headers["location"] == "/sign-in/second"
        assert not is_in(client)
        assert give(client, code_of(office, secret)).status_code == 303


def test_the_secret_of_the_app_is_not_in_the_store_in_clear(office: Office, ada: httpx.Client) -> None:
    secret, _ = enrol(office, ada)
    with office.database.read() as transaction:
        row = find(transaction, tables.second_factors, user="ada")
        assert row is not None
        # What is sealed for one user does not open for another.
        office.add_user("ben", "viewer")
        assert secret not in str(dict(row))
    for file in office.folder.glob("clerkwork.sqlite*"):
        assert secret.encode() not in file.read_bytes()


def test_an_admin_resets_the_second_factor_of_who_lost_the_telephone(office: Office, ada: httpx.Client) -> None:
    enrol(office, ada)
    office.add_user("root", "admin")
    with office.client("root") as root:
        page = root.get("/users/ada").text
        assert "and a second factor" in text_of(page)
        answer = root.post("/users/ada/second-factor/reset", data={"csrf": csrf_of(page)})
        assert answer.status_code == 303
        assert "root : second factor taken away" in text_of(root.get("/users/ada").text)
    assert not is_in(ada)
    with httpx.Client(base_url=office.address, trust_env=False) as client:
        assert sign_in(client, "ada", PASSWORD).headers["location"] == "/"


# -- who must have one --------------------------------------------------------------------------------------------------


def test_a_role_that_needs_one_can_do_nothing_before_it_has_one(office: Office) -> None:
    office.services = dataclasses.replace(office.services, second_factor=SecondFactorRule(roles=("supervisor",)))
    office.add_user("ada", "supervisor")
    office.add_user("vic", "viewer")
    with office.client("vic") as vic:
        assert is_in(vic)
    with office.client("ada") as ada:
        for place in ("/", "/items", "/workflows", "/queue/rows"):
            assert ada.get(place).headers["location"] == "/account"
        assert ada.get("/queue/rows", headers={"hx-request": "true"}).headers["hx-redirect"] == "/account"
        assert "Your role needs a second factor" in text_of(ada.get("/account").text)
        enrol(office, ada)
        assert is_in(ada)


# -- asked again --------------------------------------------------------------------------------------------------------


@pytest.fixture
def signing(office: Office) -> Office:
    """An office where an approval of 100 or more asks for the second factor."""
    rule = SecondFactorRule(approvals=Decimal(100))
    office.services = dataclasses.replace(office.services, second_factor=rule)
    text = (office.folder / "workflows" / "orders.yaml").read_text()
    (office.folder / "workflows" / "orders.yaml").write_text(
        text.replace("show: [order.value]", "show: [order.value, amount]").replace(
            "  - name: Sign it off", '  - set: {amount: "${{ number(item.n) }}"}\n  - name: Sign it off'
        )
    )
    office.library.refresh()
    assert not office.library.problems, office.library.problems
    office.add_user("hedi", "approver", "heads")
    return office


def approve(client: httpx.Client, item: str, **more: str) -> httpx.Response:
    form = form_of(client.get(f"/exceptions/{item}").text)
    return client.post(f"/exceptions/{item}/approve", data={**form, "reason": "", **more})


def test_a_large_approval_asks_for_the_code_again_and_a_small_one_does_not(signing: Office) -> None:
    small, large, next_one = (signing.work("orders", n=n) for n in ("99", "100", "250"))
    with signing.client("hedi") as hedi:
        assert approve(hedi, small).status_code == 303
        answer = approve(hedi, large)
        assert answer.status_code == 409
        assert "An approval of 100 asks for your second factor, and you have none" in text_of(answer.text)
        secret, codes = enrol(signing, hedi)
    signing.clock.sleep(60)
    with half_in(signing, "hedi") as hedi:
        assert give(hedi, code_of(signing, secret)).status_code == 303
        signing.clock.sleep(3600)
        assert "needed to approve 100" in hedi.get(f"/exceptions/{large}").text
        assert "asks for your second factor. Type the code" in text_of(approve(hedi, large).text)
        assert "this code is not right" in text_of(approve(hedi, large, code="000000").text)
        assert signing.state(large) == "waiting"
        assert approve(hedi, large, code=codes[0]).status_code == 303
        assert "needed to approve" not in hedi.get(f"/exceptions/{next_one}").text
        assert approve(hedi, next_one).status_code == 303  # within ten minutes


@pytest.mark.parametrize(
    ("shown", "told"),
    [
        ({"total": Decimal("99.99")}, None),
        ({"total": "99.99 EUR", "vendor": "Nordwerk 4711 GmbH", "on": "2026-03-02"}, None),
        ({"total": Decimal(-500)}, "500"),
        ({"total": "500.00"}, "500.00"),
        ({"total": "EUR 1,250.00"}, "1,250.00"),
        ({"total": "1.250,00 \u20ac"}, "1,250.00"),
        ({"total": "1 250"}, "1,250"),
        ({"bill": {"net": Decimal(500), "vendor": "Nordwerk"}}, "500"),
        ({"lines": [{"amount": 20}, {"amount": 700.5}]}, "700.5"),
        ({"total": Decimal("NaN")}, "1,000,000,000,000,000,000,000,000,000,000"),
        ({"vendor": "Nordwerk"}, "no amount"),
        ({"paid": True}, "no amount"),
        ({}, "no amount"),
    ],
)
def test_every_way_to_show_an_amount_counts_and_none_at_all_asks(shown: dict[str, object], told: str | None) -> None:
    rule = SecondFactorRule(approvals=Decimal(100))
    asked = asks_for_second_factor("approval", {"show": shown}, rule)
    if told is None:
        assert asked is None
    else:
        assert str(asked) == f"an approval {'that shows ' if told == 'no amount' else 'of '}{told}"
    assert asks_for_second_factor("review", {"show": shown}, rule) is None
    assert asks_for_second_factor("approval", {"show": shown}, SecondFactorRule()) is None


def test_a_sign_in_that_was_begun_with_the_old_password_ends_with_it(office: Office, ada: httpx.Client) -> None:
    enrol(office, ada)
    with half_in(office) as thief:
        new = "twelve blue tractors"
        assert post(ada, "/account/password", sure=PASSWORD, new=new, again=new).status_code == 303
        answer = thief.get("/sign-in/second")
        assert answer.headers["location"] == "/sign-in"


def test_attack_19_brute_force_of_the_code_of_an_approval(signing: Office) -> None:
    item = signing.work("orders", n="500")
    with signing.client("hedi") as hedi:
        secret, _ = enrol(signing, hedi)
        signing.clock.sleep(3600)
        wrong = "000000" if code_of(signing, secret) != "000000" else "111111"
        for _ in range(8):
            assert "this code is not right" in text_of(approve(hedi, item, code=wrong).text)
        answer = approve(hedi, item, code=code_of(signing, secret))
        assert answer.status_code == 409
        assert "Too many codes were wrong" in text_of(answer.text)
        signing.clock.sleep(601)
        assert approve(hedi, item, code=code_of(signing, secret)).status_code == 303


# -- passkeys and pages in a browser ------------------------------------------------------------------------------------


@contextmanager
def with_device(chromium: Browser, office: Office, **options: object) -> Iterator[Page]:
    """A browser with a device that makes passkeys. They hold for a name only, so the console is reached by one."""
    with chromium.new_context(**options) as context:  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        page = context.new_page()
        tools = context.new_cdp_session(page)
        tools.send("WebAuthn.enable")
        device = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
        device |= {"isUserVerified": True, "automaticPresenceSimulation": True}
        tools.send("WebAuthn.addVirtualAuthenticator", {"options": device})
        page.goto(office.open().replace("127.0.0.1", "localhost") + "/sign-in")
        yield page


def test_a_passkey_is_added_and_then_lets_in_alone_and_as_second_factor(office: Office, chromium: Browser) -> None:
    office.add_user("ada", "supervisor")
    with with_device(chromium, office) as page:
        page.get_by_label("Name").fill("ada")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.get_by_role("link", name="ada").click()
        page.get_by_label("Name of the device").fill("Laptop")
        page.locator("section", has_text="Passkeys").get_by_label("Your password").fill(PASSWORD)
        page.get_by_role("button", name="Add a passkey").click()
        page.get_by_role("button", name="Make the passkey").click()
        page.get_by_text("The passkey is kept.").wait_for()
        page.get_by_role("button", name="Sign out", exact=True).click()
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.get_by_role("button", name="Use a passkey").click()
        page.get_by_role("heading", name="Exceptions").wait_for()
        page.get_by_role("button", name="Sign out", exact=True).click()
        page.get_by_label("Name").fill("ada")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.get_by_role("button", name="Use a passkey").click()
        page.get_by_role("heading", name="Exceptions").wait_for()
    with office.database.read() as transaction:
        (key,) = rows(transaction, tables.passkeys.select())
        assert [row["by"] for row in rows(transaction, tables.sessions.select())] == ["passkey"]
    assert key["name"] == "Laptop"
    assert key["used"] is not None


def test_a_passkey_of_somebody_who_was_disabled_lets_nobody_in(office: Office, chromium: Browser) -> None:
    office.add_user("ada", "supervisor")
    with with_device(chromium, office) as page:
        page.get_by_label("Name").fill("ada")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.goto(page.url.replace("/?", "/account?") + "account")
        page.get_by_label("Name of the device").fill("Laptop")
        page.locator("section", has_text="Passkeys").get_by_label("Your password").fill(PASSWORD)
        page.get_by_role("button", name="Add a passkey").click()
        page.get_by_role("button", name="Make the passkey").click()
        page.get_by_text("The passkey is kept.").wait_for()
        page.get_by_role("button", name="Sign out", exact=True).click()
        with office.database.write() as transaction:
            change(transaction, tables.users, {"name": "ada"}, disabled=True)
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.get_by_role("button", name="Use a passkey").click()
        page.get_by_text("This is not right, or it was used already.").wait_for()
