"""The query language: Lucene's syntax read into a tree of our own, which every engine translates and none interprets.

A text that is no valid Lucene is taken as the words it holds. Bare words are alternatives. Fields are those of
`query_fields`; what names another field finds nothing. Regular expressions are refused; `~` and `^` behind a word are
allowed and do nothing.
"""

import re
from collections.abc import Callable
from typing import Any

from luqum import tree
from luqum.thread import parse as parse_lucene

from repository.errors import InvalidInput
from repository.records import query_fields
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
    Phrase,
    Texts,
    Wildcard,
    Word,
    both,
    either,
)
from repository.records.query_values import days, moments
from repository.records.words import exact, fold, unmarked, without_resolver, words

MAX_LENGTH = 4096
"""Characters."""
MAX_DEPTH = 40
MAX_CLAUSES = 256
MAX_WILDCARDS = 16
MAX_SLOP = 100


def parse(text: str, only: tuple[str, ...] = (), *, bare: bool = False) -> Node:
    """Reads a query; the empty one is Everything. `only`: names of fields; nothing else may then be named or searched,
    but with `bare` words that no field stands before.

    Raises InvalidInput with a reason: too long, too deep, too many clauses or wildcards, a wildcard in front, a regular
    expression, ends of a range that are no date or number; with `only` also another field and a phrase with `~`, and
    without `bare` what is no query and a word without a field.
    """
    if len(text) > MAX_LENGTH:
        raise InvalidInput(f"The query has {len(text)} characters; at most {MAX_LENGTH} are taken.")
    if not text.strip():
        return Everything()
    try:
        found = parse_lucene(_prepared(text))
    except (ValueError, ArithmeticError) as error:  # ParseError is a ValueError; the others for `a~.` and `"a b"~3.`
        if only and not bare:
            raise InvalidInput("The query is not well-formed.") from error
        return any_word(text)
    return _Reading(only, bare).node(found, (), 0)


def any_word(text: str) -> Node:
    """Each word of a text that is no query as an alternative."""
    found = dict.fromkeys(words(_OPERATOR.sub(" ", text)))
    if len(found) > MAX_CLAUSES:
        raise InvalidInput(f"The query has {len(found)} words; at most {MAX_CLAUSES} are taken.")
    return either(*(Word("", word) for word in found))


_OPERATOR = re.compile(r"\b(?:AND|OR|NOT|TO)\b")
_KEPT_TOKEN = re.compile(
    r'"(?:[^"\\]|\\.)*"'  # a phrase
    r"|\\."
    r"|(?P<iri>(?<![\w.-])[A-Za-z][A-Za-z0-9+.-]*://[^\s\"()]+)"
    r"|(?P<and>&&)|(?P<or>\|\|)|(?P<not>(?<![^\s(])!(?=[^\s=]))",
    re.DOTALL,
)


def _prepared(text: str) -> str:
    """The text with `&&`, `||` and `!` as words, since luqum does not know them, and with IRIs quoted, whose `://` it
    takes for a field and a regular expression; of the IRI of a DOI, ORCID or ROR only the identifier stays."""
    return _KEPT_TOKEN.sub(_replacement, text)


def _replacement(match: re.Match[str]) -> str:
    if match["iri"]:
        return '"' + without_resolver(match["iri"]).replace("\\", "\\\\") + '"'
    return {"and": " AND ", "or": " OR ", "not": "NOT "}.get(match.lastgroup or "", match[0])


