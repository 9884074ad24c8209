"""The description of the interface: every JSON body that goes in or out has an example, and each is valid."""

import dataclasses

import pytest
from databases import SqliteFiles
from people import browser

from service.api.examples import example_of


@pytest.fixture(scope="module")
def document(sqlite_files: SqliteFiles, tmp_path_factory, folder):
    made = sqlite_files.make(tmp_path_factory.mktemp("described"))
    with browser(dataclasses.replace(made, plan=folder)) as client:
        return client.get("/api/v1/openapi.json").json()


def bodies(document):
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for where, part in [("in", operation.get("requestBody", {})), *operation["responses"].items()]:
                for media, content in part.get("content", {}).items():
                    yield f"{method.upper()} {path} {where}", media, content


def test_every_json_body_has_an_example(document):
    missing = [
        where
        for where, media, content in bodies(document)
        if "json" in media and not {"example", "examples"} & content.keys()
    ]
    assert missing == []
    assert sum("json" in media for _, media, _ in bodies(document)) > 300


def test_every_example_is_what_its_schema_allows(document):
    jsonschema = pytest.importorskip("jsonschema")
    wrong = []
    for where, media, content in bodies(document):
        if "json" in media and "schema" in content and "example" in content:
            schema = {**content["schema"], "components": document["components"]}
            found = next(jsonschema.Draft202012Validator(schema).iter_errors(content["example"]), None)
            if found is not None:
                wrong.append((where, list(found.absolute_path), found.message[:120]))
    assert wrong == []


def test_an_example_is_made_of_what_fields_hold():
    schema = {
        "type": "object",
        "properties": {
            "lon": {"type": "number", "minimum": -180, "maximum": 180},
            "site_id": {"anyOf": [{"type": "string", "pattern": "^[0-9A-Za-z._-]+$"}, {"type": "null"}]},
            "stage": {"enum": ["proposed", "agreed"]},
            "days": {"type": "integer", "exclusiveMinimum": 0},
        },
    }
    made = example_of(schema, {})
    assert (made["lon"], made["stage"], made["days"], len(made["site_id"])) == (118.386, "proposed", 1, 32)
