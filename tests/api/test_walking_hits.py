"""Past the window and in one stream: everything that a search finds can be had."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from repository.api import searching
from repository.cli.serve import build_app
from repository.following import run_until_current
from repository.records.visibility import Viewer
from repository.search.cursors import Cursors
from repository.search.documents import document
from repository.search.engine import WINDOW, Search
from repository.search.engines import open_index, open_projection
from repository.services import withdrawal
from repository.services.instance import Instance
from tests.api.conftest import Caller
from tests.instances import body, copy_instance, person, published
from tests.search.kit import record

MORE = 40
"""Entries of the index beyond the window, by which it is filled without so many records in the database."""


@pytest.fixture
def get(app: Flask) -> Callable[..., TestResponse]:
    def ask(url: str, accept: str = "application/json", **arguments: object) -> TestResponse:
        path = url.removeprefix("http://repository.test")
        return app.test_client().get(path, headers={"Accept": accept}, query_string=arguments or None)

    return ask


def indexed(instance: Instance) -> None:
    run_until_current(instance.database, [open_projection(instance.settings.search)])


def lines(answer: TestResponse) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [orjson.loads(line)["id"] for line in answer.text.splitlines()]


@pytest.fixture
def many(instance: Instance, owner: Viewer) -> list[str]:
    """Three records that are newer and three that are older than 10,037 others, which only the index knows."""
    ids = [published(instance, owner, body(f"Rain {number}")) for number in range(3)]
    indexed(instance)
    index = open_index(instance.settings.search)
    with index.leading():
        generation = next(iter(index.generations()))
        empty = {"words": {}, "stems": [], "title_stems": [], "names": [], "identifiers": [], "title": []}
        entries = [{**document(record(number), 1), **empty} for number in range(2)]
        for number in range(WINDOW + MORE - 3):
            entry = {**entries[number % 2], "id": f"{number:05d}-00000"}
            entry["numbers"] = {**entry["numbers"], "created": entry["numbers"]["created"] - number // 7}
            index.write([entry], generation) if number < 2 else entries.append(entry)
        index.write(entries[2:], generation)
    return ids


@pytest.mark.both
def test_next_goes_past_the_window_by_cursors(many: list[str], get: Callable[..., TestResponse]) -> None:
    pages = [get("/api/records", sort="oldest", size=1000)]
    pages += [get("/api/records", sort="oldest", size=1000, page=10)]
    assert "page=2&" in pages[0].json["links"]["next"]
    last = pages[1].json
    assert "cursor=" in last["links"]["next"]
    assert "page=" not in last["links"]["next"]
    answer = get(last["links"]["next"])
    assert (answer.json["page"], answer.json["hits"]["total"]) == (11, WINDOW + MORE)
    assert [hit["id"] for hit in answer.json["hits"]["hits"]] == many  # the newest
    assert set(answer.json["links"]) == {"self"}
    assert get(answer.json["links"]["self"]).json == answer.json


def test_a_page_that_the_window_would_cut_is_had_whole_by_its_cursor(
    many: list[str], get: Callable[..., TestResponse]
) -> None:
    found = get("/api/records", sort="oldest", size=999, page=10).json["links"]["next"]
    assert "cursor=" in found
    then = get(found).json
    assert [hit["id"] for hit in then["hits"]["hits"]] == many
    assert (then["page"], "next" in then["links"]) == (11, False)
    small = get("/api/records", sort="newest", size=1, page=WINDOW).json
    beyond = get(small["links"]["next"]).json
    assert "cursor=" in beyond["links"]["next"]  # a cursor leads to a cursor
    assert beyond["page"] == WINDOW + 1


def test_ranked_hits_end_and_the_answer_names_the_way(many: list[str], get: Callable[..., TestResponse]) -> None:
    assert "next" not in get("/api/records", q="record", size=1000, page=10).json["links"]
    refused = get("/api/records", q="record", size=1000, page=11)
    assert refused.status_code == 400
    assert "sort=newest" in refused.json["errors"][0]["messages"][0]
    refused = get("/api/records", q="record", sort="oldest", size=1000, page=11)
    assert (refused.status_code, refused.json["message"]) == (400, "Invalid querystring parameters.")
    assert "links.next" in refused.json["errors"][0]["messages"][0]
    assert get("/api/records", "text/csv", q="rain", sort="bestmatch").status_code == 400


@pytest.fixture
def shelf(instance: Instance, owner: Viewer) -> list[str]:
    ids = [published(instance, owner, body(f"Rain {number}")) for number in range(5)]
    indexed(instance)
    return ids


def test_a_cursor_that_is_not_ours_is_refused(shelf: list[str], get: Callable[..., TestResponse]) -> None:
    foreign = Cursors("another secret").write(Search(sort="oldest"), (1, shelf[0]))
    for cursor in (foreign, "x", "ř", "A" * 3000, foreign[:-1]):
        refused = get("/api/records", sort="oldest", cursor=cursor)
        assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, "cursor"), cursor


def test_a_cursor_belongs_to_its_sort(instance: Instance, shelf: list[str], get: Callable[..., TestResponse]) -> None:
    ours = Cursors(instance.settings.secret).write(Search(sort="oldest"), (1, shelf[0]))
    assert get("/api/records", sort="oldest", cursor=ours).json["page"] == 2
    assert len(get("/api/records", sort="oldest", q="rain", cursor=ours).json["hits"]["hits"]) == 5
    for wrong in ({"sort": "newest"}, {}, {"q": "rain"}, {"sort": "oldest", "page": 2}):
        refused = get("/api/records", cursor=ours, **wrong)
        assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, "cursor"), wrong


STREAMED = (
    ("application/x-ndjson", lambda text: [orjson.loads(line)["id"] for line in text.splitlines()]),
    ("text/csv", lambda text: [line.partition(",")[0] for line in text.splitlines()[1:] if line[5:6] == "-"]),
    ("application/vnd.citationstyles.csl+json", lambda text: [entry["id"] for entry in orjson.loads(text)]),
)


@pytest.mark.both
def test_all_hits_are_given_who_asks_for_no_page(
    instance: Instance, owner: Viewer, get: Callable[..., TestResponse]
) -> None:
    ids = [published(instance, owner, body(f"Rain {number}")) for number in range(30)]
    indexed(instance)
    for accept, ids_in in STREAMED:
        whole = get("/api/records", accept)
        assert (whole.is_streamed, whole.headers["X-Total-Count"]) == (True, "30")
        assert ids_in(whole.text) == ids[::-1], accept
        assert ids_in(get("/api/records", accept, sort="oldest", q="rain").text) == ids
        assert ids_in(get("/api/records", accept, q="rain").text) == ids[::-1]  # newest, not by rank
        page = get("/api/records", accept, sort="oldest", size=4)
        assert (ids_in(page.text), 'rel="next"' in page.headers["Link"]) == (ids[:4], True)
        assert ids_in(get("/api/records", accept, page=2).text) == ids[4::-1]
    assert lines(get("/api/records", "application/x-ndjson", resource_type="software")) == []
    first = orjson.loads(get("/api/records", "application/x-ndjson").text.splitlines()[0])
    assert first == get("/api/records").json["hits"]["hits"][0]


@pytest.mark.both
def test_a_stream_walks_past_the_window_and_leaves_out_what_the_database_has_no_more(
    many: list[str], get: Callable[..., TestResponse]
) -> None:
    whole = get("/api/records", "application/x-ndjson", sort="oldest")
    assert whole.headers["X-Total-Count"] == str(WINDOW + MORE)
    assert lines(whole) == many


@pytest.mark.both
def test_nobody_is_streamed_what_is_closed_to_him(
    instance: Instance, owner_calls: Caller, anyone_calls: Caller
) -> None:
    """Closed while the index still says open: the database decides when the record is reached."""
    open_ids = [published(instance, owner_calls.viewer, body(f"Rain {number}")) for number in range(2)]
    closed = published(
        instance, owner_calls.viewer, {**body("Secret rain"), "access": {"record": "restricted", "files": "restricted"}}
    )
    indexed(instance)
    headers = {"Accept": "application/x-ndjson"}
    mine = lines(owner_calls("GET", "records", headers=headers))
    assert mine == [closed, *open_ids[::-1]]
    for accept, ids_in in STREAMED:
        answer = anyone_calls("GET", "records", headers={"Accept": accept})
        assert (ids_in(answer.text), answer.headers["X-Total-Count"]) == (open_ids[::-1], "2")
    withdrawal.withdraw(instance, person(instance, "admin", admin=True), open_ids[0], {})
    assert lines(anyone_calls("GET", "records", headers=headers)) == [open_ids[1]]


@pytest.mark.both
def test_a_stream_is_read_as_it_is_sent(
    instance: Instance, owner: Viewer, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first part leaves before the last record has been fetched: memory does not grow with the list."""
    monkeypatch.setattr(searching, "_FETCHED", 2)
    monkeypatch.setattr(searching, "_SENT", 1)
    ids = [published(instance, owner, body(f"Rain {number}")) for number in range(5)]
    indexed(instance)
    answer = app.test_client().get("/api/records?sort=oldest", headers={"Accept": "application/x-ndjson"})
    parts: Iterator[bytes] = iter(answer.response)
    assert orjson.loads(next(parts))["id"] == ids[0]
    withdrawal.withdraw(instance, person(instance, "admin", admin=True), ids[4], {})
    assert [orjson.loads(part)["id"] for part in parts if part] == ids[1:4]


