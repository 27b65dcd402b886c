"""Rules of the contract suite: what is found, counted, and in which order."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from record_parts import organisation, person, term
from snapshots import full, hostile, many_authors, minimal

from repository.errors import InvalidInput
from repository.records.snapshot import Neighbour, Snapshot
from repository.search.engine import SORTS, WINDOW, Search
from repository.search.facets import FACETS
from tests.search.kit import Kit, counts, facet, found, indexed, record, seven

QUERIES: tuple[tuple[str, Sequence[int]], ...] = (
    ("", range(7)),
    ("wqx", range(7)),
    ("WQX", range(7)),
    ("metadata.title:wqx", range(7)),
    ('metadata.title:"wqx alpha beta"', (0, 2, 4, 6)),
    ('"wqx beta alpha"', (1, 3, 5)),
    ('"wqx alpha"~2', range(7)),
    ("wqx AND delta", (1, 3, 5)),
    ("wqx AND NOT delta", (0, 2, 4, 6)),
    ("+wqx -gamma", (1, 3, 5)),
    ("+delta gamma", (1, 3, 5)),
    ("-delta", (0, 2, 4, 6)),
    ("wqx AND (n1 OR n2)", (1, 2)),
    ("n1 n2", (1, 2)),
    ("metadata.title:wq*", range(7)),
    ("metadata.title:w?x", range(7)),
    ("n? AND gam*", (0, 2, 4, 6)),
    ("metadata.publication_date_range:[2002 TO 2004]", (1, 2)),
    ("metadata.publication_date:[2002 TO 2004]", (1, 2)),
    ("metadata.publication_date:[2002 TO 2003}", ()),
    ("metadata.publication_date:>2014", (5, 6)),
    ("metadata.publication_date:[2010-06 TO 2010-07]", (3,)),
    ("year:2015", (5, 6)),
    ("metadata.resource_type.id:dataset", (0, 1, 6)),
    ("type:publication", (3, 4)),
    ("resource_type:publication-art*", (3,)),
    ("metadata.languages.id:dan", (3,)),
    ("language:danish", (3,)),
    ("_exists_:metadata.languages", (3,)),
    ("metadata.languages.id:*", (3,)),
    ("uniquewqx4", (4,)),
    ("firstwqx4", (4,)),
    ("lastwqx4", (4,)),
    ("word firstwqx1", range(7)),
    ("uniquewqx4 AND æblegrød", (4,)),
    ("uniquewqx4 AND aeblegrod", (4,)),
    ('metadata.creators.person_or_org.name:"Holm, Ada"', range(7)),
    ('author:"Ada Holm"', ()),
    ("author:(Ada AND Holm)", range(7)),
    ("access.status:open", (0, 1)),
    ("files.entries.key:f1", (1,)),
    ("files.count:>0", (0, 1)),
    ("created:[2020-01-01 TO *]", range(7)),
    ("created:[* TO 2020-01-01]", ()),
    ("created:[2024-05-01T02:00 TO 2024-05-01T03:30}", (2, 3)),
    ("id:00005-00000", (5,)),
    ("00005-00000", (5,)),
    ("parent.id:00006-99999", (6,)),
    ('pids.oai.identifier:"oai:host:2"', (2,)),
    ("oai:host:2", (2,)),
    ("wqx nosuchword", range(7)),
    ("nosuch.field:x", ()),
    ("wqx AND nosuch.field:x", ()),
    ("(n3 AND", (3,)),
    ("metadata.resource_type.id:[d TO i]", (0, 1, 6)),
    ("metadata.resource_type.id:[d TO z]", range(7)),
    ("metadata.resource_type.id:{dataset TO publication-article}", (5,)),
    ("metadata.title:[n5 TO n6]", (5, 6)),
    ("metadata.title:{n4 TO nz} AND metadata.title:n5", (5,)),
    ("metadata.title:[n5 TO n6} AND NOT metadata.title:number", ()),
    ("*", range(7)),
)


def queries_find_what_they_say(kit: Kit, folder: Path) -> None:
    states = seven()
    with indexed(kit, folder, states) as (_index, engine):
        for text, want in QUERIES:
            assert sorted(found(engine, text)) == sorted(states[number].id for number in want), text


def what_can_not_be_asked_is_refused(kit: Kit, folder: Path) -> None:
    with indexed(kit, folder, seven()) as (_index, engine):
        for text in ("created:[foo TO bar]", "/rain(/", "*a", "x" * 100_000, "a OR " * 10_000 + "a", "(" * 4000):
            if text == "(" * 4000:
                assert found(engine, text) == []
                continue
            with pytest.raises(InvalidInput):
                engine.search(Search(text))
    index, engine = kit.make(folder / "none")
    with pytest.raises(InvalidInput):
        engine.search(Search("*a"))
    assert list(index.generations()) == []


def without_an_index_there_are_no_hits(kit: Kit, folder: Path) -> None:
    _index, engine = kit.make(folder)
    hits = engine.search(Search("rain", sort="oldest"))
    assert (hits.total, hits.ids, hits.sort_by) == (0, (), "oldest")
    assert {facet.name: facet.buckets for facet in hits.facets} == dict.fromkeys(FACETS, ())
    assert engine.search(Search(facets=False)).facets == ()


def facets_count_without_their_own_selection(kit: Kit, folder: Path) -> None:
    with indexed(kit, folder, seven()) as (_index, engine):
        hits = engine.search(Search("wqx"))
        assert counts(hits, "resource_type") == {"dataset": 3, "publication": 2, "image": 1, "software": 1}
        publication = facet(hits, "resource_type").buckets[1]
        assert {bucket.key: bucket.count for bucket in publication.inner} == {
            "publication-article": 1, "publication-report": 1,
        }  # fmt: skip
        assert counts(hits, "access_status") == {"metadata-only": 5, "open": 2}
        assert counts(hits, "file_type") == {"csv": 2}
        years = facet(hits, "publication_date").buckets
        assert [(bucket.key, bucket.count) for bucket in years] == [
            ("2001", 1), ("2003", 2), ("2010", 1), ("2011", 1), ("2012", 1), ("2015", 2),
        ]  # fmt: skip
        hits = engine.search(Search("wqx", selected=(("access_status", ("open",)), ("resource_type", ("dataset",)))))
        assert hits.total == 2
        assert counts(hits, "resource_type") == {"dataset": 2}
        assert counts(hits, "access_status") == {"open": 2, "metadata-only": 1}
        assert counts(hits, "publication_date") == {"2001": 1, "2003": 1}
        chosen = {bucket.key: bucket.selected for bucket in facet(hits, "access_status").buckets}
        assert chosen == {"open": True, "metadata-only": False}


SELECTIONS: tuple[tuple[dict[str, tuple[str, ...]], Sequence[int]], ...] = (
    ({"resource_type": ("dataset",)}, (0, 1, 6)),
    ({"resource_type": ("publication",)}, (3, 4)),
    ({"resource_type": ("publication::publication-report",)}, (4,)),
    ({"resource_type": ("dataset", "software")}, (0, 1, 2, 6)),
    ({"resource_type": ("dataset",), "access_status": ("open",)}, (0, 1)),
    ({"file_type": ("csv",)}, (0, 1)),
    ({"file_type": ("CSV",)}, (0, 1)),
    ({"publication_date": ("2002..2004",)}, (1, 2)),
    ({"publication_date": ("2011",)}, (3,)),
    ({"publication_date": ("..2001", "2015..")}, (0, 5, 6)),
    ({"publication_date": ("2001-04..2001-06",)}, (0,)),
    ({"resource_type": ("nosuch",)}, ()),
    ({"resource_type": ("&",)}, ()),
)


def selections_are_any_of_each_facet_and_all_facets(kit: Kit, folder: Path) -> None:
    states = seven()
    with indexed(kit, folder, states) as (_index, engine):
        for selected, want in SELECTIONS:
            asked = tuple(selected.items())
            assert sorted(found(engine, "wqx", selected=asked)) == [states[number].id for number in want], selected
        with pytest.raises(InvalidInput) as refused:
            engine.search(Search(selected=(("publication_date", ("soon",)),)))
        assert [error.field for error in refused.value.errors] == ["publication_date"]


def sorts_go_by_number_then_by_id(kit: Kit, folder: Path) -> None:
    """Many ties, on every page size."""
    moments = [record(number).created for number in range(4)]
    order = [17, 3, 11, 0, 8, 5, 14, 2, 9, 1, 16, 4, 7, 12, 6, 10, 13, 15]
    states = [
        record(n, created=moments[n % 3], updated=moments[n % 4], index=n % 2 + 1, versions=_alone(n, n % 2 + 1))
        for n in order
    ]
    keys: dict[str, Callable[[Snapshot], Any]] = {
        "created": lambda state: (state.created, state.id),
        "updated": lambda state: (state.updated, state.id),
        "versions.index": lambda state: (state.index, state.id),
    }
    with indexed(kit, folder, states) as (_index, engine):
        for sort, (path, direction) in SORTS.items():
            want = [state.id for state in sorted(states, key=keys[path], reverse=direction == "desc")]
            for size in (1, 2, 3, 5, 7, 18, 25):
                pages = [engine.search(Search(sort=sort, size=size, page=page + 1)) for page in range(20)]
                assert [record_id for page in pages for record_id in page.ids] == want, (sort, size)
                assert {page.total for page in pages} == {18}
        assert list(engine.search(Search()).ids) == list(engine.search(Search(sort="newest")).ids)
        assert engine.search(Search()).sort_by == "newest"
        assert engine.search(Search("record")).sort_by == "bestmatch"
        assert engine.search(Search(sort="bestmatch")).ids == engine.search(Search()).ids


def _alone(number: int, index: int) -> tuple[Neighbour, ...]:
    return (Neighbour(f"{number:05d}-00000", index, "published", closed=False),)


def a_page_that_crosses_the_window_is_cut(kit: Kit, folder: Path) -> None:
    with indexed(kit, folder, seven()) as (_index, engine):
        assert engine.search(Search(page=WINDOW // 25)).total == 7
        assert engine.search(Search(page=11, size=1000)).ids == ()
    assert Search(page=4, size=3000).limit == 1000


def the_known_item_comes_first(kit: Kit, folder: Path) -> None:
    target = record(
        0, {"title": "Rain over the harbour", "creators": [person("Nováková", "Eva")], "description": "Buckets."}
    )
    target = replace(target, pids={"doi": {"identifier": "10.1234/Rain.Harbour-7", "provider": "external"}})
    others = [
        record(n, {"title": f"Notes {n}", "description": f"Rain, harbour, Novakova, 10.1234/rain and 7 {'rain ' * n}"})
        for n in range(1, 20)
    ]
    with indexed(kit, folder, [*others, target]) as (_index, engine):
        for text in (
            "rain harbour", '"rain over the harbour"', "novakova", "10.1234/rain.harbour-7", target.id,
            "https://doi.org/10.1234/rain.harbour-7", "doi:10.1234/RAIN.harbour-7", "title:rain",
            "Rain over the harbour",
        ):  # fmt: skip
            assert found(engine, text)[0] == target.id, text


def hyphenated_words_are_found_in_all_spellings(kit: Kit, folder: Path) -> None:
    states = [record(0, {"title": "Using inveniordm-py"}), record(1, {"title": "Using inveniordmpy"})]
    states += [record(2, {"title": "py without inveniordm"})]
    with indexed(kit, folder, states) as (_index, engine):
        for text, want in (
            ("inveniordm-py", [0, 1]), ("title:inveniordm-py", [0, 1]), ("inveniordmpy", [0, 1]),
            ("inveniordm", [0, 2]), ("metadata.title:inveniordm", [0, 2]), ('"inveniordm-py"', [0]),
            ("inveniordm_py", [0, 1]), ("invenio*", [0, 1, 2]),
        ):  # fmt: skip
            assert sorted(found(engine, text)) == [states[n].id for n in want], text


def all_scripts_and_hostile_texts_are_found(kit: Kit, folder: Path) -> None:
    states = [
        record(0, {"title": "数据集 of 东京"}),
        record(1, {"title": "مُحَمَّد في المدينة"}),
        record(2, {"title": "नमस्ते दुनिया"}),
        record(3, {"title": "Příliš žluťoučký kůň"}),
        record(4, {"title": "x" * 5000 + " " + "word " * 20_000 + "lastword"}),
        hostile(5),
        many_authors(3000),
        full(8),
    ]
    with indexed(kit, folder, states) as (_index, engine):
        for text, number in (
            ("数据", 0), ("东京", 0), ("محمد", 1), ("दुनिया", 2), ("prilis", 3), ("ŽLUŤOUČKÝ", 3), ("lastword", 4),
            ("x" * 4000, 4), ("Family2999", 6), ('author:"Family2999, Given2999"', 6),
            ("journal:rain AND type:publication-article", 7),
        ):  # fmt: skip
            assert states[number].id in found(engine, text), text
        assert len(found(engine)) == len(states)
        assert found(engine, "SECRET*") == []


def organisations_and_open_intervals_do_no_harm(kit: Kit, folder: Path) -> None:
    states = [
        record(0, {"creators": [organisation("Harbour Institute", ror="02ex6cf31")], "publication_date": "1001/1999"}),
        minimal(1),
    ]
    with indexed(kit, folder, states) as (_index, engine):
        assert found(engine, "ror:02ex6cf31") == found(engine, "ror:https://ror.org/02ex6cf31") == [states[0].id]
        assert set(counts(engine.search(Search()), "publication_date")) == {"1001", "1999", "2024"}
        assert found(engine, selected=(("publication_date", ("1500",)),)) == [states[0].id]


FORMS: tuple[tuple[str, Sequence[int]], ...] = (
    ("river", (0, 1, 2)),
    ("rivers", (0, 1, 2)),
    ("RIVERS", (0, 1, 2)),
    ('"rivers"', (1, 2)),
    ("title:rivers", (1,)),
    ("metadata.title:river", (0,)),
    ("river*", (0, 1, 2)),
    ("řeka", (3, 4)),
    ("řekách", (3, 4)),
    ("reky", (3, 4)),
    ("+reky -flow", (3,)),
    ("řeka AND flowing", (4,)),
    ("flow", (0, 4)),
    ("bank", ()),
    ("rain NOT rivers", (3,)),
    ("date", (5,)),
    ("data", (6,)),
)


def forms_of_words_are_found_behind_the_word_itself(kit: Kit, folder: Path) -> None:
    """English and Czech ones, with and without diacritics, where no field is named; phrases and fields stay exact."""
    states = [
        record(0, {"title": "A river", "description": "It flows."}),
        record(1, {"title": "Rivers of rain"}),
        record(2, {"title": "Notes", "description": "Rain, riverside, rivers", "creators": [person("Banks", "Jo")]}),
        record(3, {"title": "Řeky a déšť", "description": "rain"}),
        record(4, {"title": "Rekach", "description": "V řekách flowing."}),
        record(5, {"title": "Dated to a date"}),
        record(6, {"title": "A datum of data"}),
    ]
    with indexed(kit, folder, states) as (_index, engine):
        for text, want in FORMS:
            assert sorted(found(engine, text)) == [states[number].id for number in want], text
        for text, first in (("river", 0), ("rivers", 1), ("rekach", 4)):
            assert found(engine, text)[0] == states[first].id, text


def keys_are_counted_and_selected_as_they_are_written(kit: Kit, folder: Path) -> None:
    here, there = organisation("Here", ror="02ex6cf31"), organisation("There")
    states = [
        record(0, {"publisher": "Harbour Press", "subjects": [{"subject": "Rain"}, {"subject": "Rain, heavy"}],
                   "languages": [term("ces", "Czech")], "rights": [term("cc-by-4.0", "CC BY")],
                   "creators": [person("Holm", "Ada") | {"affiliations": [{"id": "02ex6cf31", "name": "Here"}]}],
                   "funding": [{"funder": {"id": "00k4n6c32", "name": "A funder"}}]}),
        record(1, {"publisher": "New Harbour Press", "subjects": [{"subject": "rain"}],
                   "languages": [term("ces", "Czech"), term("eng", "English")],
                   "rights": [{"title": {"en": "House rules"}}],
                   "creators": [here | {"affiliations": [{"name": "There"}, {"name": "There"}]}]}),
        record(2, {"publisher": "  Harbour   Press ", "subjects": [{"subject": "Rain"}], "contributors": [
            there | {"affiliations": [{"name": "There"}], "role": term("other", "Other")}]}),
        record(3, {"publisher": ""}),
    ]  # fmt: skip
    want = {
        "publisher": {"Harbour Press": (0, 2), "New Harbour Press": (1,)},
        "subject": {"Rain": (0, 2), "Rain, heavy": (0,), "rain": (1,)},
        "language": {"ces": (0, 1), "eng": (1,)},
        "license": {"cc-by-4.0": (0,), "House rules": (1,)},
        "affiliation": {"02ex6cf31": (0,), "There": (1, 2)},
        "funder": {"00k4n6c32": (0,)},
    }
    with indexed(kit, folder, states) as (_index, engine):
        hits = engine.search(Search())
        for name, keys in want.items():
            assert counts(hits, name) == {key: len(numbers) for key, numbers in keys.items()}, name
            for key, numbers in keys.items():
                assert sorted(found(engine, selected=((name, (key,)),))) == [states[n].id for n in numbers], (name, key)
            both_keys = engine.search(Search(selected=((name, tuple(keys)),)))
            assert both_keys.total == len({number for numbers in keys.values() for number in numbers}), name
            assert counts(both_keys, name) == {key: len(numbers) for key, numbers in keys.items()}, name
        narrowed = engine.search(Search(selected=(("language", ("eng",)), ("publisher", ("Harbour Press",)))))
        assert (narrowed.total, counts(narrowed, "publisher")) == (0, {"New Harbour Press": 1})
        assert counts(narrowed, "language") == {"ces": 1}
        for text in ("harbour press", "Harbour", "Harbour Press*", "nosuch"):
            assert found(engine, selected=(("publisher", (text,)),)) == [], text
