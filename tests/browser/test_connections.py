"""What a connection can say: certificates, one-time codes, sessions kept sealed; and what is for a person."""

from __future__ import annotations

import base64
import ipaddress
import json
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bots.browser.one_time_code import code_maker
from bots.browser.pool import warm_pool
from engine.errors import ApplicationException, BusinessException, ConfigurationError, Outcome

pytestmark = pytest.mark.browser

OPEN = {"open": "/"}


def certificate(name: str) -> tuple[str, str]:
    """A certificate signed by its own key, and that key, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return made.public_bytes(serialization.Encoding.PEM).decode(), private.decode()


class Guarded(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        told = self.connection.getpeercert()  # type: ignore[attr-defined]
        names = dict(part for parts in told["subject"] for part in parts) if told else {}
        body = f"<p>Known as {names.get('commonName', 'nobody')}</p>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, str]]:
    """A server with a certificate of its own that asks for one: its address, and the client's certificate and key."""
    folder = tmp_path_factory.mktemp("tls")
    own, own_key = certificate("server")
    cert, key = certificate("robot 7")
    for name, text in {"own.pem": own + own_key, "clients.pem": cert}.items():
        (folder / name).write_text(text)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(folder / "own.pem")
    tls.load_verify_locations(folder / "clients.pem")
    tls.verify_mode = ssl.CERT_OPTIONAL
    server = ThreadingHTTPServer(("127.0.0.1", 0), Guarded)
    server.daemon_threads = True
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"https://127.0.0.1:{server.server_address[1]}", cert, key
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_certificate_of_nobody_known_is_refused_unless_the_connection_accepts_it(bot: Any, guarded: Any) -> None:
    bot.fresh(connections={"portal": {"base_url": guarded[0], "timeout": 4}})
    with pytest.raises(ApplicationException, match=r"its certificate is signed by nobody known; .*self_signed: true"):
        bot.do(OPEN, connection="portal")
    bot.fresh(connections={"portal": {"base_url": guarded[0], "self_signed": True}})
    bot.do(OPEN, {"see": "Known as nobody"}, connection="portal")


@pytest.mark.parametrize("as_file", [False, True])
def test_a_client_certificate_tells_who_asks(bot: Any, guarded: Any, tmp_path: Path, as_file: bool) -> None:
    url, cert, key = guarded
    given = {"cert": cert, "key": key}
    if as_file:
        for name, text in given.items():
            (tmp_path / f"{name}.pem").write_text(text)
        given = {"cert": "cert.pem", "key": "key.pem"}
    bot.fresh(connections={"portal": {"base_url": url, "self_signed": True, "client_certificate": given}})
    bot.do(OPEN, {"see": "Known as robot 7"}, connection="portal")


def test_a_client_certificate_that_is_not_there_or_not_whole_is_told(bot: Any, guarded: Any) -> None:
    given = {"cert": "nowhere.pem", "key": "key.pem"}
    bot.fresh(connections={"portal": {"base_url": guarded[0], "client_certificate": given}})
    with pytest.raises(ConfigurationError, match="the client certificate's file nowhere.pem is not there; correct the"):
        bot.do(OPEN, connection="portal")
    bot.fresh(connections={"portal": {"base_url": guarded[0], "client_certificate": {"cert": "x"}}})
    with pytest.raises(ConfigurationError, match="a client certificate is cert and key, or pfx"):
        bot.do(OPEN, connection="portal")


