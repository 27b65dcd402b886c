"""Translates the tree of a query into OpenSearch's query objects. There is no `query_string` among them: what a user
wrote reaches the engine as the value of a term or a phrase only."""

from repository.records.query_fields import FIELDS
from repository.records.query_tree import (
    And,
    Everything,
    Exists,
    Key,
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
from repository.records.snapshot import Json
from repository.records.word_forms import stems_of_word
from repository.records.words import BREAK, exact, words
from repository.search.opensearch_schema import BEGUN, day_fields, facet_field, number_field
from repository.search.terms import (
    IDENTIFIER,
    IDENTIFIER_WEIGHT,
    PRESENT,
    STEM_WEIGHTS,
    WEIGHTS,
    is_of_words,
    place,
    sequences,
)

_MOST_RANKED = 50
"""Words without a field name: ranked by field, each takes up to ten clauses, and the engine takes 1,024 in all."""
_AFTER_EQUALS = ">"


class Translation:
    """Queries; `ranked`: whether words without a field name count more in some fields."""

    def __init__(self, *, ranked: bool) -> None:
        self._ranked = ranked

    def query(self, node: Node) -> Json:
        match node:
            case Everything():
                return {"match_all": {}}
            case Nothing():
                return {"match_none": {}}
            case And(parts, wanted):
                return self._and(parts, wanted)
            case Or(parts):
                return _any(*(self.query(part) for part in parts))
            case Not(part):
                return {"bool": {"must_not": [self.query(part)]}}
            case Word() | Phrase():
                return self._text(node)
            case Wildcard():
                return _wildcard(node)
            case Numbers():
                return _numbers(node)
            case Texts():
                return _texts(node)
            case Exists(field):
                return _value(PRESENT, field)
            case Key(facet, key):
                return {"term": {facet_field(facet): {"value": key}}}

    def _and(self, parts: tuple[Node, ...], wanted: tuple[Node, ...]) -> Json:
        clauses: Json = {"must": [], "must_not": [], "should": [self.query(part) for part in wanted]}
        for part in parts:
            if isinstance(part, Not):
                clauses["must_not"].append(self.query(part.part))
            else:
                clauses["must"].append(self.query(part))
        # without it, one of `should` would be needed where nothing is in `must`
        return {"bool": {**{name: found for name, found in clauses.items() if found}, "minimum_should_match": 0}}

    def _text(self, node: Word | Phrase) -> Json:
        if not node.field:
            return self._anywhere(node)
        if is_of_words(node.field):
            return _sequence("words", f"{node.field}=", node)
        return _value(node.field, exact(node.text))

    def _anywhere(self, node: Word | Phrase) -> Json:
        """What no field name stands before: `everything` and, for a word, `stems` decide whether it matches, the others
        how high."""
        found = _sequence("everything", "", node)
        stems = list(stems_of_word(node.text)) if isinstance(node, Word) else []
        if not self._ranked:
            return _any(found, {"terms": {"stems": stems}}) if stems else found
        raising = [_constant(_value(IDENTIFIER, exact(node.text)), IDENTIFIER_WEIGHT)]
        for name, weight in WEIGHTS:
            raising.append({"bool": {"must": [_sequence(name, "", node)], "boost": weight}})
        if stems:
            among, in_title = (_best(name, stems, weight) for name, weight in STEM_WEIGHTS)
            found = _any(found, among)
            raising.append(in_title)
        return {"bool": {"must": [found], "should": raising}}


def ranking(node: Node) -> Json:
    """A query by whose rank hits may be ordered."""
    return Translation(ranked=_unfielded(node) <= _MOST_RANKED).query(node)


def condition(node: Node) -> Json:
    """A query that lets through; to be used as a filter."""
    return Translation(ranked=False).query(node)


def _unfielded(node: Node) -> int:
    """Words without a field name."""
    match node:
        case Word("", text) | Phrase("", text):
            return len(words(text))
        case And(parts, wanted):
            return sum(map(_unfielded, (*parts, *wanted)))
        case Or(parts):
            return sum(map(_unfielded, parts))
        case Not(part):
            return _unfielded(part)
    return 0


def _any(*queries: Json) -> Json:
    return {"bool": {"should": list(queries), "minimum_should_match": 1}}


def _constant(query: Json, weight: float) -> Json:
    return {"constant_score": {"filter": query, "boost": weight}}


def _best(name: str, terms: list[str], weight: float) -> Json:
    """The best of these terms counts: a word that has the same stem in two languages is no better for it."""
    return {"dis_max": {"queries": [{"term": {name: {"value": term}}} for term in terms], "boost": weight}}


def _sequence(name: str, prefix: str, node: Word | Phrase) -> Json:
    slop = node.slop if isinstance(node, Phrase) else 0
    queries = [_terms(name, [prefix + word for word in found], slop) for found in sequences(node)]
    return queries[0] if len(queries) == 1 else _any(*queries)


def _terms(name: str, terms: list[str], slop: int) -> Json:
    if not terms:
        return {"match_none": {}}
    # of one word, too: the engine cuts terms after 255 characters, which the path of a custom field may make of any
    return {"match_phrase": {name: {"query": " ".join(terms), "slop": slop}}}


def _value(path: str, value: str) -> Json:
    if path in BEGUN:
        return {"term": {BEGUN[path]: {"value": value}}}
    return {"term": {"values": {"value": f"{path}={value}"}}}


def _wildcard(node: Wildcard) -> Json:
    name, prefix = (BEGUN[node.field], "") if node.field in BEGUN else place(node.field)
    if node.pattern[-1:] == ("*",) and not {"*", "?"}.intersection(node.pattern[:-1]):  # which costs the engine less
        return {"prefix": {name: {"value": prefix + "".join(node.pattern[:-1])}}}
    pattern = "".join(part if part in ("*", "?") else _literal(part) for part in node.pattern)
    return {"wildcard": {name: {"value": _literal(prefix) + pattern}}}


def _literal(text: str) -> str:
    return "".join(f"\\{character}" if character in "*?\\" else character for character in text)


def _numbers(node: Numbers) -> Json:
    if FIELDS.get(node.field) != "date":
        return {"range": {number_field(node.field): {"gte": node.low, "lte": node.high}}}
    first, last = day_fields(node.field)
    return {"bool": {"filter": [{"range": {first: {"lte": node.high}}}, {"range": {last: {"gte": node.low}}}]}}


def _texts(node: Texts) -> Json:
    """A range of terms, within those of the path. BREAK, which is no word, comes before all words."""
    name, prefix = place(node.field)
    path = prefix.removesuffix("=")
    low, include_low = (node.low, node.include_low) if node.low is not None else ("", True)
    if name != "values" and low <= BREAK:
        low, include_low = BREAK, False
    ends = {"gte" if include_low else "gt": prefix + low}
    if node.high is not None:
        ends["lte" if node.include_high else "lt"] = prefix + node.high
    elif path:
        ends["lt"] = path + _AFTER_EQUALS
    return {"range": {name: ends}}
