"""Attacks on the console, each by its name, and the answer."""

from __future__ import annotations

import json
import re
import socket
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import Depends, FastAPI

from console.access import Needs, refuse_open_routes
from console.app import create_app
from console.headers import POLICY
from console.passwords import hash_password
from console.permissions import Permission
from console.routes.sign_in import own_place
from console.serve import serve
from console.users import add_user, set_up_link
from engine.errors import ConfigurationError, UsageError
from engine.ids import new_id
from engine.store import tables
from tests.console.office import NOW, PASSWORD, Office, csrf_of, form_of, sign_in
from tests.documents.paper import ENGLISH, draw


@pytest.fixture
def staffed(office: Office) -> Office:
    office.add_user("ada", "supervisor", "accounts", "buyers")
    return office


def keep(office: Office, name: str, content: bytes, media_type: str) -> str:
    """An artifact of some run."""
    values = {"id": new_id("art"), "run": "run_x", "path": "steps.0", "name": name, "media_type": media_type}
    values |= {"sha256": office.services.artifacts.put(content), "size": len(content), "created": NOW}
    with office.database.write() as transaction:
        transaction.execute(tables.artifacts.insert().values(**values))
    return str(values["id"])


# -- access ---------------------------------------------------------------------------------------------------------


def test_attack_01_auth_bypass_an_application_with_a_route_without_a_door_does_not_start() -> None:
    app = FastAPI()

    @app.get("/secret")
    def secret() -> str:
        return "here"

    with pytest.raises(UsageError, match=r"the route /secret has no door; give it Depends\(Needs\(\.\.\.\)\)"):
        refuse_open_routes(app)

    guarded = FastAPI(openapi_url=None)
    guarded.get("/fine", dependencies=[Depends(Needs(Permission.SEE))])(secret)
    refuse_open_routes(guarded)
    guarded.mount("/other", FastAPI())
    with pytest.raises(UsageError, match="the route /other can have no door"):
        refuse_open_routes(guarded)


FORMS = (
    "/items/",
    "//items",
    "///items",
    "/ITEMS",
    "/Items",
    "/%69tems",
    "/%69tems/",
    "/items;x=1",
    "/items;.css",
    "/items.css",
    "/items.json",
    "/items%2f",
    "/items%00",
    "/items%20",
    "/items%23",
    "/items?",
    "/./items",
    "/x/../items",
    "/x/..;/items",
    "/x/%2e%2e/items",
    "/static/../items",
    "/static/..%2fitems",
    "/static/%2e%2e/items",
    "/static/..;/items",
    "/healthz/../items",
    "/healthz;/items",
    "/sign-in/../items",
    "/sign-in/%2e%2e/items",
    "/hooks/../items",
    "/\\items",
    "/set-up/../items",
    "/users%2froot",
)


def sent(address: str, request: bytes) -> bytes:
    """The answer to a request as it is written here: no client that puts addresses right stands between."""
    host, _, port = address.removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(request)
        connection.settimeout(5)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return answer


@pytest.mark.parametrize("signed_in", [False, True])
def test_attack_01_auth_bypass_by_path_form_other_forms_of_a_path_open_no_other_door(
    staffed: Office, signed_in: bool
) -> None:
    """No form of an address shows items without a session, or users to who is no admin."""
    staffed.work("orders", n="20 chairs", confidence=0.4)
    with staffed.client("ada" if signed_in else None) as client:
        cookie = f"cookie: clerkwork={client.cookies['clerkwork']}\r\n" if signed_in else ""
    for form in (*FORMS, *(form.replace("items", "users") for form in FORMS)):
        head = f"GET {form} HTTP/1.1\r\nhost: {staffed.address[7:]}\r\n{cookie}connection: close\r\n\r\n"
        answer = sent(staffed.address, head.encode())
        status = int(answer.split()[1])
        assert status in ((200, 303, 400, 403, 404, 405) if signed_in else (303, 400, 404, 405)), f"{form}: {status}"
        assert b"20 chairs" not in answer or (signed_in and "users" not in form), form
        assert b"<h1>Users" not in answer, form


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "GETS", "get", "PROPFIND"])
def test_attack_01_auth_bypass_by_method_other_methods_open_no_other_door(staffed: Office, method: str) -> None:
    item = staffed.work("orders", n="20 chairs", confidence=0.4)
    for path in ("/items", f"/exceptions/{item}", f"/exceptions/{item}/approve", "/users", "/queue/events"):
        head = f"{method} {path} HTTP/1.1\r\nhost: {staffed.open()[7:]}\r\nconnection: close\r\n\r\n"
        answer = sent(staffed.address, head.encode())
        assert int(answer.split()[1]) in (303, 400, 404, 405), f"{method} {path}: {answer[:80]!r}"
        assert b"20 chairs" not in answer
    assert staffed.state(item) == "waiting"


