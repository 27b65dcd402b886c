"""Linksets: all typed links of a record, its files and its metadata documents, as JSON and as text.

`linkset.json` is `application/linkset+json`, `linkset` is `application/linkset`, the same links as in a header field.
Both name every file, however many: see `Format.names_all_files`.
Specified by: RFC 9264; FAIR Signposting, level 2.
"""

from collections.abc import Callable, Iterator
from hashlib import sha256

import orjson

from repository.formats.format import Format, source_digest
from repository.formats.signposts import HTML, Signpost, authors, items, signposts
from repository.records.identifiers import landing_iri
from repository.records.snapshot import Json, Site, Snapshot

Write = Callable[[Snapshot, Site], bytes]


def with_linksets(*described: Format) -> tuple[Format, ...]:
    """These formats, and the linksets that name them."""
    words = "\n".join(f"{form.file_name} {form.media_type} {form.title} {form.rules}" for form in described)
    rules = sha256(f"{source_digest(__name__)} {words}".encode()).hexdigest()[:16]

    def suiting(snapshot: Snapshot) -> list[Format]:
        return [form for form in described if form.suits(snapshot)]

    as_json = Format(
        name="linkset-json",
        title="Linkset, JSON",
        media_type="application/linkset+json",
        file_name="linkset.json",
        frozen=True,
        write=lambda snapshot, site: write_json(snapshot, site, suiting(snapshot)),
        rules=f"{rules}:json",
        relation="linkset",
        names_all_files=True,
    )
    as_text = Format(
        name="linkset",
        title="Linkset",
        media_type="application/linkset",
        file_name="linkset",
        frozen=False,
        write=lambda snapshot, site: write_text(snapshot, site, suiting(snapshot)),
        rules=f"{rules}:text",
        relation="linkset",
        names_all_files=True,
    )
    return (*described, as_json, as_text)


def write_json(snapshot: Snapshot, site: Site, formats: list[Format]) -> bytes:
    landing = landing_iri(site, snapshot.id)
    page: Json = {"anchor": landing}
    back = [{"href": landing, "type": HTML}]
    contexts = [page]
    for link in _of_page(snapshot, site, formats):
        page.setdefault(link.relation, []).append(_target(link))
        if link.relation == "describedby":
            contexts.append({"anchor": link.href, "describes": back})
    found = items(snapshot, site)
    if found:
        page["item"] = [_target(link) for link in found]
    contexts += [{"anchor": link.href, "collection": back} for link in found]
    return orjson.dumps({"linkset": contexts})


def write_text(snapshot: Snapshot, site: Site, formats: list[Format]) -> bytes:
    landing = landing_iri(site, snapshot.id)
    return ",\n".join(_lines(snapshot, site, formats, landing)).encode() + b"\n"


def _lines(snapshot: Snapshot, site: Site, formats: list[Format], landing: str) -> Iterator[str]:
    anchor = f'; anchor="{landing}"'
    for link in _of_page(snapshot, site, formats):
        yield f"{link}{anchor}"
        if link.relation == "describedby":
            yield f'<{landing}>; rel="describes"; type="{HTML}"; anchor="{link.href}"'
    for link in items(snapshot, site):
        yield f"{link}{anchor}"
        yield f'<{landing}>; rel="collection"; type="{HTML}"; anchor="{link.href}"'


def _of_page(snapshot: Snapshot, site: Site, formats: list[Format]) -> list[Signpost]:
    return [*signposts(snapshot, site, formats), *authors(snapshot)]


def _target(link: Signpost) -> Json:
    target = {"href": link.href}
    if link.media_type:
        target["type"] = link.media_type
    if link.title:
        target["title"] = link.title
    return target
