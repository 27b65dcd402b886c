"""Which concepts are frozen, and where: schemes with all their pages, every concept of a small vocabulary, and of
larger ones the concepts that public records name. Others are answered by the service at the same addresses.

They are frozen as pages and as Turtle: five files of each would take a second of every build.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from urllib.parse import unquote

from repository.records.identifiers import concept_iri, vocabulary_iri
from repository.services.concepts import LISTED, WITH_SCHEMES, Concepts
from site_builder import axes, skos
from site_builder.kept import CONCEPT, Kept
from site_builder.views.concepts import INDEX, SUFFIXES

SMALL = 100
"""Terms of a vocabulary of which each is frozen."""
_PAGE = "index.html"
_SUFFIX = re.compile(rf"\.(?:{'|'.join(SUFFIXES)})")
_OWN = re.compile(r"https?://")


def file_path(address: str) -> str:
    """Where a web server looks for an address below `/vocabularies/`: it decodes it and takes two slashes for one."""
    path = re.sub("/+", "/", unquote(address))
    if path.endswith("/") or not _SUFFIX.fullmatch(PurePosixPath(path).suffix):
        path = f"{path.rstrip('/')}/{_PAGE}"
    return path[1:]


def is_frozen(name: str) -> bool:
    """Whether what has this name can be a file that can be no other's: ids of imported terms may be any text."""
    plain = _OWN.sub("", name) if _OWN.match(name) else "" if name.startswith(("http:", "https:")) else name
    segments = plain.split("/")
    return (
        name.isprintable()
        and all(segment not in ("", ".", "..", "page", _PAGE) and len(segment.encode()) < 200 for segment in segments)
        and not any(_SUFFIX.fullmatch(PurePosixPath(segment).suffix) for segment in segments)
        and "\\" not in name
        and len(name) < 1000
    )


def of_concept(kind: str, term_id: str) -> tuple[str, ...]:
    """Addresses of a concept; none if it can't be frozen."""
    address = concept_iri("", kind, term_id)
    return (address, f"{address}.ttl") if is_frozen(term_id) else ()


def small(concepts: Concepts) -> set[str]:
    """Vocabularies of which every concept is frozen."""
    return {kind for kind, number in concepts.numbers().items() if number <= SMALL}


def whole(concepts: Concepts, kept: Kept) -> Iterator[str]:
    """All addresses, so that what is on one page follows that page."""
    yield INDEX
    for kind, number in concepts.numbers().items():
        yield from _of_scheme(vocabulary_iri("", kind), number)
        if number <= SMALL:
            named: Iterable[str] = [term["id"] for term in concepts.page(kind, 1).terms]
        else:
            named = kept.terms(axes.AXIS_OF[kind]) if kind in axes.AXIS_OF else ()
        for term_id in named:
            yield from of_concept(kind, term_id)
    for scheme, number in concepts.schemes().items():
        if is_frozen(scheme) and concepts.one(WITH_SCHEMES, scheme) is None:
            yield from _of_scheme(concept_iri("", WITH_SCHEMES, scheme), number)


def changed(stirred: Iterable[str], kept: Kept, whole_kinds: Iterable[str]) -> tuple[list[str], list[str]]:
    """Addresses of concepts that are named by records now or no more: those to make anew, and those to remove."""
    made, gone = list[str](), list[str]()
    known = set(whole_kinds)
    for node in stirred:
        if node.startswith(CONCEPT):
            kind, _, term_id = node.removeprefix(CONCEPT).partition("/")
            is_named = kept.numbered(f"{axes.AXIS_OF[kind]}/{axes.key_of(term_id)}") is not None
            (made if is_named or kind in known else gone).extend(of_concept(kind, term_id))
    return made, gone


def _of_scheme(address: str, number: int) -> Iterator[str]:
    for page in range(1, -(-number // LISTED) + 1):
        paged = skos.paged(address, page)
        yield from (paged, f"{paged}.ttl")
