"""What a place that the site is published to must do, and how a tree is brought there.

Files and what the target holds are walked side by side, both in the order of their names, so that neither is held in
memory. What is no more of records is removed first, whether or not the target takes anything new. Then only what
differs is sent: style sheets first, then pages of records, then what leads to them; whatever else is no more is removed
last. Whoever is interrupted begins again and sends the rest.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import time_ns
from typing import NamedTuple, Protocol

from repository.errors import ColophonError, Unreachable, WrongSetting
from site_builder.freezer import PAGE, TOMBSTONE

ASSETS = "static"
"""The folder of what old pages still need: nothing in it is ever removed."""
RECORDS = "records"
_AHEAD = 8
"""Files for each thread that are looked at in advance."""


class File(NamedTuple):
    """A file of the tree, and what it is called at the target."""

    name: str
    path: str
    """From the tree's root."""

    @property
    def takes_a_place(self) -> bool:
        """Whether it is a tombstone where its page was."""
        return self.path.endswith(f"/{TOMBSTONE}") and self.name != self.path


class Held(NamedTuple):
    """Something that the target holds."""

    name: str
    size: int
    mark: str
    """By which it is compared, as the target sees fit."""


class Target(Protocol):
    """Raises Unreachable, StoreFull."""

    threads: int
    """As many as may send at once."""

    def is_known(self) -> bool:
        """Whether it was marked by a deployment of this site, and as what is sent now. Raises WrongSetting where it
        holds another one."""
        ...

    def claim(self) -> None:
        """Makes sure that it holds this site, or nothing yet; what was left unfinished goes. Raises WrongSetting."""
        ...

    def name_of(self, path: str) -> str:
        """What a file of the tree is called there; empty where it is not sent at all."""
        ...

    def folders(self) -> list[str]:
        """Of the first level that it has."""
        ...

    def held(self, folder: str) -> Iterator[Held]:
        """What it has below a folder, in the order of names; of the root (no name) only what is in no folder."""
        ...

    def put(self, data: bytes, time: int, file: File, held: Held | None) -> int:
        """Makes it hold these bytes, whole or not at all; how many were sent, -1 where it had them. `time`: of the last
        change, in nanoseconds."""
        ...

    def remove(self, name: str) -> None: ...

    def finish(self) -> None:
        """All of it is there: durable, and marked as such."""
        ...


@dataclass(slots=True)
class Tally:
    """What was done."""

    sent: int = 0
    unchanged: int = 0
    removed: int = 0
    bytes: int = 0

    def count(self, sent: int | None) -> None:
        """`sent`: see `Target.put`; None where the file has gone in the meantime."""
        if sent is not None and sent < 0:
            self.unchanged += 1
        elif sent is not None:
            self.sent += 1
            self.bytes += sent


@dataclass(frozen=True, slots=True)
class Part:
    """A folder of the tree that is brought there in one go; the empty one is the files of the root."""

    folder: str
    without: str = ""
    """A folder in it that has been brought before."""

    def has(self, name: str) -> bool:
        return not self.without or not f"{name}/".startswith(f"{self.without}/")


def check_site(marked: str, url: str, place: str, mark: str) -> None:
    """Raises WrongSetting where the mark of a target names the address of another site."""
    if marked != url:
        raise WrongSetting(
            f"{place} holds the site {marked}. Empty it, or name another place; if this is the site that had that "
            f"address before, write {url} in its place into {mark} there."
        )


def parts(tree: Path, target: Target) -> list[Part]:
    """All of a tree: what others lead to comes first."""
    folders = _folders(tree, target)
    first = [ASSETS, RECORDS] if folders & {ASSETS, RECORDS} else []
    others = sorted(folders - {ASSETS, RECORDS})
    nested = [f"{folder}/{RECORDS}" for folder in others if (tree / folder / RECORDS).is_dir()]
    rest = [Part(folder, f"{folder}/{RECORDS}" if f"{folder}/{RECORDS}" in nested else "") for folder in others]
    return [*map(Part, first), *map(Part, nested), *rest, Part("")]


def _folders(tree: Path, target: Target) -> set[str]:
    """Of the first level, here and there."""
    return {entry.name for entry in os.scandir(tree) if entry.is_dir()} | {*target.folders()}


def files(tree: Path, part: Part, name_of: Callable[[str], str]) -> Iterator[File]:
    """Of one part, in the order of their names at the target."""
    for file in _walk(str(tree), part.folder, name_of, is_deep=bool(part.folder)):
        if part.has(file.path):
            yield file


def _walk(tree: str, folder: str, name_of: Callable[[str], str], *, is_deep: bool) -> Iterator[File]:
    """A page may be called like its folder: then it comes at the place of that name, else among the folder's files."""
    base = f"{folder}/" if folder else ""
    found: list[tuple[str, str]] = []
    with suppress(FileNotFoundError), os.scandir(f"{tree}/{folder}") as entries:
        for entry in entries:
            path = f"{base}{entry.name}"
            if entry.is_dir():
                found += [(f"{path}/", path)] if is_deep else []
                pages = (page for page in _pages(path) if name_of(page) == path)
                found += [(path, page) for page in pages if (Path(tree) / page).exists()]
            else:
                found.append((path, path))
    for name, path in sorted(found):
        if name.endswith("/"):
            yield from _walk(tree, path, name_of, is_deep=True)
        elif name_of(path) == name:
            yield File(name, path)


def beside(wanted: Iterable[File], held: Iterable[Held]) -> Iterator[tuple[File | None, Held | None]]:
    """Both by their names."""
    ours, theirs = iter(wanted), iter(held)
    file, other = next(ours, None), next(theirs, None)
    while file is not None or other is not None:
        if other is None or (file is not None and file.name < other.name):
            yield file, None
            file = next(ours, None)
        elif file is None or other.name < file.name:
            yield None, other
            other = next(theirs, None)
        else:
            yield file, other
            file, other = next(ours, None), next(theirs, None)


