"""InvenioRDM's JSON: what the rules take is taken as it is, the rest is kept."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from repository.errors import FieldError
from repository.formats.reading import Known, read
from repository.records.deposit import Deposit, Refusal
from tests.formats_reading.leaves import json_leaves
from tests.formats_reading.samples import ORCID, ROR, invenio, metadata, notes

ReadOne = Callable[..., Deposit]
Read = Callable[..., list[Deposit | Refusal]]
Problems = Callable[[Deposit], tuple[FieldError, ...]]


def test_what_is_valid_stays_as_it_is(read_one: ReadOne, problems: Problems) -> None:
    extra = {
        "description": "<p>Drops</p>",
        "languages": [{"id": "ces"}],
        "dates": [{"date": "2019/2020", "type": {"id": "collected"}}],
        "rights": [{"id": "cc-by-4.0"}, {"title": {"en": "Ask first"}, "link": "https://harbour.example/ask"}],
        "references": [{"reference": "Berg 2019"}],
    }
    deposit = read_one(invenio(metadata=extra, pids={"doi": {"identifier": "10.1234/Rain", "provider": "external"}}))
    assert problems(deposit) == ()
    assert {key: metadata(deposit)[key] for key in extra} == extra
    assert deposit.identity == "doi:10.1234/rain"
    assert notes(deposit) == []


def test_its_own_id_and_page_become_identifiers(read_one: ReadOne) -> None:
    links = {
        "self": "https://rdm.example/api/records/abcde-12345",
        "self_html": "https://rdm.example/records/abcde-12345",
    }
    pids = {"oai": {"identifier": "oai:rdm.example:abcde-12345", "provider": "oai"}}
    deposit = read_one(invenio(id="abcde-12345", links=links, pids=pids))
    assert metadata(deposit)["identifiers"] == [
        {"identifier": "abcde-12345", "scheme": "other"},
        {"identifier": "https://rdm.example/records/abcde-12345", "scheme": "url"},
        {"identifier": "oai:rdm.example:abcde-12345", "scheme": "other"},
    ]
    assert deposit.identity == "source:rdm.example/abcde-12345"


def test_versions_share_their_parent(read_file: Read) -> None:
    def version(number: int) -> dict[str, Any]:
        return invenio(
            id=f"aaaaa-0000{number}",
            parent={"id": "ppppp-00001", "pids": {"doi": {"identifier": "10.1234/all", "provider": "datacite"}}},
            versions={"index": number, "is_latest": number == 2},
            links={"self": f"https://rdm.example/api/records/aaaaa-0000{number}"},
        )

    answer = {"hits": {"hits": [version(1), version(2)], "total": 2}, "links": {"self": "x"}, "aggregations": {}}
    one, two = read_file(answer)
    assert isinstance(one, Deposit)
    assert isinstance(two, Deposit)
    assert one.parent == two.parent == "rdm.example/ppppp-00001"
    assert (one.index, two.index) == (1, 2)
    assert metadata(one)["related_identifiers"] == [
        {"identifier": "10.1234/all", "scheme": "doi", "relation_type": {"id": "isversionof"}}
    ]


def test_files_without_bytes_become_notes(read_one: ReadOne) -> None:
    entry = {"key": "rain.csv", "size": 12, "checksum": "md5:abc"}
    deposit = read_one(invenio(files={"enabled": True, "entries": {"rain.csv": entry}}))
    assert notes(deposit) == [
        "files.enabled: true",
        "files.entries.rain.csv.key: rain.csv",
        "files.entries.rain.csv.size: 12",
        "files.entries.rain.csv.checksum: md5:abc",
    ]


def test_what_is_public_and_metadata_only_need_not_be_said(read_one: ReadOne) -> None:
    deposit = read_one(invenio(access={"record": "public", "files": "public"}, files={"enabled": False}))
    assert notes(deposit) == []


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"access": {"record": "restricted", "files": "public"}}, "access.record"),
        ({"is_published": False}, "is_published"),
        ({"is_draft": True}, "is_published"),
        ({"deletion_status": {"is_deleted": True}}, "deletion_status"),
        ({"tombstone": {"note": "gone"}}, "deletion_status"),
        ({"metadata": {"title": None}}, "metadata.title"),
        ({"metadata": {"creators": []}}, "metadata.creators"),
        ({"metadata": {"publication_date": "soon"}}, "metadata.publication_date"),
    ],
)
def test_what_must_not_or_cannot_be_published_is_refused(read_file: Read, fields: dict[str, Any], field: str) -> None:
    (refusal,) = read_file(invenio(**fields))
    assert isinstance(refusal, Refusal)
    assert refusal.field == field


def test_what_only_curators_saw_does_not_become_public(read_one: ReadOne) -> None:
    parent = {"id": "ppppp-00001", "access": {"owned_by": {"user": "3"}, "links": [{"token": "secret"}]}}
    deposit = read_one(invenio(internal_notes=[{"note": "suspicious"}], parent=parent))
    assert "secret" not in str(deposit.body)
    assert "suspicious" not in str(deposit.body)
    assert deposit.origin["private"]["internal_notes"] == [{"note": "suspicious"}]
    assert deposit.origin["private"]["parent.access"]["links"] == [{"token": "secret"}]


def test_terms_that_we_do_not_have_are_replaced_and_kept(read_one: ReadOne, problems: Problems) -> None:
    deposit = read_one(
        invenio(
            metadata={
                "resource_type": {"id": "publication-blogpost"},
                "languages": [{"id": "en"}, {"id": "qqq"}],
                "additional_titles": [{"title": "Second", "type": {"id": "running-title"}}],
                "contributors": [
                    {"person_or_org": {"type": "personal", "family_name": "Berg"}, "role": {"id": "muse"}}
                ],
                "identifiers": [{"identifier": "b3570e60", "scheme": "uuid"}],
                "rights": [{"id": "house-licence"}],
                "subjects": [{"id": "mesh:1"}, {"id": "mesh:2", "subject": "Rain"}],
                "funding": [{"funder": {"id": "nobody", "name": "Rain Council"}, "award": {"id": "nobody::7"}}],
                "related_identifiers": [{"identifier": "10.1/x", "scheme": "doi", "relation_type": {"id": "admires"}}],
                "unheard_of": "x",
            },
            custom_fields={"rs:content_text": "Rain", "journal:journal": {"title": "Letters", "issn": "1"}},
        )
    )
    assert problems(deposit) == ()
    found = metadata(deposit)
    assert found["resource_type"] == {"id": "publication"}
    assert found["languages"] == [{"id": "eng"}]
    assert found["additional_titles"][0]["type"] == found["contributors"][0]["role"] == {"id": "other"}
    assert found["identifiers"] == [{"identifier": "b3570e60", "scheme": "other"}]
    assert found["rights"] == [{"title": {"en": "house-licence"}}]
    assert found["subjects"] == [{"subject": "mesh:1"}, {"subject": "Rain"}]
    assert found["funding"] == [{"funder": {"name": "Rain Council"}, "award": {"number": "7"}}]
    assert found["related_identifiers"] == [
        {"identifier": "10.1/x", "scheme": "other", "relation_type": {"id": "other"}}
    ]
    assert deposit.body["custom_fields"] == {"journal:journal": {"title": "Letters"}}
    assert set(notes(deposit)) == {
        "metadata.resource_type.id: publication-blogpost",
        "metadata.languages.1.id: qqq",
        "metadata.additional_titles.0.type.id: running-title",
        "metadata.contributors.0.role.id: muse",
        "metadata.identifiers.0.scheme: uuid",
        "metadata.subjects.1.id: mesh:2",
        "metadata.funding.0.funder.id: nobody",
        "metadata.funding.0.award.id: nobody::7",
        "metadata.related_identifiers.0.relation_type.id: admires",
        "metadata.related_identifiers.0.scheme: doi",
        "metadata.unheard_of: x",
        "custom_fields.rs:content_text: Rain",
        "custom_fields.journal:journal.issn: 1",
    }


def test_organisations_and_people_with_checked_ids_are_named(read_one: ReadOne, problems: Problems) -> None:
    person = {
        "type": "personal",
        "family_name": "Carberry",
        "given_name": "Josiah",
        "identifiers": [{"identifier": ORCID, "scheme": "orcid"}],
    }
    creator = {"person_or_org": person, "affiliations": [{"id": ROR, "name": "Rain Office"}, {"id": "cern"}]}
    deposit = read_one(invenio(metadata={"creators": [creator]}))
    assert problems(deposit) == ()
    assert metadata(deposit)["creators"][0]["affiliations"] == [{"id": ROR}, {"name": "cern"}]
    assert deposit.terms == {("affiliations", ROR): "Rain Office", ("names", ORCID): "Carberry, Josiah"}


def test_recorded_answers_of_a_real_server_are_read(shared: Path, known: Known, problems: Problems) -> None:
    """Complete records as InvenioRDM 14 answers them; computed titles of terms are not looked for."""
    taken = 0
    for path in sorted((shared / "reference/recordings/rest").glob("04*-record-get-*.json")):
        body = orjson.loads(path.read_bytes())["response"]["body"]
        if not isinstance(body, dict) or "metadata" not in body:
            continue
        for item in read(io.BytesIO(orjson.dumps(body)), path.name, known):
            assert isinstance(item, Deposit), item
            assert problems(item) == ()
            taken += 1
            said = str(item)
            for leaf_path, value in json_leaves({key: body[key] for key in ("links", "created", "updated")}):
                assert str(value) in said, leaf_path
    assert taken >= 2