class _Reading:
    """One pass over luqum's tree, counting clauses and wildcards. `names`: paths of the field name in front, if any."""

    def __init__(self, only: tuple[str, ...] = (), bare: bool = False) -> None:
        self.only = only
        self.bare = bare
        self.allowed = frozenset(path for name in only for path in query_fields.paths(name))
        self.clauses = 0
        self.wildcards = 0

    def node(self, item: Any, names: tuple[str, ...], depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise InvalidInput(f"The query is nested more than {MAX_DEPTH} levels deep.")
        match item:
            case tree.Group() | tree.FieldGroup() | tree.Boost() | tree.Fuzzy() | tree.Plus():
                return self.node(item.children[0], names, depth + 1)
            case tree.Not() | tree.Prohibit():
                return _negation(self.node(item.children[0], names, depth + 1))
            case tree.AndOperation():
                return both(*[self.node(child, names, depth + 1) for child in item.children])
            case tree.OrOperation():
                return either(*[self.node(child, names, depth + 1) for child in item.children])
            case tree.UnknownOperation():
                return self._sequence(item.children, names, depth)
            case tree.SearchField():
                return self._field(item, depth)
        return self._leaf(item, names)

    def _sequence(self, children: Any, names: tuple[str, ...], depth: int) -> Node:
        """Parts without an operator: alternatives, but for those marked with `+`, `-` or NOT."""
        must: list[Node] = []
        may: list[Node] = []
        for child in children:
            part = self.node(child, names, depth + 1)
            (must if isinstance(child, tree.Plus | tree.Not | tree.Prohibit) else may).append(part)
        if not may:
            return both(*must)
        if not any(isinstance(child, tree.Plus) for child in children):
            return both(either(*may), *must)
        required = both(*must)
        return required if isinstance(required, Nothing) else And((required,), tuple(may))

    def _field(self, item: Any, depth: int) -> Node:
        name, inner = _unescaped(item.name), item.expr
        if name == "*":
            return self.node(inner, (), depth + 1)
        if name == "_exists_":
            return self._each(self._admitted(_raw(inner), query_fields.exists_paths(_raw(inner))), Exists)
        paths = self._admitted(name, query_fields.paths(name))
        if paths and isinstance(inner, tree.SearchField):  # `checksum:md5:…`: no field is nested in another
            return self._phrase(_raw(inner), paths)
        if paths:
            return self.node(inner, paths, depth + 1)
        if isinstance(inner, tree.SearchField | tree.Regex):  # `urn:nbn:de:…`, `ark:/12148/…`
            return self._phrase(_raw(item), ("",))
        if inner.head and not re.search(r"[._]", name):  # a colon in a sentence: `Rain: a review`
            return either(self._phrase(name, ("",)), self.node(inner, (), depth + 1))
        return Nothing()

    def _admitted(self, name: str, paths: tuple[str, ...]) -> tuple[str, ...]:
        """The paths of a field that may be named. Raises InvalidInput for any other."""
        if self.only and name not in self.only and not (paths and self.allowed.issuperset(paths)):
            raise InvalidInput(f"The field `{name}` can't be used here. Fields: {', '.join(self.only)}.")
        return paths

    def _leaf(self, item: Any, names: tuple[str, ...]) -> Node:
        if self.only and not self.bare and not names and str(item).strip() != "*":
            raise InvalidInput(f"`{str(item).strip()}`: a field must stand in front. Fields: {', '.join(self.only)}.")
        if self.only and isinstance(item, tree.Proximity) and int(item.degree):
            raise InvalidInput(f"`{str(item).strip()}`: a phrase with `~` can't be used here.")
        paths = names or ("",)
        match item:
            case tree.Word():
                return self._word(item.value, names)
            case tree.Phrase():
                return self._phrase(_unescaped(item.value[1:-1]), paths)
            case tree.Proximity():
                return self._phrase(_unescaped(item.term.value[1:-1]), paths, min(int(item.degree), MAX_SLOP))
            case tree.Range():
                return self._range(names, (_end(item.low), item.include_low), (_end(item.high), item.include_high))
            case tree.From():
                return self._range(names, (_end(item.children[0]), item.include), _OPEN)
            case tree.To():
                return self._range(names, _OPEN, (_end(item.children[0]), item.include))
        raise InvalidInput("Regular expressions are not taken; `*` stands for any characters, `?` for one.")

    def _word(self, raw: str, names: tuple[str, ...]) -> Node:
        pattern = _pattern(raw)
        if pattern == ["*"]:
            return self._each(names, Exists) if names else Everything()
        if pattern[0] in _WILD:
            raise InvalidInput(f"`{raw}`: a wildcard can't stand in front.")
        if len(pattern) == 1:
            text = pattern[0]
            return self._each(names or ("",), lambda name: _value(name, text, Word(name, text)), len(words(text)))
        self.wildcards += (len(names) or 1) * sum(part in _WILD for part in pattern)
        if self.wildcards > MAX_WILDCARDS:
            raise InvalidInput(f"The query has more than {MAX_WILDCARDS} wildcards.")
        return self._each(names or ("",), lambda name: _wildcard(name, pattern))

    def _phrase(self, text: str, paths: tuple[str, ...], slop: int = 0) -> Node:
        text = unmarked(text)  # a title that was copied with its `<i>` is searched as it was indexed
        return self._each(paths, lambda name: _value(name, text, Phrase(name, text, slop)), len(words(text)))

    def _range(self, names: tuple[str, ...], low: "_End", high: "_End") -> Node:
        if not names:
            raise InvalidInput("A range needs a field: `field:[a TO b]`.")
        return self._each(names, lambda name: _between(name, low, high))

    def _each(self, paths: tuple[str, ...], leaf: Callable[[str], Node], size: int = 1) -> Node:
        """One leaf for each path that a field name stands for; where words are compared, each counts as a clause."""
        self.clauses += sum(1 if query_fields.kind(path) == "keyword" else max(1, size) for path in paths)
        if self.clauses > MAX_CLAUSES:
            raise InvalidInput(f"The query has more than {MAX_CLAUSES} clauses (words, phrases, ranges).")
        return either(*[leaf(path) for path in paths])


_End = tuple[str | None, bool]
"""One end of a range, None where it is open, and whether it belongs to the range."""
_OPEN: _End = (None, True)
_WILD = ("*", "?")


def _number(text: str) -> tuple[int, int] | None:
    return (int(text), int(text)) if re.fullmatch(r"-?\d{1,18}", text, re.ASCII) else None


_COVERED: dict[str, Callable[[str], tuple[int, int] | None]] = {"number": _number, "time": moments, "date": days}
"""For each kind that is compared by numbers: the first and the last that a text covers."""


def _covered(name: str, text: str) -> tuple[int, int]:
    kind = str(query_fields.kind(name))
    found = _COVERED[kind](text)
    if found is None:
        raise InvalidInput(f"{name}: `{text}` is no {'number' if kind == 'number' else 'date'}.")
    return found


def _value(name: str, text: str, leaf: Node) -> Node:
    """A leaf for one value, or what it covers where numbers are compared; nothing where no letter or digit is left."""
    kind = query_fields.kind(name)
    if kind in _COVERED:
        return Numbers(name, *_covered(name, text.strip()))
    return leaf if (exact(text) if kind == "keyword" else words(text)) else Nothing()


def _between(name: str, low: _End, high: _End) -> Node:
    if query_fields.kind(name) not in _COVERED:
        return Texts(name, low[0] and exact(low[0]), high[0] and exact(high[0]), low[1], high[1])
    first, last = LOWEST, HIGHEST
    if low[0] is not None:
        covered = _covered(name, low[0])
        first = covered[0] if low[1] else covered[1] + 1
    if high[0] is not None:
        covered = _covered(name, high[0])
        last = covered[1] if high[1] else covered[0] - 1
    return Numbers(name, first, last) if first <= last else Nothing()


def _wildcard(name: str, pattern: list[str]) -> Node:
    """A pattern over a whole value, or one over each word that it consists of: `e-mai*` is `e` and `mai*`."""
    kind = query_fields.kind(name)
    if kind in _COVERED:  # `created:2024*`
        return Numbers(name, *_covered(name, pattern[0].rstrip("-")))
    folded = [part if part in _WILD else fold(part) for part in pattern]
    if kind == "keyword":
        return Wildcard(name, tuple(part for part in folded if part))
    parts: list[list[str]] = [[]]
    for part in folded:
        found = [part] if part in _WILD else re.split(r"[\W_]+", part)
        parts[-1].append(found[0])
        parts.extend([more] for more in found[1:])
    return both(*[_pattern_of_word(name, [piece for piece in part if piece]) for part in parts])


def _pattern_of_word(name: str, part: list[str]) -> Node:
    if not part or part[0] in _WILD:
        return Everything()
    return Wildcard(name, tuple(part)) if len(part) > 1 else Word(name, part[0])


def _negation(part: Node) -> Node:
    if isinstance(part, Everything | Nothing):
        return Nothing() if isinstance(part, Everything) else Everything()
    return part.part if isinstance(part, Not) else Not(part)


def _pattern(raw: str) -> list[str]:
    """A word as literal text and wildcards in turn, escapes resolved."""
    found: list[str] = []
    for escaped, wild, literal in re.findall(r"\\(.)|([*?])|([^\\*?]+|\\$)", raw, re.DOTALL):
        if wild and found and found[-1] == "*" == wild:
            continue
        if not wild and found and found[-1] not in _WILD:
            found[-1] += escaped or literal
        else:
            found.append(wild or escaped or literal)
    return found


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


def _end(item: Any) -> str | None:
    raw = item.value[1:-1] if isinstance(item, tree.Phrase) else item.value
    return None if raw == "*" and isinstance(item, tree.Word) else _unescaped(raw).strip()


def _raw(item: Any) -> str:
    """What a part of the query says, as text."""
    return _unescaped(str(item)).strip().strip('"')
