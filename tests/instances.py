"""Instances for tests: real stores in a temporary folder, made once and copied, and people to use them."""

import shutil
from pathlib import Path
from typing import Any

from repository.formats import Format
from repository.records.snapshot import Json
from repository.records.visibility import Viewer
from repository.services import accounts, drafts, publishing, reading, uploads
from repository.services.instance import Instance, initialise, open_instance
from repository.settings import load
from repository.storage.objects.ownership import MARK

METADATA: Json = {
    "resource_type": {"id": "dataset"},
    "title": "Rainfall at the harbour",
    "publication_date": "2024-05-01",
    "publisher": "Harbour Institute",
    "creators": [{"person_or_org": {"type": "personal", "given_name": "Ada", "family_name": "Holm"}}],
}
NO_FILES: Json = {"enabled": False}
UNLIMITED: dict[str, str] = dict.fromkeys(
    ("limits__guest", "limits__account", "limits__login", "limits__login_account"), ""
)
"""For instances that are asked more often than a client may."""
SITE = "http://repository.test"


def make_template(folder: Path) -> Path:
    """An empty instance with its schema and vocabularies, on SQLite: to be copied. Its folder of objects is nobody's
    yet, since copies have other databases too."""
    initialise(folder, {"site.url": SITE}).close()
    (folder / "objects" / MARK).unlink()
    return folder


def copy_instance(template: Path, folder: Path, **overrides: Any) -> Instance:
    shutil.copytree(template, folder, dirs_exist_ok=True)
    settings = {"site.url": SITE, **{name.replace("__", "."): value for name, value in overrides.items()}}
    return open_instance(load(folder, environment={}, overrides=settings))


def person(instance: Instance, name: str, *, admin: bool = False) -> Viewer:
    return accounts.create_account(instance, f"{name}@example.org", "correct horse", admin=admin).viewer


def body(title: str = "Rainfall at the harbour", **metadata: Any) -> Json:
    """A complete request body without files."""
    return {"metadata": {**METADATA, "title": title, **metadata}, "files": NO_FILES}


def published(instance: Instance, viewer: Viewer, request: Json, files: dict[str, bytes] | None = None) -> str:
    """Publishes a record, with files by key; returns its id."""
    draft = drafts.create(instance, viewer, {**request, "files": {"enabled": bool(files)}})
    if files:
        add_files(instance, viewer, draft.id, files)
    return publishing.publish(instance, viewer, draft.id).id


SUFFICIENT: Json = {
    "rights": [{"id": "cc-by-4.0"}],
    "subjects": [{"subject": "rain"}],
    "description": "How much it rained.",
    "locations": {"features": [{"geometry": {"type": "Point", "coordinates": [12.57, 55.68]}}]},
}
"""Metadata with what each format demands."""


def published_for(instance: Instance, viewer: Viewer, form: Format) -> str:
    """Publishes a record that can be had in the format: a data set with everything, or software; returns its id."""
    for kind in ("dataset", "software"):
        request = body(resource_type={"id": kind}, **SUFFICIENT)
        record_id = published(instance, viewer, request, {"rain.csv": b"day,mm\n1,3\n"})
        if form.suits(reading.read(instance, viewer, record_id).snapshot):
            return record_id
    raise AssertionError(f"no record can be had in {form.name}")


def add_files(instance: Instance, viewer: Viewer, draft_id: str, files: dict[str, bytes]) -> None:
    keys = list(files)
    for start in range(0, len(keys), instance.settings.files_max_request):
        named = keys[start : start + instance.settings.files_max_request]
        uploads.announce(instance, viewer, draft_id, [{"key": key} for key in named])
    for key, content in files.items():
        uploads.write_content(instance, viewer, draft_id, key, [content])
        uploads.commit(instance, viewer, draft_id, key)
