"""OpenSearch passes the contract suite, and what is particular to it."""

import contextlib
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from record_parts import access

from repository.errors import InvalidInput, StoreFull, Unreachable
from repository.records.queries import MAX_CLAUSES, MAX_DEPTH, MAX_WILDCARDS
from repository.records.snapshot import Neighbour
from repository.records.visibility import ANONYMOUS
from repository.search.arguments import search_of
from repository.search.documents import document, removed
from repository.search.engine import Search
from repository.search.facets import MOST_KEYS
from repository.search.opensearch_engine import OpenSearchEngine
from repository.search.opensearch_index import OpenSearchIndex
from repository.search.opensearch_schema import template
from tests.search.contract import RULES
from tests.search.hostile import ANSWERED
from tests.search.kit import READER, Kit, counts, facet, found, record, seven
from tests.servers.opensearch import OpenSearchServer
from tests.servers.proxy import Fault, FaultyProxy

pytestmark = pytest.mark.service

LIMIT = 2.0
"""Seconds."""


@pytest.fixture
def prefix(opensearch: OpenSearchServer) -> Iterator[str]:
    name = f"t{secrets.token_hex(6)}"
    yield name
    opensearch.empty(name)


@pytest.fixture(scope="module")
def engine(opensearch: OpenSearchServer) -> OpenSearchEngine:
    """Finds seven records."""
    return filled(opensearch.setting(f"t{secrets.token_hex(6)}"))[1]


@pytest.fixture
def kit(opensearch: OpenSearchServer, prefix: str) -> Kit:
    """Each folder is another prefix."""

    def make(folder: Path) -> tuple[OpenSearchIndex, OpenSearchEngine]:
        return pair(opensearch.setting(f"{prefix}-{folder.name.replace('_', '-').lower()[-40:]}"))

    return Kit(make=make)


def pair(setting: str) -> tuple[OpenSearchIndex, OpenSearchEngine]:
    return OpenSearchIndex(setting), OpenSearchEngine(setting)


def filled(setting: str) -> tuple[OpenSearchIndex, OpenSearchEngine]:
    """With seven records in the generation g1, positions from 1."""
    index, engine = pair(setting)
    with index.leading():
        index.create("g1")
        index.write([document(state, position) for position, state in enumerate(seven(), 1)], "g1")
        index.activate("g1")
    return index, engine


@pytest.fixture
def proxy(opensearch: OpenSearchServer) -> Iterator[FaultyProxy]:
    with FaultyProxy(opensearch.port) as between:
        yield between


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_opensearch(rule: Callable[[Kit, Path], None], kit: Kit, tmp_path: Path) -> None:
    rule(kit, tmp_path)


def test_what_a_late_leader_sends_changes_nothing(opensearch: OpenSearchServer, prefix: str) -> None:
    """Its requests arrive when another one has removed a record and dropped a generation."""
    late, engine = filled(opensearch.setting(prefix))
    late.create("g2")
    now, _engine = pair(opensearch.setting(prefix))
    now.write([removed(seven()[2].id, 20)], "g1")
    now.drop("g2")
    late.write([document(seven()[2], 3)], "g1")
    assert seven()[2].id not in found(engine)
    with pytest.raises(Unreachable, match="g2 is not in OpenSearch"):
        late.write([document(record(9), 9)], "g2")
    with pytest.raises(Unreachable):
        late.activate("g2")
    assert [name for name in opensearch.indexes() if name.startswith(prefix)] == [f"{prefix}-g1"]
    assert len(found(engine)) == 6


def test_instances_of_a_cluster_leave_each_other_alone(opensearch: OpenSearchServer, prefix: str) -> None:
    """Even where the name of one begins like an index of the other."""
    index, engine = filled(opensearch.setting(prefix))
    other, elsewhere = filled(opensearch.setting(f"{prefix}-gx"))
    assert list(index.generations()) == list(other.generations()) == ["g1"]
    other.create("g2")
    other.activate("g2")
    other.drop("g1")
    assert (len(found(engine)), len(found(elsewhere))) == (7, 0)
    index.activate("g1")
    assert (len(found(engine)), list(other.generations())) == (7, ["g2"])


def test_aliases_name_the_generation_that_is_searched(opensearch: OpenSearchServer, prefix: str) -> None:
    index, engine = filled(opensearch.setting(prefix))
    index.create("g2")
    index.write([document(record(1), 1)], "g2")
    assert aliases(opensearch, prefix) == {f"{prefix}-g1": {prefix, f"{prefix}.{index.shape()}", f"{prefix}-g1.write"},
                                           f"{prefix}-g2": {f"{prefix}-g2.write"}}  # fmt: skip
    index.activate("g2")
    assert aliases(opensearch, prefix)[f"{prefix}-g1"] == {f"{prefix}-g1.write"}
    assert found(engine) == [record(1).id]
    index.drop("g1")
    assert found(engine) == [record(1).id]


