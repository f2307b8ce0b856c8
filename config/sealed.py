"""Texts that a bot keeps between items and that are as good as a password (the cookies of a session), sealed."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from config.secrets import SecretStore
from engine.errors import ConfigurationError


class SealedTexts:
    """One file a text in `folder`, sealed with the key of the project's secrets. The names are not readable either."""

    def __init__(self, folder: Path, secrets: SecretStore) -> None:
        self.folder = folder
        self._secrets = secrets

    def get(self, name: str) -> str | None:
        """The text; None if none is kept, or if it was sealed with another key: it can be made again."""
        try:
            return self._secrets.unseal(name, self._path(name).read_text())
        except (FileNotFoundError, ConfigurationError):
            return None

    def put(self, name: str, text: str | None) -> None:
        """Keep the text in place of an older one; None forgets it."""
        path = self._path(name)
        if text is None:
            path.unlink(missing_ok=True)
            return
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sealed = self._secrets.seal(name, text)
        handle, half = tempfile.mkstemp(dir=self.folder)
        with os.fdopen(handle, "w") as file:
            file.write(sealed)
        Path(half).replace(path)  # whole or not at all: workers read it meanwhile

    def _path(self, name: str) -> Path:
        return self.folder / f"{hashlib.sha256(name.encode()).hexdigest()}.sealed"
