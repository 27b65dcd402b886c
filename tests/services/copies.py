"""Instances to be copied, and what two of them have in common."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from repository.records.visibility import SYSTEM
from repository.services import accounts, drafts, editions, withdrawal
from repository.services.instance import Instance
from repository.storage import dumps
from tests.instances import add_files, body, person, published
from tests.wholeness import assert_whole, run

Make = Callable[[str], Instance]


def check(instance: Instance) -> None:
    assert_whole(instance.settings.home, {"database": instance.settings.database, "objects": instance.settings.objects})


def rows(instance: Instance) -> dict[str, list[dict[str, Any]]]:
    """All that is kept, but for when and where bytes were written down."""
    found = {}
    with instance.database.read() as connection:
        for table in dumps.TABLES:
            statement = select(table).order_by(*table.primary_key.columns)
            found[table.name] = [dict(row) for row in connection.execute(statement).mappings()]
    for row in found["blobs"]:
        row["checked"] = None
    for row in found["oai_clock"]:
        row["generation"] = ""
    return found


def fill(instance: Instance) -> list[str]:
    """Records in several states, drafts, accounts, tokens; all of it read."""
    owner = person(instance, "owner")
    accounts.create_token(instance, "owner@example.org")
    records = [
        published(instance, owner, body("Rain"), {"a.txt": b"a", "b.txt": b"shared"}),
        published(instance, owner, body("Příval sněhu \U0001f327"), {"b.txt": b"shared", "empty": b""}),
        published(instance, owner, body("To be withdrawn")),
        published(instance, owner, body("To be erased"), {"c.txt": b"c"}),
    ]
    withdrawal.withdraw(instance, SYSTEM, records[2], {"note": "not ours"})
    withdrawal.erase(instance, SYSTEM, records[3], "by order")
    draft = drafts.create(instance, owner, {**body("Draft"), "files": {"enabled": True}})
    add_files(instance, owner, draft.id, {"d.txt": b"draft"})
    editions.edit(instance, owner, records[0])
    run(instance)
    return records
