"""DataCite attributes for kernels before 4.7: words that an older list lacks are replaced or left out.

Specified by: DataCite Metadata Schema 4.6 and 4.1, appendix 1.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from repository.formats.datacite_terms import RELATED_LABELS
from repository.formats.iris import identifier_iri
from repository.records.snapshot import Json

_SCHEMES = {label: scheme for scheme, label in RELATED_LABELS.items()}


@dataclass(frozen=True, slots=True)
class Kernel:
    """What an older kernel lacks, in words of 4.7."""

    relations: Mapping[str, str]
    """To the next best one; to nothing where such a relation is left out."""
    labels: frozenset[str]
    """Types of identifiers; they are given as URLs, where they have one."""
    resource_types: Mapping[str, str]


KERNEL_4_6 = Kernel({"Other": ""}, frozenset({"RAiD", "SWHID"}), {"Poster": "Other", "Presentation": "Other"})
_TEXTS = (
    "Book BookChapter ConferencePaper ConferenceProceeding Dissertation Journal JournalArticle OutputManagementPlan "
    "PeerReview Preprint Report Standard StudyRegistration"
)
KERNEL_4_1 = Kernel(
    {
        "Other": "",
        "IsPublishedIn": "IsPartOf",
        "IsCollectedBy": "IsPartOf",
        "Collects": "HasPart",
        "IsTranslationOf": "IsVariantFormOf",
        "HasTranslation": "IsOriginalFormOf",
        "IsObsoletedBy": "",
        "Obsoletes": "",
    },
    frozenset({"CSTR", "RAiD", "RRID", "SWHID", "w3id"}),
    dict.fromkeys(_TEXTS.split(), "Text")
    | {"ComputationalNotebook": "Software"}
    | dict.fromkeys(("Award", "Instrument", "Poster", "Presentation", "Project"), "Other"),
)


def older_relations(entries: Iterable[Json], kernel: Kernel) -> Iterator[Json]:
    """relatedIdentifiers as the kernel can say them, each (identifier, relation) once."""
    found = set()
    for entry in entries:
        relation = kernel.relations.get(entry["relationType"], entry["relationType"])
        label, identifier = older_identifier(entry["relatedIdentifierType"], entry["relatedIdentifier"], kernel)
        if not relation or not identifier or (identifier, relation) in found:
            continue
        found.add((identifier, relation))
        older = {"relatedIdentifier": identifier, "relatedIdentifierType": label, "relationType": relation}
        general = entry.get("resourceTypeGeneral")
        yield older | ({"resourceTypeGeneral": kernel.resource_types.get(general, general)} if general else {})


def older_identifier(label: str, identifier: str, kernel: Kernel) -> tuple[str, str]:
    """Type and value; the value is empty if the kernel has no word for the type and the identifier leads nowhere."""
    if label not in kernel.labels:
        return label, identifier
    return "URL", identifier_iri(_SCHEMES[label], identifier)
