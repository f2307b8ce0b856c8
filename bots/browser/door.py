"""Signing in to a web system, and noticing that the session has ended."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from bots.browser.captcha import refuse_captcha
from bots.browser.do import Do
from bots.browser.one_time_code import code_maker
from bots.browser.proof import REST, REST_LIMIT
from bots.browser.targets import parse
from engine.errors import ApplicationException, ItemError, Outcome

if TYPE_CHECKING:
    from playwright.sync_api import ElementHandle

    from bots.browser.connection import Login
    from bots.browser.session import Session

PASSWORD = "css=input[type=password]"  # noqa: S105 - a locator
CODE = (
    "css=input[autocomplete=one-time-code],input[name*=otp i],input[id*=otp i],input[name*=code i]:not([type=hidden]),"
    "input[id*=code i]:not([type=hidden])"
)
_USER_FIELD = """password => {
  const fields = [...(password.form || document).querySelectorAll("input")].filter(one =>
    /^(text|email|tel|)$/.test(one.type) && one.getClientRects().length);
  return fields.filter(one => one.compareDocumentPosition(password) & Node.DOCUMENT_POSITION_FOLLOWING).at(-1) || null;
}"""


class Door:
    def __init__(self, session: Session) -> None:
        self._session = session
        self._login = session.connection.login
        self._signing_in = False
        self._sent_before = False

    def shows_login(self) -> bool:
        """Does the page ask to sign in, or say that the session has ended?"""
        if self._login is None or self._signing_in:
            return False
        if self._login.signed_in is not None and self._session.proofs.seen_now(self._login.signed_in):
            return False
        if self._login.expired is not None and self._session.proofs.seen_now(self._login.expired):
            return True
        return self._session.proofs.seen_now(PASSWORD)

    def enter(self, wanted: str) -> None:
        """After opening an address: sign in if the page asks for it, then go where the author wanted to go."""
        if self._login is None or self._signing_in or not self._comes_to_ask(self._login):
            return
        self.sign_in()
        if self._session.page.url != wanted:
            self._session.windows.go(wanted)
            if self.shows_login():
                raise self._refused(f"{wanted} asks to sign in again right after signing in")

    def _comes_to_ask(self, login: Login) -> bool:
        """A page of scripts asks only once it has asked its server who is there: until it shows either, or rests."""
        session = self._session
        rest = REST if login.signed_in is not None else 0.0  # nothing to wait for but the answers under way
        for last in session.polls(REST_LIMIT):
            if self.shows_login():
                return True
            if login.signed_in is not None and session.proofs.seen_now(login.signed_in):
                return False
            loading = session.proofs.look(parse("css=body"))[2]
            if last or (not loading and session.profile.traffic.quiet_for() > rest):
                return False
        return False

    def check_expired(self) -> None:
        """Raise SESSION_EXPIRED if what was not found is missing because the page asks to sign in, CAPTCHA if it asks
        for a person."""
        refuse_captcha(self._session)
        if self.shows_login():
            raise self._session.failure(
                "SESSION_EXPIRED",
                f"the session in {self._session.place} has ended ({self._session.where()})",
                "the next attempt signs in anew",
            )

    def sign_in(self) -> None:
        """Sign in as the connection says, and see that it worked."""
        login = self._login
        if login is None:
            raise ApplicationException(
                "LOGIN_REFUSED",
                f"{self._session.place} does not say how to sign in",
                advice="give the connection a `login:`",
                outcome=Outcome.NOT_DONE,
            )
        self._signing_in = True
        self._sent_before = self._session.sent
        with self._session.apart():
            try:
                if login.url is not None and not self._session.proofs.seen_now(PASSWORD):
                    self._session.windows.go(self._session.windows.address(login.url))
                if login.signed_in is not None and self._session.proofs.seen_now(login.signed_in):
                    return
                if login.do:
                    self._session.perform([Do.model_validate(self._filled_in(line)) for line in login.do])
                else:
                    self._simple_form(login)
                self._must_be_in(login.signed_in)
            except ItemError as error:
                if error.code in ("LOGIN_REFUSED", "CAPTCHA"):
                    raise
                raise self._refused(error.message) from error
            finally:
                self._signing_in = False
        self._session.remember()

    def forget(self) -> None:
        """Sign out here: the cookies go."""
        self._session.profile.context.clear_cookies()
        self._session.forget()

    def code(self, secret: str, name: str) -> str:
        """The one-time code of now, or of the next moment if this worker has used that of now already."""
        session = self._session
        maker = code_maker(secret, name)
        window, used = maker.window(time.time()), session.codes_used
        if (maker.key, window) in used:
            session.context.event("browser.awaits_code", maker=name)
            session.pause((window + 1) * maker.period - time.time() + 0.05)
            session.more_time()
            window = maker.window(time.time())
        used.add((maker.key, window))
        code = maker.code(window)
        session.evidence.hide(code)
        return code

    def _own_code(self) -> str:
        login = self._login
        if login is None or login.otp is None:
            raise self._refused("it asks for a one-time code, and `login:` names no `otp`")
        return self.code(login.otp.get_secret_value(), f"`otp` of the log-in to {self._session.place}")

    def _second_factor(self, login: Login) -> None:
        """Where the page goes on to ask for a one-time code: the field that asks for it."""
        session = self._session
        for last in session.polls():
            if login.signed_in is not None and session.proofs.seen_now(login.signed_in):
                return
            if session.proofs.seen_now(CODE):
                break
            if last or (login.signed_in is None and session.proofs.errors_now()):
                return  # what follows tells why nobody is signed in
        field = session.finder.find(CODE, "field").handle
        field.fill(self._own_code(), timeout=session.ms())
        self._submit(field)

    def _simple_form(self, login: Login) -> None:
        """The only password field of the page, and the text field before it; then the code, if there is one."""
        session = self._session
        connection = session.connection
        secret = connection.password.get_secret_value() if connection.password is not None else ""
        session.evidence.hide(secret)
        password = session.finder.find(PASSWORD, "field").handle
        user = password.evaluate_handle(_USER_FIELD).as_element()
        if user is not None:
            user.fill(connection.username or "", timeout=session.ms())
        password.fill(secret, timeout=session.ms())
        if login.otp is None:
            self._submit(password)
        elif session.proofs.seen_now(CODE):  # all on one page
            session.finder.find(CODE, "field").handle.fill(self._own_code(), timeout=session.ms())
            self._submit(password)
        else:
            self._submit(password)
            self._second_factor(login)

    def _submit(self, password: ElementHandle) -> None:
        """The form's own button where it has one: some forms do not listen to Enter."""
        button = password.evaluate_handle(
            "one => one.form && one.form.querySelector('button[type=submit],button:not([type]),input[type=submit],"
            "input[type=image]')"
        ).as_element()
        if button is not None and button.is_visible():
            button.click(timeout=self._session.ms())
        else:
            password.press("Enter", timeout=self._session.ms())

    def _must_be_in(self, proof: str | None) -> None:
        session = self._session
        for last in session.polls():
            if session.proofs.seen_now(proof) if proof is not None else self._no_password_field():
                return
            if last:
                refuse_captcha(session)
                told = "; ".join(session.proofs.errors_now()) or "the page still asks to sign in"
                raise self._refused(told if proof is None else f"{proof!r} was not seen: {told}")

    def _no_password_field(self) -> bool:
        _seen, _errors, loading = self._session.proofs.look(parse(PASSWORD))
        return not _seen and not loading and self._session.profile.traffic.quiet_for() > 0

    def _refused(self, told: str) -> ApplicationException:
        user = self._session.connection.username or "(no user)"
        return ApplicationException(
            "LOGIN_REFUSED",
            self._session.evidence.scrub(f"signing in to {self._session.place} as {user} failed: {told}"),
            advice="check the user, the password and `login:` of the connection",
            outcome=Outcome.UNKNOWN if self._sent_before else Outcome.NOT_DONE,
        )

    def _filled_in(self, value: Any) -> Any:
        """{username} and {password} in the connection's verbs stand for its own."""
        connection = self._session.connection
        if isinstance(value, str):
            secret = connection.password.get_secret_value() if connection.password is not None else ""
            if "{password}" in value:
                self._session.evidence.hide(secret)
            if "{otp}" in value:
                value = value.replace("{otp}", self._own_code())
            return value.replace("{username}", connection.username or "").replace("{password}", secret)
        if isinstance(value, dict):
            return {key: self._filled_in(one) for key, one in value.items()}
        return [self._filled_in(one) for one in value] if isinstance(value, list) else value
