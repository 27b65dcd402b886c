"""The change log: numbering, replay and what a rebuild reads."""

import threading
from dataclasses import replace

from repository.storage import changes
from repository.storage.database import Database
from tests.records_in_store import append, publish, snapshot


def test_positions_are_consecutive_and_carry_the_state(any_database: Database) -> None:
    states = [snapshot(number) for number in range(3)]
    assert publish(any_database, states) == 3
    with any_database.read() as connection:
        read = changes.after(connection, 0, 10)
        assert changes.head(connection) == 3
    assert [change.position for change in read] == [1, 2, 3]
    assert [change.snapshot for change in read] == states


def test_only_the_last_change_of_a_record_is_read_in_a_batch(any_database: Database) -> None:
    first = snapshot(1)
    publish(any_database, [first, snapshot(2)])
    renamed = replace(first, metadata={**first.metadata, "title": "Renamed"})
    append(any_database, ("revised", renamed))
    with any_database.read() as connection:
        read = changes.after(connection, 0, 10)
        assert [(change.position, change.snapshot.title) for change in read] == [(2, "Record number 2"), (3, "Renamed")]
        assert [change.position for change in changes.states(connection, "", 10)] == [3, 2]
        last = changes.state(connection, first.id)
    assert last is not None
    assert last.snapshot == renamed


def test_a_failed_transaction_takes_no_position(any_database: Database) -> None:
    publish(any_database, [snapshot(1)])
    try:
        with any_database.write() as connection:
            changes.append(connection, [("revised", snapshot(1, revision_id=2))])
            raise RuntimeError
    except RuntimeError:
        pass
    assert publish(any_database, [snapshot(2)]) == 2


def test_a_follower_misses_nothing_of_twelve_concurrent_writers(any_database: Database) -> None:
    writers, each = 12, 25

    def write(writer: int) -> None:
        for number in range(each):
            publish(any_database, [snapshot(writer * 100 + number)])

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(writers)]
    for thread in threads:
        thread.start()
    seen: list[int] = []
    while any(thread.is_alive() for thread in threads) or len(seen) < writers * each:
        with any_database.read() as connection:
            seen += [change.position for change in changes.after(connection, seen[-1] if seen else 0, 50)]
        if not any(thread.is_alive() for thread in threads):
            with any_database.read() as connection:
                if seen and seen[-1] == changes.head(connection):
                    break
    for thread in threads:
        thread.join()
    assert seen == list(range(1, writers * each + 1))
