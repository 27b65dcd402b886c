"""A draft's own DOI: reserved before it is published, or given back."""

from repository.auth.permissions import require
from repository.errors import INVALID, FieldError, InvalidInput, NotFound
from repository.records.identifiers import managed_pid
from repository.records.visibility import Viewer
from repository.services import dois
from repository.services.drafts import UNKNOWN, Draft, find, replace_body, view
from repository.services.instance import Instance


def reserve(instance: Instance, viewer: Viewer, draft_id: str) -> Draft:
    """Gives the draft the DOI that it will be published with. Raises InvalidInput where it has one, or none is made."""
    with instance.database.write() as connection:
        draft = find(connection, draft_id, lock=True)
        require(viewer, "draft.save", draft.subject)
        prefix = instance.settings.doi_prefix
        if not prefix:
            raise _refused("pids.doi", "This repository makes no DOIs.")
        if "doi" in draft.body["pids"]:
            raise _refused("pids.doi", "A PID already exists for type doi")
        doi = managed_pid(prefix, draft_id)
        dois.hold(connection, doi["identifier"], draft_id, doi["provider"], "reserved")
        draft = replace_body(
            connection, draft, {**draft.body, "pids": {**draft.body["pids"], "doi": doi}}, complete=False
        )
    with instance.database.read() as connection:
        return view(connection, instance, draft)


def give_back(instance: Instance, viewer: Viewer, draft_id: str) -> Draft:
    """Gives a reserved DOI back. Raises NotFound where there is none."""
    with instance.database.write() as connection:
        draft = find(connection, draft_id, lock=True)
        require(viewer, "draft.save", draft.subject)
        doi = draft.body["pids"].get("doi", {})
        if draft.kind == "edit" or doi.get("provider") != "datacite":
            raise NotFound(UNKNOWN)
        pids = {scheme: pid for scheme, pid in draft.body["pids"].items() if scheme != "doi"}
        draft = replace_body(connection, draft, {**draft.body, "pids": pids}, complete=False)
    with instance.database.read() as connection:
        return view(connection, instance, draft)


def _refused(field: str, message: str) -> InvalidInput:
    return InvalidInput(INVALID, [FieldError(field, (message,))])
