"""What the rest of the program must know of a metadata format."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec

from repository.errors import FieldError
from repository.records.snapshot import Json, Site, Snapshot


@dataclass(frozen=True, slots=True)
class OaiFormat:
    """How a format is offered by OAI-PMH. Specified by: OAI-PMH 2.0, 3.4 and 4.4."""

    prefix: str
    namespace: str
    schema: str


@dataclass(frozen=True, slots=True)
class Format:
    """One row of FORMATS."""

    name: str
    title: str
    media_type: str
    """Declared when it is served."""
    file_name: str
    """`<name>.<suffix>` under `/records/<id>/`."""
    frozen: bool
    """Whether the static site contains the file; the service answers the others at the same URL."""
    write: Callable[[Snapshot, Site], bytes]
    """What everybody may see of a public record, whoever asks; never fails on one."""
    rules: str
    """Changes whenever the output may; goes into the digest of a projection's rules."""
    accept: tuple[str, ...] = ()
    """Further media types that select it; one with a parameter is selected only by an equal parameter."""
    echoed: tuple[str, ...] = ()
    """Those of `accept` by which it is declared to who asked for them by name."""
    api_type: str = ""
    """By which the API declares it always, where InvenioRDM has another word for it."""
    write_list: Callable[[Iterable[Snapshot], Site], bytes] | None = None
    """Several records in one document; None where lists can't be had in it."""
    write_pieces: Callable[[Iterable[Snapshot], Site], Iterator[bytes]] | None = None
    """The same piece by piece, see `lists`; None where the whole list must be known before its first piece."""
    with_parameters: "Callable[[Mapping[str, str]], Format] | None" = None
    """The same with the parameters that were asked for, in the media type or in the URL; others count for nothing. Its
    `file_name` has them as a query. Raises InvalidInput for values that there are not. None where it has none."""
    oai: OaiFormat | None = None
    profile: str = ""
    """URI of the profile that it obeys, where neither its media type nor OAI-PMH tells: see `profiles`."""
    relation: str = "describedby"
    """How the landing page links to it: a description of the record, or a `linkset`."""
    names_all_files: bool = False
    """Whether it is to be given the snapshot with all its files, however many: see `with_all_files`."""
    lacks: Callable[[Json], tuple[FieldError, ...]] | None = None
    """What resolved metadata lack for this format, as hints; None where every record can be had in it. `write` does not
    ask: of a record that lacks something it makes a document that breaks the format's rules."""
    applies: Callable[[Snapshot], bool] | None = None
    """Whether the format is made for such a record: for software, for public files, for a place; None where it is for
    all. Nothing hints at it: a data set is not to become software. `write` does not ask for this either."""

    @property
    def is_partial(self) -> bool:
        """Whether there are records that can't be had in it."""
        return self.lacks is not None or self.applies is not None

    @property
    def profiles(self) -> tuple[str, ...]:
        """URIs of what it obeys, by any of which `Accept-Profile` selects it; the first is declared. Specified by:
        Content Negotiation by Profile, 7.1."""
        named = (name for media_type in (self.media_type, *self.accept) for name in _PROFILE.findall(media_type))
        found = (self.profile, self.oai.namespace if self.oai else "", *" ".join(named).split())
        return tuple(dict.fromkeys(uri for uri in found if uri))

    def suits(self, snapshot: Snapshot) -> bool:
        """Whether the record can be had in this format."""
        if self.applies is not None and not self.applies(snapshot):
            return False
        return self.lacks is None or not self.lacks(snapshot.metadata)


_PROFILE = re.compile(r'profile="([^"]*)"')
_IMPORT = re.compile(r"^(?:from|import) (repository\.[\w.]+)", re.MULTILINE)


def source_digest(module: str) -> str:
    """Digest of the source of a writer's module and of every module of ours that it imports, however deep.

    Taken from the source and not a number kept by hand: a comment that changes costs one pass that writes nothing,
    a number that somebody forgets leaves wrong files for ever.
    """
    sources: dict[str, str] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        spec = find_spec(name)
        if name in sources or spec is None or spec.loader is None:
            continue
        sources[name] = spec.loader.get_source(name) or ""  # type: ignore[attr-defined]
        waiting += _IMPORT.findall(sources[name])
    digest = sha256()
    for name in sorted(sources):
        digest.update(f"{name}\n{sources[name]}\n".encode())
    return digest.hexdigest()[:16]