@pytest.mark.parametrize(
    "name",
    [
        "x-original-url",
        "x-rewrite-url",
        "x-forwarded-path",
        "x-http-method-override",
        "x-http-method",
        "x-method-override",
    ],
)
def test_attack_01_auth_bypass_by_header_no_header_names_another_page_or_method(staffed: Office, name: str) -> None:
    item = staffed.work("orders", n="20 chairs", confidence=0.4)
    with staffed.client() as client:
        for place in ("/healthz", "/sign-in", "/static/console.css"):
            for value in ("/items", f"/exceptions/{item}/approve", "POST"):
                answer = client.get(place, headers={name: value})
                assert answer.status_code == 200
                assert "20 chairs" not in answer.text
    with staffed.client("ada") as client:
        token = csrf_of(client.get("/").text)
        for method in ("POST", "DELETE"):
            told = client.get(f"/exceptions/{item}?_method={method}&csrf={token}", headers={name: method})
            assert told.status_code == 200
    assert staffed.state(item) == "waiting"


@pytest.mark.parametrize(
    "headers",
    [
        {"x-forwarded-for": "127.0.0.1"},
        {"x-remote-user": "root"},
        {"x-forwarded-user": "root"},
        {"remote-user": "root"},
        {"authorization": "Basic cm9vdDpyb290"},
        {"authorization": "Bearer root"},
        {"cookie": "clerkwork=; clerkwork=root"},
        {"forwarded": "for=127.0.0.1;host=localhost"},
    ],
)
def test_attack_01_auth_bypass_by_header_no_header_says_who_somebody_is(
    staffed: Office, headers: dict[str, str]
) -> None:
    with staffed.client() as client:
        assert client.get("/items", headers=headers).status_code == 303


def test_attack_03_role_only_in_the_ui_an_approver_may_not_review_and_a_supervisor_may_not_approve(
    staffed: Office,
) -> None:
    staffed.add_user("bob", "approver", "buyers", "heads")
    staffed.add_user("sue", "supervisor", "buyers", "heads")
    review = staffed.work("orders", n="20 chairs", confidence=0.4)
    approval = staffed.work("orders", n="30 desks")
    for name, item in (("bob", review), ("sue", approval)):
        with staffed.client(name) as client:
            page = client.get(f"/exceptions/{item}").text
            for verdict in ("approve", "reject"):
                assert (
                    client.post(f"/exceptions/{item}/{verdict}", data=form_of(page) | {"reason": "x"}).status_code
                    == 403
                )
        assert staffed.state(item) == "waiting"


# -- forms of other sites -------------------------------------------------------------------------------------------


def test_attack_15_csrf_a_form_without_the_token_of_the_session_is_refused(staffed: Office) -> None:
    item = staffed.work("orders", n="20 chairs", confidence=0.4)
    with staffed.client("ada") as client:
        form = form_of(client.get(f"/exceptions/{item}").text)
        for token in ("", "0" * 64, "é"):
            answer = client.post(f"/exceptions/{item}/approve", data=form | {"csrf": token})
            assert answer.status_code == 403
            assert "This form is too old or was not made by the console." in answer.text
        del form["csrf"]
        assert client.post(f"/exceptions/{item}/approve", data=form).status_code == 403
    assert staffed.state(item) == "waiting"


def test_attack_15_csrf_the_token_of_another_session_is_refused(staffed: Office) -> None:
    staffed.add_user("eva", "supervisor", "buyers")
    item = staffed.work("orders", n="20 chairs", confidence=0.4)
    with staffed.client("ada") as ada, staffed.client("eva") as eva:
        form = form_of(eva.get(f"/exceptions/{item}").text)
        assert ada.post(f"/exceptions/{item}/approve", data=form).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_attack_15_csrf_a_form_from_another_site_is_refused_even_with_the_token(
    staffed: Office, headers: dict[str, str]
) -> None:
    item = staffed.work("orders", n="20 chairs", confidence=0.4)
    with staffed.client("ada") as client:
        form = form_of(client.get(f"/exceptions/{item}").text)
        answer = client.post(f"/exceptions/{item}/approve", data=form, headers=headers)
    assert answer.status_code == 403
    assert "This form came from another site." in answer.text
    assert staffed.state(item) == "waiting"


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "text/plain",
        "",
        "application/x-www-form-urlencoded-x",
        "text/plain; application/x-www-form-urlencoded",
        "application/json; multipart/form-data",
        "multipart/mixed; boundary=x",
        "application/xml",
        "application/octet-stream",
    ],
)
def test_attack_02_content_type_confusion_a_form_is_a_form_whatever_else_it_calls_itself(
    staffed: Office, kind: str
) -> None:
    item = staffed.work("orders", n="20 chairs", confidence=0.4)
    with staffed.client("ada") as client:
        form = form_of(client.get(f"/exceptions/{item}").text)
        for body in (json.dumps(form), "&".join(f"{name}={value}" for name, value in form.items())):
            answer = client.post(f"/exceptions/{item}/approve", content=body, headers={"content-type": kind})
            assert answer.status_code == 403, kind
    assert staffed.state(item) == "waiting"


