"""The query language: what a text is read as, and what is refused."""

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repository.errors import InvalidInput
from repository.records.queries import MAX_CLAUSES, MAX_DEPTH, MAX_LENGTH, parse
from repository.records.query_fields import FIELDS, SHORT, UNFIELDED, exists_paths, kind, paths
from repository.records.query_tree import (
    HIGHEST,
    LOWEST,
    And,
    Everything,
    Exists,
    Node,
    Not,
    Nothing,
    Numbers,
    Or,
    Phrase,
    Texts,
    Wildcard,
    Word,
)
from repository.records.query_values import days, moments

TITLE = "metadata.title"
DATE = "metadata.publication_date"
DOI = "pids.doi.identifier"


def w(text: str, field: str = "") -> Word:
    return Word(field, text)


A, B, C = w("a"), w("b"), w("c")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", Everything()),
        ("  \n", Everything()),
        ("*", Everything()),
        ("*:*", Everything()),
        ("a", A),
        ("a b", Or((A, B))),
        ("a OR b", Or((A, B))),
        ("a || b", Or((A, B))),
        ("a AND b", And((A, B))),
        ("a && b", And((A, B))),
        ("a AND b OR c", Or((And((A, B)), C))),
        ("a AND (b OR c)", And((A, Or((B, C))))),
        ("NOT a", Not(A)),
        ("!a", Not(A)),
        ("-a", Not(A)),
        ("NOT NOT a", A),
        ("a NOT b", And((A, Not(B)))),
        ("a -b", And((A, Not(B)))),
        ("a OR NOT b", Or((A, Not(B)))),
        ("+a b", And((A,), (B,))),
        ("+a -b c", And((And((A, Not(B))),), (C,))),
        ("a~1 b^2", Or((A, B))),
        ('"a b"', Phrase("", "a b")),
        ('"a b"~3', Phrase("", "a b", 3)),
        ('"the <i>E. coli</i>"', Phrase("", "the E. coli")),
        (r'"a \" b"', Phrase("", 'a " b')),
        (f"{TITLE}:a", w("a", TITLE)),
        (f"{TITLE}:(a b)", Or((w("a", TITLE), w("b", TITLE)))),
        (f"{TITLE}:(a AND {DOI}:b)", And((w("a", TITLE), w("b", DOI)))),
        (f'{TITLE}:"a b"', Phrase(TITLE, "a b")),
        (f"{TITLE}:*", Exists(TITLE)),
        ("e-mail", w("e-mail")),
        (r"a\:b", w("a:b")),
        ("10.1234/x", w("10.1234/x")),
        (r"custom_fields.journal\:journal.title:rain", w("rain", "custom_fields.journal:journal.title")),
        ("metadata.languages.title.en:czech", w("czech", "metadata.languages.title")),
        ("_exists_:metadata.languages", Exists("metadata.languages")),
        ("_exists_:metadata.title", Exists(TITLE)),
        ("_exists_:nosuch", Nothing()),
    ],
)
def test_lucene_is_read(text: str, tree: Node) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("te?t", Wildcard("", ("te", "?", "t"))),
        ("te**", Wildcard("", ("te", "*"))),
        ("Déš*", Wildcard("", ("des", "*"))),
        (r"a\*", w("a*")),
        ("e-mai*", And((w("e"), Wildcard("", ("mai", "*"))))),
        ("id:AB-c*", Wildcard("id", ("ab-c", "*"))),
        ("created:2024*", Numbers("created", *(moments("2024") or ()))),
    ],
)
def test_wildcards(text: str, tree: Node) -> None:
    assert parse(text) == tree


