"""Which engine a setting names: one line each."""

from collections.abc import Callable
from pathlib import Path

from repository.errors import WrongSetting
from repository.search.engine import SearchEngine, SearchIndex
from repository.search.projection import SearchProjection
from repository.search.tantivy_engine import TantivyEngine
from repository.search.tantivy_index import TantivyIndex


def _opensearch_engine(url: str) -> SearchEngine:
    from repository.search.opensearch_engine import OpenSearchEngine

    return OpenSearchEngine(url)


def _opensearch_index(url: str) -> SearchIndex:
    from repository.search.opensearch_index import OpenSearchIndex

    return OpenSearchIndex(url)


_ENGINES: dict[str, tuple[Callable[[str], SearchEngine], Callable[[str], SearchIndex]]] = {
    "tantivy": (lambda url: TantivyEngine(_folder(url)), lambda url: TantivyIndex(_folder(url))),
    "opensearch": (_opensearch_engine, _opensearch_index),
    "opensearch+https": (_opensearch_engine, _opensearch_index),
}
"""Scheme → reading and writing side, made from the URL. The client of a server is loaded where one is named only."""


def open_engine(url: str) -> SearchEngine:
    """The reading side that the setting `search` names. Nothing is opened before the first search."""
    return _ENGINES[_scheme(url)][0](url)


def open_projection(url: str) -> SearchProjection:
    """The reader that fills the index which the setting `search` names."""
    return SearchProjection(open_index(url))


def open_index(url: str) -> SearchIndex:
    """The writing side, which can also tell what there is."""
    return _ENGINES[_scheme(url)][1](url)


def _scheme(url: str) -> str:
    scheme, separator, _place = url.partition("://")
    if not separator or scheme not in _ENGINES:
        raise WrongSetting(f"search: `{url}` names none of {', '.join(_ENGINES)}.")
    return scheme


def _folder(url: str) -> Path:
    return Path(url.partition("://")[2])
