"""Secrets: sealed with AES-256-GCM in one file, opened only for the step that needs them.

The key comes from the environment (CLERKWORK_SECRET_KEY) or from a file that only its owner can read, made at the
first use. A secret may also come from the environment whole (CLERKWORK_SECRET_<NAME>), as containers hand it in.
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from engine.errors import ConfigurationError, UsageError
from engine.nearest import listed, nearest

KEY_VARIABLE = "CLERKWORK_SECRET_KEY"
VALUE_PREFIX = "CLERKWORK_SECRET_"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_KEY_BYTES = 32
_NONCE_BYTES = 12


class SecretStore:
    """The secrets of one project. `folder` is its data folder; `environ` is the process's environment."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self.file = folder / "secrets.json"
        self.key_file = folder / "secret.key"
        self._environ = environ

    def names(self) -> list[str]:
        """The names in the file, sorted; values that only the environment has are not known by name."""
        return sorted(self._sealed())

    def has(self, name: str) -> bool:
        return _variable(name) in self._environ or name in self._sealed()

    def get(self, name: str) -> str:
        """The value; ConfigurationError with the nearest name if it is not set or cannot be opened."""
        given = self._environ.get(_variable(name))
        if given is not None:
            return given
        sealed = self._sealed()
        if name not in sealed:
            near = nearest(name, sealed)
            hint = f"did you mean {near}? else " if near else ""
            raise ConfigurationError(f"secret {name} is not set", advice=f"{hint}run `secret set {name}`")
        return self.unseal(name, sealed[name])

    def set(self, name: str, value: str) -> None:
        """Seal the value under this name, in place of an older one."""
        if not _NAME.fullmatch(name) or _variable(name) == KEY_VARIABLE:
            raise UsageError(
                f"{name!r} cannot be the name of a secret",
                advice="use small letters, digits, `-`, `_` and `.`, and not `key`, for example erp-password",
            )
        if not value:
            raise UsageError(f"the value of secret {name} is empty", advice="type it, or pipe it in on standard input")
        sealed = self.seal(name, value)
        with self._locked():
            self._write(self._sealed() | {name: sealed})

    def remove(self, name: str) -> None:
        """Forget the secret; UsageError if there is none of this name."""
        with self._locked():
            left = self._sealed()
            if left.pop(name, None) is None:
                raise UsageError(f"there is no secret {name}", advice=f"known: {listed(self.names())}")
            self._write(left)

    def key_problem(self) -> str | None:
        """What is wrong with the key's file, None if nothing is (or there is none yet)."""
        if self._environ.get(KEY_VARIABLE) or not self.key_file.exists():
            return None
        mode = self.key_file.stat().st_mode & 0o777
        if mode & 0o077:
            return f"{self.key_file} can be read by others (mode {mode:o}); run: chmod 600 {self.key_file}"
        return None

    def seal(self, name: str, text: str) -> str:
        """The text sealed with the project's key, in base64; it opens under this name only."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + AESGCM(self._key()).encrypt(nonce, text.encode(), name.encode())
        return base64.b64encode(sealed).decode()

    def unseal(self, name: str, sealed: str) -> str:
        """What `seal` was given; ConfigurationError if the key is another one or the text was changed."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            content = base64.b64decode(sealed, validate=True)
            opened = AESGCM(self._key()).decrypt(content[:_NONCE_BYTES], content[_NONCE_BYTES:], name.encode())
        except (InvalidTag, binascii.Error, ValueError) as error:
            raise ConfigurationError(
                f"secret {name} in {self.file} cannot be opened with the key of this machine",
                advice=f"bring back the key it was sealed with, or run `secret set {name}` again",
            ) from error
        return opened.decode()

    def derived(self, name: str) -> bytes:
        """A key for another purpose, made of the project's; nobody gets from it to the secrets."""
        import hashlib
        import hmac

        return hmac.digest(self._key(checked=False), f"clerkwork {name}".encode(), hashlib.sha256)

    def _sealed(self) -> dict[str, str]:
        if not self.file.exists():
            return {}
        try:
            found = json.loads(self.file.read_text())
        except ValueError as error:
            raise ConfigurationError(
                f"{self.file} is not JSON: {error}", advice="restore it from a backup, or remove it and set them anew"
            ) from error
        return {str(name): str(value) for name, value in found.items()}

    def _key(self, *, checked: bool = True) -> bytes:
        given = self._environ.get(KEY_VARIABLE)
        if given:
            return _decoded(given, f"the environment variable {KEY_VARIABLE}")
        if not self.key_file.exists():
            self._make_key()
        problem = self.key_problem()
        if problem and checked:
            raise ConfigurationError(problem)
        return _decoded(self.key_file.read_text(), str(self.key_file))

    def _make_key(self) -> None:
        if self._sealed():
            raise ConfigurationError(
                f"{self.file} holds secrets but their key {self.key_file} is gone",
                advice=f"restore it from a backup or set {KEY_VARIABLE}; without it, remove the file and set them anew",
            )
        self.key_file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.key_file.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(base64.urlsafe_b64encode(os.urandom(_KEY_BYTES)))
            file.flush()
            os.fsync(file.fileno())
        try:
            # A link fails where the key exists: of two processes that begin together, both use the first one's.
            os.link(name, self.key_file)
        except FileExistsError:
            pass
        finally:
            Path(name).unlink()

    def _write(self, sealed: dict[str, str]) -> None:
        handle, name = tempfile.mkstemp(dir=self.file.parent)
        with os.fdopen(handle, "w") as file:
            json.dump(sealed, file, indent=1, sort_keys=True)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(self.file)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with (self.file.parent / ".secrets.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _variable(name: str) -> str:
    return VALUE_PREFIX + re.sub(r"[^A-Z0-9]", "_", name.upper())


def _decoded(text: str, where: str) -> bytes:
    try:
        key = base64.urlsafe_b64decode(text.strip())
    except (binascii.Error, ValueError):
        key = b""
    if len(key) == _KEY_BYTES:
        return key
    make = "python3 -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())'"
    raise ConfigurationError(f"{where} is not a key of 32 bytes in base64", advice=f"make one with: {make}")
