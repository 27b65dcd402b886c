"""Readers of single values, and how they are put together: the parts of which the metadata schema is declared.

A reader takes a JSON value and gives what is stored of it. It raises marshmallow's `ValidationError` with the messages
and, as `valid_data`, the part that is kept all the same; it gives marshmallow's `missing` for what is left out without
a word. Schemas are marshmallow's, made once; their fields call readers, so that a list of a hundred creators costs a
hundred calls and not a hundred nested schemas with their hooks.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextvars import ContextVar
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, missing

from repository.errors import FieldError
from repository.records import dates
from repository.records.snapshot import Json
from repository.records.text import clean, clean_html
from repository.records.vocabularies import Reference

Reader = Callable[[Any], Any]
Messages = dict[Any, Any]
"""marshmallow's errors: field (or position in a list) → messages, or the same again for the parts of a field."""
Finish = Callable[[Json, Messages], Json | None]
"""Looks at an object as a whole; may change it, add messages, or give None to drop it."""

TERMS: ContextVar[Mapping[Reference, Json]] = ContextVar("terms")
"""The vocabulary terms that were looked up for the body that is being read."""

REQUIRED = "Missing data for required field."
UNKNOWN = "Unknown field."
NULL = "Field may not be null."
NO_TEXT = "Not a valid string."
NO_OBJECT = {"_schema": ["Invalid input type."]}
TERM_DUMPED = frozenset(("title", "title_l10n", "description", "description_l10n", "icon", "props", "tags"))
"""What our own answers add to a term: accepted and dropped, so that what was read can be saved unchanged."""


def text(minimum: int = 0, maximum: int = 0) -> Reader:
    """Sanitised Unicode. An empty text counts as not given, unless a minimum length is asked for."""

    def read(value: Any) -> Any:
        if type(value) is not str:
            raise ValidationError(NO_TEXT)
        cleaned = clean(value)
        if len(cleaned) < minimum:
            raise ValidationError(f"Shorter than minimum length {minimum}.")
        if maximum and len(cleaned) > maximum:
            raise ValidationError(f"Longer than maximum length {maximum}.")
        return cleaned or missing

    return read


def filled(message: str) -> Reader:
    """A text that must not be blank."""

    def read(value: Any) -> str:
        if type(value) is not str:
            raise ValidationError(NO_TEXT)
        cleaned = clean(value)
        if not cleaned:
            raise ValidationError(message)
        return cleaned

    return read


def html(minimum: int) -> Reader:
    def read(value: Any) -> str:
        if type(value) is not str:
            raise ValidationError(NO_TEXT)
        cleaned = clean_html(value)
        if len(cleaned) < minimum:
            raise ValidationError(f"Shorter than minimum length {minimum}.")
        return cleaned

    return read


def edtf(message: str, *, times: bool = False) -> Reader:
    """A level 0 date or interval, with `times` a moment too."""

    def read(value: Any) -> str:
        found = value.strip() if type(value) is str else ""
        if not dates.is_level0(found, times=times):
            raise ValidationError(message)
        return found

    return read


def checked(right: Callable[[str], bool], message: str) -> Reader:
    """A text that must pass a test; an empty one counts as not given."""

    def read(value: Any) -> Any:
        if type(value) is not str:
            raise ValidationError(NO_TEXT)
        cleaned = clean(value)
        if cleaned and not right(cleaned):
            raise ValidationError(message)
        return cleaned or missing

    return read


def term(vocabulary: str) -> Reader:
    """`{"id": …}` of a vocabulary, kept as just that."""

    def read(value: Any) -> Json:
        if type(value) is not dict:
            raise ValidationError(NO_OBJECT)
        name = value.get("id")
        messages: Messages = {}
        if name is None or name == "":
            messages["id"] = [REQUIRED]
        elif type(name) is not str:
            messages["id"] = [NO_TEXT]
        elif (vocabulary, name) not in TERMS.get():
            messages["id"] = [f"Invalid value {clean(name[:200])}."]
        if len(value) > 1:
            messages |= {key: [UNKNOWN] for key in value if key != "id" and key not in TERM_DUMPED}
        if messages:
            raise ValidationError(messages, valid_data=None if "id" in messages else {"id": name})
        return {"id": name}

    return read


def known_id(vocabulary: str, value: Json, messages: Messages) -> str | None:
    """The id that an object names beside or instead of a free text; an unknown one gets a message."""
    name = value.get("id")
    if name is None or name == "":
        return None
    if type(name) is not str:
        messages["id"] = [NO_TEXT]
        return None
    if (vocabulary, name) not in TERMS.get():
        messages["id"] = [f"Invalid value {clean(name[:200])}."]
        return None
    return name


