"""The frozen site is brought to a folder, and beside the readers to wherever the setting says."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from snapshots import minimal, with_files, with_metadata

from repository.errors import Conflict, NotFound, WrongSetting
from repository.storage.database import Database
from site_builder import deploying
from site_builder.changed import Journal
from site_builder.deploying.folder import FolderTarget
from site_builder.deploying.target import bring
from site_builder.projection import SiteProjection
from tests.cli.shell import Shell
from tests.following.contract import closed, withdrawn
from tests.site.site_output import URL, build, changes, increment, settings_in, tree

pytestmark = pytest.mark.long
STATES = (*(minimal(number) for number in range(12)), with_files(20))


@pytest.fixture
def projection(database: Database, tmp_path: Path) -> SiteProjection:
    made = SiteProjection(settings_in(tmp_path), database)
    build(made, changes(STATES))
    return made


def address(folder: Path) -> str:
    return (folder / "there").as_uri()


def deployed(folder: Path, **overrides: Any) -> deploying.Deployed:
    return deploying.deploy(settings_in(folder, **overrides), address(folder))


def there(folder: Path) -> dict[str, bytes]:
    root = folder / "there"
    found = (path for path in root.rglob("*") if path.is_file() and ".colophon" not in path.parts)
    return {str(path.relative_to(root)): path.read_bytes() for path in found}


def times(folder: Path) -> dict[str, tuple[int, int]]:
    root = folder / "there"
    return {name: (path.stat().st_ino, path.stat().st_mtime_ns) for name in there(folder) for path in [root / name]}


def test_a_folder_holds_the_site_and_gets_only_what_changes(projection: SiteProjection, tmp_path: Path) -> None:
    first = deployed(tmp_path)
    assert there(tmp_path) == tree(tmp_path)
    assert (first.tally.sent, first.tally.unchanged) == (len(tree(tmp_path)), 0)
    before = times(tmp_path)
    again = deployed(tmp_path)
    assert (again.tally.sent, again.tally.unchanged, again.tally.removed) == (0, len(before), 0)
    changed = tree(tmp_path)
    increment(projection, changes([with_metadata(STATES[3], title="Hail")], 50))
    third = deployed(tmp_path)
    assert there(tmp_path) == tree(tmp_path)
    assert third.tally.sent == sum(data != changed.get(name) for name, data in tree(tmp_path).items())
    assert {name for name in before if times(tmp_path)[name] != before[name]} == {
        name for name, data in tree(tmp_path).items() if name in changed and data != changed[name]
    }


def test_what_may_not_be_seen_any_more_is_gone_and_old_assets_stay(projection: SiteProjection, tmp_path: Path) -> None:
    deployed(tmp_path)
    old = tmp_path / "there" / "static" / "site.0000000000.css"
    old.write_text("body {}")
    (tmp_path / "there" / "records" / "left-over.html").write_text("x")
    increment(projection, changes([withdrawn(STATES[1]), closed(STATES[2])], 50))
    done = deployed(tmp_path)
    assert there(tmp_path) == tree(tmp_path) | {"static/site.0000000000.css": b"body {}"}
    names = {name for name in there(tmp_path) if name.startswith(f"records/{STATES[1].id}/")}
    assert names == {f"records/{STATES[1].id}/tombstone.html"}
    assert not (tmp_path / "there" / "records" / STATES[2].id).exists()
    assert done.tally.removed >= 10


class Interrupted(Exception):
    pass


class Failing(FolderTarget):
    """Takes some files, and is then taken away."""

    threads = 1
    left = 20

    def put(self, *given: Any) -> int:
        if self.left == 0:
            raise Interrupted
        self.left -= 1
        return super().put(*given)


def test_an_interrupted_deployment_sends_the_rest_and_has_removed_nothing(
    projection: SiteProjection, tmp_path: Path
) -> None:
    served = (tmp_path / "site" / "current").resolve()
    deployed(tmp_path)
    left_over = tmp_path / "there" / "browse" / "left-over.html"
    left_over.write_text("x")
    for name in there(tmp_path):
        if name.startswith("records/"):
            (tmp_path / "there" / name).unlink()
    missing = len(tree(tmp_path)) + 1 - len(there(tmp_path))
    with pytest.raises(Interrupted):
        bring(served, Failing(tmp_path / "there", URL), lambda: True, {})
    assert left_over.exists()
    arrived = missing - (len(tree(tmp_path)) + 1 - len(there(tmp_path)))
    assert 10 <= arrived < missing
    done = deployed(tmp_path)
    assert there(tmp_path) == tree(tmp_path)
    assert (done.tally.sent, done.tally.removed) == (missing - arrived, 1)


def test_pages_of_records_come_before_lists(projection: SiteProjection, tmp_path: Path) -> None:
    order: list[str] = []

    class Noting(FolderTarget):
        threads = 1

        def put(self, data: bytes, source: Path, file: Any, held: Any) -> int:
            order.append(file.name)
            return super().put(data, source, file, held)

    bring((tmp_path / "site" / "current").resolve(), Noting(tmp_path / "there", URL), lambda: True, {})
    kinds = [0 if name.startswith("static/") else 1 if name.startswith("records/") else 2 for name in order]
    assert kinds == sorted(kinds)
    assert "/" not in order[-1]


def test_a_tree_that_is_being_removed_removes_nothing(projection: SiteProjection, tmp_path: Path) -> None:
    deployed(tmp_path)
    empty = tmp_path / "empty"
    empty.mkdir()
    bring(empty, FolderTarget(tmp_path / "there", URL), lambda: False, {})
    assert there(tmp_path) == tree(tmp_path)


def test_places_that_hold_something_else_are_left_alone(projection: SiteProjection, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "thesis.pdf").write_text("the only copy")
    with pytest.raises(WrongSetting, match="something else"):
        deployed(tmp_path)
    assert there(tmp_path) == {"thesis.pdf": b"the only copy"}


def test_one_deployment_runs_at_a_time(projection: SiteProjection, tmp_path: Path) -> None:
    with deploying.alone(projection.output), pytest.raises(Conflict):
        deployed(tmp_path)


def test_without_a_site_there_is_nothing_to_deploy(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        deployed(tmp_path)


@pytest.fixture
def journal(projection: SiteProjection) -> Iterator[Journal]:
    with Journal.open(projection.output.own) as opened:
        yield opened


def follow(folder: Path, journal: Journal) -> int:
    return deploying.follow(settings_in(folder), address(folder), journal)


def test_what_follows_brings_only_what_the_journal_names(
    projection: SiteProjection, tmp_path: Path, journal: Journal
) -> None:
    assert follow(tmp_path, journal) == journal.last()
    assert there(tmp_path) == tree(tmp_path)
    (tmp_path / "there" / "about" / "index.html").write_bytes(b"altered there: only a whole comparison would find it")
    increment(projection, changes([withdrawn(STATES[1]), closed(STATES[2]), minimal(30)], 50))
    increment(projection, changes([with_metadata(STATES[4], title="Hail")], 60))
    assert follow(tmp_path, journal) == journal.last()
    ours, theirs = tree(tmp_path), there(tmp_path)
    assert {name for name in {*ours, *theirs} if ours.get(name) != theirs.get(name)} == {"about/index.html"}
    build(projection, changes([*STATES[:5]]), "g2")
    follow(tmp_path, journal)
    assert there(tmp_path) == tree(tmp_path)


def test_the_command_deploys_and_says_what_it_did(instance_template: Path, tmp_path: Path) -> None:
    shell = Shell.over(instance_template, tmp_path)
    url = (tmp_path / "there").as_uri()
    assert "no site yet" in shell("site", "deploy", url, code=2)
    assert "site.deploy" in shell("site", "deploy", code=2)
    shell("site", "build")
    said = json.loads(shell("site", "deploy", "--rules", "netlify", "--json", COLOPHON_SITE_DEPLOY=url))
    assert said["sent"] == len(there(tmp_path))
    assert {"_headers", "_redirects", "index.html"} <= {*there(tmp_path)}
    again = json.loads(shell("site", "deploy", url, "--rules", "netlify", "--json"))
    assert (again["removed"], "_headers" in there(tmp_path)) == (0, True)
    assert "nowhere" in shell("site", "deploy", "ftp://example.org/", code=2)
    (tmp_path / "file").write_text("")
    shell("site", "deploy", (tmp_path / "file" / "there").as_uri(), code=3)
    told = json.loads(shell("site", "changed", "--json"))
    assert (told["everything"], told["urls"][0].endswith("/*")) == (True, True)
    assert shell("site", "changed", "--since", str(told["number"])) == ""
    assert shell("site", "changed", "--since", "2020-01-01T00:00:00Z").splitlines() == told["urls"]
    shell("site", "changed", "--since", "yesterday", code=2)