def test_attack_02_content_type_confusion_files_are_taken_only_where_a_form_has_some(staffed: Office) -> None:
    """A part with a file name is no text: neither a token, nor the path of a file that is here already."""
    item = staffed.work("orders", n="20 chairs", confidence=0.4)
    with staffed.client("ada") as client:
        form = form_of(client.get(f"/exceptions/{item}").text)
        files = {name: ("x", value) for name, value in form.items()}
        assert client.post(f"/exceptions/{item}/approve", files=files).status_code in (400, 403, 413, 422)
        token = {"csrf": ("x", form["csrf"])}
        assert client.post("/workflows/orders/run", files=token).status_code == 403
        # What should be a file cannot be a path in text.
        told = {"csrf": form["csrf"], "token": "0" * 32, "input.file": "/etc/passwd", "was.file": "../../etc/passwd"}
        answer = client.post("/workflows/invoice-intake/run", data=told)
        assert answer.status_code == 422
        assert "root:" not in answer.text
    assert staffed.state(item) == "waiting"


def test_a_form_that_is_far_too_large_is_not_read(staffed: Office) -> None:
    with staffed.client("ada") as client:
        assert client.post("/sign-out", data={"csrf": "x" * 2_000_000}).status_code == 413


# -- sign-in --------------------------------------------------------------------------------------------------------


def test_attack_17_default_credentials_there_is_no_default_password_and_the_first_link_works_once(
    office: Office,
) -> None:
    office.open()
    assert office.set_up is not None
    with office.client() as client:
        for name, password in (("admin", "admin"), ("admin", ""), ("root", "root"), ("admin", "password")):
            assert sign_in(client, name, password).status_code == 403
        page = client.get(office.set_up)
        token = csrf_of(page.text)
        weak = client.post(office.set_up, data={"csrf": token, "password": "short", "again": "short"})
        assert "The password has 5 characters" in weak.text
        differ = client.post(office.set_up, data={"csrf": token, "password": PASSWORD, "again": PASSWORD + "x"})
        assert "The two passwords differ; type the same one twice." in differ.text
        chosen = client.post(office.set_up, data={"csrf": token, "password": PASSWORD, "again": PASSWORD})
        assert chosen.status_code == 303
        assert client.get("/").status_code == 200
        again = client.post(
            office.set_up, data={"csrf": token, "password": "another one now", "again": "another one now"}
        )
        assert again.status_code in (403, 410)
        assert client.get(office.set_up).status_code == 410


def test_attack_17_default_credentials_a_set_up_link_that_is_a_day_old_is_over(office: Office) -> None:
    with office.database.write() as transaction:
        add_user(transaction, "ada", None, "viewer", [], NOW)
        token = set_up_link(transaction, "ada", NOW)
    office.clock.sleep(timedelta(hours=25).total_seconds())
    with office.client() as client:
        assert "This link was used already or is too old." in client.get(f"/set-up/{token}").text


def test_attack_19_session_fixation_a_session_planted_before_sign_in_is_worth_nothing(staffed: Office) -> None:
    with staffed.client() as client:
        client.cookies.set("clerkwork", "planted")
        assert sign_in(client, "ada", PASSWORD).status_code == 303
        session = next(
            cookie for cookie in client.cookies.jar if cookie.name == "clerkwork" and cookie.value != "planted"
        )
        assert session.value
        assert session.has_nonstandard_attr("HttpOnly")
    with staffed.client() as other:
        other.cookies.set("clerkwork", "planted")
        assert other.get("/").status_code == 303


def test_attack_19_use_after_disable_a_session_ends_with_sign_out_with_time_and_with_the_user(staffed: Office) -> None:
    with staffed.client("ada") as client:
        cookie = client.cookies["clerkwork"]
        client.post("/sign-out", data={"csrf": csrf_of(client.get("/").text)})
        assert httpx.get(staffed.address + "/", cookies={"clerkwork": cookie}, trust_env=False).status_code == 303
    with staffed.client("ada") as client:
        staffed.clock.sleep(timedelta(hours=13).total_seconds())
        assert client.get("/").status_code == 303
    with staffed.client("ada") as client:
        with staffed.database.write() as transaction:
            transaction.execute(tables.users.update().values(disabled=True))
        assert client.get("/").status_code == 303


