"""The JSON Schema of a record, enforced at the last door before the database.

`schemas/record-v1.json` has two entries: `draft` (structure, nothing required) and `record` (what publishing requires).
What does not conform can't be stored; that a body got so far is a fault of whoever read it, not of who sent it.

Specified by: JSON Schema, draft 2020-12.
"""

from functools import cache
from pathlib import Path

import jsonschema_rs
import orjson

from repository.errors import INVALID, FieldError, InvalidInput
from repository.records.snapshot import Json

_MOST_ERRORS = 100


@cache
def schemas_folder() -> Path:
    """The folder of the schemas, contexts and shapes: beside `repository` in a checkout, within it in a wheel."""
    package = Path(__file__).resolve().parent.parent
    return next(folder for folder in (package / "schemas", package.parent / "schemas") if folder.is_dir())


@cache
def record_schema() -> Json:
    document: Json = orjson.loads((schemas_folder() / "record-v1.json").read_bytes())
    return document


@cache
def _validator(entry: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({**record_schema(), "$ref": f"#/$defs/{entry}"})


def _field(error: jsonschema_rs.ValidationError) -> str:
    path = [str(step) for step in error.instance_path]
    absent = getattr(error.kind, "property", None)
    return ".".join([*path, absent] if isinstance(absent, str) else path)


def _check(entry: str, body: Json) -> None:
    validator = _validator(entry)
    if validator.is_valid(body):
        return
    errors = []
    for error in validator.iter_errors(body):
        errors.append(FieldError(_field(error), (error.message,)))
        if len(errors) == _MOST_ERRORS:
            break
    raise InvalidInput(INVALID, errors)


def check_draft(body: Json) -> None:
    """Raises `InvalidInput` unless `{metadata, custom_fields, access, pids, files}` has the structure of a draft."""
    _check("draft", body)


def check_record(body: Json) -> None:
    """Raises `InvalidInput` unless the body has all that a published record must have."""
    _check("record", body)
