"""A recording as a workflow in YAML: plain words as targets, typed values as inputs, no password anywhere."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import yaml

from bots.browser.recording import Act, Recording

SENDS = ("click", "double_click", "right_click", "press")
ENTERS = ("fill", "select", "check", "uncheck", "choose", "date", "password")
_LOG_IN_FIELDS = 3  # a client, a user, a language: a form with more of them before its password is no log-in
_EXPRESSION = re.compile(r"\$\{\{.*?\}\}")
_TOKEN = re.compile(r"(?:\$\{\{.*?\}\}|\S)+")
_TELLING = 3  # characters: of a shorter value it may be chance that it is shown


def workflow_of(recording: Recording, name: str, connection: str | None) -> str:
    """The YAML. With a password typed it needs `connection`, whose `login:` takes the place of what was typed."""
    place = urlsplit(recording.url)
    written = _Writer(connection or "recorded")
    acts, log_in = _without_log_in(recording.acts)
    path = (place.path or "/") + (f"?{place.query}" if place.query else "")
    lines: list[dict[str, Any]] = [{"open": path}]
    if log_in is not None:
        lines.append({"login": {}})
    elif recording.heading:
        lines.append({"see": _lasting(recording.heading)})
    lines += written.lines(acts)
    if recording.ended:
        lines.append({"see": _lasting(written.with_inputs(recording.ended))})
    system = connection or ("recorded" if log_in is not None else None)
    browser: dict[str, Any] = {"connection": system} if system else {"base_url": _base(place)}
    step: dict[str, Any] = {"name": "As it was recorded", "browser": {**browser, "do": lines}}
    if any(act.verb in SENDS for act in acts):
        step["effect"] = {"key": "/".join(_key_part(*one) for one in written.inputs.items()) or "recorded"}
    whole: dict[str, Any] = {"workflow": name, "title": f"Recorded on {place.netloc}"}
    if written.inputs:
        whole["inputs"] = {
            label: {"type": one["type"], "description": one["of"]} for label, one in written.inputs.items()
        }
    whole["steps"] = [step]
    told = yaml.safe_dump(whole, sort_keys=False, allow_unicode=True, width=110)
    notes = _log_in_note(recording, log_in, system or "recorded") if log_in is not None else ""
    for secret in written.secrets:
        notes += f"# The password that was typed is not kept. Set it with `secret set {secret}`.\n"
    return notes + told


def items_of(recording: Recording) -> dict[str, str]:
    """What was typed, by the name of its input: an item to try the workflow with."""
    written = _Writer("recorded")
    written.lines(_without_log_in(recording.acts)[0])
    return {label: one["value"] for label, one in written.inputs.items()}


def _base(place: Any) -> str:
    return f"{place.scheme}://{place.netloc}"


def _key_part(label: str, one: dict[str, str]) -> str:
    return f"${{{{ sha256(item.{label}) }}}}" if one["type"] == "file" else f"${{{{ item.{label} }}}}"


def _log_in_note(recording: Recording, log_in: Act, connection: str) -> str:
    """What to write into the connections, so that the log-in is done as the person did it."""
    base, page = _base(urlsplit(recording.url)), urlsplit(recording.url).path or "/"
    login = {"url": log_in.path} if log_in.path.partition("?")[0] != page else {}
    if recording.signed_in:
        login["signed_in"] = recording.signed_in
    settings = {
        "type": "browser",
        "base_url": base,
        "username": "...",
        "password": {"secret": connection},
        "login": login,
    }
    told = yaml.safe_dump({connection: settings}, default_flow_style=None, sort_keys=False, allow_unicode=True)
    return (
        "# The password that was typed is not kept. Write into config/connections.yaml:\n"
        + "".join(f"#   {line}\n" for line in told.splitlines())
        + f"# and set it with `secret set {connection}`.\n"
    )


def _without_log_in(acts: list[Act]) -> tuple[list[Act], Act | None]:
    """Without a log-in at the beginning: the links to it, the user name, the password, the click or key that sent them.

    A form with several passwords sets one, and one after other work confirms it: these stay.
    """
    typed = [number for number, act in enumerate(acts) if act.verb == "password"]
    if not typed:
        return acts, None
    last = typed[0]
    while last + 1 < len(acts) and acts[last + 1].verb in ENTERS:
        last += 1
    before = acts[: typed[0]]
    several = any(number != typed[0] for number in typed if number <= last)
    if several or sum(act.verb in ENTERS for act in before) > _LOG_IN_FIELDS or _worked(before):
        return acts, None
    sent = last + 1 < len(acts) and acts[last + 1].verb in ("click", "press")
    return acts[last + (2 if sent else 1) :], acts[typed[0]]


def _worked(acts: list[Act]) -> bool:
    """Whether something was sent after it had been filled in: no way to a log-in."""
    filled = next((number for number, act in enumerate(acts) if act.verb in ENTERS), len(acts))
    return any(act.verb in SENDS for act in acts[filled:])


class _Writer:
    """Writes the verbs, and gathers what was typed as inputs on the way."""

    def __init__(self, connection: str) -> None:
        self.inputs: dict[str, dict[str, str]] = {}
        self.secrets: list[str] = []
        self._connection = connection

    def lines(self, acts: list[Act]) -> list[dict[str, Any]]:
        lines: list[dict[str, Any]] = []
        window, filling = 0, False
        for act in acts:
            if act.window != window:
                lines.append({"tab": "main" if act.window == 0 else "new"})
                window, filling = act.window, False
            line = self._line(act)
            fills = "fill" in line
            if filling and fills and not line["fill"].keys() & lines[-1]["fill"].keys():
                lines[-1]["fill"] |= line["fill"]
            else:
                lines.append(line)
            filling = fills
        return lines

    def with_inputs(self, text: str) -> str:
        """What was typed before and is shown again is another one with the next item."""
        for label, one in sorted(self.inputs.items(), key=lambda pair: -len(pair[1]["value"])):
            if len(one["value"]) >= _TELLING:
                text = re.sub(rf"(?<!\w){re.escape(one['value'])}(?!\w)", f"${{{{ item.{label} }}}}", text)
        return text

    def _line(self, act: Act) -> dict[str, Any]:
        if act.verb == "password":
            secret = f"{self._connection}-{_word(act.name or 'password').replace('_', '-')}"
            if secret not in self.secrets:
                self.secrets.append(secret)
            return {"fill": {act.write: {"secret": secret}}}
        if act.verb in ("fill", "date", "slider"):
            return {act.verb: {act.write: self._lifted(act, str(act.value), "text")}}
        if act.verb == "select":
            return {"select": {act.write: act.value[0] if len(act.value) == 1 else act.value}}
        if act.verb == "upload":
            return {"upload": {act.write: self._lifted(act, str(act.value[0]), "file")}}
        if act.verb == "dialog":
            return {"dialog": {**act.value, "says": _lasting(self.with_inputs(act.value["says"]))}}
        if act.verb == "press":
            return {"press": {"key": act.value, "on": self.with_inputs(act.write)}}
        return {act.verb: self.with_inputs(act.write)}

    def _lifted(self, act: Act, value: str, kind: str) -> str:
        """The value becomes an input named as its field; the same field with another value gets a number."""
        stem = _word(act.name or "value")
        name, number = stem, 1
        while name in self.inputs and self.inputs[name]["value"] != value:
            number += 1
            name = f"{stem}_{number}"
        self.inputs[name] = {"type": kind, "value": value, "of": f"what is entered into {act.name or act.write}"}
        return f"${{{{ item.{name} }}}}"


def _word(text: str) -> str:
    """A name for an input: letters, digits and underscores, a letter first."""
    word = re.sub(r"\W+", "_", text.lower()).strip("_") or "value"
    return word if word[0].isalpha() else f"value_{word}"


def _lasting(text: str) -> str:
    """The part of a text that the next item shows, too: without numbers, which count on."""
    runs = [""]
    for token in _TOKEN.findall(text):
        if re.search(r"\d", _EXPRESSION.sub("", token)):
            runs.append("")
        else:
            runs[-1] = f"{runs[-1]} {token}".strip()
    telling = [run for run in runs if re.search(r"[^\W\d_]{2}", run)]
    return max(telling, key=len) if telling else text
