"""Publishing the build: the frozen site is brought to a folder or a bucket, see `target`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from repository.errors import Conflict, NotFound, Unreachable, WrongSetting
from repository.settings import Settings
from site_builder.changed import EVERYTHING, Change, Journal
from site_builder.deploying.folder import FolderTarget
from site_builder.deploying.target import Tally, Target, bring, renew
from site_builder.hosting import Facts, in_root
from site_builder.output import Output

_TURNS = 5
"""Builds that may come between before a deployment gives up."""


@dataclass(frozen=True, slots=True)
class Deployed:
    generation: str
    tally: Tally
    number: int
    """Of the journal of changes: everything up to it is there."""


def open_target(settings: Settings, url: str) -> Target:
    """Raises WrongSetting."""
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.path and parts.netloc in ("", "localhost"):
        return FolderTarget(Path(unquote(parts.path)), settings.site_url)
    if parts.scheme == "s3" and parts.netloc:
        from site_builder.deploying.bucket import BucketTarget  # boto3 costs memory that a folder does not need

        return BucketTarget(url, Facts.of(settings))
    raise WrongSetting(f"{url!r} is nowhere to deploy to; there are file:///… and s3://bucket/path?endpoint_url=…")


@contextmanager
def alone(output: Output) -> Iterator[None]:
    """Only one process on this machine deploys. Raises Conflict."""
    with output.holding("deploy.lock") as is_alone:
        if not is_alone:
            raise Conflict("Another process deploys this site just now.")
        yield


def deploy(settings: Settings, url: str, host: str | None = None) -> Deployed:
    """Brings the present site to a target, comparing everything. `host`: whose files of rules are added; by default
    those of the last time, none where it is empty. Raises NotFound where no site was built, Unreachable, StoreFull,
    WrongSetting, Conflict."""
    output, target = Output(settings.site_output), open_target(settings, url)
    with alone(output), Journal.open(output.own) as journal:
        if not target.is_known():  # what follows must not build on one that was only begun
            journal.note_fact(_name(url), "")
        if host is not None:
            journal.note_fact(f"host of {url}", host)
        host = journal.fact(f"host of {url}")
        extras = in_root(settings, host) if host else {}
        for _turn in range(_TURNS):
            number, generation = journal.last(), output.current()
            if not generation:
                raise NotFound("There is no site yet: colophon site build makes it.")
            try:
                tally = bring(output.tree(generation), target, _Served(output, generation), extras)
            except FileNotFoundError:
                if output.current() == generation:
                    raise
                continue
            if output.current() == generation:
                journal.note_fact(_name(url), str(number))
                return Deployed(generation, tally, number)
    raise Unreachable("The site was built anew again and again meanwhile.")


def follow(settings: Settings, url: str, journal: Journal) -> int:
    """Brings to a target what has changed since the last time; what that is is known from the journal. Returns up to
    which number. Raises as `deploy`."""
    output, before = Output(settings.site_output), journal.fact(_name(url))
    changes = journal.since(int(before)) if before else []
    if before and not changes:
        return int(before)
    target = open_target(settings, url)
    if not before or any(change.address == EVERYTHING for change in changes) or not target.is_known():
        return deploy(settings, url).number
    with alone(output):
        renew_changed(output, target, changes)
        journal.note_fact(_name(url), str(changes[-1].number))
    return changes[-1].number


def renew_changed(output: Output, target: Target, changes: list[Change]) -> Tally:
    """Brings the files of these changes there. Raises Unreachable where there is no site, or another one in the end."""
    generation = output.current()
    if not generation:
        raise Unreachable("There is no site just now.")
    files = [change.file for change in changes if change.file]
    return renew(output.tree(generation), target, _Served(output, generation), files)


@dataclass(frozen=True, slots=True)
class _Served:
    """Whether a generation is the one that is served."""

    output: Output
    generation: str

    def __call__(self) -> bool:
        return self.output.current() == self.generation


def _name(url: str) -> str:
    """The fact that tells what of the journal a target has."""
    return f"deployed {url}"
