"""All links of the API, made in one place; one is given only if its URL answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote, urlencode

from repository.api.context import instance
from repository.records.identifiers import doi_iri
from repository.records.snapshot import Json

Links_ = dict[str, str]


@dataclass(frozen=True, slots=True)
class Links:
    """Makes absolute URLs from the instance's public address."""

    site: str
    makes_dois: bool

    @classmethod
    def here(cls) -> Self:
        settings = instance().settings
        return cls(settings.site_url, bool(settings.doi_prefix))

    @property
    def api(self) -> str:
        return f"{self.site}/api"

    def record(self, record_id: str) -> str:
        return f"{self.site}/api/records/{record_id}"

    def page(self, record_id: str) -> str:
        return f"{self.site}/records/{record_id}"

    def of_record(self, record_id: str, parent: Json, pids: Json) -> Links_:
        """Links of a published record."""
        record, page = self.record(record_id), self.page(record_id)
        return {
            "self": record,
            "self_html": page,
            "preview_html": f"{page}?preview=1",
            **self._dois(pids, parent),
            **self._shared(record),
            "parent": self.record(parent["id"]),
            "parent_html": self.page(parent["id"]),
            "files": f"{record}/files",
            "archive": f"{record}/files-archive",
            "latest": f"{record}/versions/latest",
            "latest_html": f"{page}/latest",
            "draft": f"{record}/draft",
        }

    def of_draft(self, record_id: str, parent: Json, pids: Json) -> Links_:
        """Links of a draft, of the edit of a published record too."""
        record, page = self.record(record_id), self.page(record_id)
        return {
            "self": f"{record}/draft",
            "self_html": f"{self.site}/uploads/{record_id}",
            "preview_html": f"{page}?preview=1",
            **self._dois(pids, parent),
            **self._shared(record),
            "files": f"{record}/draft/files",
            "archive": f"{record}/draft/files-archive",
            "record": record,
            "record_html": page,
            "publish": f"{record}/draft/actions/publish",
        }

    def _shared(self, record: str) -> Links_:
        reserve = {"reserve_doi": f"{record}/draft/pids/doi"} if self.makes_dois else {}
        return {**reserve, "versions": f"{record}/versions", "access": f"{record}/access"}

    def _dois(self, pids: Json, parent: Json) -> Links_:
        links: Links_ = {}
        for name, pid in (("", pids.get("doi")), ("parent_", parent["pids"].get("doi"))):
            if pid and pid.get("identifier"):
                identifier = pid["identifier"]
                links[f"{name}doi"] = doi_iri(identifier)
                if not name:
                    links["self_doi"] = doi_iri(identifier)
                here = f"{self.site}/doi/{quote(identifier, safe='/')}"
                links["parent_doi_html" if name else "self_doi_html"] = here
        return links

    def files(self, record_id: str, *, draft: bool) -> Links_:
        prefix = self.record(record_id) + ("/draft" if draft else "")
        return {"self": f"{prefix}/files", "archive": f"{prefix}/files-archive"}

    def file(self, record_id: str, key: str, *, draft: bool) -> Links_:
        url = f"{self.files(record_id, draft=draft)['self']}/{quote(key, safe='/')}"
        return {"self": url, "content": f"{url}/content", **({"commit": f"{url}/commit"} if draft else {})}

    def search(self, arguments: Sequence[tuple[str, str]]) -> str:
        return f"{self.api}/records?{urlencode(arguments)}"

    def pages(self, path: str, query: dict[str, Any], page: int, size: int, total: int) -> Links_:
        """`self`, and `prev` and `next` where they exist, with everything else of the query kept."""

        def url(number: int) -> str:
            return f"{self.api}{path}?{urlencode({**query, 'page': number, 'size': size}, doseq=True)}"

        links = {"self": url(page)}
        if page > 1:
            links["prev"] = url(page - 1)
        if page * size < min(total, 10_000):
            links["next"] = url(page + 1)
        return links
