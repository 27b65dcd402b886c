"""Hints in drafts: what a format needs that not every record has. They hinder nothing."""

from pathlib import Path
from typing import Any

import pytest

from repository.errors import InvalidInput
from repository.formats import hints
from repository.services import drafts, editions, publishing
from repository.services.instance import Instance
from tests.instances import body, copy_instance, person

SUFFICIENT: dict[str, Any] = {"rights": [{"id": "cc-by-4.0"}], "subjects": [{"subject": "rain"}]}


@pytest.fixture
def hinting(instance_template: Path, tmp_path: Path) -> Any:
    instance = copy_instance(instance_template, tmp_path / "hinting", curation__hints="ccmm-xml")
    yield instance
    instance.close()


def told(draft: drafts.Draft) -> list[tuple[str, str]]:
    return [(error.field, error.severity) for error in draft.errors]


def test_drafts_tell_what_they_lack_for_a_format(hinting: Instance) -> None:
    ada = person(hinting, "ada")
    draft = drafts.create(hinting, ada, body())
    lacking = [("metadata.subjects", "info"), ("metadata.rights", "info")]
    assert told(draft) == lacking
    assert told(drafts.read(hinting, ada, draft.id)) == lacking
    assert told(drafts.save(hinting, ada, draft.id, body(rights=SUFFICIENT["rights"]))) == lacking[:1]
    assert told(drafts.save(hinting, ada, draft.id, body(**SUFFICIENT))) == []


def test_what_is_wrong_comes_before_a_hint_for_the_same_field(hinting: Instance) -> None:
    draft = drafts.create(hinting, person(hinting, "ada"), {"metadata": {"subjects": [{"subject": 7}]}})
    severities = dict(told(draft))
    assert severities["metadata.title"] == severities["metadata.publication_date"] == ""
    assert severities["metadata.rights"] == severities["metadata.subjects"] == "info"


def test_a_draft_with_hints_is_published(hinting: Instance) -> None:
    ada = person(hinting, "ada")
    record_id = publishing.publish(hinting, ada, drafts.create(hinting, ada, body()).id).id
    assert told(editions.edit(hinting, ada, record_id))
    incomplete = drafts.create(hinting, ada, body(title=""))
    with pytest.raises(InvalidInput) as refused:
        publishing.publish(hinting, ada, incomplete.id)
    assert {error.severity for error in refused.value.errors} == {""}


def test_drafts_tell_nothing_unless_the_operator_wants_it(instance: Instance) -> None:
    draft = drafts.create(instance, person(instance, "eve"), body())
    assert draft.errors == ()
    assert hints((), {}) == ()