class Office:
    """Pages behind a log-in of two steps: password, then a code that is good once. `one_page` asks for both at once.

    Each has a secret of its own (`otp`): a worker uses each code once, and would wait half a minute for the next.
    """

    def __init__(self, site: Any, *, one_page: bool = False) -> None:
        self.site = site
        self.otp = base64.b32encode(site.url.encode()).decode()
        self.codes: list[str] = []
        self.sessions: set[str] = set()
        self.logins = 0
        code = "Code <input name=code autocomplete=one-time-code>"
        self.first = FORM.replace("<button>", f"{code}<button>") if one_page else FORM
        self.second = f"<form method=post action=/code>{code}<button>Go on</button></form>"
        site.on_post("/login", lambda form: self.enter(form) if one_page else self.second)
        site.on_post("/code", self.enter)
        site.dynamic("/in", self.give_session)
        self.behind("/", "<h1>Welcome</h1><a href=/entries>Entries</a>")
        self.behind("/entries", "<p>Entries: 12</p><button>Export</button>")

    def behind(self, path: str, html: str) -> None:
        self.site.dynamic(path, lambda request: (200, {"Content-Type": "text/html"}, self.page(request, html).encode()))

    def page(self, request: Any, html: str) -> str:
        cookie = request.headers.get("Cookie") or ""
        return html if any(f"sid={one};" in f"{cookie};" for one in self.sessions) else self.first

    def enter(self, form: dict[str, str]) -> str:
        maker = code_maker(self.otp, "")
        now = maker.window(time.time())
        if form["code"] not in {maker.code(now), maker.code(now - 1)} or form["code"] in self.codes:
            return f"<p class=error>Wrong code</p>{self.second}"
        self.codes.append(form["code"])
        return "<script>location = '/in'</script>"

    def give_session(self, _request: Any) -> Any:
        self.logins += 1
        self.sessions.add(f"s{self.logins}")
        return 302, {"Set-Cookie": f"sid=s{self.logins}; Path=/", "Location": "/"}, b""


def settings(site: Any, **login: Any) -> dict[str, dict[str, Any]]:
    own = {"base_url": site.url, "username": "eve", "password": "hunter2", "timeout": 3}
    return {"connections": {"portal": {**own, "login": login}}}


@pytest.mark.parametrize("one_page", [False, True])
def test_a_second_factor_is_a_code_from_the_secret(site: Any, bot: Any, one_page: bool) -> None:
    office = Office(site, one_page=one_page)
    bot.fresh(**settings(site, otp=office.otp, signed_in="Welcome"))
    bot.do(OPEN, {"see": "Welcome"}, connection="portal")
    assert len(office.codes) == 1
    assert office.codes[0] not in str(bot.context.events)


def test_the_connections_own_verbs_can_type_the_code(site: Any, bot: Any) -> None:
    office = Office(site)
    site.on_post("/login", lambda _form: office.second.replace("Code <input", "Token from the app <input"))
    verbs = [{"fill": {"User": "{username}", "Password": "{password}"}}, {"click": "Sign in"}]
    verbs += [{"fill": {"Token from the app": "{otp}"}}, {"click": "Go on"}]
    bot.fresh(**settings(site, otp=office.otp, do=verbs, signed_in="Welcome"))
    bot.do(OPEN, {"see": "Welcome"}, connection="portal")
    assert len(office.codes) == 1


def test_a_code_is_a_value_of_fill(site: Any, bot: Any) -> None:
    office = Office(site)
    site.page("/pay", office.second)
    bot.fresh(secrets={"bank-otp": office.otp})
    bot.do({"open": "/pay"}, {"fill": {"Code": {"otp": "bank-otp"}}}, {"click": "Go on"})
    assert len(office.codes) == 1
    assert office.codes[0] not in str(bot.context.events)


def test_a_page_that_asks_for_a_code_and_gets_a_wrong_one_is_told_in_its_words(site: Any, bot: Any) -> None:
    Office(site)
    bot.fresh(**settings(site, otp="JBSWY3DPEHPK3PXP", signed_in="Welcome"))
    with pytest.raises(ApplicationException, match="signing in to portal as eve failed: 'Welcome' was not seen: Wrong"):
        bot.do(OPEN, connection="portal")


def test_a_session_is_kept_for_other_workers_too_and_forgotten_at_logout(site: Any, bot: Any) -> None:
    office = Office(site)
    bot.fresh(**settings(site, otp=office.otp, signed_in="Welcome"))
    bot.do(OPEN, {"see": "Welcome"}, connection="portal")
    (kept,) = [text for name, text in bot.resources["kept"][0].items() if site.url in name]
    assert json.loads(kept)["cookies"][0]["value"] == "s1"
    bot.context.drop_resource(warm_pool(bot.context, True).key)  # as a new worker
    bot.run = "another"
    bot.fresh(**settings(site, otp=office.otp, signed_in="Welcome"))
    bot.do(OPEN, {"see": "Welcome"}, connection="portal")
    assert office.logins == 1
    bot.do(OPEN, {"logout": None}, connection="portal")
    assert not any(site.url in name for name in bot.resources["kept"][0])


def current_page(bot: Any) -> Any:
    profile = warm_pool(bot.context, True)._profile
    assert profile is not None
    return profile.page


