"""From a fresh clone to the printed URLs: `make demo` with a warm package cache. There is no peer that does this."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from measuring import ROOT, table


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="colophon-demo-"))
    try:
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder / "clone")], check=True)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("COLOPHON_")}
        start = time.perf_counter()
        demo = subprocess.Popen(
            ["make", "demo", "PORT=5917"],
            cwd=folder / "clone",
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        for line in demo.stdout or ():
            if "Ctrl-C" in line:
                break
        seconds = time.perf_counter() - start
        os.killpg(demo.pid, signal.SIGINT)
        demo.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    table(
        "From clone to URLs",
        ("what", "seconds", "budget"),
        (("`make demo`, package cache warm", f"{seconds:.0f}", "≤ 60"),),
    )


if __name__ == "__main__":
    main()
