"""Requests made from the API's own description, so that an operation that is added later is asked like all others."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any

from domain.organizations.permissions import Permission
from portal_api.api import create_api

Json = Any
PATTERN_SAMPLES = (
    "x",
    "a-b",
    "example.com",
    "2026-11-25",
    "2026-11",
    "#123456",
    "12:30",
    "en",
    "0",
    "1234",
    "482915",
    "AB",
)
PLACES = {"query": "params", "header": "headers"}
LETTER = ("letter.txt", b"text", "text/plain")
PARAMETER = re.compile(r"\{(\w+)\}")


@lru_cache(maxsize=1)
def description() -> Mapping[str, Any]:
    """The OpenAPI document."""
    return create_api().openapi()


@dataclass(frozen=True)
class Operation:
    """One operation of the API as it is described."""

    name: str
    method: str
    path: str
    facts: Mapping[str, Any]

    @cached_property
    def permission(self) -> Permission | None:
        """What it takes; None where it is open to all."""
        name = self.facts.get("x-permission")
        return Permission(name) if name else None

    @cached_property
    def statuses(self) -> frozenset[int]:
        """The statuses that its description names."""
        return frozenset(map(int, self.facts["responses"]))

    @cached_property
    def is_stream(self) -> bool:
        """Whether the answer goes on until what it tells of has ended."""
        return "text/event-stream" in self.facts["responses"].get("200", {}).get("content", {})

    @cached_property
    def path_names(self) -> tuple[str, ...]:
        """The names of what its address is filled with."""
        return tuple(PARAMETER.findall(self.path))

    def __hash__(self) -> int:
        return hash(self.name)


@lru_cache(maxsize=1)
def operations() -> Sequence[Operation]:
    """All operations, in the order of the description."""
    return [
        Operation(facts["operationId"], method.upper(), path, facts)
        for path, methods in description()["paths"].items()
        for method, facts in methods.items()
    ]


@dataclass(frozen=True)
class Wording:
    """What free values of a request say. `given` are values for properties and parameters of those names.

    Those in `said` are said although they are optional.
    """

    marker: str
    given: Mapping[str, Json]
    said: frozenset[str] = frozenset()

    def text(self, name: str, schema: Mapping[str, Any]) -> str:
        """A text that `schema` allows, which begins with the marker."""
        text = f"{self.marker} {name}".strip()[: schema.get("maxLength", 255)]
        return text.ljust(schema.get("minLength", 0), "x")


def options(operation: Operation, wording: Wording, *, whole: bool = False) -> dict[str, Any]:
    """The body, the query and the headers of a request to `operation`, as httpx takes them.

    `whole`: optional values too.
    """
    found: dict[str, Any] = {}
    for parameter in operation.facts.get("parameters", ()):
        wanted = whole or parameter.get("required") or parameter["name"] in wording.said
        if parameter["in"] in PLACES and wanted:
            value = _value(parameter["schema"], parameter["name"], wording, whole)
            if value is not None:
                said = str(value) if parameter["in"] == "header" else value
                found.setdefault(PLACES[parameter["in"]], {})[parameter["name"]] = said
    for media_type, content in operation.facts.get("requestBody", {}).get("content", {}).items():
        body = _body(media_type, _value(content["schema"], "", wording, whole), wording)
        return found | body | {"headers": found.get("headers", {}) | body.get("headers", {})}
    return found


def filled(operation: Operation, ids: Mapping[str, str]) -> str:
    """The operation's address with the objects of those ids."""
    return PARAMETER.sub(lambda match: ids[match[1]], operation.path)


def _body(media_type: str, value: Json, wording: Wording) -> dict[str, Any]:
    if media_type == "multipart/form-data":
        fields = {name: str(text) for name, text in value.items() if name != "file"}
        return {"files": {"file": wording.given.get("file", LETTER)}, "data": fields}
    if media_type == "application/json":
        return {"json": value}
    return {"content": value if isinstance(value, str) else "", "headers": {"Content-Type": media_type}}


def _value(schema: Mapping[str, Any], name: str, wording: Wording, whole: bool) -> Json:
    schema = _resolved(schema)
    if name in wording.given:
        return wording.given[name]
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    if schema.get("default") is not None and schema.get("type") != "object":
        return schema["default"]
    for alternative in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        if _resolved(alternative).get("type") != "null":
            return _value(alternative, name, wording, whole)
    match schema.get("type"):
        case "object":
            return dict(_properties(schema, wording, whole))
        case "array":
            return [_value(schema.get("items", {}), name, wording, whole)] * max(schema.get("minItems", 0), int(whole))
        case "integer" | "number":
            return max(schema.get("minimum", 1), schema.get("exclusiveMinimum", 0) + 1)
        case "boolean":
            return False
        case "string":
            return _text(schema, name, wording)
    return None


def _properties(schema: Mapping[str, Any], wording: Wording, whole: bool) -> Iterator[tuple[str, Json]]:
    required = schema.get("required", ())
    for name, part in schema.get("properties", {}).items():
        if whole or name in required or name in wording.said:
            yield name, _value(part, name, wording, whole)


def _text(schema: Mapping[str, Any], name: str, wording: Wording) -> str:
    match schema.get("format"):
        case "email":
            return str(wording.given.get("email", "somebody@example.com"))
        case "date-time":
            return (datetime.now(UTC) + timedelta(days=30)).isoformat()
        case "date":
            return (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
        case "time":
            return "09:30:00"
        case "uri":
            return "https://example.com/"
    if pattern := schema.get("pattern"):
        return next((sample for sample in PATTERN_SAMPLES if re.search(pattern, sample)), wording.marker)
    return wording.text(name, schema)


def _resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in schema:
        schema = {**description()["components"]["schemas"][schema["$ref"].rpartition("/")[2]], **_without_ref(schema)}
    if "allOf" in schema:
        merged: dict[str, Any] = {}
        for part in schema["allOf"]:
            merged |= _resolved(part)
        schema = {**merged, **{key: value for key, value in schema.items() if key != "allOf"}}
    return schema


def _without_ref(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key != "$ref"}
