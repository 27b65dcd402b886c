"""`colophon backup` and `colophon restore`, from one machine to the next."""

import json
from pathlib import Path

import pytest

from repository.services.instance import open_instance
from repository.settings import load
from tests.cli.shell import Shell
from tests.instances import body, person, published
from tests.wholeness import assert_whole

pytestmark = pytest.mark.long


def test_an_instance_is_copied_and_restored_elsewhere(instance_template: Path, tmp_path: Path) -> None:
    shell = Shell.over(instance_template, tmp_path)
    home = tmp_path / "instance"
    instance = open_instance(load(home, environment={}))
    owner = person(instance, "owner")
    first, second = (published(instance, owner, body(title), {"a.txt": title.encode()}) for title in ("Rain", "Snow"))
    instance.close()
    copied = json.loads(shell.apart("backup", "copy", "--json"))
    assert (copied["position"], copied["objects"], copied["copied"], copied["faulty"]) == (2, 2, 2, [])
    shell("records", "erase", second, "--yes")
    assert second in (home / "erased.txt").read_text()
    assert "--replace" in shell("restore", "copy", code=2)
    assert "no finished back-up" in shell("restore", "instance", code=2, COLOPHON_HOME=str(tmp_path / "other"))
    assert not (tmp_path / "other").exists()
    elsewhere = {"COLOPHON_HOME": str(tmp_path / "elsewhere")}
    done = json.loads(shell.apart("restore", "copy", "--erasures", "instance/erased.txt", "--json", **elsewhere))
    assert (done["records"], done["copied"], done["lacking"], done["erased"]) == (2, 2, [], [second])
    assert json.loads(shell("records", "show", first, **elsewhere))["metadata"]["title"] == "Rain"
    assert "Record deleted" in shell("records", "show", second, code=2, **elsewhere)
    assert "faulty 0" in shell("files", "check", "--all", **elsewhere)
    assert_whole(tmp_path / "elsewhere")
    next((tmp_path / "copy").glob("objects/??/??/*")).write_bytes(b"x")
    damaged = {"COLOPHON_HOME": str(tmp_path / "damaged")}
    assert "lacking" in shell("restore", "copy", code=1, **damaged)
    assert "held by" in shell("files", "check", code=1, **damaged)


def test_a_copy_lacks_what_is_missing_and_says_so(instance_template: Path, tmp_path: Path) -> None:
    shell = Shell.over(instance_template, tmp_path)
    instance = open_instance(load(tmp_path / "instance", environment={}))
    published(instance, person(instance, "owner"), body(), {"a.txt": b"a"})
    instance.close()
    next((tmp_path / "instance").glob("objects/??/??/*")).unlink()
    assert "not copied" in shell("backup", "copy", code=1)


def test_an_erasure_whose_bytes_could_not_be_deleted_is_on_the_list_all_the_same(
    instance_template: Path, tmp_path: Path
) -> None:
    shell = Shell.over(instance_template, tmp_path)
    instance = open_instance(load(tmp_path / "instance", environment={}))
    record_id = published(instance, person(instance, "owner"), body(), {"a.txt": b"a"})
    instance.close()
    path = next((tmp_path / "instance").glob("objects/??/??/*"))
    path.unlink()
    path.mkdir()  # which the store can't unlink
    # its bytes are left
    shell.apart("records", "erase", record_id, "--yes", code=1)
    assert (tmp_path / "instance" / "erased.txt").read_text() == f"{record_id}\n"
