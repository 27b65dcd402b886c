"""A repository with one record in every state of the table of visibility, and words planted in each part of each.

A planted word is a canary: where it appears, its part was shown.
"""

import hashlib
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from repository.cli.serve import build_app
from repository.following import run_until_current
from repository.projections import open_projections
from repository.records.snapshot import Json
from repository.records.visibility import SYSTEM, Viewer
from repository.services import accounts, drafts, editions, embargoes, publishing, uploads, withdrawal
from repository.services.instance import Instance
from tests.instances import METADATA, add_files, person

STATES = (
    "open", "files restricted", "files embargoed", "record restricted", "record embargoed", "closed later",
    "withdrawn", "withdrawn closed", "hidden", "erased", "draft",
)  # fmt: skip
"""`closed later`: restricted after harvesters had it. `withdrawn closed`: was restricted when it was withdrawn."""
PARTS = ("title", "creator", "about", "subject", "key", "bytes", "caption", "doi", "md5", "sha256")
OF_FILES = ("key", "bytes", "caption", "md5", "sha256")
LEFT_BEHIND = ("note", "citation")
"""What a tombstone says."""
_OPEN: Json = {"record": "public", "files": "public"}
_CLOSED: Json = {"record": "restricted", "files": "restricted"}
_LIST_SECONDS = 3.0
"""Items of OAI-PMH stand in lists when their second is over."""


@dataclass(frozen=True, slots=True)
class Planted:
    """One record and its canaries."""

    state: str
    id: str
    words: Mapping[str, str]
    """By part, of PARTS and LEFT_BEHIND. Each occurs nowhere else in the repository."""

    @property
    def key(self) -> str:
        """Of its file."""
        return f"{self.words['key']}.txt"

    @property
    def doi(self) -> str:
        return f"10.1234/{self.words['doi']}"

    def shown_in(self, text: str) -> set[str]:
        """The parts whose words are in a text, however it is cased or escaped."""
        folded = text.casefold()
        return {part for part, word in self.words.items() if word in folded}


@dataclass(frozen=True, slots=True)
class World:
    instance: Instance
    app: Flask
    records: Mapping[str, Planted]
    """By state."""
    tokens: Mapping[str, str]
    """Of each viewer who has an account."""


def words_of(state: str) -> dict[str, str]:
    mark = state.replace(" ", "")
    words = {part: f"zq{part}{mark}qz" for part in (*PARTS, *LEFT_BEHIND)}  # no word begins another one
    content = words["bytes"].encode()
    words["md5"] = hashlib.md5(content, usedforsecurity=False).hexdigest()
    words["sha256"] = hashlib.sha256(content).hexdigest()
    return words


def access_of(state: str) -> Json:
    until = (embargoes.today() + timedelta(days=90)).isoformat()
    embargo = {"embargo": {"active": True, "until": until}}
    return {
        "files restricted": {**_OPEN, "files": "restricted"},
        "files embargoed": {**_OPEN, "files": "restricted", **embargo},
        "record restricted": _CLOSED,
        "record embargoed": {**_CLOSED, **embargo},
        "withdrawn closed": _CLOSED,
    }.get(state, _OPEN)


def body(state: str, access: Json | None = None) -> Json:
    """A request body in which every part has its word."""
    words = words_of(state)
    creator = {"person_or_org": {"type": "personal", "given_name": "Ada", "family_name": words["creator"]}}
    return {
        "metadata": {
            **METADATA,
            "title": f"Rain {words['title']}",
            "creators": [creator],
            "description": f"<p>About {words['about']}</p>",
            "subjects": [{"subject": words["subject"]}],
            "rights": [{"id": "cc-by-4.0"}],
        },
        "pids": {"doi": {"identifier": f"10.1234/{words['doi']}", "provider": "external"}},
        "access": access or access_of(state),
        "files": {"enabled": True},
    }


