"""The words of a query that somebody has sent: what a store of ours must not be asked, and what is seen of it.

A query that is handed on to a store is valid SPARQL already (`sparql_worker` has parsed it); here it is only cut into
tokens. Each `GRAPH` is held to the graphs of public records, so that neither our own book nor what a store offers
beside (the union of all graphs, for instance) is seen; FROM may name those graphs only; SERVICE is refused.
Specified by: SPARQL 1.1 Query Language, 19.8 (grammar) and 19.2 (codepoint escape sequences).
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

_UCHAR = r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"
_TOKEN = re.compile(
    r'(?P<text>"""(?:[^"\\]|\\.|"(?!""))*"""'
    r"|'''(?:[^'\\]|\\.|'(?!''))*'''"
    r'|"(?:[^"\\\n\r]|\\.)*"'
    r"|'(?:[^'\\\n\r]|\\.)*')"
    rf"|(?P<iri><(?:[^<>\"{{}}|^`\\\x00-\x20]|{_UCHAR})*>)"
    r"|(?P<comment>\#[^\n\r]*)"
    r"|(?P<variable>[?$]\w+)"
    r"|(?P<language>@\w+)"
    r"|(?P<prefixed>[\w.-]*:(?:[\w.:%-]|\\.)*)"
    r"|(?P<word>\w+)"
    r"|(?P<brace>[{}])"
    r"|(?P<escape>\\.)",
    re.DOTALL,
)
"""What is left between are operators and white space."""
_ESCAPED = re.compile(_UCHAR)
_LAST = 0x10FFFF


class NotAllowed(Exception):
    """The query asks for what is not given here; the sentence says what."""


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


def asks_others(query: str) -> bool:
    """Whether SERVICE is in it as a keyword, as it is written or with its escape sequences resolved."""
    return any(
        token.kind == "word" and token.text.upper() == "SERVICE"
        for reading in (query, _unescaped(query))
        for token in _tokens(reading)
    )


def is_left_open(query: str) -> bool:
    """Whether more groups begin than end."""
    braces = [token.text for token in _tokens(query) if token.kind == "brace"]
    return braces.count("{") > braces.count("}")


def restricted(query: str, graphs: str) -> str:
    """A query of the same meaning over no other named graphs than those whose IRIs begin with `graphs`.

    Raises NotAllowed.
    """
    tokens = [token for token in _tokens(query) if token.kind != "comment"]
    escaped = [token for token in _tokens(_unescaped(query)) if token.kind != "comment"]
    # some stores resolve escape sequences before they look for strings and IRIs, others after it
    if [token.kind for token in tokens] != [token.kind for token in escaped]:
        raise NotAllowed("Escape sequences (\\u) may not stand for quotes and the like.")
    return "".join(_held(query, tokens, graphs))


def is_public(graph: str, graphs: str) -> bool:
    """Whether a graph may be named as part of a dataset."""
    return graph.startswith(graphs)


def _held(query: str, tokens: list[_Token], graphs: str) -> Iterator[str]:
    """The query in pieces, with a condition around each GRAPH."""
    done = depth = 0
    open_graphs: list[tuple[int, str]] = []
    start = _text(graphs)
    for number, token in enumerate(tokens):
        word = token.text.upper() if token.kind == "word" else ""
        if word == "FROM":
            _check_from(tokens[number + 1 : number + 3], graphs)
        elif word == "GRAPH":
            name, brace = _graph(tokens[number + 1 : number + 3])
            yield query[done : token.start] + "{ "
            done = token.start
            open_graphs.append((depth, name))
            if brace != "{":
                raise NotAllowed("GRAPH must be followed by a variable or an IRI, and a group.")
        elif token.text == "{":
            depth += 1
        elif token.text == "}":
            depth -= 1
            if open_graphs and open_graphs[-1][0] == depth:
                name = open_graphs.pop()[1]
                yield f"{query[done : token.end]} FILTER(STRSTARTS(STR({name}), {start})) }}"
                done = token.end
    yield query[done:]


def _graph(following: list[_Token]) -> tuple[str, str]:
    if len(following) < 2 or following[0].kind not in ("variable", "iri", "prefixed"):
        return "", ""
    return following[0].text, following[1].text


def _check_from(following: list[_Token], graphs: str) -> None:
    if following and following[0].text.upper() == "NAMED":
        following = following[1:]
    name = following[0].text if following and following[0].kind == "iri" else ""
    if not is_public(name[1:-1], graphs):
        raise NotAllowed(f"FROM may name graphs of records only, by whole IRIs in <>: {graphs}…")


def _tokens(query: str) -> Iterator[_Token]:
    for match in _TOKEN.finditer(query):
        yield _Token(match.lastgroup or "", match.group(), match.start(), match.end())


def _unescaped(query: str) -> str:
    return _ESCAPED.sub(_character, query)


def _character(match: re.Match[str]) -> str:
    number = int(match.group()[2:], 16)
    return chr(number) if number <= _LAST else match.group()


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
