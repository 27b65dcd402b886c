"""Words of shipped vocabularies that pages need where no record brings them along."""

from functools import cache

from repository import vocabularies
from repository.api.localised import title
from repository.records.snapshot import Json


@cache
def _terms(kind: str) -> dict[str, Json]:
    return {term["id"]: term for term in vocabularies.load(kind)}


def removal_reason(term_id: str, language: str) -> str:
    """Why a record was withdrawn; an id that is not shipped stays as it is."""
    return _title("removalreasons", term_id, language)


def resource_type(term_id: str, language: str) -> str:
    """`publication` as people say it."""
    return _title("resourcetypes", term_id, language)


def resource_type_titles(term_id: str) -> dict[str, str]:
    """The same in all languages; empty if it is not shipped."""
    return dict(_terms("resourcetypes").get(term_id, {}).get("title") or {})


def _title(kind: str, term_id: str, language: str) -> str:
    term = _terms(kind).get(term_id)
    return title(term, language) if term else term_id
