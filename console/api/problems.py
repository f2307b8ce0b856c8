"""What a program is told when something is wrong: problem details as in RFC 9457, with what to do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

PREFIX = "/api/"
MEDIA_TYPE = "application/problem+json"
MOST_ERRORS = 20


class Wrong(BaseModel):
    """One value that is wrong."""

    where: str = Field(description="Where in the request, as `body.until`.")
    expected: str


class Problem(BaseModel):
    """Why a call came to nothing. `detail` is the whole sentence for people; the rest is for programs."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    where: str = Field(description="The address that was called.")
    found: str = Field(description="What was found.")
    expected: str = Field(description="What would have been right.")
    do: str = Field(description="What to do about it.")
    errors: list[Wrong] = Field(default=[], description="Values that are wrong, or rules that do not hold.")


class ApiProblem(Exception):
    """A call that comes to nothing."""

    def __init__(
        self,
        status: int,
        found: str,
        do: str,
        *,
        expected: str = "",
        errors: Sequence[Wrong] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(found)
        self.status, self.found, self.do, self.expected = status, found, do, expected
        self.errors, self.headers = list(errors), dict(headers or {})


EXPECTED = {
    400: "a request that can be read",
    401: "a token that is valid",
    403: "a token with the scope for it",
    404: "the name of something that is there",
    405: "a method that this address has",
    409: "something that can be done with it as it stands",
    413: "a smaller request",
    415: "application/json",
    422: "values as the OpenAPI document describes them",
    429: "fewer calls",
    500: "an answer",
    503: "an answer of the system behind it",
}


def is_api(request: Request) -> bool:
    return request.url.path.startswith(PREFIX)


def told(request: Request, problem: ApiProblem) -> Response:
    """The problem as an answer."""
    expected = problem.expected or EXPECTED.get(problem.status, "")
    body = Problem(
        title=HTTPStatus(problem.status).phrase,
        status=problem.status,
        detail="; ".join(part for part in (problem.found, problem.do) if part),
        where=request.url.path,
        found=problem.found,
        expected=expected,
        do=problem.do,
        errors=problem.errors,
    )
    return JSONResponse(body.model_dump(mode="json"), problem.status, problem.headers, media_type=MEDIA_TYPE)


def not_valid(error: RequestValidationError) -> ApiProblem:
    """What of the request is not as the document says; values themselves are not repeated."""
    errors: list[Any] = list(error.errors())[:MOST_ERRORS]
    wrong = [Wrong(where=".".join(str(part) for part in one["loc"]), expected=str(one["msg"])) for one in errors]
    first = f"{wrong[0].where}: {wrong[0].expected}" if wrong else "the request is not whole"
    return ApiProblem(422, first, "mend the values named in `errors`", errors=wrong)
