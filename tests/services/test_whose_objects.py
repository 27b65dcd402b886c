"""An instance writes to no folder that does not bear its mark: an empty one may be a disk that is not mounted."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import select

from repository.errors import Unreachable
from repository.records.visibility import SYSTEM, Viewer
from repository.services import backup, fixity, restoring, sweeping, withdrawal
from repository.services.instance import Instance, initialise, open_instance
from repository.storage.models import Blob, RecordRow
from repository.storage.objects.ownership import MARK
from tests.instances import body, person, published

WORDS = "bears no mark"


@pytest.fixture
def deposited(instance: Instance) -> Instance:
    published(instance, person(instance, "somebody"), body(), {"a.txt": b"a"})
    return instance


def objects(instance: Instance) -> Path:
    return instance.settings.home / "objects"


def unmount(instance: Instance) -> Path:
    """Leaves an empty folder; returns where the disk is."""
    away = objects(instance).rename(objects(instance).with_name("away"))
    objects(instance).mkdir()
    return away


def mount(instance: Instance, away: Path) -> None:
    objects(instance).rmdir()  # nothing was made in it
    away.rename(objects(instance))


def again(instance: Instance) -> Instance:
    return open_instance(instance.settings)


def mark(instance: Instance) -> Path:
    return objects(instance) / MARK


def test_where_the_disk_is_not_mounted_nothing_is_written_until_it_is(deposited: Instance) -> None:
    away = unmount(deposited)
    opened = again(deposited)
    owner = person(opened, "owner")
    with pytest.raises(Unreachable, match=WORDS):
        published(opened, owner, body("Later"), {"b.txt": b"b"})
    with pytest.raises(Unreachable, match=WORDS):
        list(fixity.check(opened))
    with pytest.raises(Unreachable, match=WORDS):
        sweeping.sweep(opened)
    initialise(opened.settings.home).close()
    with opened.database.read() as connection:
        assert connection.execute(select(Blob.fault, Blob.checked)).all() == [("", None)]
    mount(opened, away)
    published(opened, owner, body("Later"), {"b.txt": b"b"})
    assert [checked.fault for checked in fixity.check(opened)] == ["", ""]
    opened.close()


def test_a_disk_that_goes_away_under_a_running_process_is_not_replaced(deposited: Instance, owner: Viewer) -> None:
    away = unmount(deposited)
    with pytest.raises(Unreachable):
        published(deposited, owner, body("Later"), {"b.txt": b"b"})
    with pytest.raises(Unreachable):
        list(fixity.check(deposited))
    mount(deposited, away)
    published(deposited, owner, body("Later"), {"b.txt": b"b"})


def test_an_erasure_while_the_disk_is_away_is_not_forgotten(deposited: Instance) -> None:
    with deposited.database.read() as connection:
        record_id = connection.execute(select(RecordRow.id)).scalar_one()
    away = unmount(deposited)
    with pytest.raises(Unreachable):
        withdrawal.erase(deposited, SYSTEM, record_id)
    mount(deposited, away)
    assert sweeping.finish_erasures(deposited) == 1
    assert list(deposited.objects.locations()) == []


def test_an_instance_without_files_marks_any_new_folder(instance: Instance) -> None:
    shutil.rmtree(objects(instance))
    opened = again(instance)
    assert mark(instance).exists()
    opened.objects.put([b"x"])
    opened.close()


def test_objects_that_are_older_than_marks_get_theirs_from_init(deposited: Instance) -> None:
    mark(deposited).unlink()
    opened = again(deposited)
    with pytest.raises(Unreachable, match="init --take-over"):
        opened.objects.put([b"x"])
    initialise(deposited.settings.home).close()
    assert mark(deposited).exists()
    opened.objects.put([b"x"])
    opened.close()


def test_lost_objects_are_begun_anew_by_taking_over(deposited: Instance) -> None:
    shutil.rmtree(objects(deposited))
    initialise(deposited.settings.home, take_over=True).close()
    opened = again(deposited)
    opened.objects.put([b"x"])
    assert [checked.fault for checked in fixity.check(opened)] == ["missing"]
    opened.close()


def test_lost_objects_come_back_with_a_restoration(deposited: Instance, tmp_path: Path) -> None:
    backup.backup(deposited, tmp_path / "backup")
    shutil.rmtree(objects(deposited))
    opened = again(deposited)
    restored = restoring.restore(opened, tmp_path / "backup", replace=True)
    assert (restored.copied, restored.lacking, mark(opened).exists()) == (1, (), True)
    assert [checked.fault for checked in fixity.check(opened, everything=True)] == [""]
    opened.close()
