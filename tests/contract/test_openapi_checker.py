"""The checker itself: a judge that passes everything proves nothing."""

import json

import pytest

from tests.contract.openapi import Document

RAW = {
    "paths": {
        "/things/search": {"get": {"responses": {"200": {"description": ""}}}},
        "/things/{id}.json": {
            "get": {
                "responses": {
                    "200": {
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/a.thing"}}}
                    }
                }
            }
        },
    },
    "components": {"schemas": {}},
}
THING = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "pattern": "^TH[0-9]+$"},
        "at": {"type": "string", "format": "date-time-rfc-2822"},
        "note": {"type": "string", "nullable": True},
    },
    "required": ["id"],
}


def _document(tmp_path, *, lenient):

    path = tmp_path / "api.json"
    path.write_text(json.dumps({**RAW, "components": {"schemas": {"a.thing": THING}}}))
    return Document.load(path, lenient=lenient)


@pytest.mark.parametrize(
    ("body", "strict_ok", "lenient_ok"),
    [
        ({"id": "TH1"}, True, False),
        ({"id": "TH1", "at": "Thu, 01 Jun 2017 20:48:32 +0000", "note": None}, True, True),
        ({"id": "TH1", "at": None, "note": None}, False, True),
        ({"id": "TH1", "at": "2017-06-01", "note": None}, False, False),
        ({"id": "XX1", "at": None, "note": None}, False, False),
        ({"id": "TH1", "at": None, "note": None, "more": 1}, False, False),
        ({"note": "no id"}, False, False),
        ([], False, False),
    ],
)
def test_null_presence_types_and_extra_members_are_judged(tmp_path, body, strict_ok, lenient_ok):
    strict = _document(tmp_path, lenient=False).problems("GET", "/things/TH1.json", 200, body)
    lenient = _document(tmp_path, lenient=True).problems("GET", "/things/TH1.json", 200, body)

    assert (not strict) is strict_ok
    assert (not lenient) is lenient_ok


def test_an_unknown_operation_or_status_is_an_error(tmp_path):
    document = _document(tmp_path, lenient=False)

    with pytest.raises(LookupError, match="no POST"):
        document.problems("POST", "/things/TH1.json", 200, {})
    with pytest.raises(LookupError, match="no answer 404"):
        document.problems("GET", "/things/TH1.json", 404, {})
