"""Deposits one record with a file, step by step, and says on standard output what is done: a process to be killed.

Run again over the same instance, it goes on from what is there, as a client does that had no answer.
"""

import sys
from pathlib import Path

from sqlalchemy import select

from repository.errors import ColophonError
from repository.records.visibility import Viewer
from repository.services import drafts, publishing, uploads
from repository.services.instance import Instance, open_instance
from repository.settings import load
from repository.storage.models import DraftRow
from tests.instances import METADATA

CONTENT = b"0123456789" * 10_000


def deposit(home: Path, account: str) -> None:
    instance = open_instance(load(home, environment={}))
    viewer = Viewer(account=account)
    draft_id = _draft(instance, viewer)
    say("draft", draft_id)
    if not uploads.list_files(instance, viewer, draft_id)[1]:
        uploads.announce(instance, viewer, draft_id, [{"key": "data.txt"}])
    uploads.write_content(instance, viewer, draft_id, "data.txt", [CONTENT[:50_000], CONTENT[50_000:]])
    say("content", draft_id)
    uploads.commit(instance, viewer, draft_id, "data.txt")
    say("committed", draft_id)
    publishing.publish(instance, viewer, draft_id)
    say("published", draft_id)
    instance.close()


def _draft(instance: Instance, viewer: Viewer) -> str:
    with instance.database.read() as connection:
        begun = connection.execute(select(DraftRow.id)).scalars().first()
    if begun:
        return str(begun)
    return drafts.create(instance, viewer, {"metadata": METADATA, "files": {"enabled": True}}).id


def say(step: str, draft_id: str) -> None:
    print(step, draft_id, flush=True)


if __name__ == "__main__":
    try:
        deposit(Path(sys.argv[1]), sys.argv[2])
    except ColophonError as error:
        sys.exit(error.message)
