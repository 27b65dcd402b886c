"""Comunica, the SPARQL engine in JavaScript, cut off from all hosts but this one."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.servers import node

Engine = Literal["query-sparql", "query-sparql-link-traversal"]
_TRAVERSING = "@comunica/query-sparql-link-traversal"
_VERSION = "0.5.0"
_CUT_OFF = Path(__file__).parent / "this_host_only.cjs"
_HEAP = 512  # MB


@dataclass(frozen=True, slots=True)
class Answer:
    text: str
    asked_for: frozenset[str]
    """Names of other hosts that it would have asked."""

    @property
    def rows(self) -> set[tuple[str, ...]]:
        """Of a SELECT in JSON: the values in the order of the variables."""
        found = json.loads(self.text)
        return {tuple(row[name]["value"] for name in found["head"]["vars"]) for row in found["results"]["bindings"]}


def ask(
    engine: Engine, source: str, query: str, folder: Path, media_type: str = "application/sparql-results+json"
) -> Answer:
    """What the engine, which follows links or doesn't, answers. Raises CalledProcessError where it fails."""
    program = node.package(_TRAVERSING, _VERSION).parent / engine / "bin" / "query.js"
    asked_for = folder / "asked-for"
    asked_for.write_text("")
    options = ["--lenient"] if engine == "query-sparql-link-traversal" else []
    command = [node.NODE, f"--max-old-space-size={_HEAP}", "--require", _CUT_OFF, program]
    done = subprocess.run(
        [*command, source, "--query", query, "--outputType", media_type, "--logLevel", "error", *options],
        env={**os.environ, "ASKED_FOR": str(asked_for), "HOME": str(folder)},
        stdout=subprocess.PIPE,
        text=True,
        timeout=120,
        check=True,
    )
    return Answer(done.stdout, frozenset(asked_for.read_text().split()))
