"""Style sheet and icons: served under names that carry their digest, so that they may be cached for ever."""

import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "static"


@dataclass(frozen=True, slots=True)
class Asset:
    name: str
    """`site.1a2b3c4d5e.css`"""
    data: bytes
    media_type: str

    @property
    def path(self) -> str:
        return f"/static/{self.name}"


def _load(path: Path) -> Asset:
    data = path.read_bytes()
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Asset(f"{path.stem}.{hashlib.sha256(data).hexdigest()[:10]}{path.suffix}", data, media_type)


STYLE = _load(FOLDER / "site.css")
ICON = _load(FOLDER / "icon.svg")
WORLD = _load(FOLDER / "world.svg")
"""The outline of the land under maps, see `generate_world.py`: 360 degrees by 180."""
ASSETS = (STYLE, ICON, WORLD)
BY_NAME = {asset.name: asset for asset in ASSETS}