@pytest.fixture
def narrow(instance_template: Path, tmp_path: Path) -> Iterator[Flask]:
    """An app whose workers send one stream at a time, with three records, two of which fill a part."""
    instance = copy_instance(instance_template, tmp_path / "narrow", serve__threads="4")
    owner = person(instance, "owner")
    for number in range(3):
        published(instance, owner, body(f"Rain {number}"))
    indexed(instance)
    yield build_app(instance)
    instance.close()


def test_streams_leave_threads_to_others(narrow: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "_SENT", 1)
    headers = {"Accept": "application/x-ndjson"}

    def ask(method: str = "GET") -> TestResponse:
        return narrow.test_client().open("/api/records", method=method, headers=headers)

    reading = ask()
    parts = iter(reading.response)
    next(parts)
    refused = ask()
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert "Too many lists" in refused.json["message"]
    assert narrow.test_client().get("/api/records").status_code == 200
    assert len(list(parts)) == 3  # the other two, and an empty end
    del parts, reading
    for _time in range(3):
        assert ask("HEAD").status_code == 200
    broken = ask()
    next(iter(broken.response))
    broken.close()
    del broken
    assert len(lines(ask())) == 3


def test_a_stream_waits_for_an_engine_that_is_away_for_a_moment(narrow: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "_SENT", 1)
    monkeypatch.setattr(searching, "_FETCHED", 1)
    home = narrow.extensions["colophon"].instance.settings.search.removeprefix("tantivy://")
    (meta,) = Path(home).glob("g*/meta.json")
    answer = narrow.test_client().get("/api/records", headers={"Accept": "application/x-ndjson"})
    parts = iter(answer.response)
    first = next(parts)
    away = meta.rename(meta.with_suffix(".away"))
    threading.Timer(0.7, lambda: away.rename(meta)).start()
    found = [orjson.loads(part)["id"] for part in (first, *parts) if part]
    assert len(set(found)) == 3