class Sending:
    """Sends a tree's files by several threads; what one of them raises is raised here."""

    def __init__(self, tree: Path, target: Target, tally: Tally) -> None:
        self._tree, self._target, self._tally = tree, target, tally
        self._pool = ThreadPoolExecutor(target.threads)
        self._under_way: list[Future[int | None]] = []

    def __enter__(self) -> "Sending":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self.settle()
        finally:
            self._pool.shutdown(cancel_futures=True)

    def send(self, file: File, held: Held | None) -> None:
        self._under_way.append(self._pool.submit(_send, self._tree, self._target, file, held))
        if len(self._under_way) >= self._target.threads * _AHEAD:
            self.settle()

    def settle(self) -> None:
        """All that was begun is done."""
        under_way, self._under_way = self._under_way, []
        wait(under_way)
        for future in under_way:
            self._tally.count(future.result())


def _send(tree: Path, target: Target, file: File, held: Held | None) -> int | None:
    """See `Target.put`; None where the file has gone."""
    try:
        with (tree / file.path).open("rb") as source:
            time = os.fstat(source.fileno()).st_mtime_ns
            data = source.read()
    except FileNotFoundError:
        return None
    return target.put(data, time, file, held)


def bring(tree: Path, target: Target, is_whole: Callable[[], bool], extras: dict[str, bytes]) -> Tally:
    """Makes the target hold the tree and nothing else, but for assets of old pages. `is_whole` tells whether the tree
    is still served: of one that is being removed nothing is to be learnt. `extras`: further files of the root.

    But for what is below `records/`, nothing is removed before everything is there.
    """
    tally, gone = Tally(), list[str]()
    target.claim()
    done = _close(tree, target, is_whole, tally)
    with Sending(tree, target, tally) as sending:
        for part in parts(tree, target):
            there = (held for held in target.held(part.folder) if part.has(held.name))
            for file, held in beside(files(tree, part, target.name_of), there):
                if file is not None and file.name not in done:
                    sending.send(file, held)
                elif file is None and held is not None and part.folder != ASSETS and held.name not in extras:
                    gone.append(held.name)
        sending.settle()
        for name, data in extras.items():
            tally.count(target.put(data, time_ns(), File(name, name), None))
    if _remove(tree, target, is_whole, gone, tally):
        target.finish()
    return tally


def _close(tree: Path, target: Target, is_whole: Callable[[], bool], tally: Tally) -> set[str]:
    """Removes what is gone of records, in all languages. A tombstone is sent in the place of its page; where it is not
    taken, the page goes all the same, and the error is raised. Returns the names of tombstones that are there."""
    gone, done, errors = list[str](), set[str](), list[Exception]()
    others = sorted(_folders(tree, target) - {ASSETS, RECORDS})
    for folder in (RECORDS, *(f"{folder}/{RECORDS}" for folder in others)):
        for file, held in beside(files(tree, Part(folder), target.name_of), target.held(folder)):
            if file is None and held is not None:
                gone.append(held.name)
            elif file is not None and held is not None and file.takes_a_place:
                try:
                    tally.count(_send(tree, target, file, held))
                    done.add(file.name)
                except (ColophonError, OSError) as error:
                    errors.append(error)
                    target.remove(file.name)
    _remove(tree, target, is_whole, gone, tally)
    if errors:
        raise errors[0]
    return done


def renew(tree: Path, target: Target, is_whole: Callable[[], bool], paths: Iterable[str]) -> Tally:
    """Brings only these files of the tree there, or removes them, where the rest is known to be there; what is gone is
    removed even from a target that takes nothing new. `is_whole`: see `bring`. Raises Unreachable where it is not."""
    tally, gone, wanted = Tally(), list[str](), list[File]()
    target.claim()
    for path in sorted(paths, key=_turn):
        file = File(target.name_of(path), path)
        if file.name and (tree / path).is_file():
            wanted.append(file)
        elif file.name and not file.name.startswith(f"{ASSETS}/"):
            gone.append(file.name)
    try:
        with Sending(tree, target, tally) as sending:
            for file in wanted:
                sending.send(file, None)
    except BaseException:
        for file in wanted:
            if file.takes_a_place and is_whole():  # whether or not the tombstone arrived, the page may not stay
                target.remove(file.name)
        raise
    finally:
        is_done = _remove(tree, target, is_whole, gone, tally)
    if not is_done:
        raise Unreachable("The site was built anew meanwhile.")
    target.finish()
    return tally


def _remove(tree: Path, target: Target, is_whole: Callable[[], bool], names: Iterable[str], tally: Tally) -> bool:
    """Removes what the tree really has no more; nothing where the tree is no longer served, which is answered by
    False."""
    gone = [name for name in dict.fromkeys(names) if not is_there(tree, name, target.name_of)]
    if not is_whole():  # asked after the tree was looked at
        return False
    with ThreadPoolExecutor(target.threads) as pool:
        for _done in pool.map(target.remove, gone):
            tally.removed += 1
    return True


def _pages(folder: str) -> tuple[str, str]:
    return f"{folder}/{PAGE}", f"{folder}/{TOMBSTONE}"


def _turn(path: str) -> tuple[bool, bool, str]:
    """When a file's turn comes: assets, then records, then all others."""
    return not path.startswith(f"{ASSETS}/"), f"/{RECORDS}/" not in f"/{path}", path


def is_there(tree: Path, name: str, name_of: Callable[[str], str]) -> bool:
    """Whether any file of the tree is called so at the target."""
    return any(name_of(path) == name and (tree / path).is_file() for path in (name, *_pages(name)))
