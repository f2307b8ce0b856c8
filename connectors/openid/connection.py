"""The settings of a company's OpenID provider, as they stand under its name in `connections.yaml`."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

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


def is_safe(address: str) -> bool:
    """Whether what is sent there cannot be read on the way: https, or a server on this machine."""
    parts = urlsplit(address)
    if parts.scheme == "https":
        return bool(parts.hostname)
    try:
        return parts.scheme == "http" and ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return parts.scheme == "http" and parts.hostname == "localhost"


def openid_connection(name: str, settings: Mapping[str, Any]) -> OpenIdConnection:
    """The settings, checked; ConfigurationError with all that is wrong."""
    try:
        return OpenIdConnection.model_validate(dict(settings))
    except ValidationError as error:
        problems = [
            ": ".join(filter(None, (".".join(map(str, one["loc"])), one["msg"].removeprefix("Value error, "))))
            for one in error.errors(include_input=False)
        ]
        raise ConfigurationError(
            f"config/connections.yaml: connection {name}: {'; '.join(problems)}",
            advice="see docs/console.md, Sign-in with the company's account",
        ) from error
