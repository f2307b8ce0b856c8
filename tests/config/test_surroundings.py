"""A project as a run sees it: connections with secrets, paths that stay inside, the office's calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from config.project import Project, find_project
from config.settings import load_settings
from config.surroundings import ProjectSurroundings
from engine.errors import BusinessException, ConfigurationError
from engine.spans import parse_span

TODAY = date(2026, 6, 1)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "office"
    (folder / "config").mkdir(parents=True)
    (folder / "config" / "settings.yaml").write_text("business: {country: DE, region: BE}\ntimezone: Europe/Berlin\n")
    return folder


def surroundings(root: Path, **environ: str) -> ProjectSurroundings:
    project = Project(root, load_settings(root / "config" / "settings.yaml"))
    return ProjectSurroundings(project, environ, TODAY)


def connect(root: Path, text: str) -> None:
    (root / "config" / "connections.yaml").write_text(text)


def test_a_connection_comes_with_its_secrets_and_they_are_scrubbed_from_then_on(root: Path) -> None:
    connect(root, "erp:\n  url: http://127.0.0.1\n  logins: [{user: bot, password: {secret: erp-password}}]\n")
    office = surroundings(root, CLERKWORK_SECRET_ERP_PASSWORD="hunter22")
    assert office.connection("erp") == {
        "url": "http://127.0.0.1",
        "logins": [{"user": "bot", "password": "hunter22"}],
    }
    assert office.scrubber.scrub("it is hunter22") == "it is ***"


def test_an_unknown_connection_lists_the_known_ones_and_the_nearest(root: Path) -> None:
    connect(root, "erp: {url: x}\nportal: {url: y}\n")
    with pytest.raises(ConfigurationError) as unknown:
        surroundings(root).connection("portl")
    assert str(unknown.value) == (
        f"{root}/config/connections.yaml: there is no connection portl; did you mean portal? known: erp, portal"
    )


def test_a_missing_secret_of_a_connection_says_how_to_set_it(root: Path) -> None:
    connect(root, "erp: {password: {secret: erp-password}}\n")
    with pytest.raises(ConfigurationError) as missing:
        surroundings(root).connection("erp")
    assert str(missing.value) == "secret erp-password is not set; run `secret set erp-password`"
    assert surroundings(root).connections.secrets() == {"erp-password": ["erp"]}


def test_a_connection_that_is_no_mapping_is_refused_with_its_place(root: Path) -> None:
    connect(root, "# systems\nerp: http://127.0.0.1\n")
    with pytest.raises(ConfigurationError) as refused:
        surroundings(root)
    assert str(refused.value) == (
        f"{root}/config/connections.yaml:2:6: connection erp is 'http://127.0.0.1', expected a mapping; "
        "write its settings below it, each as `name: value`, indented"
    )


@pytest.mark.parametrize("inside", ["ledger.xlsx", "out/2026/ledger.xlsx", "out/../ledger.xlsx", "data/artifacts/x"])
def test_a_path_inside_the_project_is_given(root: Path, inside: str) -> None:
    assert surroundings(root).path(inside).is_relative_to(root)


@pytest.mark.parametrize("elsewhere", [r"C:\temp\new.xlsx", r"\\server\share\a.pdf", "~/new.xlsx", "C:\temp/new.xlsx"])
def test_a_path_of_windows_or_of_a_home_folder_is_refused_and_not_taken_for_an_odd_name(
    root: Path, elsewhere: str
) -> None:
    with pytest.raises(BusinessException) as refused:
        surroundings(root).path(elsewhere)
    assert str(refused.value) == (
        f"{elsewhere!r} is not the path of a file here; "
        "write folders with /, from the project's folder on: inbox/invoice.pdf"
    )


@pytest.mark.parametrize("odd", ["Büro März/Rechnung 1.pdf", "~$ledger.xlsx", "a: b.txt", ".~lock.ledger.xlsx#"])
def test_a_name_with_odd_letters_is_a_name(root: Path, odd: str) -> None:
    assert surroundings(root).path(odd) == (root / odd).resolve()


@pytest.mark.parametrize("outside", ["../other.txt", "/etc/passwd", "out/../../x", "a\0b", ""])
def test_a_path_that_leaves_the_project_is_refused(root: Path, outside: str) -> None:
    with pytest.raises(BusinessException) as refused:
        surroundings(root).path(outside)
    assert refused.value.code == "PATH_REFUSED"


def test_a_link_that_leads_outside_is_refused(root: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (root / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BusinessException) as refused:
        surroundings(root).path("link/file.txt")
    assert str(refused.value) == (
        "link/file.txt lies outside the project's files; use a path inside the project, "
        "or name the folder in `allowed_folders` of config/settings.yaml"
    )


def test_an_allowed_folder_is_given(root: Path, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    (root / "config" / "settings.yaml").write_text(f"allowed_folders: ['{shared}']\n")
    assert surroundings(root).path(f"{shared}/x.pdf") == shared / "x.pdf"


@pytest.mark.parametrize(
    "own", ["config/connections.yaml", "data/secret.key", "data/secrets.json", "data/clerkwork.db"]
)
def test_a_step_never_reaches_the_keys_and_the_store(root: Path, own: str) -> None:
    with pytest.raises(BusinessException) as refused:
        surroundings(root).path(own)
    assert str(refused.value) == (
        f"{own} belongs to Clerkwork itself (its settings, secrets or store); "
        "use another file; a step never reads or writes these"
    )


def test_the_calendar_knows_the_public_holidays_of_the_region(root: Path) -> None:
    calendar = surroundings(root).calendar
    assert not calendar.is_business_day(date(2026, 3, 8))  # a Sunday
    assert not calendar.is_business_day(date(2027, 3, 8))  # Women's Day is a holiday in Berlin
    due = calendar.add(datetime(2026, 12, 24, 12, tzinfo=UTC), parse_span("1 business day"))
    assert due.date() == date(2026, 12, 28)


def test_a_country_without_known_holidays_is_refused(root: Path) -> None:
    (root / "config" / "settings.yaml").write_text("business: {country: XX}\n")
    with pytest.raises(ConfigurationError) as refused:
        surroundings(root)
    assert str(refused.value) == (
        "config/settings.yaml: no public holidays are known for XX; "
        "use an ISO code such as DE with a region such as BE, or list the days under `closed`"
    )


def test_the_project_is_the_nearest_folder_upward_with_settings(root: Path, tmp_path: Path) -> None:
    below = root / "workflows" / "finance"
    below.mkdir(parents=True)
    assert find_project(None, {}, below).root == root
    assert find_project(None, {"CLERKWORK_PROJECT": str(root)}, tmp_path).root == root
    alone = find_project(None, {}, tmp_path)
    assert (alone.root, alone.has_settings) == (tmp_path, False)


def test_a_named_folder_without_settings_is_refused(root: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refused:
        find_project(Path("nowhere"), {"CLERKWORK_PROJECT": str(root)}, tmp_path)
    assert str(refused.value) == (
        "--project names nowhere, which has no config/settings.yaml; make a project there with `init nowhere`"
    )


def test_a_password_in_the_address_of_the_store_is_scrubbed(root: Path) -> None:
    (root / "config" / "settings.yaml").write_text("database: postgresql://bot:hunter%2122@db/clerkwork\n")
    assert surroundings(root).scrubber.scrub("cannot sign in with hunter!22") == "cannot sign in with ***"
