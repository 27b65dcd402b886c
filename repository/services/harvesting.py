"""Harvesting: what another OAI-PMH provider publishes is imported here, first all of it, then what has changed.

A harvest that is ended at any moment goes on where it was. Nothing comes twice, because a document is known by its
identity (`importing`). What the source has deleted is withdrawn here, if this source's harvest made it.

Specified by: OAI-PMH 2.0 §2.5.1 (deleted records), §2.7.1 (selective harvesting), §3.5 (flow control).
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from repository import __version__
from repository.errors import InvalidInput
from repository.formats.reading import Known
from repository.formats.reading.oai_pages import Page
from repository.records.deposit import Refusal
from repository.services import harvest_lease, harvest_states
from repository.services.fetching import PATIENT, Fetcher, Patience
from repository.services.harvest_pages import Harvested, Taking
from repository.services.harvest_progress import Progress
from repository.services.harvest_provider import BrokenPage, NothingNew, NotThere, Provider, TokenRefused, moment
from repository.services.harvest_states import Underway, Wanted
from repository.services.instance import Instance
from repository.services.vocabularies import all_terms

_STARTS_AT_ONE_PLACE = 3
"""So often a list is begun again at the same datestamp; a provider that forgets its tokens at once is given up."""
_ENDLESS = "The provider's list does not come to an end."


def _ignore(*_told: object) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Listener:
    """Whom a harvest tells what: of each refused document, of each page (done so far, size of the list or 0), of each
    wait for the provider (seconds, why)."""

    refuse: Callable[[Refusal], None] = _ignore
    page: Callable[[Harvested, int], object] = _ignore
    wait: Callable[[float, str], object] = _ignore


SILENT = Listener()


def harvest(
    instance: Instance,
    wanted: Wanted,
    *,
    owner: str = "",
    fill_missing: bool = False,
    patience: Patience = PATIENT,
    listener: Listener = SILENT,
) -> Harvested:
    """Imports what the provider has, or what has changed since the last time. See `import_documents` for `owner`.

    Raises InvalidInput for what the provider refuses or what is no provider, Unreachable where it does not answer; what
    came before that stays, and the same harvest goes on from there. Raises Conflict while another process reads the
    same list.
    """
    _check_address(wanted.base_url)
    with (
        harvest_lease.alone(instance.database, wanted) as check,
        Fetcher(_headers(instance), patience, listener.wait) as fetcher,
    ):
        provider = Provider(lambda arguments: fetcher.get(wanted.base_url, arguments))
        known = Known.from_terms(all_terms(instance), instance.settings.site)
        taking = Taking(instance, wanted, owner, known, fill_missing, listener.refuse)
        run = _Run(instance, wanted, provider, taking, listener, check)
        run.begin(day=provider.granularity_is_day())
        run.read()
        return taking.done


def _check_address(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.fragment:
        raise InvalidInput(f"{url} is no address of a provider: it begins with http:// or https://.")


def _headers(instance: Instance) -> dict[str, str]:
    """Whom the provider may ask what we do there. Specified by: OAI-PMH implementation guidelines for harvesters §2."""
    headers = {"User-Agent": f"Colophon/{__version__} (+{instance.settings.site_url})"}
    if instance.settings.oai_admin_email:
        headers["From"] = instance.settings.oai_admin_email
    return headers


@dataclass(slots=True)
class _Run:
    """One list of a provider, read to its end."""

    instance: Instance
    wanted: Wanted
    provider: Provider
    taking: Taking
    listener: Listener
    check: Callable[[], None]
    """Called before anything is written, see `harvest_lease`."""
    until: str = ""
    """Everything up to this moment was here before."""
    list: Underway = field(default_factory=lambda: Underway({}, "", ""))
    progress: Progress = field(default_factory=Progress)
    fallback: str = ""
    """For a provider that tells no responseDate: our clock, and a day for what the two may differ."""

    def begin(self, *, day: bool) -> None:
        """Takes up the list that was not read to its end, or begins one."""
        self.fallback = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
        with self.instance.database.read() as connection:
            self.until, underway = harvest_states.read(connection, self.wanted)
        asked = {"begin": self.wanted.begin, "until": self.wanted.until}
        if underway is not None and underway.asked == asked:
            self.list = underway
            return
        begin = _bound(self.wanted.begin or self.until, day=day, end=False)
        until = _bound(self.wanted.until, day=day, end=True)
        if begin and until and begin > until:
            raise InvalidInput(f"There is nothing to harvest from {begin} until {until}.")
        self.list = Underway(asked, begin, until, resume=begin)

    def read(self) -> None:
        """Page by page; what was taken and where the list goes on is kept after each."""
        starts, seen = 0, ""
        while True:
            try:
                page = self.provider.records(self._arguments())
            except NothingNew as nothing:
                return self._end(nothing.responded)
            except TokenRefused as error:
                if not self.list.token:
                    raise InvalidInput("The provider refuses a token that was not sent.") from error
                starts = starts + 1 if self.list.last == seen else 1
                seen = self.list.last
                if starts > _STARTS_AT_ONE_PLACE:
                    return self._give_up("The provider refuses the tokens that it gave.")
                self._restart()
                continue
            except BrokenPage as broken:
                return self._read_singly(str(broken))
            if self._is_endless(page, self.list.token):
                return self._give_up(_ENDLESS)
            self._take(page)
            if not page.token:
                return self._end("")

    def _arguments(self) -> dict[str, str]:
        if self.list.token:
            return {"resumptionToken": self.list.token}
        found = {
            "metadataPrefix": self.wanted.prefix,
            "from": self.list.resume,
            "until": self.list.until,
            "set": self.wanted.set_spec,
        }
        return {name: value for name, value in found.items() if value}

    def _take(self, page: Page) -> None:
        self.check()
        taken, gone = self.taking.take(page)
        self._note(page)
        self.list.token = page.token
        with self.instance.database.write() as connection:
            harvest_states.keep(connection, self.wanted.base_url, taken, gone)
            harvest_states.write(connection, self.wanted, self.until, self.list)
        self.listener.page(self.taking.done, page.size)

    def _note(self, page: Page) -> None:
        self.list.responded = self.list.responded or moment(page.responded) or self.fallback
        for place, item in enumerate(page.items):
            if not moment(item.datestamp) or item.datestamp < self.list.last:
                self.list.ordered = False
            elif place == 0 and "" < self.list.last < item.datestamp:
                self.list.risen = True
            self.list.last = max(self.list.last, item.datestamp)

    def _restart(self) -> None:
        """Without the token: from the last datestamp if the list has shown that it is in their order, else from the
        beginning, as a list of which nothing is known yet."""
        self.progress.begin()
        self.list.token = ""
        if self.list.ordered and self.list.risen:
            self.list.resume = self.list.last
        else:
            self.list = replace(self.list, resume=self.list.begin, last="", ordered=True, risen=False)

    def _read_singly(self, why: str) -> None:
        """The rest of the list, one record after the other: what is broken is refused by itself."""
        self.listener.wait(0, f"{why}; the records are now asked for one by one")
        self._restart()
        token = ""
        while True:
            try:
                page = self.provider.identifiers({"resumptionToken": token} if token else self._arguments())
            except NothingNew as nothing:
                return self._end(nothing.responded)
            except (TokenRefused, BrokenPage) as error:
                return self._give_up(
                    f"The provider's list of records can't be read: {error or 'the token is refused'}."
                )
            self._take_singly(page)
            if not page.token:
                return self._end("")
            if self._is_endless(page, token):
                return self._give_up(_ENDLESS)
            token = page.token

    def _is_endless(self, page: Page, token: str) -> bool:
        """`token`: that of the request. Records that can't be read have no identifier but a place."""
        names = [item.identifier for item in page.items] or [part.place for part in page.parts if part.place]
        return bool(page.token) and self.progress.is_endless(names, repeated=page.token == token)

    def _take_singly(self, page: Page) -> None:
        for item in self.taking.not_here(page.items):
            if item.deleted:
                self._take_one(Page(page.responded, "", (item,), ()))
                continue
            try:
                self._take_one(self.provider.record(item.identifier, self.wanted.prefix))
            except (NotThere, NothingNew, TokenRefused, BrokenPage) as error:
                self.taking.refuse(Refusal(f"{self.wanted.base_url}#{item.identifier}", "record", str(error)))
        self.list.responded = self.list.responded or moment(page.responded) or self.fallback
        self.listener.page(self.taking.done, page.size)

    def _take_one(self, page: Page) -> None:
        """The state of the list stays: when it is taken up again, what is here is passed over."""
        self.check()
        taken, gone = self.taking.take(page)
        with self.instance.database.write() as connection:
            harvest_states.keep(connection, self.wanted.base_url, taken, gone)

    def _end(self, responded: str) -> None:
        """The list is read: the next one begins at the moment at which this one was made."""
        reached = self.list.responded or moment(responded) or self.fallback
        if self.list.until:
            reached = min(reached, _bound(self.list.until, day=False, end=True))
        leaves_a_gap = self.until and self.list.begin and _bound(self.list.begin, day=False, end=False) > self.until
        until = self.until if leaves_a_gap else max(self.until, reached)
        with self.instance.database.write() as connection:
            harvest_states.write(connection, self.wanted, until, None)

    def _give_up(self, why: str) -> None:
        """The list is begun anew by the next run."""
        self.taking.done.broken_off = why
        with self.instance.database.write() as connection:
            harvest_states.write(connection, self.wanted, self.until, None)


def _bound(said: str, *, day: bool, end: bool) -> str:
    """A day or moment at the provider's granularity: `from` and `until` must have the same."""
    if not said:
        return ""
    read = moment(said)
    if not read or len(said) not in (len("2024-01-01"), len("2024-01-01T00:00:00Z")):
        raise InvalidInput(f"{said} is neither a day (2024-01-31) nor a moment (2024-01-31T12:00:00Z).")
    if day:
        return read[:10]
    return f"{read[:10]}T23:59:59Z" if end and len(said) == 10 else read
