"""The axes by which records are browsed beside their date: type, subject, licence, language, creator, affiliation.

A record has *keys* on each axis. A key is stable, is part of an address, and two things never share one:

- the id of a vocabulary's term, an ORCID iD or a ROR id, if it is plain: `publication-article`, `0000-0002-1825-0097`
  (and if it is not named like a file of ours);
- `name-` and a name of plain letters and digits as it is folded: `name-ada-holm`;
- of all others as much as can be read, `--` and a digest, which no plain id and no folded name has.

Lists of a key are cut by place (see `shards`), lists of keys by the beginnings of names, both at `LIMIT` entries. A
node of the first is `creators/name-ada-holm/2020-05`, of the second `creators?ho`.
"""

import re
import unicodedata
from base64 import b32encode
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

import orjson

from repository.formats.iris import agent_iri, clean_iri, clickable, organisation_iri
from repository.formats.licences import licence_iri, licences
from repository.records.snapshot import Json, Snapshot
from site_builder import shards
from site_builder.landing.people import spoken_name
from site_builder.vocabulary import resource_type_titles

LIMIT = 100
"""Most entries of one list: a record that changes is in some fifteen of them, and each is written as a whole."""
NAMED = 25
"""Of the creators, affiliations and subjects of one record only the first ones are keys: what one change writes has a
bound. The search finds the others."""
AXES: Mapping[str, str] = {
    "types": "resourcetypes",
    "subjects": "subjects",
    "licences": "licenses",
    "languages": "languages",
    "creators": "",
    "affiliations": "",
}
"""Each axis with the vocabulary whose concepts its keys may be."""
AXIS_OF = {vocabulary: axis for axis, vocabulary in AXES.items() if vocabulary}
LETTERS = "letters"
"""The segment before the beginning of names in an address: no key."""
_ROOT = "/browse"
_LONGEST = 200
"""Characters of a name that are kept."""
_SPELLED = 60
"""Characters by which lists of names are sorted and cut; behind them the key itself."""
_SLUG = 40
_PLAIN = re.compile(r"(?!name-|index\.)[a-z0-9]+(?:[.-][a-z0-9]+)*")
_ORCID = re.compile(r"https://orcid\.org/(\d{4}-\d{4}-\d{4}-\d{3}[\dX])")
_ROR = re.compile(r"https://ror\.org/(0[a-z0-9]{6}\d\d)")
_BEGINNING = re.compile(r"[a-z0-9._-]{1,200}")
_KEY = re.compile(r"[a-z0-9.-]{1,120}")
_ESCAPED = re.compile(r"_([0-9a-f]{5})")
_PART_ESCAPED = re.compile(r"_([0-9a-f]{0,4})$")


class Named(NamedTuple):
    """What lists say of a key; which of its records says it does not depend on what came when, see `kept`."""

    filed: str
    """The name under which it is sorted: `Holm, Ada`."""
    titles: dict[str, str]
    """Its name by language; without a language as people say it: `Ada Holm`."""
    iri: str
    """Where others tell of it; empty if that is not known."""
    term: str
    """The id of the vocabulary's term that it is; empty if it is none."""


Keys = tuple[tuple[str, str], ...]
"""Paths (`creators/name-ada-holm`) with what is said of each, a `Named` in JSON."""


def keys(snapshot: Snapshot) -> Keys:
    """Where a record belongs."""
    found: dict[str, str] = {}
    for axis, given in _GIVEN.items():
        for key, said in given(snapshot):
            if key:
                path = f"{axis}/{key}"
                found.setdefault(path, orjson.dumps(tuple(said)).decode())
    return tuple(sorted(found.items()))


def named(said: str) -> Named:
    return Named(*orjson.loads(said))


def _types(snapshot: Snapshot) -> Iterator[tuple[str, Named]]:
    term = snapshot.metadata.get("resource_type") or {}
    if term.get("id"):
        yield type_key(snapshot)
        above = snapshot.prop("resourcetypes", term["id"], "type")
        if above and above != term["id"]:
            yield key_of(above), _term({"id": above, "title": resource_type_titles(above)})


