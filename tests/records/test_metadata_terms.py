"""Terms in answers and snapshots."""

from typing import Any

from repository.records.draft import load
from repository.records.metadata_terms import resolve, term_props
from tests.drafts_sent import RULES

TERMS: dict[tuple[str, str], dict[str, Any]] = {
    ("resourcetypes", "dataset"): {
        "id": "dataset",
        "title": {"en": "Dataset", "cs": "Datová sada"},
        "props": {"csl": "dataset"},
    },
    ("creatorsroles", "editor"): {"id": "editor", "title": {"en": "Editor"}, "props": {"datacite": "Editor"}},
    ("affiliations", "02ex6cf31"): {
        "id": "02ex6cf31",
        "name": "Brookhaven",
        "acronym": "BNL",
        "identifiers": [{"identifier": "02ex6cf31", "scheme": "ror"}],
    },
    ("languages", "ces"): {"id": "ces", "title": {"en": "Czech", "cs": "čeština"}, "props": {}},
    ("licenses", "cc-by-4.0"): {
        "id": "cc-by-4.0",
        "title": {"en": "CC BY"},
        "description": {"en": "Credit."},
        "icon": "cc-by-icon",
        "props": {"url": "https://creativecommons.org/licenses/by/4.0/", "scheme": "spdx", "osi_approved": ""},
        "tags": ["recommended"],
    },
    ("subjects", "https://example.org/rain"): {
        "id": "https://example.org/rain",
        "subject": "Rain",
        "scheme": "X",
        "title": {"en": "Rain"},
        "props": {"broader": "weather"},
        "synonyms": ["shower"],
    },
    ("funders", "05k73zm37"): {"id": "05k73zm37", "name": "Academy", "title": {"en": "Academy"}, "country": "FI"},
    ("awards", "05k73zm37::1"): {
        "id": "05k73zm37::1",
        "number": "1",
        "title": {"en": "Rain project"},
        "acronym": "RAIN",
        "funder": {"id": "05k73zm37"},
        "identifiers": [{"identifier": "https://example.org/1", "scheme": "url"}],
    },
    ("code:developmentStatus", "active"): {"id": "active", "title": {"en": "Active"}, "props": {"p": "q"}},
}
SENT: dict[str, Any] = {
    "resource_type": {"id": "dataset"},
    "creators": [
        {
            "person_or_org": {"type": "personal", "family_name": "Holm"},
            "role": {"id": "editor"},
            "affiliations": [{"id": "02ex6cf31"}, {"name": "Lab"}],
        }
    ],
    "title": "Rain",
    "languages": [{"id": "ces"}],
    "subjects": [{"id": "https://example.org/rain"}, {"subject": "harbour"}],
    "rights": [{"id": "cc-by-4.0"}, {"title": {"en": "House licence"}}],
    "funding": [{"funder": {"id": "05k73zm37"}, "award": {"id": "05k73zm37::1"}}, {"funder": {"name": "Fund"}}],
}
CUSTOM = {"code:developmentStatus": {"id": "active"}, "code:codeRepository": "https://example.org/code"}


def test_terms_are_shown_as_inveniordm_shows_them() -> None:
    metadata, custom = resolve(SENT, CUSTOM, TERMS)
    assert metadata == {
        "resource_type": {"id": "dataset", "title": {"en": "Dataset", "cs": "Datová sada"}},
        "creators": [
            {
                "person_or_org": {"type": "personal", "family_name": "Holm"},
                "role": {"id": "editor", "title": {"en": "Editor"}},
                "affiliations": [
                    {
                        "id": "02ex6cf31",
                        "name": "Brookhaven",
                        "identifiers": [{"identifier": "02ex6cf31", "scheme": "ror"}],
                    },
                    {"name": "Lab"},
                ],
            }
        ],
        "title": "Rain",
        "languages": [{"id": "ces", "title": {"en": "Czech", "cs": "čeština"}}],
        "subjects": [
            {
                "id": "https://example.org/rain",
                "subject": "Rain",
                "scheme": "X",
                "title": {"en": "Rain"},
                "props": {"broader": "weather"},
            },
            {"subject": "harbour"},
        ],
        "rights": [
            {
                "id": "cc-by-4.0",
                "title": {"en": "CC BY"},
                "description": {"en": "Credit."},
                "icon": "cc-by-icon",
                "props": {"url": "https://creativecommons.org/licenses/by/4.0/", "scheme": "spdx"},
            },
            {"title": {"en": "House licence"}},
        ],
        "funding": [
            {
                "funder": {"id": "05k73zm37", "name": "Academy"},
                "award": {
                    "id": "05k73zm37::1",
                    "number": "1",
                    "title": {"en": "Rain project"},
                    "identifiers": [{"identifier": "https://example.org/1", "scheme": "url"}],
                    "acronym": "RAIN",
                },
            },
            {"funder": {"name": "Fund"}},
        ],
    }
    assert custom == {**CUSTOM, "code:developmentStatus": {"id": "active", "title": {"en": "Active"}}}


def test_resolving_leaves_what_is_stored_alone() -> None:
    stored = load({"metadata": SENT, "custom_fields": CUSTOM}, None, TERMS, RULES)
    before = repr(stored)
    resolve(stored.metadata, stored.custom_fields, TERMS)
    assert repr(stored) == before


def test_what_is_shown_can_be_sent_back() -> None:
    stored = load({"metadata": SENT, "custom_fields": CUSTOM}, None, TERMS, RULES)
    assert stored.errors == ()
    metadata, custom = resolve(stored.metadata, stored.custom_fields, TERMS)
    assert load({"metadata": metadata, "custom_fields": custom}, None, TERMS, RULES) == stored


def test_a_term_that_is_gone_stays_an_id() -> None:
    assert resolve({"languages": [{"id": "xxx"}]}, {}, TERMS)[0] == {"languages": [{"id": "xxx"}]}


def test_fields_are_shown_in_their_order() -> None:
    shuffled = dict(reversed(SENT.items()))
    assert list(resolve(shuffled, {}, TERMS)[0]) == [*list(SENT)[:3], "subjects", "languages", "rights", "funding"]


def test_properties_of_the_terms_in_use_are_collected() -> None:
    assert term_props(SENT, CUSTOM, TERMS) == {
        "resourcetypes": {"dataset": {"csl": "dataset"}},
        "creatorsroles": {"editor": {"datacite": "Editor"}},
        "subjects": {"https://example.org/rain": {"broader": "weather"}},
        "licenses": {"cc-by-4.0": TERMS["licenses", "cc-by-4.0"]["props"]},
        "code:developmentStatus": {"active": {"p": "q"}},
    }
