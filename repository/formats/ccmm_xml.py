"""The Czech Core Metadata Model, which the national directory of research data harvests.

A record can be had in it that has a licence and a subject beside what publishing demands; `lacks` tells what it needs.
Specified by: CCMM 1.1.0, class Dataset; https://schema.ccmm.cz/research-data/1.1.
"""

from collections.abc import Iterator

from repository.errors import FieldError
from repository.formats.access_rights import stated_right, states_access
from repository.formats.ccmm_parts import (
    concept,
    distributions,
    element,
    identifier,
    joined,
    location,
    organisation,
    party,
    relation,
    said,
    texts,
    time_reference,
)
from repository.formats.ccmm_terms import (
    ALTERNATE_TITLE,
    DESCRIPTION_TYPE,
    RELATION_TYPE,
    SUBJECT_CATEGORY,
    subject_category,
)
from repository.formats.datacite_terms import CONTRIBUTOR_TYPES, DATE_TYPES, DESCRIPTION_TYPES, TITLE_TYPES
from repository.formats.datacite_terms import RELATION_TYPES as DATACITE_RELATIONS
from repository.formats.dates import year
from repository.formats.format import Format, OaiFormat, source_digest
from repository.formats.iris import clean_iri, identifier_iri
from repository.formats.languages import language_iri, language_tag
from repository.formats.licences import licence_iri
from repository.formats.schema_org_parts import award_iri
from repository.formats.text import clean, english, plain, plain_title
from repository.formats.xml_text import document
from repository.records.identifiers import concept_iri, landing_iri, subject_iri
from repository.records.snapshot import Json, Site, Snapshot

NAMESPACE = "https://schema.ccmm.cz/research-data/1.1"
_LOCATION = "https://model.ccmm.cz/research-data/dataset/schema.xsd"
_ROOT = (
    f'<dataset xmlns="{NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    f' xsi:schemaLocation="{NAMESPACE} {_LOCATION}">'
)
RELATION_TYPES = DATACITE_RELATIONS - {"Other"}


def write(snapshot: Snapshot, site: Site) -> bytes:
    return document(joined((_ROOT, *_dataset(snapshot, site), "</dataset>")))


def lacks(metadata: Json) -> tuple[FieldError, ...]:
    """What the model demands and these metadata, of a draft or a record, don't have."""
    return tuple(
        FieldError(f"metadata.{field}", (f"The Czech Core Metadata Model (CCMM) needs {what}.",), severity="info")
        for field, what, has in (
            ("title", "a title", bool(clean(plain_title(metadata.get("title") or "")))),
            ("publication_date", "a publication date", bool(_issued(metadata))),
            ("rights", "a licence", _licence(metadata) is not None),
            ("subjects", "at least one subject", any(_subject_texts(entry) for entry in metadata.get("subjects", ()))),
        )
        if not has
    )


def _dataset(snapshot: Snapshot, site: Site) -> Iterator[str]:
    metadata = snapshot.metadata
    yield element("iri", subject_iri(site, snapshot))
    yield _metadata_record(snapshot, site)
    yield from _identifiers(snapshot, site)
    yield element("version", metadata.get("version") or "")
    yield element("title", plain_title(snapshot.title))
    yield from _titles(snapshot)
    yield from _relations_to_agents(snapshot)
    yield element("publication_year", year(metadata.get("publication_date", "")))
    yield from _dates(snapshot)
    kind = metadata.get("resource_type") or {"id": ""}
    coar = snapshot.prop("resourcetypes", kind["id"], "coar")
    yield concept("resource_type", coar, texts("label", kind.get("title"))) if coar else ""
    yield from _languages(snapshot)
    yield _terms_of_use(snapshot)
    for entry in metadata.get("subjects", ()):
        yield _subject(entry, site)
    yield from _descriptions(snapshot)
    for feature in (metadata.get("locations") or {}).get("features", ()):
        yield location(feature)
    for entry in metadata.get("funding", ()):
        yield _funding(entry)
    yield from _related(snapshot)
    yield from distributions(snapshot, site)


