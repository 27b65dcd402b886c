"""The demo's records, deposited as people would: through drafts, uploads, versions, and a withdrawal."""

from collections.abc import Callable

from sqlalchemy import select

from repository.records.visibility import SYSTEM, Viewer
from repository.samples import Sample, SampleVersion, load
from repository.services import drafts, editions, publishing, uploads, withdrawal
from repository.services.instance import Instance
from repository.storage.models import RecordRow


def has_records(instance: Instance) -> bool:
    with instance.database.read() as connection:
        return connection.execute(select(RecordRow.id).limit(1)).first() is not None


def deposit_samples(instance: Instance, owner: Viewer, progress: Callable[[], None] = lambda: None) -> int:
    """Publishes all samples as the owner's; returns how many records that made."""
    records = 0
    for sample in load():
        records += _deposit(instance, owner, sample)
        progress()
    return records


def _deposit(instance: Instance, owner: Viewer, sample: Sample) -> int:
    record_id = ""
    for version in sample.versions:
        record_id = _publish(instance, owner, version, record_id)
    if sample.withdraw:
        withdrawal.withdraw(instance, SYSTEM, record_id, sample.withdraw)
    return len(sample.versions)


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