def test_attack_19_brute_force_guessing_a_password_is_slowed_down_and_told(staffed: Office) -> None:
    with staffed.client() as client:
        answers = [sign_in(client, "ada", f"guess number {number}") for number in range(9)]
        assert [answer.status_code for answer in answers] == [403] * 8 + [429]
        assert int(answers[-1].headers["retry-after"]) > 0
        assert sign_in(client, "ada", PASSWORD).status_code == 429
        assert "Too many attempts. Try again in 10 minutes." in answers[-1].text
        staffed.clock.sleep(601)
        assert sign_in(client, "ada", PASSWORD).status_code == 303


def test_attack_19_brute_force_a_stranger_and_a_wrong_password_get_the_same_answer(staffed: Office) -> None:
    with staffed.client() as client:
        texts = {sign_in(client, name, "wrong but long enough").text.replace(name, "?") for name in ("ada", "abc")}
    assert len({re.sub(r'name="csrf" value="[^"]+"', "", text) for text in texts}) == 1


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("/items?state=done", "/items?state=done"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nset-cookie: x", "/"),
        ("", "/"),
    ],
)
def test_sign_in_leads_only_to_places_of_the_console(given: str, kept: str) -> None:
    assert own_place(given) == kept


def test_attack_18_secrets_in_the_database_only_digests_of_tokens_and_hashes_of_passwords_are_kept(
    staffed: Office,
) -> None:
    with staffed.client("ada") as client:
        token = client.cookies["clerkwork"]
    content = b"".join(path.read_bytes() for path in staffed.folder.glob("clerkwork.sqlite*"))
    assert token.encode() not in content
    assert PASSWORD.encode() not in content
    assert b"$argon2id$v=19$m=19456,t=2,p=1$" in content


def test_attack_17_default_credentials_a_password_that_is_easy_to_guess_is_refused() -> None:
    for password in ("short", "aaaaaaaaaaaaaaaa", "patricia is here", "x" * 300):
        with pytest.raises(UsageError):
            hash_password(password, "patricia")


# -- what was read is only ever text --------------------------------------------------------------------------------


def test_attack_13_stored_xss_text_from_a_document_and_file_names_are_never_markup(staffed: Office) -> None:
    evil = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>"
    named = '<svg onload=alert(1)>".pdf'
    path = draw(staffed.folder / named, ENGLISH, total="Total due|£392.00")
    item = staffed.work("invoice-intake", file=str(path))
    order = staffed.work("orders", n=evil, confidence=0.4)
    run = str(staffed.exception(order)["run"])
    with staffed.client("ada") as client:
        for place in (
            "/",
            "/items",
            f"/items/{item}",
            f"/items/{order}",
            f"/exceptions/{item}",
            f"/exceptions/{order}",
            f"/runs/{run}",
        ):
            page = client.get(place).text
            assert "<script>alert" not in page, place
            assert "<img src=x" not in page, place
            assert "<svg onload" not in page, place
        form = form_of(client.get(f"/exceptions/{order}").text) | {"field.value": evil + "1", "reason": evil}
        refused = client.post(f"/exceptions/{order}/approve", data=form).text
        assert "<script>alert" not in refused


def test_attack_13_stored_xss_evidence_that_is_a_page_is_downloaded_and_never_run(staffed: Office) -> None:
    html = b"<script>fetch('/')</script>"
    kinds = ("text/html", "image/svg+xml", "application/xhtml+xml", "text/xml", "", "application/javascript")
    ids = [keep(staffed, "evidence.html", html, kind) for kind in kinds]
    picture = keep(staffed, "page-1.png", b"\x89PNG", "image/png")
    log = keep(staffed, "log.txt", html, "text/plain")
    with staffed.client("ada") as client:
        for name in ids:
            answer = client.get(f"/artifacts/{name}")
            assert answer.headers["content-type"] == "application/octet-stream"
            assert answer.headers["content-disposition"].startswith("attachment")
            assert "sandbox" in answer.headers["content-security-policy"]
            assert answer.headers["x-content-type-options"] == "nosniff"
        assert client.get(f"/artifacts/{picture}").headers["content-type"] == "image/png"
        assert client.get(f"/artifacts/{log}").headers["content-type"] == "text/plain; charset=utf-8"


