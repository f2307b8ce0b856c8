"""Attack 12: an address in what is worked on leads the browser to a file, to this machine, or to a cloud's keys."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Any

import pytest

from bots.browser import reach
from bots.browser.reach import is_out_of_reach, is_web, is_whole
from engine.errors import BusinessException

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "FILE:///etc/passwd",
        "view-source:http://127.0.0.1/",
        "chrome://version",
        "javascript:alert(1)",
        "data:text/html,<p>x",
        "ftp://example.com/",
        "about:version",
    ],
)
def test_attack_12_ssrf_what_is_no_page_of_the_web_is_not_opened(address: str, site: Any, bot: Any) -> None:
    site.page("/", "<p>here</p>")
    with pytest.raises(BusinessException) as caught:
        bot.do({"open": address}, {"read": {"text": "body"}})
    assert caught.value.code in ("ADDRESS_REFUSED", "PAGE_NOT_FOUND")
    assert caught.value.message == f"`open: {address}` is no page of the web"


@pytest.mark.parametrize(
    ("ip", "refused"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("[::1]", True),
        ("::ffff:127.0.0.1", True),
        ("::ffff:7f00:1", True),
        ("0.0.0.0", True),
        ("::", True),
        ("169.254.169.254", True),
        ("::ffff:169.254.169.254", True),
        ("fe80::1%eth0", True),
        ("fd00:ec2::254", True),
        ("93.184.216.34", False),
        ("2606:2800:220:1:248:1893:25c8:1946", False),
    ],
)
def test_attack_12_ssrf_where_the_browser_really_went_counts_in_every_notation(ip: str, refused: bool) -> None:
    """Whatever the address looked like (2130706433, 0x7f.1, a name that is resolved anew), the browser tells the IP."""
    assert is_out_of_reach(ip, "evil.example", "https://erp.example.com") is refused
    assert not is_out_of_reach(ip, "erp.example.com", "https://erp.example.com"), "the author's own system"
    assert is_web("http://2130706433/")
    assert not is_whole("/find?next=http://127.0.0.1/"), "a path of the system, whatever it carries"


def test_attack_12_ssrf_a_system_here_may_lead_here_but_not_to_keys() -> None:
    assert not is_out_of_reach("127.0.0.1", "localhost", "http://127.0.0.1:8000")
    assert is_out_of_reach("169.254.169.254", "metadata", "http://127.0.0.1:8000")
    assert is_out_of_reach("169.254.169.254", "metadata", "")


def test_attack_12_ssrf_redirects_and_names_that_are_resolved_anew_end_at_an_empty_page(
    site: Any, quick: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In real Chromium: the address is allowed, and so is its name; where it ends is not, and nothing of it is read."""
    monkeypatch.setattr(reach, "NEVER", (ipaddress.ip_network("127.0.0.0/8"),))
    port = site.url.rpartition(":")[2]
    other = f"http://localhost:{port}"
    site.page("/keys", "<p>the keys of this machine</p>")
    site.dynamic("/away", lambda _request: (302, {"Location": f"{other}/keys"}, b""))
    for place in ("/away", f"{other}/keys", f"{other}/away"):
        with pytest.raises(BusinessException) as caught:
            quick({"open": place}, {"read": {"text": "p"}})
        assert caught.value.code == "ADDRESS_REFUSED"
        assert "which no step may open; if that system is meant, make it a connection" in str(caught.value)
    assert quick({"open": "/keys"}, {"see": "the keys of this machine"}) is not None
