"""The people of the demo's office, who sign in to the console; their passwords are drawn and kept as secrets."""

from __future__ import annotations

from dataclasses import dataclass

from console.permissions import Role
from console.users import add_user, list_users
from demo.project import DemoProject
from engine.work import Engine


@dataclass(frozen=True, slots=True)
class Employee:
    """`does` says what they come to the console for."""

    name: str
    role: Role
    team: str
    does: str

    @property
    def secret(self) -> str:
        return f"console-{self.name}"


PEOPLE = (
    Employee("clara", Role.SUPERVISOR, "ap-clerks", "corrects what was read with doubt"),
    Employee("leo", Role.APPROVER, "ap-lead", "approves large amounts"),
)


def settle_in(engine: Engine, project: DemoProject) -> None:
    """Add those who are not users of the console yet."""
    with engine.database.write() as transaction:
        known = {user["name"] for user in list_users(transaction)}
        for person in PEOPLE:
            if person.name not in known:
                password = project.secret(person.secret)
                add_user(transaction, person.name, password, person.role, [person.team], engine.clock.now())
