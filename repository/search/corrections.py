"""Which queries are corrected where they find nothing ("did you mean"): those of nothing but plain words."""

from repository.records.query_tree import And, Node, Or, Word
from repository.records.words import words


def correctable(asked: Node, most: int) -> tuple[str, list[str]]:
    """What stands between the words of a query, and its words, folded: none of a query of anything but words without a
    field, of more than `most`, or of hyphenated ones."""
    leaves = asked.parts if isinstance(asked, Or) or (isinstance(asked, And) and not asked.wanted) else (asked,)
    found = [words(leaf.text) for leaf in leaves if isinstance(leaf, Word) and not leaf.field]
    if len(found) != len(leaves) or len(found) > most or any(len(parts) != 1 for parts in found):
        return "", []
    return " AND " if isinstance(asked, And) else " ", [parts[0] for parts in found]
