"""Examples for the description of the interface: one for every body that goes in or out, made from its shape.

A field shows what its shape gives as an example, else what fields of its name hold in a county, else the least its type
allows; so every example is valid by its own schema, which the tests check.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fastapi import FastAPI

Schema = Mapping[str, Any]
ID = "000660d89a1c2f4e8f0b6d2a7c3e5f10"
DEEPEST = 6

BY_NAME: dict[str, Any] = {
    "lon": 118.386, "lat": 24.96, "accuracy_m": 8.0, "coordinate_accuracy_m": 8.0, "name": "第一小学", "site_name": "第一小学",
    "label": "第一小学", "public_code": "7F3KQ2", "code": "7F3KQ2", "model": "AED-S1", "manufacturer": "示例医疗",
    "serial": "SN-20260001", "address": "溪美街道新华街 1 号", "location_text": "一楼大厅服务台左侧", "level": "1",
    "opening_hours": "Mo-Fr 08:00-17:00", "phone": "138 0000 0000", "duty_phone": "0595-00000000", "email": "a@example.org",
    "emergency_phone": "0595-00000000", "number": "2026-01", "policy_no": "P-2026-01", "reason": "送修", "note": "",
    "text": "三天没有检查", "title": "示例县新增 20 台 AED", "course": "心肺复苏与 AED 使用", "version": 1, "lot": "L-01",
    "population": 60_000, "attended_n": 30, "passed_n": 28, "hours": 4.0, "amount_fen": 2_400_000, "premium_fen": 480_000,
    "message_zh": "没有这条档案。", "message_en": "There is no such record.", "venue_type": "school", "evidence": "照片已存",
    "action_plan": "更换电极片", "effect": "已改正", "contact": "", "place": "第一小学门口", "browser": "Chrome",
    "password": "correct horse battery", "role": "office", "row": 2, "what": "7F3KQ2", "sheet": "devices",
    "location_text_en": "Ground floor, left of the desk", "mount_height_cm": 130, "display_public": True, "osm_id": "node/1",
    "hidden_reason": "", "registration_no": "国械注准 0000", "supplier": "示例供应商", "cabinet_type": "壁挂", "form_version": 1,
    "term_years": 5.0, "duration_s": 48.0, "evidence_rule": "检查记录",
    "before": "2026-05-31", "after": "2028-05-31", "column_zh": "电极片有效期至", "column_en": "Pads expire on",
}  # fmt: skip
"""What fields hold in a county, by their names, where that suits their type and limits."""

_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list, "object": dict,
}  # fmt: skip
_FORMATS = {"date": "2026-11-22", "date-time": "2026-11-22T08:00:00+08:00", "binary": ""}


def add_examples(app: FastAPI) -> None:
    """Let the description of an application carry an example with every JSON body."""
    describe: Callable[[], dict[str, Any]] = app.openapi

    def described() -> dict[str, Any]:
        document = describe()  # made once and kept by the application
        _tell_of_limit(document)
        schemas = document.get("components", {}).get("schemas", {})
        for content in _bodies(document):
            schema = content.get("schema", {})
            if "example" not in content and "examples" not in content:
                content["example"] = example_of(schema, schemas)
        return document

    app.openapi = described  # type: ignore[method-assign]


def _tell_of_limit(document: Mapping[str, Any]) -> None:
    """Every route that takes JSON refuses too much of it, before the route is asked."""
    for path in document["paths"].values():
        for operation in path.values():
            if "application/json" in operation.get("requestBody", {}).get("content", {}):
                refused = operation["responses"]["422"]["content"]
                operation["responses"].setdefault("413", {"description": "too large", "content": refused})


def _bodies(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        for operation in path.values():
            parts = [operation.get("requestBody", {}), *operation["responses"].values()]
            for part in parts:
                for media, content in part.get("content", {}).items():
                    if "json" in media:
                        yield content


def example_of(schema: Schema, schemas: Mapping[str, Schema], *, name: str = "", depth: int = 0) -> Any:
    """A value that a JSON schema allows.

    schemas  those that it may refer to, by name
    name     of the field that it describes
    """
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rsplit("/", 1)[1]], schemas, name=name, depth=depth)
    for key in ("const", "example"):
        if key in schema:
            return schema[key]
    for key in ("examples", "enum"):
        if schema.get(key):
            return schema[key][0]
    options = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
    if options:
        return example_of(_first(options), schemas, name=name, depth=depth + 1)
    known = BY_NAME.get(name)
    if known is not None and _suits(known, schema):
        return known
    return _least(schema, schemas, name, depth)


def _first(options: list[Schema]) -> Schema:
    return next((one for one in options if one.get("type") != "null"), options[0])


def _suits(value: Any, schema: Schema) -> bool:
    """Whether a value is of the type and within the limits; where there is a pattern, only an example of its own will do."""
    wanted = _TYPES.get(schema.get("type", ""))
    if wanted is None or not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
        return False
    if isinstance(value, str):
        return "pattern" not in schema and "format" not in schema and len(value) >= schema.get("minLength", 0)
    return bool(schema.get("minimum", value) <= value <= schema.get("maximum", value))


def _least(schema: Schema, schemas: Mapping[str, Schema], name: str, depth: int) -> Any:
    kind = schema.get("type")
    if kind == "object":
        return _object(schema, schemas, depth)
    if kind == "array":
        items = schema.get("items", {})
        few = depth >= DEEPEST or (schema.get("minItems", 0) == 0 and not items)
        return [] if few else [example_of(items, schemas, name=name.removesuffix("s"), depth=depth + 1)]
    if kind == "string":
        return _string(schema, name)
    if kind in ("integer", "number"):
        above = schema["exclusiveMinimum"] + 1 if "exclusiveMinimum" in schema else 0
        least = schema.get("default", schema.get("minimum", above))
        return int(least) if kind == "integer" else least
    return {"boolean": False, "null": None}.get(kind or "", {})


def _object(schema: Schema, schemas: Mapping[str, Schema], depth: int) -> dict[str, Any]:
    fields = schema.get("properties", {})
    if not fields and depth < DEEPEST and isinstance(schema.get("additionalProperties"), Mapping):
        return {_key(schema): example_of(schema["additionalProperties"], schemas, depth=depth + 1)}
    return {
        field: example_of(one, schemas, name=field, depth=depth + 1)
        for field, one in fields.items()
        if depth < DEEPEST or field in schema.get("required", ())
    }


def _key(schema: Schema) -> str:
    known = schema.get("propertyNames", {})
    return str((known.get("enum") or ["cabinet_sign"])[0])


def _string(schema: Schema, name: str) -> str:
    if "format" in schema:
        return _FORMATS.get(schema["format"], "")
    pattern = schema.get("pattern", "")
    if not pattern:
        is_id = name == "id" or name.endswith("_id")
        return ID if is_id else str(schema.get("default", "")) or "示例"[: schema.get("maxLength", 2)]
    found = next((one for one in _PATTERNED if _matches(pattern, one, schema)), None)
    return str(schema.get("default", "")) if found is None else found


_PATTERNED = (ID, "7F3KQ2", "wgs84", "350583001", "138 0000 0000", "a@example.org", "e3b0c442" * 8, "norm", "a",
              "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", "2026-11-22")  # fmt: skip


def _matches(pattern: str, text: str, schema: Schema) -> bool:
    return len(text) <= schema.get("maxLength", len(text)) and re.search(pattern, text) is not None
