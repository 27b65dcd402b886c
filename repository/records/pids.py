"""Persistent identifiers of a draft: which DOI it may name, and what stays as it was given.

A managed DOI (under the instance's own prefix) is made by reserving or publishing, never typed; a DOI from elsewhere is
`external`. That a DOI is used once only is for the services to check: nothing here sees another record.
"""

from dataclasses import dataclass
from typing import Any

from repository.records.identifiers import parse_doi
from repository.records.metadata_values import NO_OBJECT, NO_TEXT, REQUIRED, UNKNOWN, Messages
from repository.records.snapshot import Json
from repository.records.text import clean

MANAGED, EXTERNAL = "datacite", "external"
PROVIDERS = (MANAGED, EXTERNAL)
_KEYS = frozenset(("identifier", "provider", "client"))
_LONGEST = 512
"""DOIs are compared by an index, and an index takes no text without end."""


@dataclass(frozen=True, slots=True)
class Policy:
    """`prefix`: of managed DOIs, empty where there are none. `importing`: a DOI under it may be brought along.
    `published`: the draft edits a published record, whose DOI can't go and, if managed, can't change."""

    prefix: str = ""
    importing: bool = False
    published: bool = False


def is_managed(doi: str, prefix: str) -> bool:
    return bool(prefix) and doi.partition("/")[0] == prefix


def will_be_managed(pids: Json, prefix: str) -> bool:
    """Whether publishing gives the record a DOI under the instance's prefix, or it has one."""
    doi = pids.get("doi")
    return bool(prefix) and (doi is None or doi.get("provider") != EXTERNAL)


def _text(entry: Json, key: str, messages: Messages) -> str:
    value = entry.get(key)
    if value is None:
        return ""
    if type(value) is not str:
        messages[key] = [NO_TEXT]
        return ""
    return clean(value)


def _typed(entry: Json, messages: Messages, policy: Policy) -> Json | None:
    """A DOI that somebody typed or an import brought."""
    identifier, provider = _text(entry, "identifier", messages), _text(entry, "provider", messages)
    messages |= {key: [UNKNOWN] for key in entry if key not in _KEYS}
    if "provider" in messages or "identifier" in messages:
        return None
    if provider not in PROVIDERS:
        messages["provider"] = [f"Invalid provider '{provider[:100]}'." if provider else REQUIRED]
        return None
    if not identifier:
        return None
    doi = parse_doi(identifier) if len(identifier) <= _LONGEST else None
    if doi is None:
        messages["_doi"] = ["Invalid DOI"]
        return None
    if policy.importing:
        return {"identifier": doi, "provider": provider}
    if provider == MANAGED:
        messages["_doi"] = ["A DOI of this repository is reserved or made by publishing, not typed."]
    elif is_managed(doi, policy.prefix):
        messages["_doi"] = [f"The prefix '{policy.prefix}' is administrated by this repository, it can't be external."]
    else:
        return {"identifier": doi, "provider": EXTERNAL}
    return None


def _same(entry: Any, before: Json | None) -> bool:
    return (
        type(entry) is dict
        and before is not None
        and entry.get("identifier") == before["identifier"]
        and entry.get("provider") == before["provider"]
    )


def _doi(entry: Any, before: Json | None, messages: Messages, policy: Policy) -> Json | None:
    """The DOI to store; `messages` gets what is wrong under the key `doi`."""
    inner: Messages = {}
    if _same(entry, before):
        return before
    if entry is None:
        found = None
    elif type(entry) is not dict:
        found, inner = None, dict(NO_OBJECT)
    else:
        found = _typed(entry, inner, policy)
    if policy.published and before is not None:
        if found is not None and before["provider"] != EXTERNAL:
            inner["_doi"] = ["The DOI of a published record stays."]
        if found is None or before["provider"] != EXTERNAL:
            found = before
    if inner:
        # A message about the DOI as a whole stands at `pids.doi`, as InvenioRDM has it.
        messages["doi"] = inner.pop("_doi", None) or inner
    return found


def load(value: Any, previous: Json | None, policy: Policy) -> tuple[Json, Messages]:
    """`{doi?, oai?}` of a request; without any, what there was."""
    before = previous or {}
    if value is None:
        return dict(before), {}
    messages: Messages = {}
    if type(value) is not dict:
        return dict(before), dict(NO_OBJECT)
    kept: Json = {}
    doi = _doi(value.get("doi"), before.get("doi"), messages, policy)
    if doi is not None:
        kept["doi"] = doi
    for scheme, entry in value.items():
        if scheme == "oai":
            if entry and not _same(entry, before.get("oai")):
                messages["oai"] = ["The OAI identifier is given by this repository."]
        elif scheme != "doi":
            messages[scheme] = ["Invalid persistent identifier scheme."]
    if "oai" in before:
        kept["oai"] = before["oai"]
    return kept, messages