def test_attack_10_read_traversal_no_path_in_a_request_or_a_name_leads_out_of_the_artifacts(staffed: Office) -> None:
    secret = staffed.folder / "secret.txt"
    secret.write_text("the keys")
    name = keep(staffed, "../../secret.txt", b"evidence", "application/x-tar")
    item = staffed.work("orders", n="20 chairs", confidence=0.4)
    with staffed.database.write() as transaction:
        inputs = {"file": {"path": str(secret), "name": "x", "sha256": "0"}}
        transaction.execute(tables.items.update().values(inputs=inputs))
    with staffed.client("ada") as client:
        for place in ("../../secret.txt", "..%2f..%2fsecret.txt", "....//secret.txt", "%2e%2e/secret.txt", "art_x%00"):
            answer = client.get(f"/artifacts/{place}")
            assert answer.status_code == (400 if "%00" in place else 404), place
            assert "the keys" not in answer.text
        answer = client.get(f"/items/{item}/files/file")
        assert answer.status_code == 404
        assert "the keys" not in answer.text
        for place in ("/static/../serve.py", "/static/%2e%2e/serve.py", "/static/..%2fserve.py"):
            assert client.get(place).status_code == 404, place
        assert 'filename="secret.txt"' in client.get(f"/artifacts/{name}").headers["content-disposition"]


def test_attack_21_filter_injection_filters_are_values_and_never_part_of_a_query(staffed: Office) -> None:
    staffed.work("orders", n="20 chairs", confidence=0.4)
    with staffed.client("ada") as client:
        for name in ("workflow", "kind", "code", "cause", "after", "assigned"):
            answer = client.get("/", params={name: "x' OR 1=1 --"})
            assert answer.status_code == 200
            assert ("20 chairs" in answer.text) is (name == "after"), name
        assert client.get("/items", params={"state": "' OR '1'='1"}).status_code == 200


def test_a_port_that_is_taken_is_told_with_what_to_do(office: Office) -> None:
    port = int(office.open().rpartition(":")[2])
    with pytest.raises(ConfigurationError) as refused:
        serve(office.services, "127.0.0.1", port, lambda address, link: None)
    assert str(refused.value) == (
        f"the console cannot listen on 127.0.0.1:{port}: Address already in use; "
        "end the program that has the port, or set console.port in config/settings.yaml"
    )


# -- headers --------------------------------------------------------------------------------------------------------


def test_every_answer_carries_the_security_headers(staffed: Office) -> None:
    with staffed.client("ada") as client:
        for place in ("/", "/sign-in", "/nope", "/items/nope", "/static/console.css"):
            headers = client.get(place).headers
            assert headers["content-security-policy"] == POLICY
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"
            assert headers["referrer-policy"] == "same-origin"
            assert "server" not in headers
        assert client.get("/").headers["cache-control"] == "no-store"
    assert "unsafe" not in POLICY


def test_a_failure_of_the_console_tells_nothing_of_itself(staffed: Office) -> None:
    with staffed.client("ada") as client:
        with staffed.database.write() as transaction:
            transaction.exec_driver_sql("ALTER TABLE decisions RENAME TO gone")
        answer = client.get("/", params={"decided": "exc_1"})
    assert answer.status_code == 500
    assert "The console failed on this page." in answer.text
    assert "decisions" not in answer.text
    assert answer.headers["content-security-policy"] == POLICY


def test_attack_13_stored_xss_no_page_has_scripts_or_styles_of_its_own() -> None:
    """The policy would refuse them; here nobody tries."""
    for template in (Path(__file__).parents[2] / "console" / "templates").glob("*.html"):
        text = template.read_text()
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), template.name
        assert not re.search(r"\s(style|on\w+)=", text), template.name
        # The picture of a second factor's secret is drawn here, and has no text in it.
        assert "| safe" not in text.replace("{{ qr | safe }}", ""), template.name


def test_cookies_are_strict_and_over_https_bound_to_the_host(staffed: Office) -> None:
    with staffed.client() as client:
        plain = sign_in(client, "ada", PASSWORD).headers["set-cookie"]
    assert "HttpOnly" in plain
    assert "SameSite=strict" in plain
    transport = httpx.ASGITransport(create_app(staffed.services))

    async def over_https() -> str:
        async with httpx.AsyncClient(transport=transport, base_url="https://office.example") as client:
            answer = await client.get("/sign-in")
            assert answer.headers["strict-transport-security"]
            return answer.headers["set-cookie"]

    import asyncio

    secure = asyncio.run(over_https())
    assert secure.startswith("__Host-clerkwork_form=")
    assert "Secure" in secure
    assert "Path=/" in secure
    assert "Domain" not in secure
