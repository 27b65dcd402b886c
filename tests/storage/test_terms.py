"""Terms are looked up at once, cached as long as nothing changes, and searched by the beginnings of words."""

from repository.records.snapshot import Json
from repository.storage import terms
from repository.storage.database import Database
from repository.storage.terms import TermCache

LANGUAGES: tuple[tuple[str, Json], ...] = (
    ("languages", {"id": "ces", "title": {"en": "Czech", "cs": "čeština"}, "tags": ["individual"], "props": {}}),
    ("languages", {"id": "dan", "title": {"en": "Danish", "cs": "dánština"}, "tags": [], "props": {}}),
    ("languages", {"id": "eng", "title": {"en": "English"}, "tags": ["individual"], "props": {}}),
)


def store(database: Database, *given: tuple[str, Json]) -> int:
    with database.write() as connection:
        return terms.store(connection, given)


def test_only_what_differs_is_written(any_database: Database) -> None:
    assert store(any_database, *LANGUAGES) == 3
    assert store(any_database, *LANGUAGES) == 0
    assert store(any_database, ("languages", {**LANGUAGES[0][1], "title": {"en": "Bohemian"}})) == 1


def test_the_cache_sees_a_renamed_term(any_database: Database) -> None:
    store(any_database, *LANGUAGES)
    cache = TermCache()
    wanted = [("languages", "ces"), ("languages", "nosuch")]
    with any_database.read() as connection:
        assert cache.lookup(connection, wanted) == {("languages", "ces"): LANGUAGES[0][1]}
    store(any_database, ("languages", {**LANGUAGES[0][1], "title": {"en": "Bohemian"}}))
    with any_database.read() as connection:
        assert cache.lookup(connection, wanted)["languages", "ces"]["title"]["en"] == "Bohemian"


def test_an_import_adds_and_never_replaces(any_database: Database) -> None:
    store(any_database, *LANGUAGES)
    with any_database.write() as connection:
        terms.add(
            connection, [("languages", {"id": "ces", "title": {"en": "X"}}), ("languages", {"id": "x", "title": {}})]
        )
    with any_database.read() as connection:
        assert terms.one(connection, "languages", "ces") == LANGUAGES[0][1]
        assert terms.one(connection, "languages", "x") is not None


def test_words_are_found_by_their_beginning_without_diacritics(any_database: Database) -> None:
    store(any_database, *LANGUAGES)

    def found(words: str, tags: tuple[str, ...] = (), sort: str = "bestmatch") -> list[str]:
        with any_database.read() as connection:
            return [term["id"] for term in terms.page(connection, "languages", words, tags, sort, 0, 10)[1]]

    assert found("cest") == ["ces"]
    assert found("dan") == ["dan"]
    assert found("DANS") == ["dan"]
    assert found("") == ["ces", "dan", "eng"]
    assert found("", sort="-title") == ["eng", "dan", "ces"]
    assert found("", ("individual",)) == ["ces", "eng"]
    assert found("%") == []