def aliases(opensearch: OpenSearchServer, prefix: str) -> dict[str, set[str]]:
    found = opensearch.ask("GET", f"/{prefix}-*/_alias")
    return {name: set(one["aliases"]) for name, one in found.items()}


def test_an_index_of_another_version_is_unreachable_until_it_is_made_anew(
    opensearch: OpenSearchServer, prefix: str
) -> None:
    index, engine = pair(opensearch.setting(prefix))
    opensearch.ask("PUT", f"/{prefix}-g0", {"mappings": template(prefix, "0ther")["template"]["mappings"]})
    index.activate("g0")  # as each leader does first
    for search in (Search(), Search("rain"), Search(facets=False, sort="oldest")):
        with pytest.raises(Unreachable, match="another version"):
            engine.search(search)
    index.create("g1")
    index.write([document(record(1), 1)], "g1")
    index.activate("g1")
    index.drop("g0")
    assert found(engine) == [record(1).id]


@pytest.mark.parametrize(
    "fault",
    [
        Fault("hang"), Fault("refuse"), Fault("500 after the fact"), Fault("cut answer", bytes=20),
        Fault("lose answer"), Fault("drip", bytes=250, seconds=0.2),
    ],
    ids=lambda fault: fault.harm,
)  # fmt: skip
def test_a_cluster_that_does_not_answer_well_is_unreachable(
    opensearch: OpenSearchServer, proxy: FaultyProxy, prefix: str, fault: Fault
) -> None:
    filled(opensearch.setting(prefix))
    index, engine = pair(opensearch.setting(prefix, port=proxy.port))
    assert len(found(engine)) == 7
    with proxy.harming(fault), pytest.raises(Unreachable):
        engine.search(Search("wqx"))
    if fault.harm not in ("hang", "drip"):  # a reader waits for a minute
        fault.times = 1
        with proxy.harming(fault), pytest.raises(Unreachable):
            index.write([document(record(9), 9)], "g1")
    index.write([document(record(9), 9)], "g1")
    assert len(found(engine)) == 8


def test_a_search_and_its_correction_share_one_limit(
    opensearch: OpenSearchServer, proxy: FaultyProxy, prefix: str
) -> None:
    """That nothing was found is told though the cluster is too slow to tell what was meant."""
    filled(opensearch.setting(prefix))
    _index, engine = pair(opensearch.setting(prefix, port=proxy.port))
    assert engine.search(Search("nubmer")).correction == "number"
    start = time.monotonic()
    with proxy.harming(Fault("slow", seconds=1.1)):
        hits = engine.search(Search("nubmer"))
    assert (hits.total, hits.correction) == (0, "")
    assert time.monotonic() - start < LIMIT
    start = time.monotonic()
    with proxy.harming(Fault("drip", bytes=250, seconds=0.2)), pytest.raises(Unreachable):
        engine.search(Search("wqx"))
    assert time.monotonic() - start < LIMIT


def test_a_cluster_that_is_away_is_unreachable_and_comes_back(
    opensearch: OpenSearchServer, proxy: FaultyProxy, prefix: str
) -> None:
    filled(opensearch.setting(prefix))
    index, engine = pair(opensearch.setting(prefix, port=proxy.port))
    assert len(found(engine)) == 7
    proxy.down()
    with pytest.raises(Unreachable):
        engine.search(Search())
    with pytest.raises(Unreachable), index.leading():
        pass
    for act in (index.create, index.activate, index.drop):
        with pytest.raises(Unreachable):
            act("g2")
    with pytest.raises(Unreachable):
        index.generations()
    proxy.up()
    assert len(found(engine)) == 7


def test_a_full_disk_is_told_apart_and_searches_go_on(opensearch: OpenSearchServer, prefix: str) -> None:
    """The cluster sets this block where a disk passes its last watermark."""
    index, engine = filled(opensearch.setting(prefix))
    block = "index.blocks.read_only_allow_delete"
    opensearch.ask("PUT", f"/{prefix}-g1/_settings", {block: True})
    with pytest.raises(StoreFull):
        index.write([document(record(9), 9)], "g1")
    assert len(found(engine)) == 7
    opensearch.ask("PUT", f"/{prefix}-g1/_settings", {block: None})
    index.write([document(record(9), 9)], "g1")
    assert len(found(engine)) == 8


