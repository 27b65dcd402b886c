"""ResourceSync's second set of resources: metadata documents and files, and how they changed.

Specified by: ANSI/NISO Z39.99-2017, 8 (sets of resources), 10, 12.
"""

from flask import Response

from site_builder import resources
from site_builder.context import pages
from site_builder.harvested import Changed, Harvested
from site_builder.views.resource_sets import DOCUMENTS, urls


def path(node: str) -> str:
    return f"/resourcesync/documents/resources/{node}.xml"


def capabilities() -> Response:
    return DOCUMENTS.capability_list()


def resource_lists() -> Response:
    return DOCUMENTS.resource_index(path)


def resource_list(node: str) -> Response:
    """Documents and files of the records of a leaf. Raises NotFound where the node is none."""
    found = DOCUMENTS.resource_list(node, Harvested.resources)
    head = DOCUMENTS.resource_head(max(moment for _listed, moment in found))
    return urls("urlset", head, (listed for listed, _moment in found))


def change_lists() -> Response:
    return DOCUMENTS.change_index()


def changes(node: str) -> Response:
    """Raises NotFound."""
    return DOCUMENTS.change_list(node, Harvested.resources_changed, _change)


def recent() -> Response:
    return DOCUMENTS.recent_list(Harvested.recent_resources, _change)


def _change(found: tuple[Changed, str]) -> str:
    entry, listed = found
    if entry.action == "deleted":
        return resources.removed(entry.id, pages().site.url, entry.at)
    return resources.changed(listed, entry.action, entry.at)
