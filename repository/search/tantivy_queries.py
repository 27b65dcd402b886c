"""Translates the tree of a query into Tantivy's query objects; its own parser never sees a user's text."""

from collections.abc import Callable, Sequence

import tantivy
from tantivy import FieldType, Occur, Query

from repository.errors import InvalidInput
from repository.records.query_tree import (
    HIGHEST,
    LOWEST,
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
from repository.records.word_forms import stems_of_word
from repository.records.words import BREAK, exact
from repository.search.tantivy_schema import DAYS, FACETS, NUMBERS
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

_MAX_TERMS = 50_000
"""Different values that a range of texts may have to look through."""


class Translation:
    """Queries against one state of the index, which ranges of texts have to look into."""

    def __init__(self, schema: tantivy.Schema, searcher: tantivy.Searcher) -> None:
        self._schema = schema
        self._searcher = searcher

    def query(self, node: Node) -> Query:
        """Raises InvalidInput for a range over too many values."""
        match node:
            case Everything():
                return Query.all_query()
            case Nothing():
                return Query.empty_query()
            case And():
                return self._and(node)
            case Or():
                return Query.boolean_query([(Occur.Should, self.query(part)) for part in node.parts])
            case Not():
                return Query.boolean_query([(Occur.Must, Query.all_query()), (Occur.MustNot, self.query(node.part))])
            case Word() | Phrase():
                return self._text(node)
            case Wildcard():
                return self._wildcard(node)
            case Numbers():
                return self._numbers(node)
            case Texts():
                return self._texts(node)
            case Exists():
                return self._value(PRESENT, node.field)
            case Key():
                return Query.term_query(self._schema, FACETS[node.facet], node.key, "basic")

    def condition(self, node: Node) -> Query:
        """A query that lets through and does not rank."""
        return Query.const_score_query(self.query(node), 0.0)

    def _and(self, node: And) -> Query:
        clauses = [
            (Occur.MustNot, self.query(part.part)) if isinstance(part, Not) else (Occur.Must, self.query(part))
            for part in node.parts
        ]
        if all(occur is Occur.MustNot for occur, _query in clauses):
            clauses.append((Occur.Must, Query.all_query()))
        clauses += [(Occur.Should, self.query(part)) for part in node.wanted]
        return Query.boolean_query(clauses)

    def _text(self, node: Word | Phrase) -> Query:
        if not node.field:
            return self._anywhere(node)
        if is_of_words(node.field):
            return self._sequence("words", f"{node.field}=", node)
        return self._value(node.field, exact(node.text))

    def _anywhere(self, node: Word | Phrase) -> Query:
        """What no field name stands before: `everything` and, for a word, `stems` decide whether it matches, the others
        how high."""
        ranked = [(Occur.Should, Query.boost_query(self._sequence(name, "", node), by)) for name, by in WEIGHTS]
        itself = Query.const_score_query(self._value(IDENTIFIER, exact(node.text)), IDENTIFIER_WEIGHT)
        found = self._sequence("everything", "", node)
        stems = stems_of_word(node.text) if isinstance(node, Word) else ()
        if stems:
            forms = [Query.boost_query(self._any(name, stems), by) for name, by in STEM_WEIGHTS]
            found = Query.boolean_query([(Occur.Should, found), (Occur.Should, forms[0])])
            ranked.append((Occur.Should, forms[1]))
        return Query.boolean_query([(Occur.Must, found), *ranked, (Occur.Should, itself)])

    def _any(self, name: str, terms: Sequence[str]) -> Query:
        """The best of these terms counts: a word that has the same stem in two languages is no better for it."""
        return Query.disjunction_max_query([Query.term_query(self._schema, name, term) for term in terms])

    def _sequence(self, name: str, prefix: str, node: Word | Phrase) -> Query:
        slop = node.slop if isinstance(node, Phrase) else 0
        queries = [self._terms(name, [prefix + word for word in found], slop) for found in sequences(node)]
        return queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Should, query) for query in queries])

    def _terms(self, name: str, terms: list[str], slop: int) -> Query:
        if not terms:
            return Query.empty_query()
        if len(terms) == 1:  # a phrase of one word makes the engine panic
            return Query.term_query(self._schema, name, terms[0])
        return Query.phrase_query(self._schema, name, list(terms), slop)

    def _value(self, path: str, value: str) -> Query:
        return Query.term_query(self._schema, "values", f"{path}={value}", "basic")

    def _wildcard(self, node: Wildcard) -> Query:
        name, prefix = place(node.field)
        *start, last = node.pattern
        if start and last == "*" and "*" not in start and "?" not in start:
            # beginnings, without any fault: to make a regular expression takes a hundred times as long
            return Query.fuzzy_term_query(self._schema, name, prefix + "".join(start), 0, prefix=True)
        pattern = "".join({"*": ".*", "?": "."}.get(part) or _literal(part) for part in node.pattern)
        return Query.regex_query(self._schema, name, _literal(prefix) + pattern)

    def _numbers(self, node: Numbers) -> Query:
        if node.field in DAYS:
            first, last = DAYS[node.field]
            return Query.boolean_query(
                [
                    (Occur.Must, self._between(first, LOWEST, node.high)),
                    (Occur.Must, self._between(last, node.low, HIGHEST)),
                ]
            )
        return self._between(NUMBERS[node.field], node.low, node.high)

    def _between(self, name: str, low: int, high: int) -> Query:
        return Query.range_query(self._schema, name, FieldType.Integer, low, high)

    def _texts(self, node: Texts) -> Query:
        """Tantivy has no ranges of texts: the values there are, looked through."""
        name, prefix = place(node.field)
        terms = self._searcher.terms_with_prefix(name, prefix, None, _MAX_TERMS + 1)
        if len(terms) > _MAX_TERMS:
            raise InvalidInput(f"{node.field}: too many different values for a range.")
        lets_through = _between_texts(node)
        found = [term for term, _count in terms if lets_through(term[len(prefix) :])]
        return Query.term_set_query(self._schema, name, found) if found else Query.empty_query()


def _between_texts(node: Texts) -> Callable[[str], bool]:
    def lets_through(value: str) -> bool:
        if value == BREAK:
            return False
        if node.low is not None and (value < node.low or (value == node.low and not node.include_low)):
            return False
        return node.high is None or value < node.high or (value == node.high and node.include_high)

    return lets_through


def _literal(text: str) -> str:
    """Escaped for the engine's regular expressions, which refuse a backslash before what needs none."""
    return "".join(
        character if character.isalnum() or not character.isascii() else f"\\x{ord(character):02x}"
        for character in text
    )