def term_or_text(vocabulary: str, key: str, *, dropped: Collection[str] = (), dumped: Collection[str] = ()) -> Reader:
    """`{"id": …}` of a vocabulary, else `{key: …}` with a free text. `dropped`: keys that are accepted and left out;
    `dumped`: those that our answers add to an id."""
    known = frozenset(("id", key, *dropped))
    known_with_id = known.union(dumped)

    def read(value: Any) -> Json:
        if type(value) is not dict:
            raise ValidationError(NO_OBJECT)
        messages: Messages = {}
        kept: Json | None = None
        if found := known_id(vocabulary, value, messages):
            kept = {"id": found}
        elif words := value.get(key):
            if type(words) is not str:
                messages[key] = [NO_TEXT]
            elif cleaned := clean(words):
                kept = {key: cleaned}
        if kept is None and not messages:
            messages[vocabulary] = [f"An existing id or a free text {key} must be present."]
        if len(value) > 1:
            allowed = known_with_id if "id" in value else known
            messages |= {name: [UNKNOWN] for name in value if name not in allowed}
        if messages:
            raise ValidationError(messages, valid_data=kept)
        return kept  # type: ignore[return-value]

    return read


def translations(value: Any) -> Any:
    """`{language: text}`; blank texts are left out."""
    if type(value) is not dict:
        raise ValidationError("Not a valid mapping type.")
    kept: Json = {}
    messages: Messages = {}
    for language, words in value.items():
        if not (language.isascii() and language.replace("-", "").isalnum() and 2 <= len(language) <= 35):
            messages[language] = ["Not a valid language code."]
        elif type(words) is not str:
            messages[language] = [NO_TEXT]
        elif cleaned := clean(words):
            kept[language] = cleaned
    if messages:
        raise ValidationError(messages, valid_data=kept or None)
    return kept or missing


def items(read: Reader, *, unique: str = "") -> Reader:
    """A list; what is wrong in it is named by its position and left out. `unique`: the message for a repeated one."""

    def read_list(value: Any) -> Any:
        if type(value) is not list:
            raise ValidationError("Not a valid list.")
        kept: list[Any] = []
        messages: Messages = {}
        seen: set[str] = set()
        for position, item in enumerate(value):
            try:
                found = read(item)
            except ValidationError as error:
                messages[position] = error.messages
                found = missing if error.valid_data is None else error.valid_data
            if found is missing:
                continue
            if unique:
                key = repr(found)
                if key in seen:
                    messages.setdefault(position, [unique])
                    continue
                seen.add(key)
            kept.append(found)
        if messages:
            raise ValidationError(messages, valid_data=kept or None)
        return kept or missing

    return read_list


def schema(name: str, readers: Mapping[str, Reader], required: Collection[str] = ()) -> Schema:
    """A marshmallow schema whose fields are these readers, in this order."""
    declared = {
        key: fields.Function(deserialize=read, required=key in required, error_messages={"required": REQUIRED})
        for key, read in readers.items()
    }
    return Schema.from_dict(dict(declared), name=name)(unknown=EXCLUDE)


def shape(
    name: str,
    readers: Mapping[str, Reader],
    *,
    required: Collection[str] = (),
    dumped: Collection[str] = (),
    nullable: Collection[str] = (),
    finish: Finish | None = None,
) -> Reader:
    """An object. `dumped`: keys that only our answers have; `nullable`: where null means not given.

    Unknown keys are named and left out.

    The fields of the marshmallow schema are walked here: `Schema.load` takes 20 µs an object to look for hooks that
    none of them has, and a record has dozens of objects.
    """
    declared = schema(name, readers, required).load_fields
    parts = tuple((key, readers[key], field.required) for key, field in declared.items())
    known = frozenset(readers) | frozenset(dumped)

    def read(value: Any) -> Any:
        if type(value) is not dict:
            raise ValidationError(NO_OBJECT)
        data: Json = {}
        messages: Messages = {}
        for key, read_part, needed in parts:
            part = value.get(key, missing)
            if part is missing:
                if needed:
                    messages[key] = [REQUIRED]
                continue
            if part is None:
                if key not in nullable:
                    messages[key] = [NULL]
                continue
            try:
                found = read_part(part)
            except ValidationError as error:
                messages[key] = error.messages
                found = missing if error.valid_data is None else error.valid_data
            if found is not missing:
                data[key] = found
        if not value.keys() <= known:
            messages |= {key: [UNKNOWN] for key in value if key not in known}
        result = finish(data, messages) if finish else data
        if messages:
            raise ValidationError(messages, valid_data=result or None)
        return result or missing

    return read


def flatten(messages: Any, path: str) -> Iterator[FieldError]:
    """marshmallow's errors as field errors: dotted paths, positions as numbers."""
    if isinstance(messages, dict):
        for key, inner in messages.items():
            yield from flatten(inner, f"{path}.{key}" if path else str(key))
    else:
        yield FieldError(path, tuple(str(message) for message in messages))
