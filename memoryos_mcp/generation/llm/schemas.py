"""
JSON schemas as servers want them: strict for those that enforce one, and as a one-line outline for those that do not.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

__all__ = ["Json", "outline", "schema_of"]

Json = Mapping[str, Any]


def schema_of(wanted: type[BaseModel] | Json) -> Json:
    """Return the JSON schema of a pydantic model, or a schema as it is, closed as strict servers demand."""
    schema = wanted.model_json_schema() if isinstance(wanted, type) else wanted
    closed: Json = _closed_schema(schema)
    return closed


def outline(schema: Json) -> str:
    """Return the shape of an answer in one line: `{"facts": [{"fact": text, "pages": [text]}]}`."""
    return _outline_of(schema, schema.get("$defs", {}))


def _closed_schema(node: Any) -> Any:
    """Return *node* with every object closed: no further properties, all of them required."""
    if isinstance(node, list):
        return [_closed_schema(each) for each in node]
    if not isinstance(node, Mapping):
        return node
    found = {key: _closed_schema(value) for key, value in node.items() if key not in ("title", "default")}
    if isinstance(node.get("properties"), Mapping):
        found["properties"] = {name: _closed_schema(value) for name, value in node["properties"].items()}
        found["additionalProperties"] = False
        found["required"] = list(node["properties"])
    return found


def _outline_of(node: Json, shared: Json) -> str:
    if "$ref" in node:
        return _outline_of(shared[str(node["$ref"]).rpartition("/")[2]], shared)
    if "enum" in node:
        return "|".join(f'"{value}"' for value in node["enum"])
    if "anyOf" in node:
        return " or ".join(_outline_of(each, shared) for each in node["anyOf"])
    if node.get("type") == "object":
        fields = (f'"{name}": {_outline_of(each, shared)}' for name, each in node.get("properties", {}).items())
        return "{" + ", ".join(fields) + "}"
    if node.get("type") == "array":
        return f"[{_outline_of(node.get('items', {}), shared)}]"
    return {"string": "text", "boolean": "true|false"}.get(str(node.get("type")), str(node.get("type", "any")))
