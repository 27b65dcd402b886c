"""What harvesters get to see of a record, made from its snapshot without any look-up."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from xml.parsers import expat

from repository.formats import Format
from repository.formats.xml_text import DECLARATION, escape
from repository.oai.about import containers
from repository.oai.arguments import utc
from repository.records.identifiers import oai_identifier
from repository.records.sets import Sets
from repository.records.snapshot import Site
from repository.records.visibility import is_public
from repository.storage.changes import Change

_DIGEST_BYTES = 12
NEVER, GONE = "-", "x"
"""Stand in the digests for a format in which the item can't be had: it never could, or it could before."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """What the item of one record is to be after a change."""

    record_id: str
    position: int
    deleted: bool
    listed: bool
    """Whether there is to be an item even if there has been none before."""
    sets: Mapping[str, str]
    """Specs and names. A deleted item stays in the sets that it has been in, as long as there are such sets."""
    bodies: Mapping[str, bytes] | None
    """Prefix → `<metadata>` (and what follows it in a record); empty if deleted; None: as they are."""
    digests: str
    """As in `OaiItem.digests`."""
    rules: str = ""
    """As in `OaiItem.rules`."""


class NotWellFormed(ValueError):
    """A writer's output can't be embedded; the change is parked, so that it never fails a page."""


def render(change: Change, site: Site, formats: Sequence[Format], sets: Sets, rules: str = "") -> Rendered:
    """Renders all formats of a public record; of any other, only that it is deleted. Raises NotWellFormed."""
    snapshot = change.snapshot
    if not is_public(snapshot):
        return deleted(change, site, listed=snapshot.state != "published")
    about = containers(snapshot, site)
    bodies: dict[str, bytes] = {}
    digests = [f":{site.oai_domain}"]
    for format_, prefix in [(each, each.oai.prefix) for each in formats if each.oai]:
        if format_.suits(snapshot):
            bodies[prefix] = _body(format_.write(snapshot, site), format_.name) + about
        # that an item lacks a format is part of what harvesters see: to lose one, or to get one, is a change
        digests.append(f"{prefix}:{_digest(bodies[prefix]) if prefix in bodies else NEVER}")
    return Rendered(change.record_id, change.position, False, True, sets.of(snapshot), bodies, " ".join(digests), rules)


def relisted(change: Change, sets: Sets, rules: str) -> Rendered:
    """A public record whose renderings, made by the same rules of the same change, are there: only its sets are new."""
    return Rendered(change.record_id, change.position, False, True, sets.of(change.snapshot), None, "", rules)


def deleted(change: Change, site: Site, listed: bool) -> Rendered:
    """A deleted item. A withdrawn or erased record has one even if it was never listed before, a closed one only if it
    was (design, rule 4)."""
    return Rendered(change.record_id, change.position, True, listed, {}, {}, f":{site.oai_domain}")


def header(domain: str, record_id: str, stamp: int, specs: Iterable[str], is_deleted: bool) -> bytes:
    """Specified by: OAI-PMH 2.0, 2.5 Record."""
    status = ' status="deleted"' if is_deleted else ""
    sets = "".join(f"<setSpec>{spec}</setSpec>" for spec in specs)
    identifier = escape(oai_identifier(domain, record_id))
    return (
        f"<header{status}><identifier>{identifier}</identifier><datestamp>{utc(stamp)}</datestamp>{sets}</header>"
    ).encode()


def _body(document: bytes, name: str) -> bytes:
    try:
        expat.ParserCreate(namespace_separator=" ").Parse(document, True)
    except expat.ExpatError as error:
        raise NotWellFormed(f"{name}: {error}") from error
    return b"<metadata>" + document.removeprefix(DECLARATION).rstrip() + b"</metadata>"


def _digest(body: bytes) -> str:
    return hashlib.blake2b(body, digest_size=_DIGEST_BYTES).hexdigest()


def marks(digests: str) -> dict[str, str]:
    """Prefix → digest, NEVER or GONE."""
    return dict(entry.split(":", 1) for entry in digests.split(" ")[1:])


def dump_marks(digests: str, marked: Mapping[str, str]) -> str:
    """Digests with the same first entry, the header's parts, and other marks."""
    return " ".join([digests.partition(" ")[0], *(f"{prefix}:{mark}" for prefix, mark in marked.items())])
