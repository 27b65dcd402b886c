"""Alternate and related identifiers, and related items."""

from typing import Any

from repository.formats.reading import identifiers, resource_types
from repository.formats.reading.intake import Intake, take, take_entries, text
from repository.formats.reading.spelling import compact
from repository.records.snapshot import Json

SOURCE = "source"
"""The type of an alternate identifier by which the place the document comes from knows it."""


class Alternates:
    """The record's own identifiers, without repetitions; `source` and `oai` are the first ones of these types. What
    this repository calls one of its records is left out: it names what it takes in by itself."""

    def __init__(self, doi: str) -> None:
        self._doi = doi.lower()
        self._found: dict[tuple[str, str], Json] = {}
        self.source = ""
        self.oai = ""

    def add(self, path: str, said: str, claim: str, intake: Intake) -> bool:
        """Adds one; tells whether the claim, its type, is represented as well."""
        if intake.known.is_own(said):
            self.oai = self.oai or (said if said.startswith("oai:") else "")
            return True
        identifier, scheme, borne_out = identifiers.classify(said, claim)
        if said.startswith("oai:") and compact(claim) == "oai":
            self.oai, borne_out = self.oai or said, True
        keep_spelling(path, said, identifier, intake)
        if scheme == "doi" and self._doi and identifier.lower() == self._doi:
            return borne_out
        if claim == SOURCE and not self.source:
            self.source = said
        if claim and not borne_out and compact(claim) in identifiers.NAMES:
            intake.change("identifier-scheme")
        key = (identifier, scheme)
        if key in self._found:
            intake.change("duplicate")
        self._found.setdefault(key, {"identifier": identifier, "scheme": scheme})
        return borne_out

    def take(self, document: Json, intake: Intake, lists: str, value_keys: tuple[str, ...], type_key: str) -> None:
        """Adds all of the list `lists`, which it takes: texts, or objects with a value and a type."""
        for path, value in take_entries(document, lists):
            entry = {value_keys[0]: value} if isinstance(value, str) else value
            said = take(entry, *value_keys) if isinstance(entry, dict) else ""
            if said and self.add(f"{path}.{value_keys[0]}", said, text(entry.get(type_key)), intake):
                del entry[type_key]
            intake.keep(path, entry)

    def all(self) -> list[Json]:
        return list(self._found.values())


class Relations:
    """Related identifiers, without repetitions."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, str], Json] = {}

    def add(self, identifier: str, scheme: str, relation: str, resource_type: str, intake: Intake) -> None:
        entry: Json = {"identifier": identifier, "scheme": scheme, "relation_type": {"id": relation}}
        if resource_type:
            entry["resource_type"] = {"id": resource_type}
        key = (identifier, scheme, relation)
        if key in self._found:
            intake.change("duplicate")
        if "resource_type" in self._found.setdefault(key, entry):
            return
        self._found[key] = entry

    def all(self) -> list[Json]:
        return list(self._found.values())

    def take(self, document: Json, intake: Intake, *keys: str) -> None:
        """Adds DataCite's relatedIdentifiers of the lists `keys`, which it takes."""
        for path, value in take_entries(document, *keys):
            entry = {"relatedIdentifier": value} if isinstance(value, str) else value
            if isinstance(entry, dict) and (said := take(entry, "relatedIdentifier")):
                claim = text(entry.get("relatedIdentifierType"))
                identifier, scheme, borne_out = identifiers.classify(said, claim)
                keep_spelling(f"{path}.relatedIdentifier", said, identifier, intake)
                if borne_out:
                    del entry["relatedIdentifierType"]
                elif claim:
                    intake.change("identifier-scheme")
                kind = take_linked_type(entry, "resourceTypeGeneral", intake)
                self.add(identifier, scheme, take_relation(entry, intake), kind, intake)
            intake.keep(path, entry)

    def take_item(self, path: str, entry: Json, intake: Intake) -> None:
        """Adds the identifier of one of DataCite's relatedItems, if it has one; the rest stays in the entry."""
        inner: Any = entry.get("relatedItemIdentifier")
        holder = inner if isinstance(inner, dict) else entry
        said = take(holder, "relatedItemIdentifier")
        if not said:
            return
        identifier, scheme, borne_out = identifiers.classify(said, text(holder.get("relatedItemIdentifierType")))
        keep_spelling(f"{path}.relatedItemIdentifier", said, identifier, intake)
        if borne_out:
            del holder["relatedItemIdentifierType"]
        kind = take_linked_type(entry, "relatedItemType", intake)
        self.add(identifier, scheme, take_relation(entry, intake), kind, intake)


def keep_spelling(path: str, said: str, identifier: str, intake: Intake) -> None:
    """Keeps an identifier as the document has it where its one spelling is another number: an ISBN of ten digits."""
    if identifier is not said and identifier != said:
        one, other = compact(identifier), compact(said)
        if one not in other and other not in one:
            intake.change("identifier")
            intake.keep(path, said)


def take_relation(entry: Json, intake: Intake) -> str:
    """The id of `relationType`; an unknown one stays in the entry and is called `other`."""
    said = text(entry.get("relationType"))
    relation = said.lower()
    if intake.known.has("relationtypes", relation):
        del entry["relationType"]
        return relation
    intake.change("relation")
    return "other"


def take_linked_type(entry: Json, key: str, intake: Intake) -> str:
    """The id of a related resource's type, empty (and the text stays) if it is none of ours."""
    found = resource_types.linked(text(entry.get(key)), intake)
    if found:
        del entry[key]
    return found
