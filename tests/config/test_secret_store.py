"""Secrets: sealed on disk, opened by name, overridden by the environment."""

from __future__ import annotations

import base64
import threading
from pathlib import Path

import pytest

from config.secrets import SecretStore
from engine.errors import ConfigurationError, UsageError


def test_a_secret_comes_back_and_its_value_is_nowhere_on_the_disk(tmp_path: Path) -> None:
    SecretStore(tmp_path, {}).set("erp-password", "correct horse")
    assert SecretStore(tmp_path, {}).get("erp-password") == "correct horse"
    assert SecretStore(tmp_path, {}).names() == ["erp-password"]
    assert all(b"correct horse" not in file.read_bytes() for file in tmp_path.iterdir())


def test_the_key_and_the_secrets_are_for_their_owner_alone(tmp_path: Path) -> None:
    store = SecretStore(tmp_path, {})
    store.set("erp-password", "correct horse")
    assert store.key_file.stat().st_mode & 0o777 == 0o600
    assert store.file.stat().st_mode & 0o777 == 0o600


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    store = SecretStore(tmp_path, {})
    store.set("erp-password", "correct horse")
    store.key_file.chmod(0o644)
    with pytest.raises(ConfigurationError) as refused:
        store.get("erp-password")
    assert str(refused.value) == (f"{store.key_file} can be read by others (mode 644); run: chmod 600 {store.key_file}")


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    SecretStore(tmp_path, {}).set("erp-password", "from the file")
    store = SecretStore(tmp_path, {"CLERKWORK_SECRET_ERP_PASSWORD": "from the environment"})
    assert store.get("erp-password") == "from the environment"


def test_an_unknown_secret_names_the_nearest_one(tmp_path: Path) -> None:
    store = SecretStore(tmp_path, {})
    store.set("erp-password", "correct horse")
    with pytest.raises(ConfigurationError) as unknown:
        store.get("erp-pasword")
    assert str(unknown.value) == (
        "secret erp-pasword is not set; did you mean erp-password? else run `secret set erp-pasword`"
    )


def test_a_removed_secret_is_gone_and_cannot_be_removed_twice(tmp_path: Path) -> None:
    store = SecretStore(tmp_path, {})
    store.set("a-secret", "value")
    store.set("another", "value")
    store.remove("a-secret")
    assert store.names() == ["another"]
    with pytest.raises(UsageError) as refused:
        store.remove("a-secret")
    assert str(refused.value) == "there is no secret a-secret; known: another"


@pytest.mark.parametrize("name", ["", "Erp", "a b", "../x", "key"])
def test_a_bad_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be the name of a secret"):
        SecretStore(tmp_path, {}).set(name, "value")


def test_a_key_from_the_environment_leaves_no_key_file(tmp_path: Path) -> None:
    environ = {"CLERKWORK_SECRET_KEY": base64.urlsafe_b64encode(b"k" * 32).decode()}
    store = SecretStore(tmp_path, environ)
    store.set("a-secret", "value")
    assert store.get("a-secret") == "value"
    assert not store.key_file.exists()


def test_a_key_that_is_none_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refused:
        SecretStore(tmp_path, {"CLERKWORK_SECRET_KEY": "short"}).set("a-secret", "value")
    assert str(refused.value).startswith(
        "the environment variable CLERKWORK_SECRET_KEY is not a key of 32 bytes in base64; make one with: python3 -c"
    )


def test_another_key_cannot_open_it(tmp_path: Path) -> None:
    store = SecretStore(tmp_path, {})
    store.set("a-secret", "value")
    store.key_file.write_text(base64.urlsafe_b64encode(b"x" * 32).decode())
    with pytest.raises(
        ConfigurationError, match=r"secret a-secret in .* cannot be opened with the key of this machine"
    ):
        store.get("a-secret")


def test_a_lost_key_is_told_before_a_new_one_is_made(tmp_path: Path) -> None:
    store = SecretStore(tmp_path, {})
    store.set("a-secret", "value")
    store.key_file.unlink()
    with pytest.raises(ConfigurationError, match=r"holds secrets but their key .* is gone"):
        store.set("another", "value")
    assert not store.key_file.exists()


def test_secrets_set_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    def set_some(start: int) -> None:
        for number in range(start, start + 5):
            SecretStore(tmp_path, {}).set(f"secret-{number}", f"value-{number}")

    threads = [threading.Thread(target=set_some, args=(start,)) for start in (0, 10, 20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store = SecretStore(tmp_path, {})
    assert len(store.names()) == 15
    assert store.get("secret-22") == "value-22"
