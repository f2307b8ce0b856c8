"""The settings of one ERP, as they stand under its name in `connections.yaml`."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class ErpConnection(BaseModel):
    """One ERP that workflows name as `connection:`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    system: str = Field(description="Which ERP it is: tryton.")
    url: str = Field(description="Where it answers, for example https://erp.example.com.")
    database: str = Field(description="The name of its database.")
    user: str = Field(description="The user Clerkwork logs in as; give it the rights of a bookkeeper and no more.")
    password: SecretStr = Field(description="That user's password; keep it as a secret.")
    company: str | None = Field(None, description="The company to book for, by name, where the ERP holds several.")
    taxes: dict[str, str] = Field(
        default_factory=dict,
        description="Which purchase tax of the ERP a rate means, where it has several: {'19': Input tax 19 %}.",
    )
    timeout: float = Field(30.0, gt=0, description="Seconds to wait for one answer.")
    settle_after: float = Field(
        0.0, ge=0, description="Seconds after which a request that was never answered is certainly over in the ERP."
    )
