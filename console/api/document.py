"""The OpenAPI document and the page made from it; both describe the console and tell nothing of the office."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse

from console.access import Anyone, api_routes, door_of
from console.api import deciding, records, triage, workflows
from console.api.door import Scope
from console.api.problems import MEDIA_TYPE, Problem
from console.pages import pages_of

BASE = "/api/v1"
ABOUT = (
    "The work of the console for programs, by the same rules. Every call carries a token: "
    "`Authorization: Bearer cw_...`, made by `token add`; session cookies are not looked at. "
    "Bodies are JSON, amounts are decimals as strings, times are RFC 3339, errors are RFC 9457 problem details. "
    "A list goes on with its `next`, given as `after`."
)
PROBLEMS = {
    "400": "It cannot be read.",
    "401": "There is no valid token.",
    "403": "The token has not the scope, or its owner may not do this.",
    "404": "There is nothing of this name, for who asks.",
    "409": "As it stands this cannot be done with it.",
    "413": "The request is too large.",
    "415": "The body is not JSON.",
    "422": "Values are wrong; `errors` names them.",
    "429": "Too many calls; `Retry-After` says when to try again.",
    "503": "A system behind the console does not answer.",
}
_BODY_ONLY = ("409", "413", "415")
Open = Annotated[None, Depends(Anyone())]

router = APIRouter(prefix=BASE)
pages = APIRouter(prefix=BASE)
for part in (deciding, triage, records, workflows):
    router.include_router(part.router)


@pages.get("/openapi.json")
def openapi(_open: Open) -> Response:
    return JSONResponse(document())


@pages.get("/docs")
def docs(request: Request, _open: Open) -> Response:
    """The document to read, without a script."""
    told = document()
    calls: list[dict[str, Any]] = []
    for path, methods in told["paths"].items():
        calls += [{"path": path, "method": method.upper(), **call} for method, call in methods.items()]
    groups = {
        tag: [call for call in calls if call["tags"][-1] == tag]
        for tag in dict.fromkeys(call["tags"][-1] for call in calls)
    }
    return pages_of(request).show(request, None, "api.html", about=told["info"], groups=groups)


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """OpenAPI 3.1 of every route of the interface, with its scopes and the problems it may tell."""
    alone = FastAPI(title="Clerkwork", version="1", description=ABOUT)
    alone.include_router(router)
    told: dict[str, Any] = alone.openapi()
    parts = told.setdefault("components", {})
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas = parts.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas |= {**schema.pop("$defs", {}), "Problem": schema}
    parts["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "A token of `token add`, cw_..."}
    }
    for route in api_routes(alone.routes):
        door = door_of(route)
        if isinstance(door, Scope):
            for method in route.methods - {"HEAD"}:
                _complete(told["paths"][route.path][method.lower()], door)
    return told


def _complete(call: dict[str, Any], door: Scope) -> None:
    call["security"] = [{"token": []}]
    call["x-scopes"] = [str(scope) for scope in door.permissions]
    call["description"] = f"{call.get('description', '')}\n\nScope: {' or '.join(call['x-scopes'])}.".strip()
    told = {"schema": {"$ref": "#/components/schemas/Problem"}}
    for status, text in PROBLEMS.items():
        if status in _BODY_ONLY and "requestBody" not in call:
            continue
        call["responses"][status] = {"description": text, "content": {MEDIA_TYPE: told}}
