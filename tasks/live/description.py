"""`openapi`: the OpenAPI description of the HTTP interface, made from its table of routes."""

from typing import Any, Literal

from pydantic import BaseModel

from tasks.live.api import ROUTES
from tasks.live.bodies import Failed


def openapi() -> dict[str, Any]:
    """The OpenAPI description of the routes."""
    schemas: dict[str, Any] = {}

    def content(kind: type[BaseModel] | str, mode: Literal["validation", "serialization"]) -> dict[str, Any]:
        if isinstance(kind, str):
            return {kind: {"schema": {"type": "string"}}}
        schema = kind.model_json_schema(ref_template="#/components/schemas/{model}", mode=mode)
        schemas.update(schema.pop("$defs", {}))
        schemas[kind.__name__] = schema
        return {"application/json": {"schema": {"$ref": f"#/components/schemas/{kind.__name__}"}}}

    refused = {"description": "It is refused.", "content": content(Failed, "serialization")}
    paths: dict[str, Any] = {}
    for route in ROUTES:
        made: dict[str, Any] = {
            "operationId": route.handler.__name__,
            "summary": route.summary,
            "responses": {
                str(route.status): {"description": "Done.", "content": content(route.reply, "serialization")},
                "4XX": refused,
                "5XX": refused,
            },
        }
        if names := [part[1:-1] for part in route.path.split("/") if part.startswith("{")]:
            made["parameters"] = [
                {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names
            ]
        if route.body:
            made["requestBody"] = {"required": True, "content": content(route.body, "validation")}
        paths.setdefault(route.path, {})[route.method.lower()] = made
    return {
        "openapi": "3.1.0",
        "info": {"title": "Screenhand", "version": "1"},
        "security": [{"token": []}, {"link": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "link": {"type": "apiKey", "in": "query", "name": "token"},
            },
        },
    }
