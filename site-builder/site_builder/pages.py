"""The blueprint of all pages: one table of their URLs, who asks, and what an error looks like.

Static and live are the same views: `serve` mounts them for what is not frozen, the freezer freezes them.
"""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response, g, redirect, request
from flask.blueprints import BlueprintSetupState

from repository.api.context import SAFE_METHODS, check_csrf, identify
from repository.api.errors import STATUS
from repository.errors import ColophonError, Forbidden, Gone, InvalidInput, Moved
from repository.formats.memento import time_links
from repository.records.identifiers import landing_path
from repository.services.instance import Instance
from site_builder import axes
from site_builder.context import Pages, pages, pages_of
from site_builder.live import LiveSource
from site_builder.rendering import html, words
from site_builder.views import (
    accounts,
    catalog,
    concepts,
    documents,
    feed,
    interfaces,
    lists,
    previews,
    records,
    resourcesync,
    searching,
    sitemaps,
    standing,
    stream,
)
from site_builder.views import axes as axis_views
from site_builder.views.records import tombstone


@dataclass(frozen=True, slots=True)
class Route:
    methods: tuple[str, ...]
    path: str
    view: Callable[..., Response]
    does: str
    is_page: bool
    """Whether it is for people, or leads them on: then it has an address in each language."""


def _page(path: str, view: Callable[..., Response], does: str, methods: str = "GET") -> Route:
    return Route(tuple(methods.split()), path, view, does, is_page=True)


def _route(path: str, view: Callable[..., Response], does: str) -> Route:
    return Route(("GET",), path, view, does, is_page=False)


ASSETS = "/static/"
LARGEST_FORM = 100_000
"""Bytes of what a form sends."""
_AXIS = f"/browse/<any({', '.join(axes.AXES)}):axis>"
ROUTES: tuple[Route, ...] = (
    _page("/", lists.home, "home"),
    _page("/records/<record_id>", records.landing, "landing page, or the format that `Accept` asks for"),
    _page("/records/<record_id>/latest", records.latest, "redirect to the newest version"),
    _route("/records/<record_id>/timemap", records.timemap, "its versions and their times, as a Memento TimeMap"),
    _route("/records/<record_id>/timegate", records.timegate, "redirect to its version at the time `Accept-Datetime`"),
    _route("/records/<record_id>/<file_name>", records.as_file, "one format as a file"),
    _route("/records/<record_id>/files/<path:key>", records.file, "bytes of a file; `?download=1` to save it"),
    _route(
        "/records/<record_id>/previews/<name>", previews.picture, "a picture among its files, made smaller, in WebP"
    ),
    _route("/doi/<path:doi>", records.by_doi, "redirect to the record with this DOI"),
    _route("/oai/<path:identifier>", records.by_oai_identifier, "redirect to the record with this OAI identifier"),
    _page("/browse/", lists.years, "records by year of publication"),
    _page("/browse/<path:node>/", lists.browse, "records of a year, month (`00`: not given), day, beginning of id"),
    _page(f"{_AXIS}/", axis_views.names, "types, subjects, licences, languages, creators or affiliations"),
    _page(f"{_AXIS}/{axes.LETTERS}/<beginning>/", axis_views.names, "those whose names begin so"),
    _page(f"{_AXIS}/<key>/", axis_views.records, "records of one of them"),
    _page(f"{_AXIS}/<key>/<path:rest>/", axis_views.records, "those of a year, month, day, beginning of id"),
    _page("/communities/", standing.communities, "communities; there are none yet"),
    _page("/search", searching.form, "search form"),
    _page(
        "/search/results",
        searching.results,
        "results as a page, with the arguments of `/api/records`; while the search engine is away, the form with what "
        "was asked, 503 and `Retry-After`",
    ),
    _page("/login", accounts.login, "sign in; `next=` leads to a path of this site", "GET POST"),
    _page("/logout", accounts.logout, "sign out", "GET POST"),
    _page("/uploads/<record_id>", standing.upload, "redirect to `/deposit?id=`"),
    _page("/deposit", standing.deposit, "how to deposit"),
    _page("/about/", standing.about, "what this repository is, and its addresses for machines"),
    _page("/about/<name>", standing.text, "a text page: `policies`, `help`, `developers`, or one of the instance"),
    _page("/styleguide", standing.styleguide, "every component in both themes"),
    _page("/404.html", standing.not_found, "the page of unknown addresses, for web servers in front"),
    _route("/robots.txt", sitemaps.robots, "rules for crawlers"),
    _route("/sitemap.xml", sitemaps.index, "sitemap index"),
    _route("/sitemaps/<shard>.xml", sitemaps.sitemap, "sitemap of a month or of a part of it; `pages` of other pages"),
    _route("/sitemaps/<language>/<shard>.xml", sitemaps.sitemap_in, "the same of the pages in a further language"),
    _route(
        "/schemas/<name>", standing.schema, "JSON-LD contexts, SHACL shapes and JSON Schemas, a version in each name"
    ),
    _route("/catalog.<suffix>", catalog.root, "the DCAT catalogue: `ttl`, `jsonld`, `rdf`, `nt`"),
    _route("/catalog/<node>.ttl", catalog.page, "records of a month of publication or a part of it"),
    _route("/ldes", stream.root, "event stream of changes (LDES, TREE)"),
    _route("/changes/<node>.ttl", stream.page, "changes of a month or a part of it"),
    _route("/.well-known/resourcesync", resourcesync.source, "ResourceSync: source description"),
    _route("/resourcesync/capabilitylist.xml", resourcesync.capabilities, "ResourceSync: capability list"),
    _route("/resourcesync/resourcelist.xml", sitemaps.resource_lists, "ResourceSync: index of resource lists"),
    _route("/resourcesync/changelist.xml", resourcesync.change_lists, "ResourceSync: index of change lists"),
    _route("/resourcesync/recent.xml", resourcesync.recent, "ResourceSync: the last 250 changes as one list"),
    _route("/resourcesync/changes/<node>.xml", resourcesync.changes, "landing pages that came, changed, or went"),
    _route("/resourcesync/documents/capabilitylist.xml", documents.capabilities, "ResourceSync: the same of documents"),
    _route(
        "/resourcesync/documents/resourcelist.xml",
        documents.resource_lists,
        "ResourceSync: index of lists of metadata documents and files",
    ),
    _route("/resourcesync/documents/resources/<node>.xml", documents.resource_list, "those of a month or a part of it"),
    _route("/resourcesync/documents/changelist.xml", documents.change_lists, "ResourceSync: index of their changes"),
    _route(
        "/resourcesync/documents/recent.xml",
        documents.recent,
        "ResourceSync: those of the last 250 changes",
    ),
    _route("/resourcesync/documents/changes/<node>.xml", documents.changes, "documents that came, changed, or went"),
    _route("/.well-known/security.txt", standing.security, "whom to tell of a weakness, where the settings say it"),
    _route("/manifest.webmanifest", standing.manifest, "name, colours and icons, for browsers"),
    _route("/favicon.ico", standing.favicon, "the icon, for those who ask without having read a page"),
    _route("/feed.xml", feed.feed, "Atom feed of the records that changed last"),
    _route("/feeds/<key>.xml", feed.of_type, "the same of the records of one type"),
    _route("/opensearch.xml", interfaces.opensearch, "how to search here, for browsers (OpenSearch)"),
    _route("/.well-known/void", interfaces.void, "the repository as a dataset (VoID)"),
    _route("/.well-known/api-catalog", interfaces.api_catalog, "every interface, as a link set (RFC 9727)"),
    _page("/vocabularies/", concepts.index, "the vocabularies whose terms are concepts"),
    _page(
        "/vocabularies/<kind>",
        concepts.scheme,
        "a concept scheme: page, or SKOS by `Accept`, `.ttl`, `.jsonld`, `.rdf`, `.nt`",
    ),
    _page("/vocabularies/<kind>/<path:term_id>", concepts.concept, "a concept: page, or SKOS in the same ways"),
    _route(f"{ASSETS}<name>", standing.asset, "style sheet, icons and logo, named by their digest"),
)


