"""The demo's records, deposited as people would: through drafts, uploads, versions, and a withdrawal."""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import select

from repository.records.visibility import SYSTEM, Viewer
from repository.samples import Sample, SampleVersion, load
from repository.services import drafts, editions, publishing, uploads, withdrawal
from repository.services.instance import Instance
from repository.storage.models import DraftRow, ParentRow, RecordRow


def holds_others(instance: Instance, owner: Viewer | None) -> bool:
    """Whether there are records that are not this owner's."""
    others = select(RecordRow.id).join(ParentRow, ParentRow.id == RecordRow.parent_id).limit(1)
    if owner is not None:
        others = others.where(ParentRow.owner_id.is_distinct_from(int(owner.account)))
    with instance.database.read() as connection:
        return connection.execute(others).first() is not None


def deposit_samples(instance: Instance, owner: Viewer, progress: Callable[[], None] = lambda: None) -> int:
    """Publishes all samples as the owner's; returns how many records that made.

    What an earlier call that was interrupted has published stays and is not published again; its drafts are discarded.
    """
    with instance.database.read() as connection:
        of_owner = ParentRow.owner_id == int(owner.account)
        begun = select(DraftRow.id).join(ParentRow, ParentRow.id == DraftRow.parent_id).where(of_owner)
        left = connection.execute(begun).scalars().all()
        published = (
            select(RecordRow.id, RecordRow.parent_id, RecordRow.state, RecordRow.body)
            .join(ParentRow, ParentRow.id == RecordRow.parent_id)
            .where(of_owner)
            .order_by(RecordRow.parent_id, RecordRow.number)
        )
        versions = [list(rows) for _parent, rows in groupby(connection.execute(published), lambda row: row.parent_id)]
    for draft_id in left:
        drafts.discard(instance, owner, draft_id)
    done = {rows[0].body["metadata"]["title"]: rows for rows in versions}
    records = 0
    for sample in load():
        records += _deposit(instance, owner, sample, done.get(sample.versions[0].body["metadata"]["title"], []))
        progress()
    return records


def _deposit(instance: Instance, owner: Viewer, sample: Sample, done: Sequence[Any]) -> int:
    """Publishes what is not `done` of the versions of a sample; returns their number."""
    record_id = done[-1].id if done else ""
    missing = sample.versions[len(done) :]
    for version in missing:
        record_id = _publish(instance, owner, version, record_id)
    if sample.withdraw and (missing or done[-1].state == "published"):
        withdrawal.withdraw(instance, SYSTEM, record_id, sample.withdraw)
    return len(missing)


def _publish(instance: Instance, owner: Viewer, version: SampleVersion, previous: str) -> str:
    """Publishes one version of a sample, after `previous` if there is one; returns its id."""
    if previous:
        draft_id = editions.new_version(instance, owner, previous).id
        drafts.save(instance, owner, draft_id, version.body)
    else:
        draft_id = drafts.create(instance, owner, version.body).id
    if version.files:
        uploads.announce(instance, owner, draft_id, [{"key": file.key} for file in version.files])
        for file in version.files:
            uploads.write_content(instance, owner, draft_id, file.key, [file.path.read_bytes()])
            uploads.commit(instance, owner, draft_id, file.key)
    return publishing.publish(instance, owner, draft_id).id
