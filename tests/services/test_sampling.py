"""The demo's records: deposited once, however often the deposit is interrupted."""

from collections.abc import Callable
from typing import Any

import pytest

from repository.records.visibility import Viewer
from repository.samples import Sample, load
from repository.services import drafts, publishing, sampling, uploads, withdrawal
from repository.services.instance import Instance
from repository.storage import changes
from tests.conftest import row_count
from tests.instances import body, person, published
from tests.services.test_importing import deposit, imported


class Killed(BaseException):
    """The end of the process, wherever it comes."""


def few() -> tuple[Sample, ...]:
    """One sample of several versions with files, one that is withdrawn, and one more."""
    versions = next(sample for sample in load() if len(sample.versions) > 1 and sample.versions[-1].files)
    withdrawn = next(sample for sample in load() if sample.withdraw)
    return versions, withdrawn, next(sample for sample in load() if sample not in (versions, withdrawn))


def _spend(left: list[int]) -> None:
    if left[0] == 0:
        raise Killed
    left[0] -= 1


def kill_at(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """The process ends before or after one of the acts of which a deposit is made: each of them is two steps."""
    left = [step]

    def mortal(act: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **named: Any) -> Any:
            _spend(left)
            result = act(*arguments, **named)
            _spend(left)
            return result

        return wrapped

    for module, name in (
        (drafts, "create"),
        (drafts, "save"),
        (uploads, "announce"),
        (uploads, "commit"),
        (publishing, "publish"),
        (withdrawal, "withdraw"),
    ):
        monkeypatch.setattr(module, name, mortal(getattr(module, name)))


def shown(instance: Instance) -> list[tuple[str, int, str, list[str], int]]:
    """(title, index, state, keys of files, number of versions) of every record."""
    with instance.database.read() as connection:
        found = [change.snapshot for change in changes.states(connection, "", 1000)]
    return sorted(
        (state.title, state.index, state.state, sorted(state.files["entries"]), len(state.versions)) for state in found
    )


def test_a_deposit_that_is_interrupted_anywhere_is_completed_without_doubles(
    instance: Instance, owner: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "load", few)
    step = 0
    while True:
        step += 1
        with monkeypatch.context() as life:
            kill_at(life, step)
            try:
                sampling.deposit_samples(instance, owner)
            except Killed:
                continue
        break
    assert step > 5
    wanted = [
        (
            version.body["metadata"]["title"],
            index,
            "withdrawn" if sample.withdraw and index == len(sample.versions) else "published",
            sorted(file.key for file in version.files),
            len(sample.versions),
        )
        for sample in few()
        for index, version in enumerate(sample.versions, 1)
    ]
    assert shown(instance) == sorted(wanted)
    assert row_count(instance.database, "drafts") == 0
    assert sampling.deposit_samples(instance, owner) == 0
    assert shown(instance) == sorted(wanted)


def test_a_withdrawal_that_was_not_reached_is_made_up_for(
    instance: Instance, owner: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "load", lambda: few()[1:2])
    with monkeypatch.context() as life:
        life.setattr(withdrawal, "withdraw", lambda *_arguments: _spend([0]))
        with pytest.raises(Killed):
            sampling.deposit_samples(instance, owner)
    assert [record[2] for record in shown(instance)] == ["published"]
    for _again in range(2):
        assert sampling.deposit_samples(instance, owner) == 0
        assert [record[2] for record in shown(instance)] == ["withdrawn"]


def test_a_sample_is_known_by_the_title_of_its_first_version() -> None:
    assert len({sample.versions[0].body["metadata"]["title"] for sample in load()}) == len(load())


def test_records_of_others_are_told_from_the_demos_own(any_instance: Instance) -> None:
    owner, other = person(any_instance, "owner"), person(any_instance, "other")
    assert not sampling.holds_others(any_instance, owner)
    assert not sampling.holds_others(any_instance, None)
    published(any_instance, owner, body())
    assert not sampling.holds_others(any_instance, owner)
    assert sampling.holds_others(any_instance, None)
    assert sampling.holds_others(any_instance, other)


def test_records_of_nobody_are_others(any_instance: Instance) -> None:
    owner = person(any_instance, "owner")
    imported(any_instance, [deposit(1)])
    assert sampling.holds_others(any_instance, owner)
