"""Previews that were made, by the digest of their bytes: each is made once, whatever is built how often.

They lie beside the generations, where no web server looks, and only as long as some page shows them: so nothing is left
of a file that is closed or erased. An entry is a line of JSON and the picture, if it has one. Whatever can't be read
counts as not made.
"""

import contextlib
import os
import secrets
from collections.abc import Callable, Iterable
from dataclasses import fields
from pathlib import Path

import orjson

from site_builder.previews.kinds import KINDS, rules_of
from site_builder.previews.preview import Kind, Preview

_SAID = tuple(field.name for field in fields(Preview) if field.name != "picture")
_LONGEST = 32_768
"""Bytes in which the line ends."""


class Cache:
    """Entries are named by digest and kind; any process may write one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._rules = {kind.name: rules_of(kind) for kind in KINDS}

    @staticmethod
    def name(sha256: str, kind: Kind) -> str:
        return f"{sha256}.{kind.name}"

    def read(self, name: str) -> Preview | None:
        """Without its picture; None where it was not made, or by other rules."""
        try:
            with open(self._path(name), "rb", buffering=0) as file:  # noqa: PTH123 — pathlib takes longer than reading
                line = file.read(_LONGEST).partition(b"\n")[0]
            said = orjson.loads(line)
            said["entries"] = tuple((str(entry), int(size)) for entry, size in said["entries"])
            return Preview(**said)
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def picture(self, name: str) -> bytes:
        """Empty where there is none."""
        try:
            return Path(self._path(name)).read_bytes().partition(b"\n")[2]
        except OSError:
            return b""

    def write(self, name: str, preview: Preview) -> None:
        """Whoever comes first: another one writes the same."""
        path = Path(self._path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        try:
            said = {field: getattr(preview, field) for field in _SAID}
            unfinished.write_bytes(orjson.dumps(said) + b"\n" + preview.picture)
            unfinished.replace(path)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise

    def remove(self, names: Iterable[str]) -> None:
        for name in names:
            Path(self._path(name)).unlink(missing_ok=True)

    def sweep(self, unused: Callable[[list[str]], set[str]]) -> int:
        """Removes what no page shows, what was made by other rules, and what was not finished; returns how many.

        `unused` is asked which of these names nobody uses. For whoever alone writes: nothing is being made meanwhile.
        """
        removed = 0
        for folder in self._folders():
            names = [path.name for path in folder.iterdir()]
            mine = [name for name in names if Path(self._path(name)).parent == folder]
            gone = unused(mine) | ({*names} - {*mine})
            for name in gone:
                (folder / name).unlink(missing_ok=True)
            removed += len(gone)
            with contextlib.suppress(OSError):
                folder.rmdir()
        return removed

    def _folders(self) -> list[Path]:
        if not self.folder.is_dir():
            return []
        return [
            Path(path) for path, folders, _files in os.walk(self.folder) if path != str(self.folder) and not folders
        ]

    def _path(self, name: str) -> str:
        kind = name.rpartition(".")[2]
        return f"{self.folder}/{kind}-{self._rules.get(kind, '')}/{name[:2]}/{name}"
