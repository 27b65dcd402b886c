"""Pages of records: landing page, tombstone, formats, files, and the redirects that lead to them."""

import re

from flask import Response, after_this_request, redirect, request

from repository.api import files as file_api
from repository.api.answers import as_asked, named
from repository.api.bodies import truth
from repository.api.context import instance, viewer
from repository.errors import Forbidden, Gone, InvalidInput, Moved, NotFound
from repository.formats import FORMATS, Format, by_file_name, memento, suitable
from repository.formats.memento import moment
from repository.formats.schema_org import inline
from repository.formats.signposts import LINK_FORMAT, alternates, header, signposts
from repository.ld.negotiation import HTML, Offer, Plain, accepted, accepted_of, conforming
from repository.records.identifiers import doi_key, landing_iri, landing_path, parse_oai_identifier
from repository.records.snapshot import Snapshot
from repository.records.text import clean_html
from repository.records.visibility import ANONYMOUS, Viewer, sight, visible_versions
from repository.services import reading
from site_builder.context import pages
from site_builder.landing.citation import citation
from site_builder.landing.head import head
from site_builder.landing.page import Version, landing_page, version_list
from site_builder.preview import draft_snapshot
from site_builder.rendering import PERSONAL, PUBLIC, document, html, is_personal, kept, words
from site_builder.texts import day_text
from site_builder.vocabulary import removal_reason

_OFFERS: tuple[Plain | Format, ...] = (HTML, *FORMATS)
_NEGOTIATED = ("Accept", "Accept-Profile")
_ID = re.compile(r"[0-9a-z-]{1,40}")


def landing(record_id: str) -> Response:
    """By `Accept` the page or a format; who may not know of the record gets the same page as for an unknown id."""
    _check_id(record_id)
    wanted = request.headers.get("Accept")
    profile = request.headers.get("Accept-Profile")
    offer = _chosen(wanted, profile, _OFFERS)
    if isinstance(offer, Format):
        snapshot = pages().source.record(record_id).snapshot
        offers: tuple[Plain | Format, ...] = (HTML, *suitable(snapshot))
        offer = offer if offer in offers else _chosen(wanted, profile, offers)
        if isinstance(offer, Format):
            return _format(snapshot, offer)
    if truth("preview"):
        preview = _preview(record_id)
        if preview is not None:
            return preview
    try:
        record = pages().source.record(record_id)
    except Forbidden as error:
        raise NotFound from error
    return _page(record.snapshot, files_visible=record.files_visible)


def _chosen(accept: str | None, profile: str | None, offers: tuple[Plain | Format, ...]) -> Plain | Format:
    """Raises NotAcceptable."""
    obeying = conforming(profile, offers, _profiles) if profile else offers
    return accepted(accept, offers) if obeying == offers else accepted_of(accept, obeying)


def _profiles(offer: Offer) -> tuple[str, ...]:
    return offer.profiles if isinstance(offer, Format) else ()


def _page(snapshot: Snapshot, *, files_visible: bool, draft: bool = False) -> Response:
    here = pages()
    public = sight(snapshot) in ("full", "without_files") and not draft
    said, formats = words(), suitable(snapshot)
    shown = here.source.previews(snapshot) if files_visible and not draft else ()
    page = landing_page(
        snapshot, viewer(), here.site, here.fields, said, files_visible=files_visible, draft=draft, shown=shown
    )
    response = html(
        "landing.html",
        cache=PUBLIC if public else PERSONAL,
        page=page,
        head=head(snapshot, here.site, formats, said.base) if public else None,
        json_ld=inline(snapshot, here.site) if public else "",
        formats=[form for form in formats if form.relation == "describedby"] if not draft else (),
    )
    if here.is_live:
        response.vary.update(_NEGOTIATED)
        if not draft:
            _link(response, header(list(signposts(snapshot, here.site, formats))))
            response.headers["Memento-Datetime"] = moment(snapshot)
    return response


def _preview(record_id: str) -> Response | None:
    """The draft, for those who may see it; None for all others and where there is none."""
    try:
        snapshot = draft_snapshot(instance(), viewer(), record_id)
    except (NotFound, Forbidden):
        return None
    return _page(snapshot, files_visible=True, draft=True)


def tombstone(error: Gone) -> Response:
    """410: what is left of a record. Its citation is shown unless it was closed or erased."""
    record_id = (request.view_args or {}).get("record_id", "")
    snapshot = pages().source.state(record_id)
    said, left = words(), error.tombstone
    is_known = snapshot is not None and snapshot.state == "withdrawn" and not snapshot.closed
    made = citation(snapshot, pages().site, said) if is_known and snapshot is not None else ""
    return html(
        "tombstone.html",
        410,
        heading=said.erased if snapshot is not None and snapshot.state == "erased" else said.gone,
        citation=left.get("citation_text") or made,
        reason=removal_reason((left.get("removal_reason") or {}).get("id", ""), said.language),
        note=clean_html(left.get("note") or ""),
        date=day_text(left["removal_date"], said.language) if left.get("removal_date") else "",
        versions=_others(snapshot, viewer()) if snapshot is not None else (),
    )


