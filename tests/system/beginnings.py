"""Where lives of records begin, how their readers run, and how what they show is compared."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from repository.following import Pace, parked, run_until_current
from repository.projections import NAMES, open_projections
from repository.records.visibility import Viewer
from repository.services import drafts, editions, publishing
from repository.services.instance import Instance, open_instance
from repository.settings import load
from repository.storage import changes
from tests.instances import SITE, body, copy_instance, person, published

PACE = Pace(poll=0.005, first_pause=0.02, batch=4, page=4, rules=600)
"""Small batches, so that readers come to the middle of things."""
NGO = [{"person_or_org": {"type": "organizational", "name": "Ngo, Institute"}}]


@dataclass(frozen=True, slots=True)
class Template:
    """What every life begins with: an owner and an admin, and some records that all readers have read."""

    home: Path
    viewers: tuple[Viewer, Viewer]
    records: tuple[str, ...]


def run(instance: Instance, names: tuple[str, ...]) -> None:
    """Readers read what is in the log, as processes that have just been started; none of them fails or parks."""
    outcomes = run_until_current(instance.database, open_projections(instance, names), pace=PACE)
    assert [outcome.error for outcome in outcomes] == [""] * len(names)
    assert [entry for name in names for entry in parked(instance.database, name)] == []


def opened(home: Path, **stores: Any) -> Instance:
    return open_instance(load(home, environment={}, overrides={"site.url": SITE, **stores}))


def make_beginning(instance_template: Path, home: Path, **stores: Any) -> Template:
    instance = copy_instance(instance_template, home, **stores)
    owner, admin = person(instance, "owner"), person(instance, "admin", admin=True)
    closed_files = {**body("Snow"), "access": {"record": "public", "files": "restricted"}}
    records = [
        published(instance, owner, body("Rain", creators=NGO), {"a.csv": b"a,b\n1,2\n", "photo.png": b"same bytes"}),
        published(instance, owner, closed_files, {"a.csv": b"same bytes"}),
        published(instance, owner, {**body("Closed"), "access": {"record": "restricted", "files": "restricted"}}),
        published(instance, owner, body("Versions")),
    ]
    draft = editions.new_version(instance, owner, records[-1])
    drafts.save(instance, owner, draft.id, body("Versions, once more", publication_date="2020"))
    records.append(publishing.publish(instance, owner, draft.id).id)
    run(instance, NAMES)
    instance.close()
    return Template(home, (owner, admin), tuple(records))


def assert_equal(name: str, instance: Instance, shown: Any, expected: Any) -> None:
    """Of a closed record harvesters keep a deleted item if they ever had it, which the log does not tell."""
    if name == "oai":
        with instance.database.read() as connection:
            states = {change.record_id: change.snapshot for change in changes.states(connection, "", 1000)}
        for record_id in shown.keys() - expected.keys():
            assert set(shown[record_id].values()) == {"deleted"}
            assert (states[record_id].state, states[record_id].closed) == ("published", True)
        shown = {record_id: entry for record_id, entry in shown.items() if record_id in expected}
    differing = {key for key in {*shown, *expected} if shown.get(key) != expected.get(key)}
    assert not differing, f"{name}: {[(key, shown.get(key), expected.get(key)) for key in differing][:3]}"
