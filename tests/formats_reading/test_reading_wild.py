"""Whatever a file holds, reading it never raises, is no fault of a reader, and gives only valid deposits."""

import io
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from repository.errors import FieldError
from repository.formats.reading import FAULT, Known, read
from repository.formats.reading.datacite_dialects import FIELDS
from repository.records.deposit import Deposit
from tests.formats_reading.leaves import json_leaves, lost
from tests.formats_reading.samples import ORCID, ROR, datacite, invenio, resource

Check = Callable[..., None]
WORDS = (
    "", " ", "Personal", "Issued", "Abstract", "2001", "2001-02-03T04:05:06Z", "10.1234/x", "https://doi.org/10.1/x",
    "https://ror.org/" + ROR, ROR, ORCID, "DOI", "ROR", "ORCID", "URL", "http://[x", "en", "CC-BY-4.0", "a<b>c&d",
    "é\u0301", "\x00", "12.5", "Text", "IsPartOf", "Editor", "Carberry, Josiah", "(:unkn)", "{\x85}",
)  # fmt: skip
INNER = [
    "name", "nameType", "givenName", "familyName", "nameIdentifiers", "nameIdentifier", "nameIdentifierScheme",
    "schemeUri", "affiliation", "affiliationIdentifier", "affiliationIdentifierScheme", "contributorType", "title",
    "titleType", "lang", "description", "descriptionType", "date", "dateType", "dateInformation", "subject",
    "identifier", "identifierType", "alternateIdentifier", "alternateIdentifierType", "rights", "rightsUri",
    "rightsIdentifier", "relatedIdentifier", "relatedIdentifierType", "relationType", "resourceTypeGeneral",
    "resourceType", "geoLocationPlace", "geoLocationPoint", "pointLatitude", "pointLongitude", "geoLocationBox",
    "geoLocationPolygon", "polygonPoint", "funderName", "funderIdentifier", "funderIdentifierType", "awardNumber",
    "awardTitle", "awardUri", "relatedItemType", "titles", "type", "volume", "relatedItemIdentifier", "id",
    "attributes",
]  # fmt: skip
RDM = [
    "resource_type", "creators", "contributors", "title", "additional_titles", "publication_date", "publisher",
    "subjects", "dates", "languages", "identifiers", "related_identifiers", "rights", "description",
    "additional_descriptions", "locations", "funding", "references", "version",
]  # fmt: skip
RDM_INNER = [
    "id", "person_or_org", "type", "family_name", "given_name", "name", "identifiers", "identifier", "scheme",
    "role", "affiliations", "title", "lang", "date", "description", "subject", "relation_type", "resource_type",
    "link", "features", "geometry", "place", "coordinates", "funder", "award", "number", "reference",
]  # fmt: skip

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(WORDS)
    | st.text(max_size=20)
)


def values(keys: list[str]) -> st.SearchStrategy[Any]:
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(keys), inner, max_size=4),
        max_leaves=12,
    )


@pytest.fixture
def check(known: Known, problems: Callable[[Deposit], tuple[FieldError, ...]]) -> Check:
    """Reads a file and looks at what comes of it; of a document whose values are given, none may be lost."""

    def check_content(content: bytes, document: Any = None) -> None:
        for item in read(io.BytesIO(content), "wild", known, fill_missing=True):
            assert item.source.startswith("wild")
            if isinstance(item, Deposit):
                assert problems(item) == (), item
                if document is not None:
                    assert lost(json_leaves(document), item, known) == [], item
            else:
                assert item.field != FAULT, item

    return check_content


wild = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None, max_examples=150
)


@wild
@given(fields=st.dictionaries(st.sampled_from(sorted(FIELDS)) | st.text(max_size=5), values(INNER), max_size=6))
def test_any_datacite_json(check: Check, fields: dict[str, Any]) -> None:
    document = datacite() | fields
    check(orjson.dumps(document), document)


@wild
@given(fields=st.dictionaries(st.sampled_from(RDM), values(RDM_INNER), max_size=5), rest=values(RDM_INNER))
def test_any_inveniordm_json(check: Check, fields: dict[str, Any], rest: Any) -> None:
    document = invenio(metadata=fields, parent=rest, pids=rest, links=rest, versions=rest, custom_fields=rest)
    check(orjson.dumps(document))


ELEMENTS = st.sampled_from([*INNER, "creators", "creator", "creatorName", "publisher", "rights"])
CONTENT = st.recursive(
    st.sampled_from(["x", "", "2001", "&lt;p&gt;", "<!-- c -->", "<?p i?>", "a<br/>b"]),
    lambda inner: st.tuples(ELEMENTS, inner, inner).map(
        lambda parts: f"<{parts[0]} nameType='Personal' xml:lang='cs'>{parts[1]}</{parts[0]}>{parts[2]}"
    ),
    max_leaves=8,
)


@wild
@given(inner=CONTENT)
def test_any_datacite_xml(check: Check, inner: str) -> None:
    check(resource(inner).encode())


@wild
@given(content=st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes(check: Check, content: bytes) -> None:
    for start in (b"", b"<", b"{", b"[", b'{"doi": ', b"<OAI-PMH>"):
        check(start + content)


@wild
@given(
    strings=st.lists(st.text(alphabet=st.characters(codec="utf-8"), min_size=3, max_size=30), min_size=1, max_size=4)
)
def test_no_text_is_lost_in_a_field_of_its_own(check: Check, strings: list[str]) -> None:
    document = datacite(extra=strings, subjects=[{"subject": text, "own": text} for text in strings])
    check(orjson.dumps(document), document)
