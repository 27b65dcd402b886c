"""The Nu checker, which the W3C runs as its validator, finds no error in any page."""

import json
import subprocess
from pathlib import Path

import httpx
import pytest

from site_builder.freezer import SiteFreezer
from tests.browser.proven_site import STANDING, ProvenSite
from tests.formats.corpus_records import corpus_records
from tests.servers import node
from tests.servers.maven import java
from tests.site.site_output import settings_in

pytestmark = [pytest.mark.service, pytest.mark.xdist_group("chromium"), pytest.mark.timeout(600)]

CHECKER = ("vnu-jar", "26.9.27")
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
SAMPLED = 300
CONCEPTS, CZECH = 20, 4
"""Of so many pages of concepts, which are all alike, or of those in Czech one is looked at."""


def test_no_page_has_an_error(proven: ProvenSite, shared: Path, tmp_path: Path) -> None:
    pages = {f"corpus/{name}": data for name, data in _of_corpus(shared, tmp_path).items()}
    pages |= {f"live/{kind}": httpx.get(proven.address(kind), headers=BROWSER).content for kind in STANDING}
    folder = tmp_path / "pages"
    for number, data in enumerate(pages.values()):
        (folder / f"{number}.html").parent.mkdir(exist_ok=True)
        (folder / f"{number}.html").write_bytes(data)
    errors = _errors([*folder.iterdir(), *_of_demo(proven.root.resolve())])
    names = list(pages)
    assert [(names[int(Path(url).stem)] if str(folder) in url else url, *rest) for url, *rest in errors] == []


def _of_corpus(shared: Path, tmp_path: Path) -> dict[str, bytes]:
    """Landing pages of real records of both kinds of sources."""
    freezer = SiteFreezer(settings_in(tmp_path), lambda state: state, lambda ids: {})
    found = {}
    for source in ("datacite", "oai_dc"):
        records = corpus_records(shared / "corpus" / source)
        for record in freezer.records(records[:: max(1, len(records) * 2 // SAMPLED)]):
            found |= {f"{source}/{file.path}": file.data for file in record.files if file.path.endswith(".html")}
    assert len(found) >= SAMPLED
    return found


def _of_demo(root: Path) -> list[Path]:
    frozen = sorted(root.rglob("*.html"))
    concepts = [path for path in frozen if "vocabularies" in path.parts]
    others = [path for path in frozen if "vocabularies" not in path.parts]
    english = [path for path in others if path.relative_to(root).parts[0] != "cs"]
    czech = [path for path in others if path.relative_to(root).parts[0] == "cs"]
    return [*concepts[::CONCEPTS], *english, *czech[::CZECH]]


def _errors(paths: list[Path]) -> list[tuple[str, int, str]]:
    """By one start of the checker: the file, the line, and what is wrong there."""
    jar = node.package(*CHECKER) / "build" / "dist" / "vnu.jar"
    options = ("--errors-only", "--format", "json", "--exit-zero-always")
    done = subprocess.run(
        [java(), "-Xss4m", "-jar", jar, *options, *paths], capture_output=True, check=True, timeout=300
    )
    messages = json.loads(done.stderr)["messages"]
    return [(message["url"], message.get("lastLine", 0), message["message"]) for message in messages]
