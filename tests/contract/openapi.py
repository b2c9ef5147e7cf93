"""Check answers against a vendor's OpenAPI 3.0 document."""

import functools
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

Json = Any
REPOSITORY = Path(__file__).resolve().parents[2]


def specs_folder() -> Path:
    """Return where the vendors' documents are: PARLEY_SPECS, or `shared/specs` beside the checkout."""
    return Path(os.environ.get("PARLEY_SPECS") or REPOSITORY.parent / "shared" / "specs")


def load_or_skip(name: str, *, lenient: bool = False) -> "Document":
    """Load one document by file name; skip the test with a reason when it is not there."""
    path = specs_folder() / name
    if not path.is_file():
        pytest.skip(f"{path} is missing: set PARLEY_SPECS to the folder of the vendors' OpenAPI documents")
    return Document.load(path, lenient=lenient)


@dataclass(slots=True)
class Document:
    """An OpenAPI 3.0 document that can judge answers.

    `lenient` is for documents that do not say which members may be null: every property may then be null, but
    must be present. Otherwise null only where declared, presence only where required. Undocumented members
    are errors in both.
    """

    raw: Mapping[str, Json]
    lenient: bool = False
    _definitions: dict[str, Json] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path, *, lenient: bool = False) -> "Document":
        """Read a document from disk."""
        document = cls(json.loads(path.read_text(encoding="utf-8")), lenient)
        schemas = document.raw.get("components", {}).get("schemas", {})
        document._definitions = {name: document._convert(schema) for name, schema in schemas.items()}
        return document

    def problems(self, method: str, path: str, status: int, body: Json) -> list[str]:
        """Return what is wrong with an answer, in words; an empty list when it conforms.

        Raises: LookupError when the document has no such operation, or no such status for it.
        """
        operation = self._operation(method, path)
        responses = operation["responses"]
        answer = responses.get(str(status)) or responses.get("default")
        if answer is None:
            raise LookupError(f"{method} {path} has no answer {status}, only {', '.join(responses)}")
        content = answer.get("content", {}).get("application/json")
        if content is None or "schema" not in content:
            return [] if body in (None, "", b"") else ["a body where the document has none"]
        return self.schema_problems(content["schema"], body)

    def schema_problems(self, schema: Mapping[str, Json], body: Json) -> list[str]:
        """Return what is wrong with a value under one schema of this document."""
        wanted = {**self._convert(schema), "$defs": self._definitions}
        validator = jsonschema.Draft202012Validator(wanted, format_checker=FORMATS)
        return [f"{_where(error.absolute_path)}: {error.message}" for error in validator.iter_errors(body)]

    def assert_conforms(self, method: str, path: str, status: int, body: Json) -> None:
        """Fail with every difference when an answer does not conform."""
        found = self.problems(method, path, status, body)
        assert not found, f"{method} {path} {status}:\n" + "\n".join(found)

    def _operation(self, method: str, path: str) -> Mapping[str, Json]:
        bare = path.partition("?")[0]
        # fixed segments win over parameters: /lists/search before /lists/{listId}
        for template in sorted(self.raw["paths"], key=lambda each: (each.count("{"), each)):
            if _pattern(template).fullmatch(bare) and method.lower() in self.raw["paths"][template]:
                operation: Mapping[str, Json] = self.raw["paths"][template][method.lower()]
                return operation
        raise LookupError(f"the document has no {method} {path}")

    def _convert(self, schema: Mapping[str, Json]) -> dict[str, Json]:
        if "$ref" in schema:
            name = schema["$ref"].removeprefix("#/components/schemas/")
            return {"$ref": f"#/$defs/{name}"}
        result = {
            key: value
            for key, value in schema.items()
            if key in ("type", "enum", "format", "minLength", "maxLength", "pattern", "minimum", "maximum")
        }
        result |= self._convert_members(schema)
        if "items" in schema:
            result["items"] = self._convert(schema["items"])
        if "anyOf" in schema:
            result["anyOf"] = [self._convert(each) for each in schema["anyOf"]]
        return _or_null(result) if schema.get("nullable") else result

    def _convert_members(self, schema: Mapping[str, Json]) -> dict[str, Json]:
        result: dict[str, Json] = {}
        extra = schema.get("additionalProperties")
        if isinstance(extra, Mapping):
            result["additionalProperties"] = self._convert(extra)
        if "properties" not in schema:
            return result
        members = {name: self._convert(each) for name, each in schema["properties"].items()}
        if self.lenient:
            members = {name: _or_null(each) for name, each in members.items()}
        required = list(members) if self.lenient else list(schema.get("required", []))
        return {"additionalProperties": False, **result, "properties": members, "required": required}


def _or_null(schema: dict[str, Json]) -> dict[str, Json]:
    return {"anyOf": [schema, {"type": "null"}]} if schema else schema


@functools.cache
def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{[^}]+\}", template)
    return re.compile("[^/]+?".join(re.escape(part) for part in parts))


def _where(path: Iterable[str | int]) -> str:
    return ".".join(str(step) for step in path) or "(body)"


def _is_rfc2822(value: object) -> bool:
    return not isinstance(value, str) or parsedate_to_datetime(value).tzinfo is not None


def _is_rfc3339(value: object) -> bool:
    return not isinstance(value, str) or (
        "T" in value and datetime.fromisoformat(value.replace("Z", "+00:00")).tzinfo is not None
    )


def _is_uri(value: object) -> bool:
    # vendors declare `uri` for addresses relative to their host too
    return not isinstance(value, str) or re.fullmatch(r"(https?://|/)\S+", value) is not None


def _is_uri_map(value: object) -> bool:
    return not isinstance(value, Mapping) or all(
        isinstance(each, str) and _is_uri(each) for each in value.values()
    )


def _matches(pattern: str) -> Callable[[object], bool]:
    return lambda value: not isinstance(value, str) or re.fullmatch(pattern, value) is not None


FORMATS = jsonschema.FormatChecker(formats=())
FORMATS.checkers = {
    "date-time-rfc-2822": (_is_rfc2822, ValueError),
    "date-time": (_is_rfc3339, ValueError),
    "currency": (_matches("[A-Z]{3}"), ()),
    "phone-number": (_matches(r"\+[1-9]\d{4,14}"), ()),
    "uri": (_is_uri, ()),
    "uri-map": (_is_uri_map, ()),
}
