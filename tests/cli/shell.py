"""An operator's shell: commands typed in a folder, with settings in the environment."""

import gc
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Self

import pytest
from click.testing import CliRunner

from repository.cli import logs, main

PROGRAM = [sys.executable, "-c", "from repository.cli import main; main()"]


class Shell:
    """With an instance of its own. A command runs in this process, which saves a second of imports; the whole of a
    command's life, with its process, is `apart`'s."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("COLOPHON_")}
        self.environment |= {"COLOPHON_HOME": str(folder / "instance")}

    @classmethod
    def over(cls, template: Path, folder: Path) -> Self:
        """With a copy of an instance that is made already."""
        shutil.copytree(template, folder / "instance")
        return cls(folder)

    def __call__(self, *arguments: str, code: int = 0, text: str = "", **settings: str) -> str:
        """What it printed; with its errors where it is to end with another code than 0."""
        wanted = {**self.environment, **settings}
        variables = dict.fromkeys(os.environ, None) | wanted
        thresholds = gc.get_threshold()
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(self.folder)
            patch.setattr(logs, "configure", lambda: None)  # the suite's loggers stay as they are
            done = CliRunner().invoke(main, arguments, input=text, env=variables, catch_exceptions=False)
        gc.unfreeze()  # imports and harvests collect seldom
        gc.set_threshold(*thresholds)
        assert done.exit_code == code, (done.stdout, done.stderr)
        return done.stdout + (done.stderr if code else "")

    def apart(self, *arguments: str, code: int = 0, text: str = "", **settings: str) -> str:
        """The same in a process of its own."""
        done = subprocess.run(
            [*PROGRAM, *arguments],
            env={**self.environment, **settings},
            input=text,
            capture_output=True,
            text=True,
            cwd=self.folder,
            timeout=120,
            check=False,
        )
        assert done.returncode == code, (done.stdout, done.stderr)
        return done.stdout + (done.stderr if code else "")
