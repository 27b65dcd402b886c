"""What the page views need of the application they run in: the live one, or the one that is frozen."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, cast

from flask import current_app, request

from repository.records.custom_fields import CustomFields
from repository.records.snapshot import Site, Snapshot
from repository.services.concepts import Concepts
from repository.services.reading import Record
from repository.settings import Settings
from site_builder.catalogue import Catalogue
from site_builder.previews.choosing import Shown
from site_builder.texts import Texts
from site_builder.theme import Theme, Themes
from site_builder.translations import languages_of


class Source(Protocol):
    """Where the views read: the database and the last build, or the batch of changes that is being frozen."""

    def concepts(self) -> Concepts:
        """Terms of vocabularies. Raises NotFound where there are none."""
        ...

    def record(self, record_id: str) -> Record:
        """As the one who asks may see it. Raises NotFound, Forbidden, Gone, Moved."""
        ...

    def state(self, record_id: str) -> Snapshot | None:
        """The record's last state whoever asks, for its tombstone."""
        ...

    def whole(self, snapshot: Snapshot) -> Snapshot:
        """With all files, however many."""
        ...

    def previews(self, snapshot: Snapshot) -> tuple[Shown, ...]:
        """What can be shown of its files to whoever may see them."""
        ...

    def picture(self, sha256: str) -> bytes:
        """A picture, made smaller, of the file with this digest; empty where there is none."""
        ...

    def catalogue(self) -> AbstractContextManager[Catalogue]:
        """The public records; closed at the end of the block."""
        ...


@dataclass(frozen=True, slots=True)
class Pages:
    """Everything that pages are made of beside records."""

    site: Site
    languages: tuple[Texts, ...]
    """The words of each language; the first is the default."""
    fields: CustomFields
    contact: str
    """An e-mail address."""
    source: Source
    is_live: bool
    """Whether somebody asks, over the network; else what is made are files, which have no headers."""
    themes: Themes
    security: tuple[str, str]
    """Contact and day of expiry of `security.txt`."""

    @property
    def theme(self) -> Theme:
        return self.themes.served() if self.is_live else self.themes.now

    @property
    def words(self) -> Texts:
        """Those of the page that is asked for: its address tells the language."""
        first, *further = self.languages
        return next((texts for texts in further if f"{request.path}/".startswith(f"{texts.base}/")), first)

    @property
    def language(self) -> str:
        return self.words.language

    @property
    def base(self) -> str:
        """What an address of a page in this language begins with: every link to a page has it in front."""
        return self.words.base


def pages_of(settings: Settings, fields: CustomFields, source: Source, *, is_live: bool) -> Pages:
    """Raises WrongSetting, see `translations.languages_of`, `theme.Themes`."""
    return Pages(
        settings.site,
        languages_of(settings),
        fields,
        settings.oai_admin_email,
        source,
        is_live,
        Themes(settings),
        (settings.security_contact, settings.security_expires),
    )


def pages() -> Pages:
    return cast(Pages, current_app.extensions["site"])