def _metadata_record(snapshot: Snapshot, site: Site) -> str:
    """The record about the data set. Its manager is who is named as such, else the repository."""
    managers = [
        relation(party(entry), "Contributor/DataManager")
        for entry in snapshot.metadata.get("contributors", ())
        if (entry.get("role") or {}).get("id") == "datamanager"
    ]
    name = clean(site.name) or site.url
    standard = said("label", "Czech Core Metadata Model 1.1.0", "en")
    return joined((
        "<metadata_identification>",
        element("iri", landing_iri(site, snapshot.id)),
        *([each for each in managers if each] or (relation(organisation({"name": name}), "Contributor/DataManager"),)),
        element("date_updated", snapshot.updated[:10]),
        element("date_created", snapshot.created[:10]),
        concept("conforms_to_standard", NAMESPACE, standard),
        concept("original_repository", site.url, said("label", name)),
        "</metadata_identification>",
    ))  # fmt: skip


def _identifiers(snapshot: Snapshot, site: Site) -> Iterator[str]:
    yield identifier("doi", snapshot.doi) if snapshot.doi else identifier("url", landing_iri(site, snapshot.id))
    for entry in snapshot.metadata.get("identifiers", ()):
        yield identifier(entry.get("scheme", ""), entry["identifier"])


def _word(snapshot: Snapshot, vocabulary: str, term: Json, known: frozenset[str]) -> str:
    """DataCite's word for a term, `Other` where there is none; the model's lists have the same words."""
    word = snapshot.prop(vocabulary, term.get("id", ""), "datacite")
    return word if word in known else "Other"


def _titles(snapshot: Snapshot) -> Iterator[str]:
    for entry in snapshot.metadata.get("additional_titles", ()):
        title = said("title", plain_title(entry["title"]), language_tag(snapshot, entry))
        kind = entry.get("type") or {}
        iri = ALTERNATE_TITLE + _word(snapshot, "titletypes", kind, TITLE_TYPES)
        kind_of = concept("alternate_title_type", iri, texts("label", kind.get("title")))
        yield f"<alternate_title>{title}{kind_of}</alternate_title>" if title else ""


def _relations_to_agents(snapshot: Snapshot) -> Iterator[str]:
    metadata = snapshot.metadata
    for entry in metadata.get("creators", ()):
        yield relation(party(entry), "Creator")
    for entry in metadata.get("contributors", ()):
        role = entry.get("role") or {}
        word = _word(snapshot, "contributorsroles", role, CONTRIBUTOR_TYPES)
        yield relation(party(entry), f"Contributor/{word}", texts("label", role.get("title")))
    if metadata.get("publisher"):
        yield relation(organisation({"name": metadata["publisher"]}), "Publisher")


def _issued(metadata: Json) -> str:
    return time_reference(metadata.get("publication_date") or "", "Issued")


def _dates(snapshot: Snapshot) -> Iterator[str]:
    yield _issued(snapshot.metadata)
    until = (snapshot.access.get("embargo") or {}).get("until") or ""
    yield time_reference(until, "Available") if snapshot.access.get("status") == "embargoed" else ""
    for entry in snapshot.metadata.get("dates", ()):
        kind = entry.get("type") or {}
        word, labels = _word(snapshot, "datetypes", kind, DATE_TYPES), texts("label", kind.get("title"))
        yield time_reference(entry["date"], word, labels, entry.get("description") or "")


def _languages(snapshot: Snapshot) -> Iterator[str]:
    name = "primary_language"
    for entry in snapshot.metadata.get("languages", ()):
        iri = language_iri(snapshot, entry["id"])
        if iri:
            yield concept(name, iri, texts("label", entry.get("title")))
            name = "other_language"


def _licence(metadata: Json) -> Json | None:
    """The first of the rights that is a licence."""
    found = (entry for entry in metadata.get("rights", ()) if not states_access(entry))
    return next((entry for entry in found if entry.get("title") or entry.get("link") or entry.get("id")), None)