def _others(snapshot: Snapshot, asking: Viewer) -> tuple[Version, ...]:
    listed = version_list(visible_versions(snapshot, asking), snapshot, words())
    return tuple(version for version in listed if not version.is_this)


def as_file(record_id: str, file_name: str) -> Response:
    """`/records/<id>/record.ttl`."""
    _check_id(record_id)
    form = by_file_name(file_name)
    if form is None:
        raise NotFound
    snapshot = pages().source.record(record_id).snapshot
    if not form.suits(snapshot):
        raise NotFound
    return _format(snapshot, form)


def _format(snapshot: Snapshot, form: Format) -> Response:
    form = as_asked(form)
    shown = pages().source.whole(snapshot) if form.names_all_files else snapshot
    response = document(form.write(shown, pages().site), named(form))
    response.headers["Content-Location"] = f"{landing_path(snapshot.id)}/{form.file_name}"
    # some formats are read by their names only, as RO-Crate's `ro-crate-metadata.json` is
    response.headers["Content-Disposition"] = f"inline; filename={form.file_name.partition('?')[0]}"
    response.vary.update(_NEGOTIATED)
    if form.relation == "describedby":
        links = [f'<{landing_iri(pages().site, snapshot.id)}>; rel="describes"; type="text/html"']
        _link(response, ", ".join(links + alternates(snapshot, pages().site, suitable(snapshot))))
    if form.profiles:
        response.headers["Content-Profile"] = f"<{form.profiles[0]}>"
    return response


def timemap(record_id: str) -> Response:
    """The versions that whoever asks may see, with the times at which they were published."""
    listed = _versions(record_id)
    return document(memento.timemap(listed, pages().site, listed[0].parent_id, record_id), LINK_FORMAT)


def timegate(record_id: str) -> Response:
    """Leads to the version of the time in `Accept-Datetime`, of those that whoever asks may see."""
    listed = _versions(record_id)
    links = memento.time_links(pages().site, listed[0].parent_id, listed[0].id)

    @after_this_request
    def _tell(response: Response) -> Response:
        response.vary.add("accept-datetime")
        _link(response, links)
        return response

    said = request.headers.get("Accept-Datetime")
    try:
        when = memento.asked(said) if said is not None else None
    except ValueError as error:
        raise InvalidInput("Accept-Datetime is no date as HTTP writes them: Mon, 05 Feb 2024 10:00:00 GMT.") from error
    return _to(memento.version_at(listed, when).id)


def _versions(record_id: str) -> list[Snapshot]:
    """At least one. Raises NotFound where whoever asks may know of none."""
    _check_id(record_id)
    try:
        versions = reading.versions(instance(), viewer(), record_id)
    except Forbidden as error:
        raise NotFound from error
    if not versions:
        raise NotFound
    return [version.snapshot for version in versions]


def _link(response: Response, value: str) -> None:
    response.headers["Link"] = value


def file(record_id: str, key: str) -> Response:
    """The bytes, by Range as well."""
    _check_id(record_id)
    if "\0" in key:
        raise NotFound
    record, found = reading.file(instance(), viewer(), record_id, key)
    is_public = sight(record.snapshot, ANONYMOUS) == "full" and not is_personal()
    response = file_api.send(found, cacheable=is_public)
    _link(response, f'<{landing_iri(pages().site, record_id)}>; rel="collection"; type="text/html"')
    return response


def latest(record_id: str) -> Response:
    _check_id(record_id)
    try:
        return _to(reading.newest(instance(), viewer(), record_id))
    except Forbidden as error:
        raise NotFound from error


def by_doi(doi: str) -> Response:
    holder = reading.holder_of_doi(instance(), viewer(), doi_key(doi)) if doi.isprintable() else None
    if holder is None:
        raise NotFound
    return _to_seen(holder)


def by_oai_identifier(identifier: str) -> Response:
    record_id = parse_oai_identifier(pages().site.oai_domain, identifier)
    if record_id is None or not _ID.fullmatch(record_id):
        raise NotFound
    return _to_seen(record_id)


def _to_seen(record_id: str) -> Response:
    """Leads only to what is there for whoever asks, tombstones too: else a redirect would tell of a closed record."""
    try:
        pages().source.record(record_id)
    except Forbidden as error:
        raise NotFound from error
    except Gone:
        pass
    except Moved as error:
        return _to(error.record_id)
    return _to(record_id)


def _to(record_id: str) -> Response:
    response: Response = redirect(pages().base + landing_path(record_id), 302)  # type: ignore[assignment]
    return kept(response)


def _check_id(record_id: str) -> None:
    """Raises NotFound for what can't be an id, before a database has to look at it."""
    if not _ID.fullmatch(record_id):
        raise NotFound
