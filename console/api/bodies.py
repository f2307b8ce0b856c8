"""What programs send: the bodies of calls. What is not known is refused."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from console.api.words import CLEAN, Id, Seen, Text


class Body(BaseModel):
    """What is not known is refused, so that a word written wrong is not passed over."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Note(Body):
    note: Text = Field("", examples=["I know this vendor"])


class Nothing(Body):
    """An empty object: `{}`."""


class Assign(Body):
    to: Id = Field(description="The name of a user.", examples=["ada"])
    note: Text = ""


class Until(Body):
    until: Annotated[AwareDatetime, Field(strict=False)] = Field(
        description="When it comes back.", examples=["2026-03-31T09:00:00Z"]
    )
    note: Text = ""


class Comment(Body):
    text: Annotated[str, StringConstraints(pattern=CLEAN, min_length=1, max_length=4000)] = Field(
        description="@name calls a colleague or a team.", examples=["@ada is this the new account?"]
    )


class Approve(Body):
    seen: Seen
    reason: Text = ""
    code: Text = Field("", description="The code of the second factor, where the amount asks for one.")


class Correct(Body):
    seen: Seen
    fields: dict[Id, Text] = Field(description="New values by field, as text.", examples=[{"total": "119.00"}])
    accept: bool = Field(False, description="Go on although rules still do not hold.")


class Reject(Body):
    reason: Annotated[str, StringConstraints(pattern=CLEAN, min_length=1, max_length=4000)]


class Settle(Body):
    done: bool = Field(description="Whether the effect was done in the target system.")
    result: dict[Id, Text] = Field({}, description="What the target system shows, where it was done.")
    reason: Text = ""


class Bulk(Body):
    action: Literal["claim", "assign", "snooze", "release", "retry", "reject"]
    exceptions: list[Id] = Field(min_length=1, max_length=2000)
    to: Text = Field("", description="For `assign`.")
    until: Annotated[AwareDatetime, Field(strict=False)] | None = Field(None, description="For `snooze`.")
    note: Text = Field("", description="The reason, for `reject`.")


class Start(Body):
    inputs: dict[Id, Any] = Field(description="By name; amounts as strings.", examples=[{"n": "5 chairs"}])
    files: dict[Id, File] = Field({}, description="By the name of the input.")


class File(Body):
    name: Annotated[str, StringConstraints(pattern=r"^[^\x00/\\]{1,150}$")] = Field(examples=["invoice.pdf"])
    content: str = Field(description="The bytes in base64.", examples=["JVBERi0="])


class Reason(Body):
    reason: Text = ""


class TriggerPause(Body):
    trigger: Text
    reason: Text = ""


class TriggerResume(Body):
    trigger: Text
    missed: bool = Field(False, description="Make up what fell into the pause, by the trigger's policy.")


class View(Body):
    name: Annotated[str, StringConstraints(pattern=CLEAN, min_length=1, max_length=60)]
    filter: dict[Literal["assigned", "kind", "workflow", "code", "step", "cause", "rest"], Text] = {}


class ViewName(Body):
    name: Text


Start.model_rebuild()