def type_key(snapshot: Snapshot) -> tuple[str, Named]:
    term = snapshot.metadata["resource_type"]
    return key_of(term["id"]), _term(term)


def _subjects(snapshot: Snapshot) -> Iterator[tuple[str, Named]]:
    return map(subject_key, snapshot.metadata.get("subjects", ())[:NAMED])


def subject_key(entry: Json) -> tuple[str, Named]:
    if entry.get("id"):
        iri = clickable(clean_iri(str(entry["id"])))
        titles = entry.get("title") or {}
        return key_of(entry["id"]), _term({"id": entry["id"], "title": titles or {"": entry.get("subject", "")}}, iri)
    return _by_name(entry.get("subject", ""))


def _licences(snapshot: Snapshot) -> Iterator[tuple[str, Named]]:
    return map(licence_key, licences(snapshot.metadata)[:NAMED])


def licence_key(entry: Json) -> tuple[str, Named]:
    iri = clickable(licence_iri(entry))
    if entry.get("id"):
        return key_of(entry["id"]), _term(entry, iri)
    titles = {language: _short(said) for language, said in sorted((entry.get("title") or {}).items())}
    key, name = _by_name(titles.get("en") or next(iter(titles.values()), "") or iri)
    return key, name._replace(iri=iri, titles=titles or name.titles)


def _languages(snapshot: Snapshot) -> Iterator[tuple[str, Named]]:
    return map(language_key, snapshot.metadata.get("languages", ())[:NAMED])


def language_key(entry: Json) -> tuple[str, Named]:
    return key_of(entry["id"]), _term(entry)


def _creators(snapshot: Snapshot) -> Iterator[tuple[str, Named]]:
    for entry in snapshot.metadata.get("creators", ())[:NAMED]:
        party = entry["person_or_org"]
        key, name = _by_name(spoken_name(party))
        iri = agent_iri(party.get("identifiers"))
        yield _identifier(iri) or key, name._replace(iri=clickable(iri), filed=_short(party.get("name") or name.filed))


def _affiliations(snapshot: Snapshot) -> Iterator[tuple[str, Named]]:
    creators = snapshot.metadata.get("creators", ())[:NAMED]
    entries = [place for creator in creators for place in creator.get("affiliations") or ()]
    for entry in entries[:NAMED]:
        iri = organisation_iri(entry)
        key, name = _by_name(entry.get("name") or entry.get("id", ""))
        by_id = key_of(entry["id"]) if entry.get("id") else ""
        yield _identifier(iri) or by_id or key, name._replace(iri=clickable(iri))


_GIVEN = {
    "types": _types,
    "subjects": _subjects,
    "licences": _licences,
    "languages": _languages,
    "creators": _creators,
    "affiliations": _affiliations,
}


def _term(term: Json, iri: str = "") -> Named:
    titles = {language: _short(said) for language, said in sorted((term.get("title") or {}).items()) if said}
    filed = titles.get("en") or next(iter(titles.values()), "") or _short(term["id"])
    return Named(filed, titles or {"": filed}, iri, term["id"])


def _by_name(text: str) -> tuple[str, Named]:
    name = _short(text)
    return name_key(text), Named(name, {"": name}, "", "")


def _short(text: str) -> str:
    return " ".join(str(text).encode("utf-8", "replace").decode().split())[:_LONGEST]


def _identifier(iri: str) -> str:
    found = _ORCID.fullmatch(iri) or _ROR.fullmatch(iri)
    return found[1].lower() if found else ""


@lru_cache(maxsize=4096)
def key_of(term_id: str) -> str:
    """The key of what has an id."""
    if _PLAIN.fullmatch(term_id) and len(term_id) <= 64 and term_id != LETTERS:
        return term_id
    return _digested(re.sub(r"^https?://(www\.)?", "", term_id), f"id {term_id}")


def name_key(text: str) -> str:
    """The key of what has a name only, however it is spelled in case and accents; empty if it has no name."""
    folded = fold(text)
    if folded.isascii() and folded and len(folded) <= _LONGEST // 4:
        return f"name-{folded.replace(' ', '-')}"
    said = folded or " ".join(text.split())
    return _digested(f"name {folded}", f"name {said}") if said else ""


