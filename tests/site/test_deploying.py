"""The frozen site is brought to a folder, and beside the readers to wherever the setting says."""

import gzip
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from snapshots import minimal, with_files, with_metadata

from repository.errors import Conflict, NotFound, StoreFull, Unreachable, WrongSetting
from repository.storage.database import Database
from site_builder import deploying
from site_builder.changed import EVERYTHING, Journal
from site_builder.deploying.folder import FolderTarget
from site_builder.deploying.target import bring, renew
from site_builder.hosting import in_root
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


def served(folder: Path) -> Path:
    return (folder / "site" / "current").resolve()


def test_nothing_compressed_of_old_content_is_at_the_target(
    projection: SiteProjection, tmp_path: Path, journal: Journal
) -> None:
    original = tree(tmp_path)
    for name, data in original.items():
        (served(tmp_path) / f"{name}.gz").write_bytes(gzip.compress(data))
    follow(tmp_path, journal)
    assert there(tmp_path) == original
    for name, data in original.items():  # by the host
        for suffix in ("gz", "br"):
            (tmp_path / "there" / f"{name}.{suffix}").write_bytes(data)
    increment(
        projection, changes([withdrawn(STATES[1]), closed(STATES[2]), with_metadata(STATES[3], title="Hail")], 50)
    )
    follow(tmp_path, journal)
    found = there(tmp_path)
    beside = {name: name[:-3] for name in found if name.endswith((".gz", ".br"))}
    assert len(beside) > 100
    assert [name for name, of in beside.items() if found[name] != found.get(of)] == []
    assert not (tmp_path / "there" / "records" / STATES[2].id).exists()
    deployed(tmp_path)
    assert {name for name in there(tmp_path) if name.endswith((".gz", ".br"))} == {
        name for name in beside if name.startswith("static/")
    }


def test_a_site_that_is_switched_or_gone_removes_nothing_and_is_deployed_again(
    projection: SiteProjection, tmp_path: Path, journal: Journal
) -> None:
    follow(tmp_path, journal)
    before = there(tmp_path)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(Unreachable, match="anew"):
        renew(empty, FolderTarget(tmp_path / "there", URL), lambda: False, before)
    increment(projection, changes([closed(STATES[2])], 50))
    link = tmp_path / "site" / "current"
    generation = link.readlink()
    link.unlink()
    with pytest.raises(Unreachable, match="no site"):
        follow(tmp_path, journal)
    assert there(tmp_path) == before
    link.symlink_to(generation)
    follow(tmp_path, journal)
    assert there(tmp_path) == tree(tmp_path) != before


def test_a_switch_while_changes_are_sent_is_noticed(
    projection: SiteProjection, tmp_path: Path, journal: Journal
) -> None:
    follow(tmp_path, journal)
    number = journal.last()
    increment(projection, changes([closed(STATES[2])], 50))

    class Switching(FolderTarget):
        def put(self, *given: Any) -> int:
            (tmp_path / "site" / "current").unlink(missing_ok=True)
            return super().put(*given)

    with pytest.raises(Unreachable, match="anew"):
        deploying.renew_changed(projection.output, Switching(tmp_path / "there", URL), journal.since(number))
    assert (tmp_path / "there" / "records" / STATES[2].id).exists()


class Full(FolderTarget):
    def put(self, *given: Any) -> int:
        raise StoreFull("The file store has no more space.")


def test_a_full_target_loses_what_may_not_be_seen_any_more(database: Database, tmp_path: Path) -> None:
    settings = settings_in(tmp_path, **{"site.languages": ("en", "cs")})
    projection = SiteProjection(settings, database)
    build(projection, changes(STATES))
    deploying.deploy(settings, address(tmp_path))
    left_over = tmp_path / "there" / "browse" / "left-over.html"
    left_over.write_text("x")

    def known(number: int) -> list[str]:
        return [name for name in there(tmp_path) if f"records/{STATES[number].id}/" in name]

    assert {name.partition("/")[0] for name in known(2)} >= {"records", "cs"}
    with Journal.open(projection.output.own) as journal:
        number = journal.last()
        increment(projection, changes([withdrawn(STATES[1]), closed(STATES[2])], 50))
        paths = [change.file for change in journal.since(number) if change.file]
    with pytest.raises(StoreFull):
        renew(served(tmp_path), Full(tmp_path / "there", URL), lambda: True, paths)
    assert known(1) == known(2) == []
    increment(projection, changes([withdrawn(STATES[3]), closed(STATES[4])], 60))
    with pytest.raises(StoreFull):
        bring(served(tmp_path), Full(tmp_path / "there", URL), lambda: True, {})
    assert known(3) == known(4) == []
    assert (len(known(5)) > 5, left_over.exists()) == (True, True)


def test_rules_of_a_host_stay_in_later_deployments(
    projection: SiteProjection, tmp_path: Path, journal: Journal
) -> None:
    settings = settings_in(tmp_path)
    rules = in_root(settings, "netlify")
    deploying.deploy(settings, address(tmp_path), "netlify")
    assert there(tmp_path) == tree(tmp_path) | rules
    build(projection, changes(STATES[:5]), "g2")
    assert EVERYTHING in {change.address for change in journal.since(0)}
    follow(tmp_path, journal)
    deployed(tmp_path)
    assert there(tmp_path) == tree(tmp_path) | rules
    deploying.deploy(settings, address(tmp_path), "")
    follow(tmp_path, journal)
    assert there(tmp_path) == tree(tmp_path)


