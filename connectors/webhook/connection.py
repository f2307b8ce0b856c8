"""The settings of a system that is called when something has happened, as they stand in `connections.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from connectors.address import is_safe
from connectors.settings import wrong_in
from connectors.webhook.signing import ENCODED, key_of
from engine.errors import ConfigurationError


class HookConnection(BaseModel):
    """A system that takes signed calls. Several secrets stand side by side while one is changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    system: Literal["webhook"]
    url: SecretStr = Field(description="Its address.")
    secret: SecretStr | tuple[SecretStr, ...] = Field(description="What calls are signed with; keep it as a secret.")
    authority: Path | None = Field(None, description="The certificate of an authority of your own, a PEM file.")
    timeout: float = Field(8.0, gt=0, le=20, description="Seconds to wait for the answer.")

    @field_validator("url")
    @classmethod
    def _safe(cls, url: SecretStr) -> SecretStr:
        if not is_safe(url.get_secret_value()):
            raise ValueError("expected an address that begins with https://")
        return url

    @field_validator("secret")
    @classmethod
    def _long(cls, given: SecretStr | tuple[SecretStr, ...]) -> SecretStr | tuple[SecretStr, ...]:
        all_of_them = given if isinstance(given, tuple) else (given,)
        if not all_of_them or any(len(one.get_secret_value()) < 16 for one in all_of_them):
            raise ValueError("expected 16 letters or more")
        for one in all_of_them:
            try:
                key_of(one.get_secret_value())
            except ValueError as error:
                raise ValueError(f"begins with {ENCODED} and is no base64 after it") from error
        return given

    @property
    def keys(self) -> list[bytes]:
        given = self.secret if isinstance(self.secret, tuple) else (self.secret,)
        return [key_of(one.get_secret_value()) for one in given]


def hook_connection(name: str, settings: Mapping[str, Any]) -> HookConnection:
    """The settings, checked; ConfigurationError with all that is wrong."""
    try:
        return HookConnection.model_validate(dict(settings))
    except ValidationError as error:
        raise ConfigurationError(
            f"config/connections.yaml: connection {name}: {wrong_in(error)}",
            advice="see docs/production.md, Calls to other systems",
        ) from error