def _digested(readable: str, whole: str) -> str:
    slug = "-".join(re.findall("[a-z0-9]+", readable.lower()))[:_SLUG].strip("-")
    digest = b32encode(sha256(whole.encode("utf-8", "replace")).digest()[:10]).decode().lower()
    return f"{slug or 'id'}--{digest}"


def fold(text: str) -> str:
    """Lower-case letters and digits without diacritics, in words between single spaces."""
    lower = text.lower() if text.isascii() else unicodedata.normalize("NFKD", text.casefold())
    kept = (c if c.isalnum() else "" if unicodedata.combining(c) else " " for c in lower)
    return " ".join("".join(kept).split())


def spelled(text: str) -> str:
    """How names are sorted and cut: folded, with `-` between words and five hexadecimal digits for each letter that is
    none of ASCII, so that a page leads to forty others at the most, whatever the script."""
    folded = fold(text)
    plain = folded.replace(" ", "-") if folded.isascii() else "".join(map(_plain, folded))
    return plain[:_SPELLED] or "_"


def _plain(character: str) -> str:
    return "-" if character == " " else character if character.isascii() else f"_{ord(character):05x}"


def listed_at(path: str, filed: str) -> str:
    """The place of a key among the keys of its axis."""
    axis, _, key = path.partition("/")
    return f"{axis}?{spelled(filed)}.{key}"


def root_of(node: str) -> str:
    """The first page of the tree in which a node is."""
    axis, mark, _ = node.partition("?")
    return f"{axis}?" if mark else f"{node.rpartition('/')[0]}/"


def child_length(node: str) -> int:
    """Length of the nodes to which a page leads."""
    if "?" in node:
        return len(node) + 1
    head = node.rindex("/") + 1
    return head + shards.child_length(node[head:])


def url(node: str) -> str:
    """Path of the page of a node."""
    axis, mark, beginning = node.partition("?")
    if mark:
        return f"{_ROOT}/{axis}/{LETTERS}/{beginning}/" if beginning else f"{_ROOT}/{axis}/"
    path, _, place = node.rpartition("/")
    return f"{_ROOT}/{path}{shards.url(place).removeprefix(_ROOT)}" if place else f"{_ROOT}/{path}/"


def node_of_key(axis: str, key: str, rest: str) -> str:
    """The node of `/browse/<axis>/<key>/<rest>/`; empty if there can be none."""
    place = shards.node_of(rest) if rest else ""
    return f"{axis}/{key}/{place}" if axis in AXES and _KEY.fullmatch(key) and (place or not rest) else ""


def node_of_names(axis: str, beginning: str) -> str:
    """The node of `/browse/<axis>/letters/<beginning>/`; empty if there can be none."""
    possible = axis in AXES and (not beginning or _BEGINNING.fullmatch(beginning))
    return f"{axis}?{beginning}" if possible else ""


def beginning(node: str) -> str:
    """The letters with which the names of a node begin, as people write them: `Ho`; of a part of an alphabet the first
    and the last one."""
    text = node.partition("?")[2]
    name, _, key = text.partition(".")
    part = _PART_ESCAPED.search(name)
    letters = _ESCAPED.sub(lambda match: _letter(match[1]), name[: part.start()] if part else name).replace("-", " ")
    if part:
        first, last = _letter(part[1].ljust(5, "0")), _letter(part[1].ljust(5, "f"))
        letters += f"{first or '…'}–{last or '…'}"
    return f"{letters.capitalize()} {key}".strip() or "…"


def _letter(code: str) -> str:
    number = int(code, 16)
    return chr(number) if number < 0x110000 and chr(number).isalnum() else ""


def held(found: Iterable[tuple[str, str]]) -> str:
    """The paths of keys, behind a digest of all that is said of them."""
    pairs = tuple(found)
    return "\n".join((sha256(orjson.dumps(pairs)).hexdigest()[:16], *(path for path, _said in pairs)))
