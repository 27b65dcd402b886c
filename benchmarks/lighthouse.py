"""Lighthouse on frozen pages, as it measures a phone: slowed down four times, with a slow network that it simulates.

Tombstone and page of unknown addresses are opened as files: that a page of status 410 or 404 has been loaded is to
Lighthouse an error of the page, and so is `noindex` on them.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from measuring import ROOT, table

sys.path.insert(0, str(ROOT / "tests"))  # where pytest finds what tests share

from tests.browser.proven_site import ProvenSite
from tests.instances import make_template
from tests.servers import chromium, installed, node

LIGHTHOUSE = ("lighthouse", "13.5.0")
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
KINDS = (
    "home", "landing", "landing of everything", "landing, files restricted", "landing of 3,000 authors",
    "landing of 1,000 files", "dates and axes", "records of a key", "search",
)  # fmt: skip
FILES = {"not found": "/404.html", "tombstone": "{tombstone}/tombstone.html"}
AUDITS = ("largest-contentful-paint", "cumulative-layout-shift", "total-byte-weight")


def main() -> None:
    installed.require(installed.CHROMIUM)
    with tempfile.TemporaryDirectory(prefix="colophon-lighthouse-") as folder:
        site = ProvenSite(make_template(Path(folder) / "template"), Path(folder) / "instance")
        try:
            rows = list(_rows(site))
        finally:
            site.close()
    table(
        f"Lighthouse {LIGHTHOUSE[1]}, mobile, simulated slow 4G",
        ("page", *CATEGORIES, "LCP, s", "CLS", "transferred, kB", "scripts"),
        (*rows, ("budget", "≥ 95", "100", "100", "100", "≤ 2.5", "≤ 0.1", "≤ 60", "0")),
    )


def _rows(site: ProvenSite) -> Iterator[tuple[str, ...]]:
    addresses = {kind: site.address(kind) for kind in KINDS}
    addresses |= {kind: site.url + path.format(**site.kinds) for kind, path in FILES.items()}
    for kind, address in addresses.items():
        found = report(address)
        scores = [found["categories"][name]["score"] for name in CATEGORIES]
        paint, shift, weight = (found["audits"][name]["numericValue"] for name in AUDITS)
        requests = found["audits"]["network-requests"]["details"]["items"]
        scripts = sum(request.get("resourceType") == "Script" for request in requests)
        told = [f"{100 * score:.0f}" for score in scores[:3]]
        seo = "–" if kind in FILES else f"{100 * scores[3]:.0f}"
        yield kind, *told, seo, f"{paint / 1000:.1f}", f"{shift:.2f}", f"{weight / 1000:.0f}", str(scripts)
        for missed in missing(found):
            print(f"{kind}: {missed}", file=sys.stderr)


def report(address: str) -> dict[str, Any]:
    """What Lighthouse says of one page. Raises CalledProcessError."""
    flags = " ".join(("--headless", *chromium.OPTIONS, *(("--no-sandbox",) if os.getuid() == 0 else ())))
    options = ("--output=json", "--quiet", f"--only-categories={','.join(CATEGORIES)}", f"--chrome-flags={flags}")
    program = node.package(*LIGHTHOUSE) / "cli" / "index.js"
    done = subprocess.run(
        [node.NODE, program, address, *options],
        env={**os.environ, "CHROME_PATH": chromium.CHROMIUM},
        capture_output=True,
        check=True,
        timeout=180,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def missing(found: dict[str, Any]) -> list[str]:
    """Audits of a category other than performance that are not passed."""
    return [
        f"{name}: {found['audits'][one['id']]['title']}"
        for name in CATEGORIES[1:]
        for one in found["categories"][name]["auditRefs"]
        if one["weight"] and found["audits"][one["id"]]["score"] not in (1, None)
    ]


if __name__ == "__main__":
    main()
