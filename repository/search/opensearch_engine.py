"""Searches the index of an OpenSearch cluster."""

from collections.abc import Mapping, Sequence
from typing import Any

from opensearchpy import TransportError

from repository.errors import Unreachable
from repository.records.snapshot import Json
from repository.search import conditions, facets
from repository.search.engine import Facet, Hits, Search
from repository.search.facets import FACETS
from repository.search.opensearch_client import connect, place, store_errors, unaskable
from repository.search.opensearch_queries import condition, ranking
from repository.search.opensearch_schema import facet_field, number_field, shape

_SECONDS = 3.0
"""For one search, and for the engine to give it up."""
_MOST_KEYS = 10_000
_LARGEST_KEYS = 1_000
"""Of a facet of which only the largest are shown."""


class OpenSearchEngine:
    """Implements `search.engine.SearchEngine`."""

    def __init__(self, url: str) -> None:
        self._place = place(url)
        self._client = connect(self._place, _SECONDS + 0.5)
        self._alias = self._place.read(shape())

    def search(self, search: Search) -> Hits:
        answer = self._ask(_body(search))
        if answer is None:
            return Hits(0, (), _facets({}, search) if search.facets else (), search.sort_by)
        found = answer["hits"]
        counts = _counts(answer["aggregations"]) if search.facets else {}
        return Hits(
            found["total"]["value"],
            tuple(hit["_id"] for hit in found["hits"]),
            _facets(counts, search) if search.facets else (),
            search.sort_by,
        )

    def _ask(self, body: Json) -> Json | None:
        """None where there is no index."""
        options = {
            # hits of a part would be taken for all
            "allow_partial_search_results": "false",
            "cancel_after_time_interval": f"{_SECONDS:g}s",
        }
        with store_errors():
            try:
                answer: Json = self._client.search(index=self._alias, body=body, params=options)
            except TransportError as error:
                if error.status_code == 404:
                    self._must_be_absent()
                    return None
                if error.status_code == 400:
                    raise unaskable(error) from error
                raise
        if answer.get("timed_out") or answer["_shards"]["failed"]:
            raise Unreachable("OpenSearch has answered a search in part only.")
        return answer

    def _must_be_absent(self) -> None:
        """Raises Unreachable where there is an index, but none of our shape."""
        if self._client.indices.exists_alias(name=self._place.prefix):
            raise Unreachable("The search index is of another version; it is being made anew.")


def _body(search: Search) -> Json:
    """Raises InvalidInput for a text that can't be asked."""
    selections = {name: condition(node) for name, node in conditions.selections(search).items()}
    query = ranking(conditions.query(search))
    if search.order is not None:
        path, direction = search.order
        order: list[Json] = [{number_field(path): direction}, {"id": direction}]
    else:
        order = [{"_score": "desc"}, {"id": "asc"}]
    size = max(search.limit, 0)
    body: Json = {
        "query": {"bool": {"must": [query], "filter": [condition(conditions.scope(search))]}},
        "_source": False,
        "track_total_hits": True,
        "size": size,
        "from": search.offset if size else 0,
        "sort": order,
    }
    if selections:  # behind the counts, which must not know of all of them
        body["post_filter"] = {"bool": {"filter": list(selections.values())}}
    if search.facets:
        body["aggs"] = _aggregations(selections)
    return body


def _aggregations(selections: Mapping[str, Json]) -> Json:
    """A facet in which something is selected is counted without its own selection, the others with all."""
    groups = {"": [name for name in FACETS if name not in selections]}
    groups |= {name: [name] for name in FACETS if name in selections}
    return {
        f"without {chosen}": {
            "filter": {"bool": {"filter": [query for name, query in selections.items() if name != chosen]}},
            "aggs": {name: {"terms": _terms(name)} for name in names},
        }
        for chosen, names in groups.items()
        if names
    }


def _terms(facet: str) -> Json:
    kind = FACETS[facet]
    size = _MOST_KEYS if kind.nested or kind.by_key else _LARGEST_KEYS
    return {"field": facet_field(facet), "size": size, "order": [{"_count": "desc"}, {"_key": "asc"}]}


def _counts(groups: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """Records by facet and key."""
    return {
        name: {entry["key"]: entry["doc_count"] for entry in counted["buckets"]}
        for group in groups.values()
        for name, counted in group.items()
        if name in FACETS
    }


def _facets(counts: Mapping[str, Mapping[str, int]], search: Search) -> tuple[Facet, ...]:
    chosen: dict[str, Sequence[str]] = dict(search.selected)
    return tuple(facets.facet(name, counts.get(name, {}), chosen.get(name, ())) for name in FACETS)