def create_blueprint(instance: Instance) -> Blueprint:
    """The pages of a serving process, `error_page` included."""
    blueprint = _blueprint(
        pages_of(instance.settings, instance.rules.custom_fields, LiveSource(instance), is_live=True)
    )
    blueprint.before_request(_identify)
    return blueprint


def create_frozen_blueprint(pages: Pages) -> Blueprint:
    """The pages as they are frozen: nobody asks."""
    return _blueprint(pages)


def _blueprint(pages: Pages) -> Blueprint:
    blueprint = Blueprint("site", __name__)
    for number, route in enumerate(ROUTES):
        for texts in pages.languages if route.is_page else pages.languages[:1]:
            name = f"{number}{texts.base.replace('/', '-')}"
            blueprint.add_url_rule(texts.base + route.path, name, route.view, methods=list(route.methods))

    @blueprint.record_once
    def keep(state: BlueprintSetupState) -> None:
        state.app.extensions["site"] = pages

    return blueprint


def _identify() -> None:
    """A form proves by its field what a script proves by a header: that it comes from a page of ours."""
    g.identity = None
    if request.path.startswith(ASSETS):  # the same for everybody, so nobody's session is read
        return
    if request.method in SAFE_METHODS:
        identify()
    else:
        request.max_content_length = LARGEST_FORM
        try:
            check_csrf(request.form.get("csrf_token", ""))
        except Forbidden as error:
            raise Forbidden(words().no_cookie) from error


def error_page(status: int, message: str, error: ColophonError | None) -> Response:
    """The answer of a path outside `/api` to an error. See `repository.api.errors`."""
    if isinstance(error, Moved):
        return _moved(error)
    if isinstance(error, Gone):
        return tombstone(error)
    heading, text, said_in = _words(status, message)
    if isinstance(error, InvalidInput):
        text = " ".join((text, *(said for field in error.errors for said in field.messages)))
    values = {"heading": heading, "text": text, "said_in": said_in, "status": status}
    return html("error.html", status, cache="no-store", **values)


def error_response(error: ColophonError) -> Response:
    return error_page(STATUS[type(error)], error.message, error)


def _moved(error: Moved) -> Response:
    """To the same page of the record that took the place of the one that was asked for: what is behind all versions,
    whose address names its time gate. Specified by: RFC 7089, 4.1."""
    given = (request.view_args or {}).get("record_id", "")
    base = pages().base
    rest = request.path.removeprefix(base + landing_path(given)) if given else ""
    target = base + landing_path(error.record_id) + ("" if rest == "/latest" else rest)
    response: Response = redirect(target, 302)  # type: ignore[assignment]
    if given and not rest:
        response.headers["Link"] = time_links(pages().site, given, error.record_id)
    return response


def _words(status: int, message: str) -> tuple[str, str, str]:
    """Heading, text, and the language of the text: that of the page, or else the English of all that is told of errors.
    What is not there and what may not be known of get the same words."""
    said = words()
    match status:
        case 404:
            return said.not_found, said.not_found_explained, said.language
        case 401 | 403:
            return said.forbidden, message, said.language if message == said.no_cookie else "en"
        case 406:
            return said.not_acceptable, message, "en"
        case _:
            return (said.failed if status >= 500 else said.wrong_request), message, "en"
