"""Signing in: when the page asks for it, once for many items, again when the session has ended."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import ApplicationException, Outcome

pytestmark = pytest.mark.browser

LOGIN = "<form method=post action=/login>User <input name=user> Password <input type=password name=password>" \
        "<input type=submit value='Sign in'></form>"  # fmt: skip


class Portal:
    """Pages behind a log-in: user eve, password hunter2; `sessions` are the cookies that are good."""

    def __init__(self, site: Any) -> None:
        self.site = site
        self.sessions: set[str] = set()
        self.logins = 0
        site.dynamic("/in", self.enter)
        site.on_post("/login", self.login)
        self.behind("/", "<h1>Welcome</h1>")
        self.behind("/entries", "<p>Entries: 12</p>")

    def behind(self, path: str, html: str) -> None:
        self.site.dynamic(
            path, lambda request: (200, {"Content-Type": "text/html"}, self.guarded(request, html).encode())
        )

    def guarded(self, request: Any, html: str) -> str:
        cookie = request.headers.get("Cookie") or ""
        return html if any(f"sid={one}" in cookie for one in self.sessions) else f"<h1>Please sign in</h1>{LOGIN}"

    def login(self, form: dict[str, str]) -> str:
        if (form["user"], form["password"]) != ("eve", "hunter2"):
            return f"<p class=error>Wrong password</p>{LOGIN}"
        self.logins += 1
        return "<script>location = '/in'</script>"

    def enter(self, _request: Any) -> Any:
        self.sessions.add(f"s{self.logins}")
        return 302, {"Set-Cookie": f"sid=s{self.logins}; Path=/", "Location": "/"}, b""


@pytest.fixture
def portal(site: Any) -> Portal:
    return Portal(site)


def settings(site: Any, **more: Any) -> dict[str, dict[str, Any]]:
    own = {"base_url": site.url, "username": "eve", "password": "hunter2", "login": {}, "timeout": 3, **more}
    return {"connections": {"portal": own}}


READ = ({"open": "/entries"}, {"read": {"entries": "Entries"}})


def test_a_page_that_asks_to_sign_in_is_signed_in_to(site: Any, portal: Portal, bot: Any) -> None:
    bot.fresh(**settings(site, login={"signed_in": "text=Welcome"}))
    assert bot.do(*READ, connection="portal") == {"entries": "12", "url": f"{site.url}/entries"}


@pytest.mark.parametrize("proof", [{}, {"signed_in": "text=Welcome"}])
def test_a_log_in_that_a_script_shows_after_loading_is_noticed(
    proof: dict[str, str], site: Any, portal: Portal, bot: Any
) -> None:
    portal.behind("/who", "<h1>Welcome</h1><p>Entries: 12</p>")
    late = "fetch('/who').then(r => r.text()).then(t => setTimeout(() => { document.body.innerHTML = t }, 20))"
    site.page("/app", f"<p>Loading</p><script>{late}</script>")
    bot.fresh(**settings(site, login=proof))
    lines = ({"open": "/app"}, {"read": {"entries": "Entries"}})
    assert bot.do(*lines, connection="portal")["entries"] == "12"
    assert portal.logins == 1


def test_one_log_in_serves_many_items(site: Any, portal: Portal, bot: Any) -> None:
    for number in range(3):
        bot.run = f"run {number}"
        bot.fresh(**settings(site))
        bot.do(*READ, connection="portal")
    assert portal.logins == 1


def test_the_connections_own_verbs_sign_in(site: Any, portal: Portal, bot: Any) -> None:
    verbs = [{"fill": {"User": "{username}", "Password": "{password}"}}, {"click": "Sign in"}]
    bot.fresh(**settings(site, login={"url": "/", "do": verbs, "signed_in": "Welcome"}))
    assert bot.do({"login": None}, {"see": "Welcome"}, connection="portal")["url"] == f"{site.url}/"
    assert "hunter2" not in str(bot.context.events)


def test_a_session_that_ended_is_renewed(site: Any, portal: Portal, bot: Any) -> None:
    bot.fresh(**settings(site))
    bot.do(*READ, connection="portal")
    portal.sessions.clear()
    assert bot.do(*READ, connection="portal")["entries"] == "12"
    assert portal.logins == 2


def test_a_session_that_ends_after_something_was_sent_is_not_settled(site: Any, portal: Portal, bot: Any) -> None:
    portal.behind("/form", "<form method=post action=/save>Vendor <input name=v><button>Save</button></form>")
    site.on_post("/save", lambda _form: LOGIN)
    bot.fresh(**settings(site))
    with pytest.raises(ApplicationException) as caught:
        bot.do({"open": "/form"}, {"fill": {"Vendor": "x"}}, {"click": "Save"}, {"see": "Saved"}, connection="portal")
    assert (caught.value.code, caught.value.outcome) == ("SESSION_EXPIRED", Outcome.UNKNOWN)


def test_a_log_in_that_is_refused_tells_the_pages_words_and_no_password(site: Any, portal: Portal, bot: Any) -> None:
    bot.fresh(**settings(site, password="wrong-one", timeout=2))
    with pytest.raises(ApplicationException) as caught:
        bot.do(*READ, connection="portal")
    assert (caught.value.code, caught.value.outcome) == ("LOGIN_REFUSED", Outcome.NOT_DONE)
    assert str(caught.value) == (
        "signing in to portal as eve failed: Wrong password; "
        "check the user, the password and `login:` of the connection"
    )
    left = b"".join(path.read_bytes() for path in bot.context.artifacts.values() if path.suffix != ".zip")
    assert b"wrong-one" not in left


def test_logout_forgets_the_session(site: Any, portal: Portal, bot: Any) -> None:
    bot.fresh(**settings(site))
    bot.do(*READ, {"logout": None}, connection="portal")
    bot.do(*READ, connection="portal")
    assert portal.logins == 2


def test_basic_authentication(site: Any, bot: Any) -> None:
    def guarded(request: Any) -> Any:
        if request.headers.get("Authorization") == "Basic ZXZlOmh1bnRlcjI=":
            return 200, {"Content-Type": "text/html"}, b"Welcome"
        return 401, {"WWW-Authenticate": 'Basic realm="x"'}, b"no"

    site.dynamic("/", guarded)
    bot.fresh(**settings(site, basic_auth=True))
    bot.do({"open": "/"}, {"see": "Welcome"}, connection="portal")
    bot.run = "another"
    bot.fresh(**settings(site, basic_auth=True, password="no"))
    with pytest.raises(ApplicationException, match=r"/ answered 401 .*Unauthorized|ERR_INVALID_AUTH"):
        bot.do({"open": "/"}, connection="portal")
