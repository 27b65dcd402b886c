"""An embargo that ends is lifted without anybody's hand, and without touching the revision."""

from datetime import timedelta

from repository.records.visibility import ANONYMOUS
from repository.services import drafts, editions, embargoes, publishing, reading
from repository.services.instance import Instance
from repository.storage import changes
from tests.instances import body, person, published


def test_an_embargo_ends_at_the_start_of_its_day(any_instance: Instance) -> None:
    owner = person(any_instance, "owner")
    until = embargoes.today() + timedelta(days=40)
    access = {"record": "public", "files": "restricted", "embargo": {"active": True, "until": until.isoformat()}}
    record_id = published(any_instance, owner, {**body(), "access": access}, {"a.txt": b"a"})
    before = reading.read(any_instance, ANONYMOUS, record_id)
    assert embargoes.lift_ended(any_instance, until - timedelta(days=1)) == 0
    assert not reading.read(any_instance, ANONYMOUS, record_id).files_visible
    assert embargoes.lift_ended(any_instance, until) == 1
    assert embargoes.lift_ended(any_instance, until) == 0
    after = reading.read(any_instance, ANONYMOUS, record_id)
    assert after.files_visible
    assert after.snapshot.access == {
        "record": "public",
        "files": "public",
        "embargo": {"active": False, "until": until.isoformat(), "reason": None},
        "status": "open",
    }
    assert after.snapshot.revision_id == before.snapshot.revision_id
    assert after.snapshot.updated == before.snapshot.updated
    with any_instance.database.read() as connection:
        last = changes.state(connection, record_id)
    assert last is not None
    assert (last.position, last.kind) == (2, "revised")


def test_a_version_that_was_embargoed_as_a_whole_appears_to_its_neighbours(any_instance: Instance) -> None:
    owner = person(any_instance, "owner")
    first = published(any_instance, owner, body())
    draft = editions.new_version(any_instance, owner, first)
    until = embargoes.today() + timedelta(days=2)
    access = {"record": "restricted", "files": "restricted", "embargo": {"active": True, "until": until.isoformat()}}
    drafts.save(any_instance, owner, draft.id, {**body("Second"), "access": access})
    publishing.publish(any_instance, owner, draft.id)
    assert reading.read(any_instance, ANONYMOUS, first).is_latest
    embargoes.lift_ended(any_instance, until)
    assert not reading.read(any_instance, ANONYMOUS, first).is_latest
    assert reading.newest(any_instance, ANONYMOUS, first) == draft.id
