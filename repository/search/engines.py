"""Which engine a setting names: one line each."""

from collections.abc import Callable
from pathlib import Path

from repository.errors import WrongSetting
from repository.search.engine import SearchEngine, SearchIndex
from repository.search.projection import SearchProjection
from repository.search.tantivy_engine import TantivyEngine
from repository.search.tantivy_index import TantivyIndex

_ENGINES: dict[str, tuple[Callable[[str], SearchEngine], Callable[[str], SearchIndex]]] = {
    "tantivy": (lambda place: TantivyEngine(Path(place)), lambda place: TantivyIndex(Path(place))),
}
"""Scheme → reading and writing side, made from what follows `<scheme>://`."""


def open_engine(url: str) -> SearchEngine:
    """The reading side that the setting `search` names. Nothing is opened before the first search."""
    scheme, place = _parts(url)
    return _ENGINES[scheme][0](place)


def open_projection(url: str) -> SearchProjection:
    """The reader that fills the index which the setting `search` names."""
    scheme, place = _parts(url)
    return SearchProjection(_ENGINES[scheme][1](place))


def _parts(url: str) -> tuple[str, str]:
    scheme, separator, place = url.partition("://")
    if not separator or scheme not in _ENGINES:
        raise WrongSetting(f"search: `{url}` names none of {', '.join(_ENGINES)}.")
    return scheme, place