LARGEST = (
    " ".join(f"w{number}" for number in range(MAX_CLAUSES)),
    " ".join(f"wor{chr(97 + number // 26)}{chr(97 + number % 26)}" for number in range(MAX_CLAUSES)),
    " ".join(f"w{number}-x" for number in range(MAX_CLAUSES // 2)),
    " ".join(f"-year:{number}" for number in range(1700, 1700 + MAX_CLAUSES)),
    "NOT (a " * (MAX_DEPTH // 3) + "wqx" + ")" * (MAX_DEPTH // 3),
    " ".join(f"title:n{number}*" for number in range(MAX_WILDCARDS // 2)),
    "w*" + "?" * (MAX_WILDCARDS - 1),
    "wqx" + "*?" * (MAX_WILDCARDS // 2),
    '"' + "wqx " * MAX_CLAUSES + '"~100',
)


@pytest.mark.parametrize("text", LARGEST, ids=lambda text: text[:12])
def test_the_largest_queries_are_answered_or_refused(engine: OpenSearchEngine, text: str) -> None:
    """Only patterns may be more than the engine can take."""
    with contextlib.suppress(*[InvalidInput] if "?" in text else []):
        assert engine.search(Search(text)).total <= 7
    assert len(found(engine)) == 7


@pytest.mark.parametrize("name", ANSWERED)
def test_what_is_meant_to_hurt_is_answered_or_refused(engine: OpenSearchEngine, name: str) -> None:
    values = {key: [_text(value)] for key, value in ANSWERED[name].items()}
    with contextlib.suppress(InvalidInput):
        assert engine.search(search_of(values, ANONYMOUS)).total <= 7


def _text(value: str | bytes) -> str:
    """As it comes out of a query string."""
    return value if isinstance(value, str) else value.decode("utf-8", "replace")


def test_words_that_find_nothing_are_corrected(opensearch: OpenSearchServer, prefix: str) -> None:
    """By words that the viewer may find, though the index has others too."""
    index, engine = pair(opensearch.setting(prefix))
    closed = record(
        2,
        {"title": "Evapotranspiration"},
        access=access("restricted", "restricted", "restricted"),
        readers=("7",),
        versions=(Neighbour("00002-00000", 1, "published", closed=True),),
    )
    index.create("g1")
    index.write([document(record(1, {"title": "Precipitation over the harbour"}), 1), document(closed, 2)], "g1")
    index.activate("g1")
    for text, want in (
        ("precipitaton", "precipitation"), ("Precipitatoin, harbuor", "precipitation harbour"),
        ("precipitaton evapotranspiraton", "precipitation evapotranspiraton"),
        ("precipitaton AND harbuor", "precipitation AND harbour"), ("NOT precipitaton AND harbuor", ""),
        ("precipitation harbuor", ""), ("zzzzzzz", ""), ("title:harbuor", ""),
    ):  # fmt: skip
        assert engine.search(Search(text)).correction == want, text
    both = engine.search(Search("precipitaton evapotranspiraton", viewer=READER))
    assert both.correction == "precipitation evapotranspiration"


def test_ranges_of_texts_end_with_their_field(opensearch: OpenSearchServer, prefix: str) -> None:
    index, engine = filled(opensearch.setting(prefix))
    hyphened = record(9, {"title": "e-mail"})
    index.write([document(hyphened, 9)], "g1")
    assert found(engine, "metadata.resource_type.id:[software TO *]") == [seven()[2].id]
    assert found(engine, "metadata.resource_type.id:[* TO dataset] AND NOT type:dataset") == []
    assert found(engine, "metadata.title:[* TO 0]") == []  # nor what parts its words from "email"
    assert found(engine, "metadata.title:[* TO eq]", sort="newest")[0] == hyphened.id


def test_keys_that_are_chosen_are_counted_though_others_are_larger(opensearch: OpenSearchServer, prefix: str) -> None:
    index, engine = pair(opensearch.setting(prefix))
    states = [record(n, {"publisher": f"p{n // 2:02d}"}) for n in range(2 * MOST_KEYS + 1)]
    index.create("g1")
    index.write([document(state, 1) for state in states], "g1")
    index.activate("g1")
    smallest = states[-1].metadata["publisher"]
    assert smallest not in counts(engine.search(Search()), "publisher")
    chosen = engine.search(Search(selected=(("publisher", (smallest, "p00")),)))
    assert {bucket.key: bucket.count for bucket in facet(chosen, "publisher").buckets if bucket.selected} == {
        smallest: 1, "p00": 2,
    }  # fmt: skip
    assert len(counts(chosen, "publisher")) == MOST_KEYS + 1