FORM = (
    "<form method=post action=/login>User <input name=user> Password <input type=password name=p>"
    "<button>Sign in</button></form>"
)
LOGIN = {"do": [{"fill": {"User": "{username}", "Password": "{password}"}}, {"click": "Sign in"}], "signed_in": "Hello"}


def simple(site: Any) -> set[str]:
    """Pages behind a log-in of one step; what is in the set that is returned is signed in."""
    within: set[str] = set()

    def answer(html: str) -> Any:
        return lambda _request: (200, {"Content-Type": "text/html"}, (html if within else FORM).encode())

    site.dynamic("/list", answer("<p>Hello</p><p>Entries: 12</p>"))
    site.dynamic("/form", answer("<p>Hello</p><label>Vendor <input></label><a href=/list>List</a>"))

    def enter(form: dict[str, str]) -> str:
        within.add(form["user"])
        return "<p>Hello</p>"

    site.on_post("/login", enter)
    return within


def test_a_session_that_ends_between_two_steps_is_renewed_and_the_page_opened_again(site: Any, bot: Any) -> None:
    within = simple(site)
    bot.fresh(**settings(site, **LOGIN))
    bot.do({"open": "/list"}, {"see": "Entries"}, connection="portal")
    within.clear()
    current_page(bot).reload()
    assert bot.do({"read": {"entries": "Entries"}}, connection="portal")["entries"] == "12"
    assert "browser.session_expired" in dict(bot.context.events)
    assert len(site.posts) == 2


def test_a_session_that_ends_after_a_form_was_filled_is_not_gone_on_with(site: Any, bot: Any) -> None:
    within = simple(site)
    bot.fresh(**settings(site, **LOGIN))
    bot.do({"open": "/form"}, {"fill": {"Vendor": "ACME"}}, connection="portal")
    within.clear()
    current_page(bot).reload()
    with pytest.raises(ApplicationException) as caught:
        bot.do({"read": {"entries": "Entries"}}, connection="portal")
    assert (caught.value.code, caught.value.outcome) == ("SESSION_EXPIRED", Outcome.NOT_DONE)
    assert len(site.posts) == 1


@pytest.mark.parametrize(
    "asks",
    [
        "<iframe src=/captcha/anchor width=304 height=78></iframe>",
        "<p>Type the letters <img src=/captcha.png width=200 height=60> <input name=captcha_text></p>",
        "<iframe src='/frame?from=hcaptcha.com/' width=300 height=80></iframe>",
    ],
)
def test_a_captcha_is_for_a_person(site: Any, quick: Any, asks: str) -> None:
    site.page("/", f"<h1>One moment</h1>{asks}")
    for path in ("/captcha/anchor", "/frame"):
        site.page(path, "<p>I am no robot</p>")
    with pytest.raises(BusinessException) as caught:
        quick(OPEN, {"fill": {"Vendor": "ACME"}}, seconds=1)
    assert caught.value.code == "CAPTCHA"
    assert "asks whether a person is at work, with a CAPTCHA (http://" in caught.value.message
    assert caught.value.advice == "a person signs in or answers it there; then retry the item"


def test_a_captcha_while_signing_in_is_no_wrong_password(site: Any, quick: Any) -> None:
    site.page("/", FORM)
    site.on_post("/login", lambda _form: f"{FORM}<img src=/captcha.png width=200 height=60><input name=captcha>")
    with pytest.raises(BusinessException) as caught:
        quick(OPEN, seconds=1, username="eve", password="hunter2", login={})
    assert caught.value.code == "CAPTCHA"


def test_a_badge_that_asks_nothing_and_a_hidden_frame_are_no_captcha(site: Any, quick: Any) -> None:
    site.page("/", "<h1>Form</h1><iframe src='/recaptcha/api2/anchor?size=invisible' width=256 height=60></iframe>"
                   "<iframe src=/recaptcha/api2/bframe style='visibility:hidden'></iframe>"
                   "<input type=hidden name=captcha-token>")  # fmt: skip
    for path in ("/recaptcha/api2/anchor", "/recaptcha/api2/bframe"):
        site.page(path, "<p>x</p>")
    with pytest.raises(ApplicationException) as caught:
        quick(OPEN, {"fill": {"Vendor": "ACME"}}, seconds=1)
    assert caught.value.code == "ELEMENT_NOT_FOUND"
