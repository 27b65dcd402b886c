"""Searches the index of an OpenSearch cluster."""

import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson
from opensearchpy import TransportError

from repository.errors import Unreachable
from repository.records.snapshot import Json
from repository.search import conditions
from repository.search.corrections import correctable
from repository.search.engine import Hits, Search
from repository.search.facets import FACETS, MOST_KEYS, counted
from repository.search.opensearch_client import answered, connect, place, refusal, store_errors, unaskable
from repository.search.opensearch_corrections import MOST_WORDS, SUGGESTED, suggestions, visible
from repository.search.opensearch_queries import condition, ranking
from repository.search.opensearch_schema import facet_field, number_field, shape

_SECONDS = 1.8
"""For all that is asked for one search, correction included."""
_EARLIER = 0.2
"""So much earlier the engine gives up what it is asked, and says so."""
_MOST_KEYS = 10_000
_CHOSEN = " chosen"
"""Behind a facet's name: the keys that are chosen in it, however small they are."""


class OpenSearchEngine:
    """Implements `search.engine.SearchEngine`."""

    def __init__(self, url: str) -> None:
        self._place = place(url)
        self._client = connect(self._place, _SECONDS)
        self._alias = self._place.read(shape())

    def search(self, search: Search) -> Hits:
        end = time.monotonic() + _SECONDS
        answers = self._ask(_bodies(search), end)
        if answers is None:
            return Hits(0, (), counted({}, search) if search.facets else (), search.sort_by)
        found, counts = answers[0]["hits"]["hits"], answers[-1]
        total = counts["hits"]["total"]["value"] if search.total else 0
        ids = tuple(hit["sort"][-1] for hit in found)
        return Hits(
            total,
            ids,
            counted(_counts(counts["aggregations"]), search) if search.facets else (),
            search.sort_by,
            (found[-1]["sort"][0], ids[-1]) if found and search.order else None,
            self._correction(search, end) if not total and search.total else "",
        )

    def _correction(self, search: Search, end: float) -> str:
        """None where the engine does not answer in time: that nothing was found is known all the same."""
        with contextlib.suppress(Unreachable):
            return self._corrected(search, end)
        return ""

    def _corrected(self, search: Search, end: float) -> str:
        """Words that resemble those of a text that finds nothing: most have the one that resembles it most. Only words
        of what the viewer may find, since the index has others too."""
        joint, words = correctable(conditions.query(search), MOST_WORDS) if search.text.strip() else ("", [])
        if not words:
            return ""
        offered = self._ask([{"size": 0, "suggest": suggestions(words)}], end) or [{}]
        options = {
            entry["text"]: [option["text"] for option in entry["options"]]
            for entry in offered[0].get("suggest", {}).get(SUGGESTED, ())
        }
        near = {word for found in options.values() for word in found}
        asked = visible(sorted({*words, *near}), conditions.scope(search)) if near else None
        answers = self._ask([asked], end) if asked else None
        buckets = answers[0]["aggregations"][SUGGESTED]["buckets"] if answers else {}
        counted = {word for word, bucket in buckets.items() if bucket["doc_count"]}
        best = [
            word if word in counted else next((near for near in options.get(word, ()) if near in counted), word)
            for word in words
        ]
        text = joint.join(best)
        if best == words:
            return ""
        corrected = self._ask(_bodies(replace(search, text=text, facets=False, size=0)), end)
        return text if corrected and corrected[0]["hits"]["total"]["value"] else ""

    def _ask(self, bodies: Sequence[Json], end: float) -> list[Json] | None:
        """The answers to what is asked at once; None where there is no index. Raises Unreachable where they are not
        here when the clock is at `end`."""
        left = max(end - time.monotonic(), 0.001)
        head = {
            "index": self._alias,
            "allow_partial_search_results": False,  # hits of a part would be taken for all
            "cancel_after_time_interval": f"{max(left - _EARLIER, 0.001) * 1000:.0f}ms",
        }
        lines = b"".join(
            orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for body in bodies for line in (head, body)
        )
        with store_errors():
            try:
                answer = answered(self._client.msearch(body=lines, params={"request_timeout": left}), "responses")
            except TransportError as error:
                if error.status_code in (400, 404):  # which no query is the reason of: those have answers of their own
                    raise refusal(error.status_code, error.info) from error
                raise
            for one in answer["responses"]:
                if answered(one).get("status") == 404:
                    self._must_be_absent(left)
                    return None
            return [_whole(one) for one in answer["responses"]]

    def _must_be_absent(self, seconds: float) -> None:
        """Raises Unreachable where there is an index, but none of our shape."""
        if self._client.indices.exists_alias(name=self._place.prefix, params={"request_timeout": seconds}):
            raise Unreachable("The search index is of another version; it is being made anew.")


