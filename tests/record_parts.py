"""Parts of records in the resolved shape: ids, terms, people, files, access; `snapshots` puts them together."""

from typing import Any

from repository.records.identifiers import ALPHABET

Json = dict[str, Any]


def record_id(number: int) -> str:
    """The id with this number, from 0 to 2**40 - 1; the same number gives the same id."""
    body = "".join(ALPHABET[number >> shift & 31] for shift in range(35, -1, -5))
    text = f"{body}{98 - number * 100 % 97:02d}"
    return f"{text[:5]}-{text[5:]}"


def term(identifier: str, english: str, czech: str = "", **more: Any) -> Json:
    """A resolved term of a generic vocabulary."""
    title = {"en": english} | ({"cs": czech} if czech else {})
    return {"id": identifier, "title": title, **more}


def person(family: str, given: str = "", *, orcid: str = "", affiliations: Any = (), role: Json | None = None) -> Json:
    """One creator or contributor in the resolved shape."""
    party: Json = {"type": "personal", "name": f"{family}, {given}" if given else family, "family_name": family}
    party |= {"given_name": given} if given else {}
    party |= {"identifiers": [{"scheme": "orcid", "identifier": orcid}]} if orcid else {}
    entry: Json = {"person_or_org": party}
    entry |= {"role": role} if role else {}
    return entry | ({"affiliations": list(affiliations)} if affiliations else {})


def organisation(name: str, *, ror: str = "", role: Json | None = None) -> Json:
    party: Json = {"type": "organizational", "name": name}
    party |= {"identifiers": [{"scheme": "ror", "identifier": ror}]} if ror else {}
    return {"person_or_org": party} | ({"role": role} if role else {})


def file_entry(key: str, size: int = 12, mimetype: str = "text/csv", **more: Any) -> Json:
    return {
        "id": "5b0c2a4e-0000-4000-8000-000000000001",
        "key": key,
        "ext": key.rpartition(".")[2] if "." in key else "",
        "size": size,
        "mimetype": mimetype,
        "checksum": "md5:0cc175b9c0f1b6a831c399e269772661",
        "sha256": "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
        "storage_class": "L",
        "metadata": {},
        "access": {"hidden": False},
        **more,
    }


def files(*entries: Json, order: Any = (), default_preview: str = "") -> Json:
    """The block `files` of a record that has these files."""
    block: Json = {"enabled": True, "order": list(order)}
    block |= {"default_preview": default_preview} if default_preview else {}
    return block | {
        "count": len(entries),
        "total_bytes": sum(entry["size"] for entry in entries),
        "entries": {entry["key"]: entry for entry in entries},
    }


NO_FILES: Json = {"enabled": False, "order": [], "count": 0, "total_bytes": 0, "entries": {}}
DATASET_PROPS = {
    "csl": "dataset",
    "datacite_general": "Dataset",
    "datacite_type": "",
    "eurepo": "info:eu-repo/semantics/other",
    "schema.org": "https://schema.org/Dataset",
    "type": "dataset",
    "subtype": "",
}
SOFTWARE_PROPS = {
    "csl": "software",
    "datacite_general": "Software",
    "datacite_type": "",
    "eurepo": "info:eu-repo/semantics/other",
    "schema.org": "https://schema.org/SoftwareSourceCode",
    "type": "software",
    "subtype": "",
}
ARTICLE_PROPS = {
    "csl": "article-journal",
    "datacite_general": "JournalArticle",
    "datacite_type": "",
    "eurepo": "info:eu-repo/semantics/article",
    "schema.org": "https://schema.org/ScholarlyArticle",
    "type": "publication",
    "subtype": "publication-article",
}


def access(record: str = "public", file_access: str = "public", status: str = "open", until: str = "") -> Json:
    embargo: Json = {"active": bool(until), "reason": "For the journal." if until else None}
    return {
        "record": record,
        "files": file_access,
        "embargo": embargo | ({"until": until} if until else {}),
        "status": status,
    }