def plant(instance: Instance, owner: Viewer, state: str) -> Planted:
    """A record, or for the state `draft` a draft, with one file that has a caption."""
    words = words_of(state)
    draft = drafts.create(instance, owner, body(state))
    assert draft.errors == () or [error.field for error in draft.errors] == ["files.enabled"]
    add_files(instance, owner, draft.id, {f"{words['key']}.txt": words["bytes"].encode()})
    uploads.describe(instance, owner, draft.id, f"{words['key']}.txt", {"metadata": {"caption": words["caption"]}})
    if state != "draft":
        publishing.publish(instance, owner, draft.id)
    return Planted(state, draft.id, words)


def make_world(instance: Instance) -> World:
    """All states, read by every reader; what changed its state later was read before as well."""
    owner = person(instance, "owner")
    person(instance, "other")
    person(instance, "admin", admin=True)
    records = {state: plant(instance, owner, state) for state in STATES}
    run_until_current(instance.database, open_projections(instance))
    for state, change in CHANGES.items():
        change(instance, owner, records[state])
    run_until_current(instance.database, open_projections(instance))
    time.sleep(_LIST_SECONDS)
    return World(instance, build_app(instance), records, tokens_of(instance))


def tokens_of(instance: Instance) -> dict[str, str]:
    """Of the accounts `owner`, `other`, `admin`."""
    names = ("owner", "other", "admin")
    return {name: accounts.create_token(instance, f"{name}@example.org") for name in names}


def _close(instance: Instance, owner: Viewer, planted: Planted) -> None:
    draft = editions.edit(instance, owner, planted.id)
    drafts.save(instance, owner, draft.id, body(planted.state, _CLOSED))
    publishing.publish(instance, owner, draft.id)


def _withdraw(instance: Instance, _owner: Viewer, planted: Planted) -> None:
    wish = {
        "note": planted.words["note"],
        "citation_text": planted.words["citation"] if planted.state != "withdrawn" else "",
        "is_visible": planted.state != "hidden",
    }
    withdrawal.withdraw(instance, SYSTEM, planted.id, wish)


def _erase(instance: Instance, _owner: Viewer, planted: Planted) -> None:
    withdrawal.erase(instance, SYSTEM, planted.id, planted.words["note"])


def _edit(instance: Instance, owner: Viewer, planted: Planted) -> None:
    """An edit that is not published, and the draft of a next version: nobody else knows of them."""
    for draft in (editions.edit(instance, owner, planted.id), editions.new_version(instance, owner, planted.id)):
        drafts.save(instance, owner, draft.id, body("unpublished edit"))


CHANGES: Mapping[str, Callable[[Instance, Viewer, Planted], None]] = {
    "open": _edit,
    "closed later": _close,
    "withdrawn": _withdraw,
    "withdrawn closed": _withdraw,
    "hidden": _withdraw,
    "erased": _erase,
}


class Asker:
    """A client of the whole application, with the account of one viewer or none."""

    def __init__(self, world: World, who: str) -> None:
        self._client = world.app.test_client()
        self._headers = {"Authorization": f"Bearer {world.tokens[who]}"} if who in world.tokens else {}

    def __call__(self, path: str, accept: str = "*/*", method: str = "GET", **options: Any) -> TestResponse:
        headers = {"Accept": accept, **self._headers, **options.pop("headers", {})}
        return self._client.open(path, method=method, headers=headers, buffered=True, **options)


def everything(answer: TestResponse) -> str:
    """All that a client gets: status line, headers, body."""
    lines = (f"{name}: {value}" for name, value in answer.headers.items())
    return "\n".join((answer.status, *lines, text_of(answer)))


def text_of(answer: TestResponse) -> str:
    """The body, whatever it is."""
    return answer.get_data().decode("utf-8", "replace")


def without_ids(text: str) -> str:
    return re.sub(r"[0-9a-z]{5}-[0-9a-z]{5}", "ID", text)