def _whole(answer: Json) -> Json:
    """The answer to one search, if it is of all that there is."""
    if answer.get("status") == 400:
        raise unaskable(answer)
    if "error" in answer:
        raise refusal(answer.get("status"), answer)
    if answered(answer, "hits", "_shards").get("timed_out") or answer["_shards"]["failed"]:
        raise Unreachable("OpenSearch has answered a search in part only.")
    return answer


def _bodies(search: Search) -> list[Json]:
    """The page, and what is counted of all hits: apart, since then the engine need not rank hits that are not shown.
    Raises InvalidInput for a text that can't be asked."""
    asked, scope = conditions.query(search), condition(conditions.scope(search))
    selections = {name: condition(node) for name, node in conditions.selections(search).items()}
    page = _page(search, {"bool": {"must": [ranking(asked)], "filter": [scope, *selections.values()]}})
    if not search.facets:
        return [{**page, "track_total_hits": search.total}]
    counts: Json = {
        "query": {"bool": {"filter": [condition(asked), scope]}},
        "size": 0,
        "track_total_hits": search.total,
        "aggs": _aggregations(selections, dict(search.selected)),
    }
    if selections:  # behind the counts, which must not know of all of them
        counts["post_filter"] = {"bool": {"filter": list(selections.values())}}
    return [{**page, "track_total_hits": False}, counts]


def _page(search: Search, query: Json) -> Json:
    if search.order is not None:
        path, direction = search.order
        order: list[Json] = [{number_field(path): direction}, {"id": direction}]
    else:
        order = [{"_score": "desc"}, {"id": "asc"}]
    size = max(search.limit, 0)
    page: Json = {
        "query": query,
        "stored_fields": "_none_",  # the id is what the order ends with; to read it from what is stored takes longer
        "size": size,
        "from": search.offset if size else 0,  # 0 behind a hit, too
        "sort": order,
    }
    if search.after is not None:
        page["search_after"] = list(search.after)
    return page


def _aggregations(selections: Mapping[str, Json], chosen: Mapping[str, Sequence[str]]) -> Json:
    """A facet in which something is selected is counted without its own selection, the others with all."""
    groups = {"": [name for name in FACETS if name not in selections]}
    groups |= {name: [name] for name in FACETS if name in selections}
    asked: Json = {}
    for left_out, names in groups.items():
        keys = {key: found for name in names for key, found in _keys(name, chosen.get(name, ())).items()}
        rest = [query for name, query in selections.items() if name != left_out]
        # without a filter, which costs a tenth of the whole search even if it lets all through
        asked |= {f"without {left_out}": {"filter": {"bool": {"filter": rest}}, "aggs": keys}} if rest else keys
    return asked


def _keys(facet: str, chosen: Sequence[str]) -> Json:
    """The keys that are shown: all, or the largest and those that are chosen."""
    kind = FACETS[facet]
    by = {"field": facet_field(facet), "order": [{"_count": "desc"}, {"_key": "asc"}]}
    if kind.nested or kind.by_key:
        return {facet: {"terms": {**by, "size": _MOST_KEYS}}}
    found: Json = {facet: {"terms": {**by, "size": MOST_KEYS}}}
    if chosen:
        found[f"{facet}{_CHOSEN}"] = {"terms": {**by, "size": len(chosen), "include": list(chosen)}}
    return found


def _counts(aggregations: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """Records by facet and key."""
    counts: dict[str, dict[str, int]] = {}
    for group in (aggregations, *(found for found in aggregations.values() if "buckets" not in found)):
        for name, found in group.items():
            if name.removesuffix(_CHOSEN) in FACETS:
                facet = counts.setdefault(name.removesuffix(_CHOSEN), {})
                facet.update({entry["key"]: entry["doc_count"] for entry in found["buckets"]})
    return counts
