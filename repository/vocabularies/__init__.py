"""The controlled vocabularies that Colophon ships: one file a type, one term a line, in InvenioRDM's shapes.

`<type>.jsonl`, or `<type>.jsonl.gz` where it is large; the `:` of a type's name is a `.` in the file's. Generic types
have `{id, title: {en, cs?}, props: {name: text}, tags: [], icon?, description?}`; affiliations, funders, names,
subjects and awards have the shapes of their own endpoints. `README.md` beside this file tells where each comes from.
"""

import gzip
from collections.abc import Iterator
from pathlib import Path

import orjson

from repository.records.snapshot import Json

FOLDER = Path(__file__).parent
_SUFFIXES = (".jsonl", ".jsonl.gz")


def available() -> tuple[str, ...]:
    """The types that are shipped, by name: `("affiliations", …, "code:developmentStatus", …)`."""
    names = (path.name.removesuffix(".gz").removesuffix(".jsonl") for path in FOLDER.iterdir() if _is_terms(path))
    return tuple(sorted(name.replace(".", ":") for name in names))


def load(type_: str) -> Iterator[Json]:
    """Yields the terms of one type, in the order of the file. Raises KeyError if the type is not shipped."""
    for suffix in _SUFFIXES:
        path = FOLDER / (type_.replace(":", ".") + suffix)
        if path.exists():
            return _read(path)
    raise KeyError(type_)


def _is_terms(path: Path) -> bool:
    return path.name.endswith(_SUFFIXES)


def _read(path: Path) -> Iterator[Json]:
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
        for line in lines:
            yield orjson.loads(line)
