"""Words and codes that MARC and MODS share: roles, schemes of identifiers and subjects, countries, articles."""

import re
from collections.abc import Iterator

from repository.formats.library_kinds import Kind
from repository.formats.text import english
from repository.records.snapshot import Json, Snapshot

_RELATOR = re.compile(r"[a-z]{3}")
_AUTHOR, _CREATOR = ("author", "aut"), ("creator", "cre")
_RELATORS = {
    "contactperson": "prc",
    "datacollector": "col",
    "datacurator": "cur",
    "datamanager": "dtm",
    "distributor": "dst",
    "editor": "edt",
    "hostinginstitution": "his",
    "producer": "pro",
    "projectleader": "pdr",
    "projectmanager": "rth",
    "projectmember": "rtm",
    "registrationagency": "cor",
    "registrationauthority": "cor",
    "relatedperson": "oth",
    "researcher": "res",
    "researchgroup": "rtm",
    "rightsholder": "cph",
    "sponsor": "spn",
    "supervisor": "dgs",
    "translator": "trl",
    "workpackageleader": "led",
    "other": "oth",
}
"""For terms without the property `marc`. Specified by: MARC Code List for Relators."""


def creator_role(snapshot: Snapshot, entry: Json, kind: Kind) -> tuple[str, str]:
    """Term and code; a creator without a role of their own is the author of a text and the creator of other works."""
    if entry.get("role"):
        return _role(snapshot, "creatorsroles", entry["role"])
    return _AUTHOR if kind.content == "txt" else _CREATOR


def contributor_role(snapshot: Snapshot, entry: Json) -> tuple[str, str]:
    return _role(snapshot, "contributorsroles", entry["role"]) if entry.get("role") else ("contributor", "ctb")


def _role(snapshot: Snapshot, vocabulary: str, role: Json) -> tuple[str, str]:
    """The term as the vocabulary has it in English; the code is empty where the list of relators has none."""
    code = snapshot.prop(vocabulary, role["id"], "marc") or _RELATORS.get(role["id"], "")
    return english(role.get("title")).lower(), code if _RELATOR.fullmatch(code) else ""


_SUBJECTS = {
    "agrovoc": "agrovoc",
    "euroscivoc": "euroscivoc",
    "eurovoc": "eurovoc",
    "fast": "fast",
    "gemet": "gemet",
    "gnd": "gnd",
    "lcsh": "lcsh",
    "mesh": "mesh",
}
_WORD = re.compile(r"[^a-z0-9]+")


def subject_source(scheme: str) -> str:
    """The code of a list of subjects (`mesh`), at most 12 letters; an unknown one is shortened to that form."""
    word = _WORD.sub("", scheme.lower())
    return _SUBJECTS.get(word) or word[:12]


IDENTIFIER_SOURCES = {
    "ark": "ark",
    "arxiv": "arxiv",
    "doi": "doi",
    "handle": "hdl",
    "istc": "istc",
    "pmid": "pmid",
    "purl": "uri",
    "swhid": "swhid",
    "url": "uri",
    "urn": "urn",
    "w3id": "uri",
    "wikidata": "wikidata",
}
"""Our schemes → Standard Identifier Source Codes; the others are named by what they are called here."""

_ARTICLES = {
    "eng": ("The ", "An ", "A "),
    "fra": ("Les ", "Une ", "Un ", "Le ", "La ", "L'", "L’"),
    "deu": ("Der ", "Die ", "Das ", "Eine ", "Ein "),
    "spa": ("Los ", "Las ", "Una ", "Un ", "El ", "La "),
    "ita": ("Gli ", "Una ", "Uno ", "Un ", "Il ", "Lo ", "La ", "Le ", "L'", "L’", "I "),
    "por": ("Uma ", "Um ", "Os ", "As ", "O ", "A "),
    "nld": ("Een ", "Het ", "De "),
    "swe": ("Den ", "Det ", "Ett ", "En "),
}
_LETTER = re.compile(r"A (?:\w\b|priori|posteriori)")


def article_length(title: str, snapshot: Snapshot) -> int:
    """Characters of an article that sorting passes over, its space included; 0 where no language is told.

    `A` is none before a single letter (`A B C`) and in Latin (`A priori`).
    """
    for language in snapshot.metadata.get("languages", ())[:1]:
        for article in _ARTICLES.get(language["id"], ()):
            if title.startswith(article) and not (article == "A " and _LETTER.match(title)):
                return len(article)
    return 0


def subtitles(snapshot: Snapshot) -> Iterator[Json]:
    for entry in snapshot.metadata.get("additional_titles", ()):
        if (entry.get("type") or {}).get("id") == "subtitle":
            yield entry


_COUNTRIES = {
    "argentina": "ag ", "australia": "at ", "austria": "au ", "bangladesh": "bg ", "belgium": "be ", "brazil": "bl ",
    "bulgaria": "bu ", "canada": "xxc", "chile": "cl ", "china": "cc ", "colombia": "ck ", "croatia": "ci ",
    "cyprus": "cy ", "czech republic": "xr ", "czechia": "xr ", "denmark": "dk ", "egypt": "ua ", "england": "enk",
    "estonia": "er ", "finland": "fi ", "france": "fr ", "germany": "gw ", "greece": "gr ", "hungary": "hu ",
    "iceland": "ic ", "india": "ii ", "indonesia": "io ", "iran": "ir ", "ireland": "ie ", "israel": "is ",
    "italy": "it ", "japan": "ja ", "kenya": "ke ", "korea": "ko ", "latvia": "lv ", "lithuania": "li ",
    "luxembourg": "lu ", "malaysia": "my ", "malta": "mm ", "mexico": "mx ", "morocco": "mr ", "netherlands": "ne ",
    "new zealand": "nz ", "nigeria": "nr ", "norway": "no ", "pakistan": "pk ", "peru": "pe ", "philippines": "ph ",
    "poland": "pl ", "portugal": "po ", "romania": "rm ", "russia": "ru ", "saudi arabia": "su ", "scotland": "stk",
    "serbia": "rb ", "singapore": "si ", "slovakia": "xo ", "slovenia": "xv ", "south africa": "sa ",
    "south korea": "ko ", "spain": "sp ", "sweden": "sw ", "switzerland": "sz ", "taiwan": "ch ",
    "the netherlands": "ne ", "thailand": "th ", "tunisia": "ti ", "turkey": "tu ", "ukraine": "un ",
    "united kingdom": "xxk", "uk": "xxk", "united states": "xxu", "usa": "xxu", "vietnam": "vm ", "wales": "wlk",
}  # fmt: skip


def country(place: str) -> str:
    """MARC's three characters for the country that a place ends with (`Lund, Sweden`); `xx ` where it names none."""
    return _COUNTRIES.get(place.rpartition(",")[2].strip(" .").lower(), "xx ")
