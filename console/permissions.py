"""Who may do what. A role is a set of permissions; what is not granted is refused."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Permission(StrEnum):
    SEE = "see"
    DECIDE = "decide"  # correct, approve a review, reject, settle an uncertain effect
    APPROVE = "approve"  # say yes or no to an approval that a workflow asks for
    RETRY = "retry"
    RUN = "run"  # start items by hand
    OPERATE = "operate"  # pause and resume queues and triggers
    ADMINISTER = "administer"  # users and their roles


ABILITIES: Mapping[Permission, str] = {
    Permission.SEE: "looks",
    Permission.DECIDE: "corrects and decides",
    Permission.APPROVE: "approves",
    Permission.RETRY: "retries",
    Permission.RUN: "starts items",
    Permission.OPERATE: "pauses and resumes",
    Permission.ADMINISTER: "manages users",
}
"""What who has it does, in words."""


class Role(StrEnum):
    VIEWER = "viewer"
    SUPERVISOR = "supervisor"
    APPROVER = "approver"
    AUTHOR = "author"
    OPERATOR = "operator"
    ADMIN = "admin"


GRANTS: Mapping[str, frozenset[Permission]] = {
    Role.VIEWER: frozenset({Permission.SEE}),
    Role.AUTHOR: frozenset({Permission.SEE}),
    Role.OPERATOR: frozenset({Permission.SEE, Permission.RETRY, Permission.RUN, Permission.OPERATE}),
    Role.SUPERVISOR: frozenset({Permission.SEE, Permission.DECIDE, Permission.RETRY, Permission.RUN}),
    Role.APPROVER: frozenset({Permission.SEE, Permission.APPROVE}),
    Role.ADMIN: frozenset(Permission),
}


def allows(role: str, permission: Permission) -> bool:
    """Whether a role has a permission; an unknown role has none."""
    return permission in GRANTS.get(role, frozenset())
