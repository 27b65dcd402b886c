"""The query string of a search, checked. Specified by: reference/rest-api-compatibility.md §1.5 and §15."""

from collections.abc import Mapping, Sequence

from repository.errors import INVALID, FieldError, InvalidInput
from repository.records.visibility import Viewer
from repository.search.cursors import Cursors
from repository.search.engine import BESTMATCH, DEFAULT_SIZE, MAX_SIZE, SORTS, WINDOW, Search
from repository.search.facets import FACETS

_MAX_KEYS = 50
_TRUE = ("true", "1", "yes", "on", "t", "y")


def search_of(values: Mapping[str, Sequence[str]], viewer: Viewer, cursors: Cursors | None = None) -> Search:
    """The search that a request asks for; arguments of other names are ignored, of a repeated one the last counts.

    `cursors` reads the argument `cursor`; without it there is none. Raises InvalidInput: `page` or `size` is no number
    from 1 (each named in `errors`), `size` is over MAX_SIZE, the sort is unknown (field `_schema`), the page begins
    behind WINDOW, a facet has too many keys, `suggest` beside `q`, a cursor that can't be used.
    """
    sort = _last(values, "sort")
    if sort and sort not in SORTS and sort != BESTMATCH:
        raise InvalidInput(INVALID, [FieldError("_schema", (f"Invalid sort option '{sort}'.",))])
    errors: list[FieldError] = []
    page, size = _number(values, "page", 1, errors), _number(values, "size", DEFAULT_SIZE, errors)
    if size > MAX_SIZE:
        errors.append(FieldError("size", (f"Must be at most {MAX_SIZE}.",)))
    selected = tuple((name, keys) for name in sorted(FACETS) if (keys := _keys(values, name, errors)))
    text, prefix, cursor = _last(values, "q"), _last(values, "suggest"), _last(values, "cursor") if cursors else ""
    if text.strip() and prefix.strip():
        errors.append(FieldError("suggest", ("Not together with `q`.",)))
    if cursor and "page" in values:
        errors.append(FieldError("cursor", ("Not together with `page`.",)))
    if errors:
        raise InvalidInput(INVALID, errors)
    search = Search(
        text=text,
        prefix="" if text.strip() else prefix,
        selected=selected,
        sort=sort,
        page=page,
        size=size,
        viewer=viewer,
        all_versions=_last(values, "allversions").lower() in _TRUE,
        facets=not prefix.strip(),
    )
    if cursor and cursors:
        return cursors.read(cursor, search)
    if (page - 1) * size >= WINDOW:
        raise InvalidInput("Invalid querystring parameters.", [FieldError("page", (_beyond(search),))])
    return search


def _beyond(search: Search) -> str:
    if search.order is None:
        return f"Ranked hits end at {WINDOW:,}; ask with `sort=newest` and follow `links.next` to get all."
    return f"Pages end at {WINDOW:,} hits; follow `links.next`, which goes on by `cursor`."


def _last(values: Mapping[str, Sequence[str]], name: str) -> str:
    found = values.get(name)
    return found[-1] if found else ""


def _number(values: Mapping[str, Sequence[str]], name: str, default: int, errors: list[FieldError]) -> int:
    text = _last(values, name).strip()
    if not text:
        return default
    digits = text.removeprefix("-").removeprefix("+")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 19):
        errors.append(FieldError(name, ("Not a valid integer.",)))
        return default
    if int(text) < 1:
        errors.append(FieldError(name, ("Must be greater than or equal to 1.",)))
        return default
    return int(text)


def _keys(values: Mapping[str, Sequence[str]], name: str, errors: list[FieldError]) -> tuple[str, ...]:
    keys = tuple(dict.fromkeys(key for key in values.get(name, ()) if key))
    if len(keys) > _MAX_KEYS:
        errors.append(FieldError(name, (f"At most {_MAX_KEYS} values are taken.",)))
    return keys
