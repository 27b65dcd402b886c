"""An instance that is open: its settings and stores, handed to every service."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Connection, make_url, select

from repository.errors import NotFound, Unreachable, WrongSetting
from repository.records.custom_fields import compile_fields
from repository.records.draft import Rules
from repository.records.metadata_terms import references
from repository.records.snapshot import Json
from repository.records.vocabularies import Terms
from repository.settings import Settings, create_secret, load
from repository.storage import schema, terms
from repository.storage.database import Database
from repository.storage.models import Blob, InstanceRow
from repository.storage.objects import ObjectStore, open_objects
from repository.storage.terms import TermCache
from repository.vocabularies import available
from repository.vocabularies import load as load_vocabulary

_log = structlog.get_logger("instance")


@dataclass(frozen=True, slots=True)
class Instance:
    """Settings, stores, and what is computed once from them. Safe to share between threads."""

    settings: Settings
    database: Database
    objects: ObjectStore
    rules: Rules
    """How drafts are checked; `rules_today` sets its date."""
    terms: TermCache = field(default_factory=TermCache)

    def rules_today(self, *, published: bool = False, importing: bool = False) -> Rules:
        return replace(self.rules, today=datetime.now(UTC).date(), published=published, importing=importing)

    def terms_of(self, connection: Connection, *bodies: Json) -> Terms:
        """The vocabulary terms that bodies of drafts or records name, as far as they exist."""
        fields = self.rules.custom_fields
        return self.terms.lookup(connection, {named for body in bodies for named in references(body, fields)})

    def close(self) -> None:
        self.database.close()


def open_instance(settings: Settings) -> Instance:
    """Opens the stores; raises NotFound where `colophon init` has not been run, Unreachable where the database is down,
    WrongSetting where the objects are another instance's."""
    path = make_url(settings.database).database or ""
    if settings.database.startswith("sqlite") and not Path(path).exists():
        raise NotFound(f"{settings.home} holds no instance: run `colophon init`.")
    instance = _open(settings)
    if not schema.is_current(instance.database):
        instance.close()
        raise NotFound(f"{settings.home} holds no instance of this version: run `colophon init`.")
    return _claimed(instance)


def initialise(home: Path, overrides: Mapping[str, Any] | None = None, *, take_over: bool = False) -> Instance:
    """Creates or upgrades the instance in a folder: secret, schema, shipped vocabularies. Safe to repeat.

    Raises what `open_instance` does; `take_over` makes the objects of another instance its own.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
        create_secret(home)
    except OSError as error:
        raise WrongSetting(f"The folder {home} can't be used: {error}.") from error
    instance = _open(load(home, overrides=overrides))
    schema.upgrade(instance.database)
    shipped = [(kind, term) for kind in available() for term in load_vocabulary(kind)]
    with instance.database.write() as connection:
        terms.store(connection, shipped)
    return _claimed(instance, initial=True, take_over=take_over)


def claim_objects(instance: Instance, *, new: bool, take_over: bool = False) -> None:
    """Says that the objects are this instance's; `new`: they may bear no mark yet. Raises WrongSetting, Unreachable."""
    with instance.database.read() as connection:
        name = connection.execute(select(InstanceRow.name)).scalar_one()
    instance.objects.claim(name, new=new, take_over=take_over)


def _claimed(instance: Instance, *, initial: bool = False, take_over: bool = False) -> Instance:
    """Closes it where the objects are another one's. Where their store is down, it asks again before it writes."""
    try:
        claim_objects(instance, new=_may_be_new(instance, initial), take_over=take_over)
    except Unreachable as error:
        if take_over:
            instance.close()
            raise
        _log.warning("object store not asked whose it is", error=error.message)
    except BaseException:
        instance.close()
        raise
    return instance


def _may_be_new(instance: Instance, initial: bool) -> bool:
    """Whether the objects may bear no mark yet: there are none, or they are older than marks and are being upgraded.

    Else an empty folder, where a disk is not mounted, would be taken for the objects.
    """
    with instance.database.read() as connection:
        if connection.execute(select(Blob.sha256).limit(1)).first() is None:
            return True
    return initial and next(instance.objects.locations(), None) is not None


def _open(settings: Settings) -> Instance:
    rules = Rules(
        today=datetime.now(UTC).date(),
        doi_prefix=settings.doi_prefix,
        custom_fields=compile_fields(settings.custom_fields),
    )
    return Instance(settings, Database(settings.database), open_objects(settings.objects), rules)
