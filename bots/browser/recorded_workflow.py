"""A recording as a workflow in YAML: plain words as targets, typed values as inputs, no password anywhere."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import yaml

from bots.browser.recording import Act, Recording


def workflow_of(recording: Recording, name: str, connection: str | None) -> str:
    """The YAML. With a password typed it needs `connection`, whose `login:` takes the place of what was typed."""
    place = urlsplit(recording.url)
    inputs: dict[str, dict[str, str]] = {}
    acts, signs_in = _without_log_in(_in_order(recording.acts))
    path = (place.path or "/") + (f"?{place.query}" if place.query else "")
    lines: list[dict[str, Any]] = [{"open": path}]
    if signs_in:
        lines.append({"login": {}})
    if recording.heading and not signs_in:
        lines.append({"see": recording.heading})
    window, filling = 0, False
    for act in acts:
        if act.window != window:
            lines.append({"tab": "main" if act.window == 0 else "new"})
            window, filling = act.window, False
        line = _line(act, inputs)
        if filling and act.verb == "fill":
            lines[-1]["fill"] |= line["fill"]
        else:
            lines.append(line)
        filling = act.verb == "fill"
    if recording.ended:
        lines.append({"see": recording.ended})
    step: dict[str, Any] = {"name": "As it was recorded", "browser": {}}
    step["browser"] = {"connection": connection or "recorded"} if signs_in or connection else {"base_url": _base(place)}
    step["browser"]["do"] = lines
    if any(act.verb in ("click", "press", "double_click") for act in acts):
        step["effect"] = {"key": _key(inputs)}
    whole: dict[str, Any] = {"workflow": name, "title": f"Recorded on {place.netloc}"}
    if inputs:
        whole["inputs"] = {label: {"type": one["type"], "description": one["of"]} for label, one in inputs.items()}
    whole["steps"] = [step]
    told = yaml.safe_dump(whole, sort_keys=False, allow_unicode=True, width=110)
    return told if not signs_in else _log_in_note(_base(place), connection or "recorded") + told


def items_of(recording: Recording) -> dict[str, str]:
    """What was typed, by the name of its input: an item to try the workflow with."""
    inputs: dict[str, dict[str, str]] = {}
    for act in _without_log_in(_in_order(recording.acts))[0]:
        _line(act, inputs)
    return {label: one["value"] for label, one in inputs.items()}


def _base(place: Any) -> str:
    return f"{place.scheme}://{place.netloc}"


def _key(inputs: dict[str, dict[str, str]]) -> str:
    return "/".join(f"${{{{ item.{label} }}}}" for label in inputs) or "recorded"


def _log_in_note(base: str, connection: str) -> str:
    return (
        "# The password that was typed is not kept. Write into config/connections.yaml:\n"
        f"#   {connection}: {{type: browser, base_url: {base!r}, username: ..., password: {{secret: {connection}}}}}\n"
        f"# and set it with `secret set {connection}`.\n"
    )


def _in_order(acts: list[Act]) -> list[Act]:
    """`dialog` stands right after what opened it. A page may tell of that later than of its dialog."""
    ordered = list(acts)
    for number in range(len(ordered) - 1):
        first, second = ordered[number], ordered[number + 1]
        opener = number > 0 and ordered[number - 1].verb in ("click", "press")
        if first.verb == "dialog" and second.verb in ("click", "press") and not opener:
            ordered[number], ordered[number + 1] = second, first
    return ordered


def _without_log_in(acts: list[Act]) -> tuple[list[Act], bool]:
    """Without a password, the user name before it and the click or key that sent them."""
    typed = [number for number, act in enumerate(acts) if act.verb == "password"]
    if not typed:
        return acts, False
    first, last = typed[0], typed[-1]
    while first > 0 and acts[first - 1].verb in ("fill", "select", "check"):
        first -= 1
    while last + 1 < len(acts) and acts[last + 1].verb in ("fill", "select", "check", "password"):
        last += 1
    sent = last + 1 < len(acts) and acts[last + 1].verb in ("click", "press")
    return acts[:first] + acts[last + (2 if sent else 1) :], True


def _line(act: Act, inputs: dict[str, dict[str, str]]) -> dict[str, Any]:
    if act.verb in ("fill", "date", "slider"):
        return {act.verb: {act.write: _lifted(act, str(act.value), "text", inputs)}}
    if act.verb == "select":
        return {"select": {act.write: act.value[0] if len(act.value) == 1 else act.value}}
    if act.verb == "upload":
        return {"upload": {act.write: _lifted(act, str(act.value[0]), "file", inputs)}}
    return {act.verb: act.value if act.verb == "dialog" else act.write}


def _lifted(act: Act, value: str, kind: str, inputs: dict[str, dict[str, str]]) -> str:
    """The value becomes an input named as its field; the same field typed again with another value gets a number."""
    stem = re.sub(r"\W+", "_", (act.name or "value").lower()).strip("_") or "value"
    stem = stem if stem[0].isalpha() else f"value_{stem}"
    name, number = stem, 1
    while name in inputs and inputs[name]["value"] != value:
        number += 1
        name = f"{stem}_{number}"
    inputs[name] = {"type": kind, "value": value, "of": f"what is entered into {act.name or act.write}"}
    return f"${{{{ item.{name} }}}}"
