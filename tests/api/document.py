"""Answers of the API, held against the OpenAPI document."""

import re
from collections.abc import Mapping
from functools import cache, cached_property
from typing import Any

import jsonschema_rs
import orjson
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from repository.api import openapi, urls
from repository.records.snapshot import Json

PLACE = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
AUTOMATIC = {"HEAD": "get"}


class Document:
    """The document of the URL table, and which of its operations a request is of."""

    @cached_property
    def json(self) -> Json:
        return openapi.document(urls.ROUTES, "http://repository.test")

    @cached_property
    def _rules(self) -> Map:
        rules = [
            Rule(
                f"/api{route.path}",
                methods=list(route.methods),
                endpoint=PLACE.sub(r"{\1}", route.path),
            )
            for route in urls.ROUTES
        ]
        return Map(rules, merge_slashes=False)

    def operation(self, method: str, path: str) -> Json | None:
        """None for an address that is none of the API, or a method that it does not have."""
        try:
            template, _values = self._rules.bind("repository.test").match(path, method=method)
        except HTTPException:
            return None
        found: Json = self.json["paths"][template][AUTOMATIC.get(method, method.lower())]
        return found

    def faults(self, method: str, path: str, status: int, headers: Mapping[str, str], body: bytes) -> list[str]:
        """What of an answer the document does not say; empty also where it is of no operation."""
        operation = self.operation(method, path) if method != "OPTIONS" else None
        if operation is None:
            return []
        answer = operation["responses"].get(str(status))
        if answer is None:
            return [f"{method} {path}: {status} is not documented"]
        answer = self._followed(answer)
        found = [
            f"{method} {path}: {status} without {name}" for name in answer.get("headers", {}) if name not in headers
        ]
        content = answer.get("content")
        if not content or method == "HEAD":
            return found
        media_type = headers.get("Content-Type", "").partition(";")[0]
        schema = content.get(media_type, content.get("*/*"))
        if schema is None:
            return [*found, f"{method} {path}: {status} with {media_type}"]
        if "schema" in schema:
            errors = self._validator(schema["schema"]["$ref"]).iter_errors(orjson.loads(body))
            found += [f"{method} {path}: {status}: {error.instance_path}: {error.message}" for error in errors]
        return found

    def _followed(self, answer: Json) -> Json:
        name = answer.get("$ref", "").rpartition("/")[2]
        found: Json = self.json["components"]["responses"][name] if name else answer
        return found

    @cache  # noqa: B019 — there is one document
    def _validator(self, reference: str) -> Any:
        return jsonschema_rs.Draft202012Validator({"$ref": reference, "components": self.json["components"]})


DOCUMENT = Document()
