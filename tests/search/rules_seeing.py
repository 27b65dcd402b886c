"""Rules of the contract suite: who finds what."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from record_parts import access, file_entry, files, term
from snapshots import files_closed

from repository.records.snapshot import Neighbour, Snapshot
from repository.records.visibility import ANONYMOUS, SYSTEM, Viewer
from repository.search.engine import Search
from tests.search.kit import READER, STRANGER, Kit, found, indexed, record, seven


def versions(
    parent: int, *closed: bool, withdrawn: Sequence[int] = (), readers: tuple[str, ...] = ("7",)
) -> list[Snapshot]:
    """Versions of one record, some closed, some withdrawn; each one's title says its index."""
    ids = [f"{parent:05d}-0000{index}" for index in range(1, len(closed) + 1)]
    neighbours = tuple(
        Neighbour(ids[n], n + 1, "withdrawn" if n in withdrawn else "published", closed=closed[n])
        for n in range(len(closed))
    )
    return [
        record(
            parent,
            {"title": f"version v{n + 1} of p{parent}"},
            id=ids[n],
            index=n + 1,
            access=access("restricted", "restricted", "restricted") if closed[n] else access(status="metadata-only"),
            versions=neighbours,
            readers=readers,
            state=neighbours[n].state,
            created=f"2024-05-01T00:00:{n:02d}+00:00",
            tombstone={"is_visible": True} if n in withdrawn else None,
        )
        for n in range(len(closed))
    ]


def the_newest_version_that_one_may_see_is_found(kit: Kit, folder: Path) -> None:
    groups = {
        "open": versions(10, False, False, False),
        "newest closed": versions(11, False, False, True),
        "middle closed": versions(12, False, True, False),
        "all closed": versions(13, True, True),
        "newest withdrawn": versions(14, False, False, withdrawn=(1,)),
        "older open, newest closed and withdrawn": versions(15, False, True, True, withdrawn=(2,)),
    }
    newest = {
        ANONYMOUS: (3, 2, 3, None, 1, 1),
        STRANGER: (3, 2, 3, None, 1, 1),
        READER: (3, 3, 3, 2, 1, 2),
        SYSTEM: (3, 3, 3, 2, 1, 2),
    }
    every = {
        ANONYMOUS: (3, 2, 2, 0, 1, 1),
        STRANGER: (3, 2, 2, 0, 1, 1),
        READER: (3, 3, 3, 2, 1, 2),
        SYSTEM: (3, 3, 3, 2, 1, 2),
    }
    with indexed(kit, folder, [state for group in groups.values() for state in group]) as (_index, engine):
        for viewer, wanted in newest.items():
            for (name, group), want, number in zip(groups.items(), wanted, every[viewer], strict=True):
                text = f"p{int(group[0].id[:5])}"
                ids = [] if want is None else [group[want - 1].id]
                assert found(engine, text, viewer=viewer) == ids, (name, viewer)
                assert len(found(engine, text, viewer=viewer, all_versions=True)) == number, (name, viewer)
        assert found(engine, "p10", all_versions=True, sort="version") == [
            state.id for state in reversed(groups["open"])
        ]


PROBES = (
    "", "wqx", "secretword", "secret*", "_exists_:files.types", "files.types:xyz", "year:1850", "NOT wqx", "*",
    "metadata.title:[s TO t]", "access.record:restricted", "created:[2024-05-01T19:00 TO *]", "access.status:embargoed",
    "physicalobject", "files.entries.key:secretfile",
)  # fmt: skip


def closed_records_leave_no_trace(kit: Kit, folder: Path) -> None:
    """What others get is the same as if the closed records and the closed files were not there."""
    public = seven()
    closed = [
        record(
            n,
            {
                "title": f"secretword wqx {n}",
                "publication_date": "1850",
                "resource_type": term("physicalobject", "Object"),
            },
            access=access("restricted", "restricted", "restricted" if n % 2 else "embargoed"),
            files=files(file_entry("secretfile.xyz", ext="xyz")),
            readers=("7",),
            versions=(Neighbour(f"{n:05d}-00000", 1, "published", closed=True),),
        )
        for n in range(20, 26)
    ]
    public.append(replace(files_closed(99), versions=()))
    public[-1] = replace(public[-1], versions=(Neighbour(public[-1].id, 1, "published", closed=False),))
    with (
        indexed(kit, folder / "without", public) as (_index, without),
        indexed(kit, folder / "with", [*public[:4], *closed, *public[4:]]) as (_other, engine),
    ):
        asked = [
            Search(text, viewer=viewer, selected=selected, all_versions=versions_)
            for text in PROBES
            for viewer in (ANONYMOUS, STRANGER)
            for selected in ((), (("file_type", ("xyz",)),), (("publication_date", ("1850",)),))
            for versions_ in (False, True)
        ]
        for search in asked:
            plain, hits = without.search(search), engine.search(search)
            assert (hits.total, hits.facets, set(hits.ids)) == (plain.total, plain.facets, set(plain.ids)), search
        for viewer in (READER, SYSTEM):
            assert len(found(engine, "secretword", viewer=viewer)) == 6
            assert len(found(engine, "files.types:xyz", viewer=viewer)) == 6
        assert found(engine, "secretword", viewer=Viewer(groups=("7",), link="7")) == []
