"""Settings: one frozen dataclass of typed values, read once from `colophon.toml` and the environment.

`COLOPHON_<SETTING>` overrides a setting of the file (`site.output` → `COLOPHON_SITE_OUTPUT`). A wrong value names
itself, where it was found, and what is allowed. docs/settings.md lists them all.
"""

from repository.settings.reading import FILE_NAME, Settings, Site, home_folder, load
from repository.settings.secret import create_secret
from repository.settings.table import SETTINGS, Setting
from repository.settings.values import Limit

__all__ = [
    "FILE_NAME",
    "SETTINGS",
    "Limit",
    "Setting",
    "Settings",
    "Site",
    "create_secret",
    "home_folder",
    "load",
]
