"""Terms, names and schemes of another InvenioRDM's records, brought to ours before the rules see them.

Everything is changed in place; what is replaced is kept.
"""

from typing import Any

from repository.formats.reading import identifiers, languages, resource_types
from repository.formats.reading.intake import Intake, take, text
from repository.formats.reading.names import word_set
from repository.records import schemes
from repository.records.snapshot import Json

_OTHER_WHERE_UNKNOWN = (
    ("additional_titles", "type", "titletypes"),
    ("additional_descriptions", "type", "descriptiontypes"),
    ("dates", "type", "datetypes"),
    ("contributors", "role", "contributorsroles"),
    ("related_identifiers", "relation_type", "relationtypes"),
)
"""(list, required term of its entries, vocabulary): an unknown one becomes `other`."""


def adapt(metadata: Json, intake: Intake) -> None:
    _adapt_type(metadata, intake)
    for key, inner, vocabulary in _OTHER_WHERE_UNKNOWN:
        for path, entry in _entries(metadata, key):
            _known_or_other(path, entry, inner, vocabulary, intake)
    for path, entry in _entries(metadata, "languages"):
        _adapt_language(path, entry, intake)
    for key in ("additional_titles", "additional_descriptions"):
        for path, entry in _entries(metadata, key):
            if isinstance(entry.get("lang"), dict):
                _adapt_language(f"{path}.lang", entry["lang"], intake)
    for path, entry in _entries(metadata, "related_identifiers"):
        _adapt_scheme(path, entry, intake)
    for key in ("creators", "contributors"):
        for path, entry in _entries(metadata, key):
            _adapt_person(path, entry, intake)
    for path, entry in _entries(metadata, "rights"):
        _free_unless_known(path, entry, "licenses", intake)
    for path, entry in _entries(metadata, "subjects"):
        _free_unless_known(path, entry, "subjects", intake)
    for path, entry in _entries(metadata, "funding"):
        _adapt_funding(path, entry, intake)


def _entries(parent: Json, key: str) -> list[tuple[str, Json]]:
    value = parent.get(key)
    entries = enumerate(value) if isinstance(value, list) else ()
    return [(f"metadata.{key}.{number}", entry) for number, entry in entries if isinstance(entry, dict)]


def _id(value: Any) -> str:
    return text(value.get("id")) if isinstance(value, dict) else ""


def _adapt_type(metadata: Json, intake: Intake) -> None:
    said = _id(metadata.get("resource_type"))
    if not said or intake.known.has("resourcetypes", said):
        return
    intake.change("resource-type")
    intake.keep("metadata.resource_type", metadata["resource_type"])
    narrow = resource_types.of_text(said.rpartition("-")[2], intake)
    broad = said.partition("-")[0]
    found = narrow or (broad if intake.known.has("resourcetypes", broad) else "other")
    metadata["resource_type"] = {"id": found}


def _known_or_other(path: str, entry: Json, key: str, vocabulary: str, intake: Intake) -> None:
    value = entry.get(key)
    if not intake.known.has(vocabulary, _id(value)):
        intake.change("term")
        intake.keep(f"{path}.{key}", value)
        entry[key] = {"id": "other"}


def _adapt_language(path: str, entry: Json, intake: Intake) -> None:
    said = _id(entry)
    found, whole = languages.identify(said, intake)
    if found and found != said:
        intake.change("language")
        if not whole:
            intake.keep(f"{path}.id", said)
        entry["id"] = found


def _adapt_scheme(path: str, entry: Json, intake: Intake) -> None:
    said, claim = text(entry.get("identifier")), text(entry.get("scheme"))
    if not said or (claim.lower() in schemes.RECORD and schemes.is_valid(said, claim.lower())):
        return
    identifier, scheme, borne_out = identifiers.classify(said, claim)
    if claim and not borne_out:
        intake.change("identifier-scheme")
        intake.keep(f"{path}.scheme", claim)
    entry["identifier"], entry["scheme"] = identifier, scheme


def _adapt_person(path: str, entry: Json, intake: Intake) -> None:
    """The parts of an organisation's name, and a person's name that is not the one made of its parts, are kept."""
    person = entry.get("person_or_org")
    label = ""
    if isinstance(person, dict):
        label = text(person.get("name"))
        parts = ", ".join(filter(None, (text(person.get("family_name")), text(person.get("given_name")))))
        if person.get("type") == "organizational":
            for key in ("family_name", "given_name"):
                intake.keep(f"{path}.person_or_org.{key}", person.pop(key, None))
        elif label and not text(person.get("family_name")):
            person["family_name"] = label
            intake.change("name")
        elif label and word_set(label) != word_set(parts):
            intake.keep(f"{path}.person_or_org.name", label)
        _name_person(path, person, label or parts, intake)
    affiliations = entry.get("affiliations")
    for number, affiliation in enumerate(affiliations if isinstance(affiliations, list) else ()):
        if isinstance(affiliation, dict):
            where = f"{path}.affiliations.{number}"
            _free_unless_known(where, affiliation, "affiliations", intake)
            if "id" not in affiliation:
                intake.keep(f"{where}.identifiers", affiliation.pop("identifiers", None))


def _name_person(path: str, person: Json, label: str, intake: Intake) -> None:
    given = person.get("identifiers")
    for entry in given if isinstance(given, list) else ():
        if isinstance(entry, dict) and label:
            said = text(entry.get("identifier"))
            if text(entry.get("scheme")) == "orcid" and (orcid := schemes.orcid(said)):
                intake.name_term("names", orcid, label, path)
            elif text(entry.get("scheme")) == "ror" and (ror := schemes.ror(said)):
                intake.terms.setdefault(("affiliations", ror), label)


_WORDS = {"affiliations": "name", "funders": "name", "licenses": "title", "subjects": "subject"}
"""Vocabulary → the field that says in words what an id would."""


def _free_unless_known(path: str, entry: Json, vocabulary: str, intake: Intake) -> None:
    """An entry with an unknown id goes on with its words, without words with the id as such; a valid ROR id is brought
    into the vocabulary."""
    said, words_key = _id(entry), _WORDS[vocabulary]
    if not said:
        return
    words = text(entry.get(words_key))
    if vocabulary in ("affiliations", "funders") and (ror := schemes.ror(said)):
        known = intake.known.names.get((vocabulary, ror), "")
        intake.name_term(vocabulary, ror, words or known or f"https://ror.org/{ror}", f"{path}.name")
        entry["id"] = ror
        return
    if intake.known.has(vocabulary, said):
        return
    intake.change("term")
    del entry["id"]
    if entry.get(words_key):
        intake.keep(f"{path}.id", said)
    else:
        entry[words_key] = {"en": said} if vocabulary == "licenses" else said


def _adapt_funding(path: str, entry: Json, intake: Intake) -> None:
    funder, award = entry.get("funder"), entry.get("award")
    if isinstance(funder, dict):
        _free_unless_known(f"{path}.funder", funder, "funders", intake)
    said = _id(award)
    if isinstance(award, dict) and said and not intake.known.has("awards", said):
        intake.change("term")
        intake.keep(f"{path}.award.id", take(award, "id"))
        if not award.get("number") and not award.get("title"):
            award["number"] = said.rpartition("::")[2]
