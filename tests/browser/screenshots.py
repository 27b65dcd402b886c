"""Pictures of every kind of page at three widths in both themes: `python -m tests.browser.screenshots [KIND…]`."""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))  # where pytest finds what tests share

from tests.browser.proven_site import ProvenSite  # noqa: E402
from tests.instances import make_template  # noqa: E402
from tests.servers import chromium  # noqa: E402

FOLDER = ROOT / "build" / "screenshots"
WIDTHS = (360, 768, 1440)
THEMES = ("light", "dark")
TALLEST = 6000
"""Pixels of a picture."""


def main(*chosen: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="colophon-screenshots-") as folder, chromium.launched() as browser:
        site = ProvenSite(make_template(Path(folder) / "template"), Path(folder) / "instance")
        try:
            for theme in THEMES:
                page = browser.new_context(color_scheme=theme).new_page()  # type: ignore[arg-type]
                for kind in chosen or site.kinds:
                    page.goto(site.address(kind))
                    for width in WIDTHS:
                        page.set_viewport_size({"width": width, "height": 900})
                        height = min(TALLEST, page.evaluate("document.documentElement.scrollHeight"))
                        page.set_viewport_size({"width": width, "height": height})
                        name = kind.replace(", ", "-").replace(" ", "-").replace(",", "")
                        page.screenshot(path=FOLDER / f"{name}-{width}-{theme}.png")
        finally:
            site.close()
    print(f"{len(list(FOLDER.iterdir()))} pictures in {FOLDER}")


if __name__ == "__main__":
    main(*sys.argv[1:])
