"""`cffconvert`, the program of the Citation File Format: in an environment of its own, since it needs a `jsonschema`
that is years older than ours. Made once, beside the packages."""

import subprocess
import sys
from pathlib import Path

REQUIREMENTS = Path(__file__).with_name("cffconvert.txt")
_FOLDER = Path(sys.prefix) / "cffconvert-2.0.0"


def python() -> Path:
    """The interpreter that has it. Raises CalledProcessError where the registry can't be reached."""
    made = _FOLDER / "bin" / "python"
    if not (_FOLDER / "complete").exists():
        uv = (sys.executable, "-m", "uv")
        subprocess.run([*uv, "venv", "--quiet", "--clear", "--python", sys.executable, _FOLDER], check=True)
        install = (*uv, "pip", "install", "--quiet", "--no-deps", "--python", made, "--requirement", REQUIREMENTS)
        subprocess.run(install, check=True)
        (_FOLDER / "complete").touch()
    return made
