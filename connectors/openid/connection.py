"""The settings of a company's OpenID provider, as they stand under its name in `connections.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from connectors.address import is_safe
from connectors.settings import wrong_in
from engine.errors import ConfigurationError


class OpenIdConnection(BaseModel):
    """An OpenID provider (Entra ID, Okta, Keycloak, Google Workspace) that knows this console as a client."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    system: Literal["openid"]
    issuer: str = Field(description="Its address, letter by letter as it names itself in its tokens.")
    client_id: str = Field(min_length=1, description="The name under which it knows this console.")
    client_secret: SecretStr = Field(min_length=16, description="The secret it gave for that; keep it as a secret.")
    scopes: tuple[str, ...] = Field(("openid", "email", "profile"), description="What is asked of it.")
    authority: Path | None = Field(None, description="The certificate of an authority of your own, a PEM file.")
    timeout: float = Field(10.0, gt=0, description="Seconds to wait for one answer.")

    @field_validator("issuer")
    @classmethod
    def _secret(cls, issuer: str) -> str:
        if not is_safe(issuer):
            raise ValueError("expected an address that begins with https://")
        return issuer

    @field_validator("authority")
    @classmethod
    def _is_there(cls, file: Path | None) -> Path | None:
        if file is not None and not file.is_file():
            raise ValueError(f"there is no file {file}; expected the certificate in PEM")
        return file

    @field_validator("scopes")
    @classmethod
    def _is_openid(cls, scopes: tuple[str, ...]) -> tuple[str, ...]:
        return scopes if "openid" in scopes else ("openid", *scopes)


def openid_connection(name: str, settings: Mapping[str, Any]) -> OpenIdConnection:
    """The settings, checked; ConfigurationError with all that is wrong."""
    try:
        return OpenIdConnection.model_validate(dict(settings))
    except ValidationError as error:
        raise ConfigurationError(
            f"config/connections.yaml: connection {name}: {wrong_in(error)}",
            advice="see docs/console.md, Sign-in with the company's account",
        ) from error