def day(text: str) -> tuple[int, int]:
    found = days(text)
    assert found
    return found


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        (f"{DATE}:2003", Numbers(DATE, *day("2003"))),
        ("year:2003", Numbers(DATE, *day("2003"))),
        (f"{DATE}:2003-02-03", Numbers(DATE, *day("2003-02-03"))),
        (f'{DATE}:"2003/2005"', Numbers(DATE, day("2003")[0], day("2005")[1])),
        (f"{DATE}:[2002 TO 2004]", Numbers(DATE, day("2002")[0], day("2004")[1])),
        ("metadata.publication_date_range:[2002 TO 2004]", Numbers(DATE, day("2002")[0], day("2004")[1])),
        (f"{DATE}:{{2002 TO 2004}}", Numbers(DATE, day("2002")[1] + 1, day("2004")[0] - 1)),
        (f"{DATE}:>2014", Numbers(DATE, day("2014")[1] + 1, HIGHEST)),
        (f"{DATE}:>=2014", Numbers(DATE, day("2014")[0], HIGHEST)),
        (f"{DATE}:<2014-05", Numbers(DATE, LOWEST, day("2014-05")[0] - 1)),
        ("created:[* TO 2020-01-01]", Numbers("created", LOWEST, 1577923199999999)),
        ('created:"2020-01-01T00:00:00Z"', Numbers("created", 1577836800000000, 1577836800999999)),
        ("created:>2020-01-01T00:00:00.5", Numbers("created", 1577836800500001, HIGHEST)),
        ("files.count:[2 TO 5}", Numbers("files.count", 2, 4)),
        ("files.count:0", Numbers("files.count", 0, 0)),
        (f"{DATE}:[2004 TO 2002]", Nothing()),
        ("metadata.dates.date:[2001 TO 2002}", Texts("metadata.dates.date", "2001", "2002", True, False)),
        ("metadata.subjects.id:[* TO M]", Texts("metadata.subjects.id", None, "m")),
    ],
)
def test_ranges(text: str, tree: Node) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("title:a", Or((w("a", TITLE), w("a", "metadata.additional_titles.title")))),
        ("author:a", w("a", "metadata.creators.person_or_org.name")),
        ("doi:10.1234/x", Or(tuple(w("10.1234/x", path) for path in SHORT["doi"]))),
        ("doi:http://doi.org/10.1/X", Or(tuple(Phrase(path, "10.1/X") for path in SHORT["doi"]))),
        ("checksum:md5:0cc1", Phrase("files.entries.checksum", "md5:0cc1")),
        ("pids.oai.identifier:oai:host:id", Phrase("pids.oai.identifier", "oai:host:id")),
        ("access:open", w("open", "access.status")),
    ],
)  # fmt: skip
def test_short_names(text: str, tree: Node) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("nosuch.field:x", Nothing()),
        ("nosuch:x", Nothing()),
        ("nosuch:x AND a", Nothing()),
        ("nosuch:x OR a", A),
        ("a -nosuch:x", A),
        ("+nosuch:x a", Nothing()),
        ("metadata.creators.person_or_org:x", Nothing()),
        ("_public:true", Nothing()),
        ("_reader:5", Nothing()),
        ("internal_notes.note:x", Nothing()),
    ],
)
def test_unknown_fields_find_nothing(text: str, tree: Node) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a AND", A),
        ("(a AND", A),
        ("a ) b", Or((A, B))),
        ('"a b', Or((A, B))),
        ("title:", w("title")),
        ("AND", Nothing()),
        ('"', Nothing()),
        ("\\", Nothing()),
        ("[a", A),
        ("a~. b^..", Or((A, B))),
        ('"a"~3. b', Or((A, w("3"), B))),
        ("a & b", Or((A, B))),
        ("https://example.org/a[b", Phrase("", "https://example.org/a[b")),
        ("urn:nbn:de:1", Phrase("", "urn:nbn:de:1")),
        ("oai:host:id", Phrase("", "oai:host:id")),
        ("https://dx.doi.org/10.1234/x", Phrase("", "10.1234/x")),
        ("Rain: a", Or((Phrase("", "Rain"), A))),
    ],
)
def test_what_is_no_lucene_is_words(text: str, tree: Node) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x" * (MAX_LENGTH + 1), "4097 characters"),
        ("a " * (MAX_CLAUSES + 1), "clauses"),
        ("(" + " ".join(f"a{number}" for number in range(MAX_CLAUSES + 1)), "words"),
        ('"' + "a " * (MAX_CLAUSES + 1) + '"', "clauses"),
        (f"_exists_:id AND title:({' '.join('abcdefgh' * 17)})", "clauses"),
        ("(" * (MAX_DEPTH + 1) + "a" + ")" * (MAX_DEPTH + 1), "nested"),
        ("NOT " * (MAX_DEPTH + 1) + "a", "nested"),
        ("title:" * 500 + "a:b", "clauses"),
        ("*a", "in front"),
        ("?a", "in front"),
        ("title:*a", "in front"),
        ("a*b*c*d*e*f*g*h*i*j*k*l*m*n*o*p*q*", "wildcards"),
        ("/rain.*/", "Regular expressions"),
        ("/rain(/", "Regular expressions"),
        ("title:/(a+)+$/", "Regular expressions"),
        ("[a TO b]", "needs a field"),
        (">5", "needs a field"),
        ("created:[foo TO bar]", "created: `foo` is no date"),
        ("created:foo", "is no date"),
        ("created:2024-02-30", "is no date"),
        ("created:2024-01-01T25:00", "is no date"),
        ("year:[2001 TO 20012]", "is no date"),
        ("files.count:many", "is no number"),
    ],
)
def test_what_can_not_be_asked_says_why(text: str, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        parse(text)


def test_a_hundred_words_and_the_usual_long_queries_are_taken() -> None:
    assert isinstance(parse(" ".join(f"word{number}" for number in range(200))), Or)
    assert isinstance(parse(" OR ".join(f"id:abcde-{number:05d}" for number in range(200))), Or)


def leaves(node: Node) -> list[str]:
    match node:
        case And(parts, wanted):
            return [path for part in (*parts, *wanted) for path in leaves(part)]
        case Or(parts):
            return [path for part in parts for path in leaves(part)]
        case Not(part):
            return leaves(part)
        case Everything() | Nothing():
            return []
    return [node.field]


PIECES = st.sampled_from(
    [*"()[]{}\"\\/*?:+-!~^<>=&|. ", " AND ", " OR ", "NOT ", " TO ", "title:", "created:", "year:", "_exists_:", "a",
     "é", "2024", "files.count:", "nosuch:", "https://", "\x00", "\ud800", "数", "\n", "custom_fields.x:", "T11:11",
     '"a b"', "~3"]
)  # fmt: skip


def read(text: str) -> Node:
    """The tree, or Nothing for a query that is refused with a reason."""
    try:
        return parse(text)
    except InvalidInput as refused:
        return Nothing() if refused.message else Exists("")


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=40).map("".join)))
def test_any_text_is_read_or_refused_with_a_reason(text: str) -> None:
    tree = read(text)
    assert tree != Exists("")
    assert all(path == "" or kind(path) or exists_paths(path) for path in leaves(tree))


