"""The frozen site of a test: a projection on a folder, and what lies in the generation that is served."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from lxml import html

from repository.records.snapshot import Snapshot, dump
from repository.settings import Settings, load
from repository.storage.changes import Change
from repository.storage.database import Database
from site_builder.assets import Asset
from site_builder.context import Pages
from site_builder.projection import SiteProjection
from tests.records_in_store import MOMENT

URL = "https://repository.example.org"
CUSTOM_FIELD = {"name": "lab:instrument", "kind": "text", "label": {"en": "Instrument"}}


def settings_in(folder: Path, **overrides: Any) -> Settings:
    values = {"site.url": URL, "site.name": "Example Repository", "site.output": folder / "site", **overrides}
    settings = load(folder, environment={"COLOPHON_SECRET": "s" * 40}, overrides=values)
    return replace(settings, custom_fields=(CUSTOM_FIELD,))


def changes(snapshots: Sequence[Snapshot], first: int = 1) -> list[Change]:
    """Changes at rising positions, one a day, their states as the log gives them."""
    return [
        Change(position, snapshot.id, "published", MOMENT + timedelta(position), dump(snapshot))
        for position, snapshot in enumerate(snapshots, first)
    ]


def build(projection: SiteProjection, batch: Sequence[Change], generation: str = "g1") -> None:
    """A whole new generation, as the loop makes it."""
    with projection.leading():
        projection.create(generation)
        projection.write(projection.prepare(batch), generation, None)
        projection.activate(generation)


def increment(projection: SiteProjection, batch: Sequence[Change], generation: str = "g1") -> None:
    with projection.leading():
        projection.activate(generation)
        projection.write(projection.prepare(batch), generation, None)


def rebuilt(database: Database, folder: Path, batch: Sequence[Change], **overrides: Any) -> dict[str, bytes]:
    """All files of a site that is made of these changes at once."""
    build(SiteProjection(settings_in(folder, **overrides), database), batch)
    return tree(folder)


def built(database: Database, folder: Path, snapshots: Sequence[Snapshot], **overrides: Any) -> dict[str, bytes]:
    """All files of the site of these records."""
    return rebuilt(database, folder, changes(snapshots), **overrides)


def tree(folder: Path) -> dict[str, bytes]:
    """Path → bytes of every file that is served."""
    root = (folder / "site" / "current").resolve()
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def contents(folder: Path) -> dict[str, tuple[dict[str, bytes], list[str]]]:
    """Of every record that has a page: its files, and the lists that show it."""
    served = tree(folder)
    found = {}
    for path in served:
        parts = path.split("/")
        if parts[0] == "records" and parts[2] == "index.html":
            files = {name: data for name, data in served.items() if name.startswith(f"records/{parts[1]}/")}
            link = f"/records/{parts[1]}".encode()
            lists = [name for name, data in served.items() if not name.startswith("records/") and link in data]
            found[parts[1]] = (files, sorted(lists))
    return found


def assets_of(app: Flask) -> tuple[Asset, ...]:
    """Style sheet and images of a serving process."""
    pages: Pages = app.extensions["site"]
    return pages.theme.assets


def parsed(data: bytes) -> Any:
    return html.document_fromstring(data.decode())


def text_of(element: Any) -> str:
    """The text as it is read: white space does not count, and a line ends where it must."""
    for line_end in element.iter("br"):
        line_end.tail = f" {line_end.tail or ''}"
    return " ".join(element.text_content().split())
