"""The files of deploy/ say what the program knows: commands that exist, flags that exist, files that parse."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from commands.main import COMMANDS, Commands

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


def flags(command: str) -> set[str]:
    import click

    found = Commands().get_command(click.Context(Commands()), command)
    assert found is not None
    return {flag for option in found.params for flag in option.opts}


def refuse_unknown(words: list[str]) -> None:
    command, *rest = words
    assert command in COMMANDS, command
    assert {word for word in rest if word.startswith("--")} <= flags(command)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_starts_a_command_that_exists(unit: Path) -> None:
    line = re.search(r"^ExecStart=\S+ \S+runner.py (.+)$", unit.read_text(), re.M)
    assert line is not None
    refuse_unknown(line.group(1).split())


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_finds_nothing_wrong_with_a_unit(unit: Path, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    program = shutil.which("true")
    text = re.sub(r"^ExecStart=.*$", f"ExecStart={program}", unit.read_text(), flags=re.M)
    copy = tmp_path / unit.name
    copy.write_text(text)
    answer = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(copy)], capture_output=True, text=True, timeout=60, check=False
    )
    ours = [line for line in answer.stderr.splitlines() if unit.name in line]
    assert ours == []


def test_compose_runs_commands_that_exist_and_waits_for_the_store() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    ours = {name: one for name, one in services.items() if one["image"] == "clerkwork"}
    assert set(ours) == {"scheduler", "worker", "console"}
    for one in ours.values():
        refuse_unknown(one["command"])
        assert one["depends_on"]["store"]["condition"] == "service_healthy"


def test_each_deployment_selects_its_own_pods_and_runs_a_command_that_exists() -> None:
    documents = list(yaml.safe_load_all((DEPLOY / "kubernetes" / "clerkwork.yaml").read_text()))
    deployments = [one for one in documents if one["kind"] == "Deployment"]
    assert len(deployments) == 3
    for one in deployments:
        pod = one["spec"]["template"]
        assert one["spec"]["selector"]["matchLabels"] == pod["metadata"]["labels"]
        (container,) = pod["spec"]["containers"]
        refuse_unknown(container["args"])
        mounted = {mount["name"] for mount in container["volumeMounts"]}
        assert mounted == {volume["name"] for volume in pod["spec"]["volumes"]}


def test_the_image_installs_by_hashes_and_does_not_run_as_root() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    assert "--require-hashes" in text
    assert re.search(r"^USER 1000$", text, re.M)


def test_a_linter_finds_nothing_wrong_with_the_dockerfile() -> None:
    program = Path(sys.executable).with_name("hadolint")
    answer = subprocess.run([program, str(DEPLOY / "Dockerfile")], capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stdout) == (0, "")


def test_compose_is_what_its_specification_allows() -> None:
    program = Path(sys.executable).with_name("check-jsonschema")
    command = [program, "--builtin-schema", "vendor.compose-spec", str(DEPLOY / "compose.yaml")]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout


@pytest.mark.parametrize("release", ["1.30", "1.34"])
def test_kubernetes_takes_every_manifest(release: str) -> None:
    import kubernetes_validate

    for one in yaml.safe_load_all((DEPLOY / "kubernetes" / "clerkwork.yaml").read_text()):
        kubernetes_validate.validate(one, release, strict=True)


def test_each_part_is_asked_for_its_health_where_it_answers() -> None:
    documents = list(yaml.safe_load_all((DEPLOY / "kubernetes" / "clerkwork.yaml").read_text()))
    for one in (one for one in documents if one["kind"] == "Deployment"):
        pod = one["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        assert pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["runAsUser"] == 1000
        named = {port["name"] for port in container["ports"]}
        asked = {probe: container[probe]["httpGet"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")}
        assert {get["port"] for get in asked.values()} == named
        assert [get["path"] for get in asked.values()] == ["/healthz", "/healthz", "/readyz"]


def test_what_the_image_holds_leaves_out_what_it_has_no_use_for() -> None:
    left_out = (DEPLOY.parent / ".dockerignore").read_text().split()
    assert {".*", "data", "tests"} <= set(left_out)