MONSTROUS = (
    "(", "[", "a:", "a AND ", "NOT ", "-", "a^", "~", "\\", '"a" ', "/", "T11:11", "+(", "a*", "!", "&& ", "https://",
    "{a TO b}", "a~1 ", '"a"~1 ',
)  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000,
        '"' * 100_000,
        "a OR " * 20_000 + "a",
        *(piece * (MAX_LENGTH // len(piece)) for piece in MONSTROUS),
    ],
    ids=lambda text: f"{text[:10]}… {len(text)}",
)  # fmt: skip
def test_monstrous_queries_are_read_or_refused_without_deep_recursion(text: str) -> None:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(500)
    try:
        assert read(text) != Exists("")
    finally:
        sys.setrecursionlimit(limit)


def test_threads_do_not_mix_their_queries() -> None:
    texts = [f"(a{number} AND b{number}) OR title:c{number} NOT d{number}" for number in range(200)]
    alone = [parse(text) for text in texts]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(parse, texts * 3)) == alone * 3


def test_all_names_of_the_tables_are_known() -> None:
    for short, found in SHORT.items():
        assert paths(short) == found
        assert all(kind(path) for path in found), short
    assert all(paths(name) == (name,) for name in FIELDS if name not in SHORT)
    assert set(UNFIELDED) <= set(FIELDS)
    assert paths("nosuch") == paths("custom_fields.") == paths("metadata.title.en") == ()


ONLY = ("type", "year", "licence", "language")


@pytest.mark.parametrize(
    "text",
    [
        "type:dataset", "resource_type:dataset", "metadata.resource_type.id:dataset", "metadata.rights.title.en:mit",
        "license:mit AND NOT language:(eng OR ces)", "year:[2019 TO 2021]", "year:>=2020", "_exists_:licence", "*",
        'language:"Old Norse"', "(type:dataset licence:mit)", "-type:software", "type:d*", "language:*",
    ],
)  # fmt: skip
def test_a_query_of_some_fields_is_read_as_any_other(text: str) -> None:
    assert parse(text, ONLY) == parse(text)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("title:rain", "`title`"), ("type:dataset AND publisher:x", "`publisher`"), ("nosuch:x", "`nosuch`"),
        ("_exists_:metadata.title", "`metadata.title`"), ("_exists_:metadata", "`metadata`"), ("rain", "`rain`"),
        ("type:dataset rain", "`rain`"), ('"rain at sea"', "rain at sea"), ("*:rain", "`rain`"), ("ra*", "`ra\\*`"),
        ("[2019 TO 2020]", "2019"), ("Rain: a review", "`Rain`"), ("urn:nbn:de:1", "`urn`"),
        ("https://doi.org/10.1234/x", "10.1234"), ("type:dataset AND", "not well-formed"), ("(type:dataset", "not"),
        ('language:"Old Norse"~2', "Old Norse"), ("year:soon", "soon"), ("type:/d.*/", "expressions"),
        ("custom_fields.x:y", "custom_fields.x"),
    ],
)  # fmt: skip
def test_what_is_not_in_some_fields_is_refused_and_named(text: str, named: str) -> None:
    with pytest.raises(InvalidInput, match=named):
        parse(text, ONLY)


def test_refusal_names_the_fields_that_there_are() -> None:
    with pytest.raises(InvalidInput, match="Fields: type, year, licence, language"):
        parse("title:rain", ONLY)
