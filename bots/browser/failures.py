"""What a browser step tells when it cannot go on: what was looked for, where, what was there, what to do."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from engine.errors import BusinessException

if TYPE_CHECKING:
    from playwright.sync_api import Error

_KINDS = {
    "field": "field",
    "file": "file field",
    "tick": "check box or radio button",
    "click": "button, link or text",
    "value": "value",
    "text": "text",
    "any": "element",
}


def not_found(
    text: str, want: str, where: str, seen: Sequence[dict[str, Any]], lines: Sequence[str]
) -> tuple[str, str]:
    """Message and advice for a target that nothing fits; `seen` is what could be named instead."""
    names = [one["name"] for one in seen if one["name"]]
    near = _nearest(text, [*names, *lines])
    nameless = [one["css"] for one in seen if one["css"]][:3]
    message = f"there is no {_KINDS[want]} {text!r} on {where}"
    if near:
        message += f"; seen there: {_listed(near)}"
    elif nameless:
        message += f"; there are fields without a name: {', '.join(nameless)}"
    else:
        message += "; nothing there can be named"
    return message, "write one of the names seen, or a locator (label=, text=, css=, row= ... >> ...)"


def not_seen(text: str, where: str, seconds: float, lines: Sequence[str]) -> tuple[str, str]:
    """Message and advice for a proof that did not appear; `lines` are the texts that did."""
    message = f"{text!r} was not seen on {where} within {seconds:.0f} s"
    if lines:
        message += f"; seen there: {_listed(_nearest(text, lines))}"
    return message, "see whether what was done before took; else write what the page really shows"


def hidden(text: str, want: str, where: str, count: int) -> tuple[str, str]:
    """Message and advice for a target that is in the page but not to be seen."""
    message = f"the {_KINDS[want]} {text!r} is on {where} but hidden ({count} of them)"
    return message, "do first what shows it (open the menu, the tab or the section)"


def ambiguous(text: str, where: str, total: int, matches: Sequence[dict[str, Any]]) -> tuple[str, str]:
    """Message and advice for a target that several elements fit; each is told with its surroundings and a locator."""
    lines = [
        f"\n  {one['role']} {one['name']!r}{' near ' + repr(one['around']) if one['around'] else ''}: {one['locator']}"
        for one in matches[:6]
    ]
    more = f"\n  and {total - 6} more" if total > 6 else ""
    message = f"{text!r} fits {total} elements on {where}:{''.join(lines)}{more}\n"
    return message, f"say which: `row=... >> {text}`, `section=... >> {text}`, or one of the locators above"


def blocked(text: str, log: str, seconds: float) -> tuple[str, str]:
    """Message and advice for an element that was found and could not be used in time."""
    over = re.search(r"(<[^\n]{1,200}>)[^\n]*intercepts pointer events", log)
    if over:
        return (
            f"{text!r} could not be used in {seconds:.0f} s: {over.group(1)} lies over it",
            "close what covers it first",
        )
    for sign, told in (
        ("not enabled", "it stayed disabled"),
        ("not editable", "it stayed read only"),
        ("not visible", "it was hidden again"),
        ("not stable", "it kept moving"),
        ("outside of the viewport", "it lies outside the page as seen"),
        ("not attached", "the page drew it anew again and again"),
    ):
        if sign in log:
            return f"{text!r} could not be used in {seconds:.0f} s: {told}", "do first what makes it ready"
    return f"{text!r} could not be used in {seconds:.0f} s", "look at the screenshot among the evidence"


def unreachable(url: str, message: str) -> tuple[str, str]:
    """Message and advice for an address that does not answer."""
    found = re.search(r"net::(ERR_\w+)", message)
    reason = {
        "ERR_CONNECTION_REFUSED": "nothing listens there",
        "ERR_NAME_NOT_RESOLVED": "the host name is unknown",
        "ERR_CONNECTION_TIMED_OUT": "it does not answer",
        "ERR_CERT_AUTHORITY_INVALID": "its certificate is signed by nobody known",
        "ERR_INTERNET_DISCONNECTED": "this machine has no network",
        "ERR_PROXY_CONNECTION_FAILED": "the proxy does not answer",
    }.get(found.group(1) if found else "", found.group(1) if found else message.splitlines()[0])
    advice = "check base_url of the connection, and whether the system is up"
    if found and "CERT" in found.group(1):
        advice = "give the connection `self_signed: true` if that is as it should be"
    return f"{url} cannot be opened: {reason}", advice


def _nearest(text: str, names: Sequence[str]) -> list[str]:
    unique = list(dict.fromkeys(name for name in names if name))
    folded = {name.lower(): name for name in unique}
    near = [folded[name] for name in difflib.get_close_matches(text.lower(), folded, 4, 0.5)]
    containing = [name for name in unique if text.lower() in name.lower() or name.lower() in text.lower()]
    return list(dict.fromkeys([*near, *containing[:4], *unique]))[:6]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in names)


def check_selector(error: Error, request: Any) -> None:
    """A locator that is no CSS or XPath is the author's to mend."""
    if "SyntaxError" not in error.message and "unknown locator" not in error.message:
        return
    tasks = request.get("tasks") or [request] if isinstance(request, dict) else [{"parts": request}]
    written = ", ".join(f"{part['kind']}={part['value']}" for task in tasks for part in task["parts"])
    raise BusinessException(
        "BAD_LOCATOR",
        f"the browser does not understand the locator {written}",
        advice="correct it; plain text needs no `css=`",
    ) from error
