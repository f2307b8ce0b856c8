"""Generated calls of every operation of the OpenAPI document: what comes back is what the document says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from console.api import door
from console.api.document import document
from console.api.tokens import add_token
from tests.console.office import Office

EXAMPLES = 5
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
SCOPES = ("see", "decide", "approve", "retry", "run", "operate")


@pytest.fixture
def token(office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(door, "CALLS", 100_000)
    office.add_user("root", "admin")
    with office.database.write() as transaction:
        text = add_token(transaction, "generated", "root", SCOPES, (), timedelta(days=1), office.clock.now())
    yield text


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_answers_have_the_status_the_content_and_the_form_of_the_document(
    office: Office, token: str, mode: GenerationMode
) -> None:
    schema = schemathesis.openapi.from_dict(document())
    schema.config.generation.update(modes=[mode])
    schema.config.generation.allow_x00 = False
    schema.config.generation.with_security_parameters = False
    address = office.open()
    item = office.work("orders", n="1 chair", confidence=0.4)
    row = office.exception(item)
    names = {"exceptions": item, "items": item, "runs": row["run"], "causes": row["fingerprint"], "workflows": "orders"}
    statuses: Counter[int] = Counter()
    for found in schema.get_all_operations():
        operation = found.ok()
        if mode is GenerationMode.NEGATIVE and operation.method.upper() == "GET":
            continue

        name = names.get(operation.path.split("/")[3]) if "{name}" in operation.path else None
        there = {"name": str(name)} if name is not None else None

        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode, path_parameters=there))
        def conforms(case: schemathesis.Case) -> None:
            answer = case.call_and_validate(
                base_url=address,
                headers={"Authorization": f"Bearer {token}"},
                checks=CHECKS,
            )
            statuses[answer.status_code] += 1

        conforms()
    # A token that opened nothing, or names of nothing, would conform to everything.
    assert sum(statuses.values()) > 80 and statuses[401] == statuses[403] == 0, statuses
    assert statuses[200 if mode is GenerationMode.POSITIVE else 422] > 20, statuses
