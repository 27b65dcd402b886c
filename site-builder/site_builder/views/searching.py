"""The search form, and its results for browsers without scripts."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from flask import Response, request

from repository.api import errors
from repository.api.context import house, instance, viewer
from repository.errors import InvalidInput, Unreachable
from repository.search.arguments import search_of
from repository.search.cursors import Cursors
from repository.search.engine import BESTMATCH, SORTS, WINDOW, Bucket, Facet, Hits, Search
from repository.search.facets import FACETS, terms_in
from repository.search.highlights import Highlights
from repository.services import reading, vocabularies
from site_builder.context import pages
from site_builder.entries import joined, line
from site_builder.rendering import html, words

RESULTS = "/search/results"
YEARS_OFFERED = 15
"""Of more years the most recent ones, and those that are chosen."""
Arguments = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a facet, and the address that adds it to the search or takes it out."""

    label: str
    count: int
    href: str
    is_chosen: bool
    is_inner: bool


def form() -> Response:
    return html("search.html")


def results() -> Response:
    """The arguments are those of `/api/records`. What is shown of a hit comes from the database, never the index."""
    cursors = Cursors(instance().settings.secret)
    try:
        asked = search_of(request.args.to_dict(flat=False), viewer(), cursors)
        hits = house().search.search(asked)
    except InvalidInput as error:
        said = [message for field in error.errors for message in field.messages]
        return _page(400, message=" ".join(said) or error.message, text=request.args.get("q", ""))
    except Unreachable as error:
        return errors.later(_page(503, message=words().search_away, text=asked.text, kept=_kept(asked)), error)
    with instance().database.read() as connection:
        found = reading.fill(connection, viewer(), hits.ids)
    highlights, texts = Highlights(asked), words()
    following = cursors.following(asked, hits)
    is_cut = asked.order is None and hits.total > WINDOW
    last = max(1, -(-(WINDOW if is_cut else hits.total) // asked.size))
    return _page(
        text=asked.text,
        total=hits.total,
        correction=(hits.correction, _to(replace(asked, text=hits.correction).arguments())) if hits.correction else (),
        lines=joined(line(record.snapshot, texts, highlights.of(record.snapshot)) for record in found),
        facets=_facets(asked, hits),
        versions=_versions(asked),
        sorts=[(words().sorts[sort], _address(asked, sort=sort), sort == hits.sort_by) for sort in _sorts(asked)],
        kept=_kept(asked),
        page=asked.page,
        last=last,
        previous=_address(asked, page=asked.page - 1) if asked.page > 1 and not asked.after else "",
        next=_to(following) if following else "",
        beyond=_address(asked, sort="newest") if is_cut and not following else "",
    )


_NOTHING = {
    "message": "", "total": 0, "correction": (), "lines": (), "facets": (), "versions": (), "sorts": (), "kept": (),
    "page": 1, "last": 1, "previous": "", "next": "", "beyond": "",
}  # fmt: skip


def _page(status: int = 200, **values: object) -> Response:
    return html("results.html", status, cache="no-store", **{**_NOTHING, **values})


def _sorts(asked: Search) -> list[str]:
    return [*([BESTMATCH] if asked.text.strip() else []), *(sort for sort in SORTS if sort != "version")]


def _versions(asked: Search) -> tuple[str, str]:
    """What leads to all versions, or back to the newest ones."""
    other = replace(asked, all_versions=not asked.all_versions, page=1, after=None)
    return words().without_older if asked.all_versions else words().with_older, _to(other.arguments())


def _arguments(asked: Search) -> Arguments:
    return _needed(asked.arguments())


def _kept(asked: Search) -> Arguments:
    """What the form asks for again with other words."""
    return [pair for pair in _arguments(asked) if pair[0] not in ("q", "page")]


def _needed(arguments: Arguments) -> Arguments:
    """What the address needs to say; defaults are left out."""
    defaults = {"page": "1", "size": "25", "sort": Search(dict(arguments).get("q", "")).sort_by}
    return [(name, value) for name, value in arguments if defaults.get(name) != value]


def _to(arguments: Arguments) -> str:
    return f"{pages().base}{RESULTS}?{urlencode(_needed(arguments))}"


def _address(asked: Search, *, page: int = 1, sort: str = "") -> str:
    given = [(name, value) for name, value in _arguments(asked) if name not in ("page", *(["sort"] if sort else []))]
    given += [("page", str(page))] if page > 1 else []
    given += [("sort", sort)] if sort else []
    return f"{pages().base}{RESULTS}?{urlencode(given)}"


def _facets(asked: Search, hits: Hits) -> list[tuple[str, list[Choice]]]:
    """The facets that have something to choose, by their label."""
    labels = _labels(hits)
    found = [(words().facets.get(facet.name, facet.name), _choices(asked, facet, labels)) for facet in hits.facets]
    return [(label, choices) for label, choices in found if choices]


def _choices(asked: Search, facet: Facet, labels: Callable[[str, str], str]) -> list[Choice]:
    buckets = facet.buckets
    if facet.name == "publication_date":
        recent = buckets[-YEARS_OFFERED:]
        buckets = (*recent[::-1], *(bucket for bucket in buckets[:-YEARS_OFFERED] if bucket.selected))
    choices = []
    for bucket in buckets:
        choices.append(_choice(asked, facet.name, bucket.key, bucket, labels))
        choices += [
            _choice(asked, facet.name, f"{bucket.key}::{inner.key}", inner, labels, is_inner=True)
            for inner in bucket.inner
        ]
    return choices


def _choice(
    asked: Search,
    facet: str,
    key: str,
    bucket: Bucket,
    labels: Callable[[str, str], str],
    *,
    is_inner: bool = False,
) -> Choice:
    given = [(name, value) for name, value in _arguments(asked) if name != "page"]
    pair = (facet, key)
    given = [other for other in given if other != pair] if pair in given else [*given, pair]
    href = f"{pages().base}{RESULTS}?{urlencode(given)}"
    return Choice(labels(facet, bucket.key), bucket.count, href, bucket.selected, is_inner)


def _labels(hits: Hits) -> Callable[[str, str], str]:
    said = words()
    titles = vocabularies.titles(instance(), terms_in(hits.facets), said.language)

    def label(facet: str, key: str) -> str:
        if FACETS[facet].terms:
            return titles(FACETS[facet].terms, key)
        if facet == "access_status":
            return said.access.get(key, key)
        return key.upper() if facet == "file_type" else key

    return label
