"""Terms of controlled vocabularies, as the domain sees them: looked up before validation and passed in."""

from collections.abc import Mapping

from repository.records.snapshot import Json

Reference = tuple[str, str]
"""(vocabulary type, term id), for example `("languages", "ces")`."""

Terms = Mapping[Reference, Json]
"""The terms that were looked up: `{id, title: {en, cs}, props: {}, tags: [], …}` in InvenioRDM's shape (affiliations,
funders: `name`, `identifiers`; names: `given_name`, `family_name`, `identifiers`; subjects: `subject`, `scheme`)."""

TYPES = (
    "affiliations",
    "awards",
    "code:developmentStatus",
    "code:programmingLanguages",
    "communitytypes",
    "contributorsroles",
    "creatorsroles",
    "datetypes",
    "descriptiontypes",
    "funders",
    "languages",
    "licenses",
    "names",
    "relationtypes",
    "removalreasons",
    "resourcetypes",
    "subjects",
    "titletypes",
)
SPECIFIC = ("affiliations", "awards", "funders", "names", "subjects")
"""Types with an endpoint of their own (`/api/affiliations`); the others are generic (`/api/vocabularies/<type>`)."""
