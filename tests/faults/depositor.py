"""Deposits one record with a file, step by step, and says on standard output what is done: a process to be killed.

The file is sent whole, or in PARTS if asked. Run again over the same instance, it goes on from what is there, as a
client does that had no answer.
"""

import sys
from pathlib import Path

from sqlalchemy import select

from repository.errors import ColophonError
from repository.records.visibility import Viewer
from repository.services import drafts, publishing, transfers, uploads
from repository.services.instance import Instance, open_instance
from repository.settings import load
from repository.storage.models import DraftRow
from tests.instances import METADATA

CONTENT = b"0123456789" * 10_000
PARTS = (CONTENT[:60_000], CONTENT[60_000:])


def deposit(home: Path, account: str, way: str = "whole") -> None:
    instance = open_instance(load(home, environment={}))
    viewer = Viewer(account=account)
    draft_id = _draft(instance, viewer)
    say("draft", draft_id)
    (_send_parts if way == "parts" else _send_whole)(instance, viewer, draft_id)
    say("content", draft_id)
    transfers.commit(instance, viewer, draft_id, "data.txt")
    say("committed", draft_id)
    publishing.publish(instance, viewer, draft_id)
    say("published", draft_id)
    instance.close()


def _send_whole(instance: Instance, viewer: Viewer, draft_id: str) -> None:
    if not uploads.list_files(instance, viewer, draft_id)[1]:
        uploads.announce(instance, viewer, draft_id, [{"key": "data.txt"}])
    uploads.write_content(instance, viewer, draft_id, "data.txt", [CONTENT[:50_000], CONTENT[50_000:]])


def _send_parts(instance: Instance, viewer: Viewer, draft_id: str) -> None:
    if not uploads.list_files(instance, viewer, draft_id)[1]:
        transfer = {"type": "M", "parts": len(PARTS), "part_size": len(PARTS[0])}
        wish = {"key": "data.txt", "size": len(CONTENT), "transfer": transfer}
        uploads.announce(instance, viewer, draft_id, [wish])
    file = uploads.read_file(instance, viewer, draft_id, "data.txt")
    if file.transfer is None or file.transfer.get("received"):
        return
    for number, content in enumerate(PARTS, 1):
        transfers.write_part(instance, viewer, draft_id, "data.txt", number, [content])
        say(f"part{number}", draft_id)


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
        deposit(Path(sys.argv[1]), *sys.argv[2:])
    except ColophonError as error:
        sys.exit(error.message)