def test_what_a_killed_deployment_left_unfinished_goes_with_the_next_change(
    projection: SiteProjection, tmp_path: Path, journal: Journal
) -> None:
    follow(tmp_path, journal)
    unfinished = tmp_path / "there" / ".colophon" / "unfinished" / "page"
    unfinished.write_bytes(b"closed since")
    increment(projection, changes([with_metadata(STATES[4], title="Hail")], 50))
    follow(tmp_path, journal)
    assert not unfinished.exists()


def test_a_target_that_was_emptied_gets_everything(
    projection: SiteProjection, tmp_path: Path, journal: Journal
) -> None:
    follow(tmp_path, journal)
    shutil.rmtree(tmp_path / "there")
    increment(projection, changes([with_metadata(STATES[4], title="Hail")], 50))
    follow(tmp_path, journal)
    assert there(tmp_path) == tree(tmp_path)
    # the same where the whole deployment is interrupted, after it has marked the target
    shutil.rmtree(tmp_path / "there")
    link = tmp_path / "site" / "current"
    generation = link.readlink()
    link.unlink()
    with pytest.raises(NotFound):
        deployed(tmp_path)
    FolderTarget(tmp_path / "there", URL).claim()
    link.symlink_to(generation)
    increment(projection, changes([with_metadata(STATES[4], title="Snow")], 60), generation.name)
    follow(tmp_path, journal)
    assert there(tmp_path) == tree(tmp_path)


def test_a_file_that_changes_while_it_is_sent_is_sent_again(projection: SiteProjection, tmp_path: Path) -> None:
    robots, about = served(tmp_path) / "robots.txt", served(tmp_path) / "about" / "index.html"

    class Late(FolderTarget):
        """The tree goes on while bytes of it are under way."""

        def put(self, data: bytes, *given: Any) -> int:
            if data == robots.read_bytes():
                robots.write_bytes(data.upper())
                os.utime(robots, ns=(1, 10**18))
            if about.exists() and data == about.read_bytes():
                about.unlink()
            return super().put(data, *given)

    bring(served(tmp_path), Late(tmp_path / "there", URL), lambda: True, {})
    assert (tmp_path / "there" / "robots.txt").read_bytes() != robots.read_bytes()
    deployed(tmp_path)
    assert there(tmp_path) == tree(tmp_path)
    assert "about/index.html" not in there(tmp_path)


def test_names_are_as_long_as_a_file_system_takes(projection: SiteProjection, tmp_path: Path) -> None:
    (served(tmp_path) / "browse" / ("ž" * 125)).write_text("x")
    deployed(tmp_path)
    assert there(tmp_path) == tree(tmp_path)


def test_a_target_of_another_site_is_refused_until_its_mark_says_otherwise(
    projection: SiteProjection, tmp_path: Path, journal: Journal
) -> None:
    follow(tmp_path, journal)
    before = times(tmp_path)
    (tmp_path / "there" / "left-over").write_text("x")
    moved = settings_in(tmp_path, **{"site.url": "https://data.example.org"})
    increment(projection, changes([with_metadata(STATES[4], title="Hail")], 50))
    for refused in (
        lambda: deploying.deploy(moved, address(tmp_path)),
        lambda: deploying.follow(moved, address(tmp_path), journal),
    ):
        with pytest.raises(WrongSetting, match=f"holds the site {URL}.*write https://data.example.org"):
            refused()
    (tmp_path / "there" / "left-over").unlink()
    assert times(tmp_path) == before
    (tmp_path / "there" / ".colophon" / "site").write_text("https://data.example.org")
    deploying.deploy(moved, address(tmp_path))
    assert there(tmp_path) == tree(tmp_path)


def test_a_folder_of_another_machine_is_nowhere(tmp_path: Path) -> None:
    for host in ("www.example.org", "srv"):
        with pytest.raises(WrongSetting, match="nowhere"):
            deploying.open_target(settings_in(tmp_path), f"file://{host}{tmp_path}/there")
    assert isinstance(deploying.open_target(settings_in(tmp_path), f"file://localhost{tmp_path}/there"), FolderTarget)


def test_no_empty_folders_are_left(projection: SiteProjection, tmp_path: Path) -> None:
    deployed(tmp_path)
    deep = tmp_path / "there" / "browse" / "a" / "b" / "left-over.html"
    deep.parent.mkdir(parents=True)
    deep.write_text("x")
    deployed(tmp_path)
    assert not (tmp_path / "there" / "browse" / "a").exists()
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
    none = json.loads(shell("site", "deploy", url, "--rules", "none", "--json"))
    assert (none["removed"], "_headers" in there(tmp_path)) == (2, False)
    assert "nowhere" in shell("site", "deploy", "ftp://example.org/", code=2)
    (tmp_path / "file").write_text("")
    shell("site", "deploy", (tmp_path / "file" / "there").as_uri(), code=3)
    told = json.loads(shell("site", "changed", "--json"))
    assert (told["everything"], told["urls"][0].endswith("/*")) == (True, True)
    assert shell("site", "changed", "--since", str(told["number"])) == ""
    assert shell("site", "changed", "--since", "2020-01-01T00:00:00Z").splitlines() == told["urls"]
    shell("site", "changed", "--since", "yesterday", code=2)