def _terms_of_use(snapshot: Snapshot) -> str:
    right = stated_right(snapshot)
    licence = _licence(snapshot.metadata) or {}
    link = licence_iri(licence)
    label = texts("label", licence.get("title")) or said("label", licence.get("id", ""))
    return joined((
        "<terms_of_use>",
        concept("access_rights", right.coar, said("label", right.title, "en")),
        f"<license>{element('iri', link)}{label}</license>",
        said("description", plain(snapshot.metadata.get("copyright") or "")),
        "</terms_of_use>",
    ))  # fmt: skip


def _subject_texts(entry: Json) -> str:
    if entry.get("id") and entry.get("title"):
        return texts("title", entry["title"])
    return said("title", clean(entry.get("subject") or ""))


def _subject(entry: Json, site: Site) -> str:
    title, known = _subject_texts(entry), entry.get("id", "")
    if not title:
        return ""
    if not known:
        return f"<subject>{title}</subject>"
    iri, code = subject_category(known)
    scheme = SUBJECT_CATEGORY if iri else concept_iri(site.url, "subjects", entry.get("scheme", ""))
    if not iri and known.startswith(("http://", "https://")):
        iri = clean_iri(known)
    in_scheme = concept("subject_scheme", scheme, said("label", entry["scheme"])) if entry.get("scheme") else ""
    return f"<subject>{element('iri', iri)}{title}{element('classification_code', code)}{in_scheme}</subject>"


def _descriptions(snapshot: Snapshot) -> Iterator[str]:
    yield _description(plain(snapshot.metadata.get("description") or ""), "", "Abstract", "")
    for entry in snapshot.metadata.get("additional_descriptions", ()):
        kind = entry.get("type") or {}
        word = _word(snapshot, "descriptiontypes", kind, DESCRIPTION_TYPES)
        text, labels = plain(entry["description"]), texts("label", kind.get("title"))
        yield _description(text, language_tag(snapshot, entry), word, labels)


def _description(text: str, tag: str, word: str, labels: str) -> str:
    kind = concept("description_type", DESCRIPTION_TYPE + word, labels)
    return f"<description>{said('description_text', text, tag)}{kind}</description>" if text else ""


def _funding(entry: Json) -> str:
    funder, award = organisation(entry.get("funder") or {}), entry.get("award") or {}
    if not funder:
        return ""
    known = element("iri", award_iri(award)) + element("local_identifier", award.get("number") or "")
    known += element("award_title", english(award.get("title")))
    return f"<funding_reference>{known}<funder>{funder}</funder></funding_reference>"


def _related(snapshot: Snapshot) -> Iterator[str]:
    for entry in snapshot.metadata.get("related_identifiers", ()):
        word = snapshot.prop("relationtypes", entry["relation_type"]["id"], "datacite")
        kind = entry.get("resource_type") or {"id": ""}
        coar = snapshot.prop("resourcetypes", kind["id"], "coar")
        of_type = concept("resource_type", coar, texts("label", kind.get("title"))) if coar else ""
        yield _resource(entry.get("scheme", ""), entry["identifier"], "", of_type, word)
    for entry in snapshot.metadata.get("references", ()):
        known = entry.get("identifier") or ""
        yield _resource(entry.get("scheme", "") if known else "", known, entry["reference"], "", "References")
    parent = snapshot.parent.get("pids", {}).get("doi", {}).get("identifier", "")
    yield _resource("doi", parent, "", "", "IsVersionOf") if parent else ""


def _resource(scheme: str, value: str, title: str, of_type: str, word: str) -> str:
    inner = element("iri", identifier_iri(scheme, value)) + identifier(scheme, value)
    inner += element("title", title or ("" if inner else value)) + of_type
    if word in RELATION_TYPES:
        inner += concept("resource_relation_type", RELATION_TYPE + word)
    return f"<related_resource>{inner}</related_resource>"


FORMAT = Format(
    name="ccmm-xml",
    title="Czech Core Metadata Model",
    media_type="application/vnd.ccmm+xml",
    file_name="ccmm.xml",
    frozen=False,
    write=write,
    rules=source_digest(__name__),
    oai=OaiFormat(prefix="ccmm-xml", namespace=NAMESPACE, schema=_LOCATION),
    lacks=lacks,
)
