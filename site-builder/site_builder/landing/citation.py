"""A citation in plain text: creators, year, title, version, publisher, identifier.

Specified by: DataCite Metadata Schema 4, Recommended citation form.
"""

from functools import cache

from repository.formats.citation import DEFAULT_LOCALE, FORMAT, locales
from repository.formats.dates import year
from repository.formats.text import plain_title
from repository.records.identifiers import subject_iri
from repository.records.snapshot import Site, Snapshot
from site_builder.texts import Texts

STYLES = (("APA", "apa"), ("Chicago", "chicago"), ("IEEE", "ieee"), ("ISO 690", "iso690"))
NAMED = 20
"""Of more creators the first ones are named, and the last."""


def citation(snapshot: Snapshot, site: Site, texts: Texts) -> str:
    metadata = snapshot.metadata
    names = [entry["person_or_org"].get("name", "") for entry in metadata.get("creators", ())]
    if len(names) > NAMED:
        names = [*names[: NAMED - 1], f"… {names[-1]}"]
    published = year(str(metadata.get("publication_date", "")))
    who = "; ".join(names)
    parts = [
        f"{who} ({published})" if published else who,
        plain_title(snapshot.title) or texts.untitled,
        texts.version.format(metadata["version"]) if metadata.get("version") else "",
        metadata.get("publisher") or site.name,
    ]
    return " ".join(f"{part.rstrip('.')}." for part in parts if part) + f" {subject_iri(site, snapshot)}"


@cache
def styles(language: str) -> tuple[tuple[str, str], ...]:
    """Styles by name, and the file with the citation in each: made when it is asked for, which takes longer than to
    render the whole page."""
    locale = language if language.lower() in locales() else DEFAULT_LOCALE
    return tuple((name, f"{FORMAT.file_name}?style={style}&locale={locale}") for name, style in STYLES)
