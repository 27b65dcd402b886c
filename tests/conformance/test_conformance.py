"""The conformance programme for InvenioRDM-compatible servers passes on a real server, but for what is named here.

Each check that is left out stands in LEFT_OUT with the reason, which is one of REASONS; one that passes all the same
must be taken out of the table.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.servers.colophon import ColophonServer, running
from tests.servers.scaled import Kind

AREAS = (
    "drafts", "publish", "files", "records", "edit", "versions", "access", "search", "vocabularies", "errors",
    "exports", "pids", "withdrawal",
)  # fmt: skip

STATISTICS = "there are no usage statistics yet: the key is left out, not zero"
LINKS = "a link is emitted only if its URL answers: media files, links, grants, communities, requests, IIIF come later"
CONTAINER = "the contents of a ZIP are not listed yet"
REQUESTS = "there are no requests yet"
DELETION = "an owner can't ask for deletion yet"
REASONS = (STATISTICS, LINKS, CONTAINER, REQUESTS, DELETION)

_OF_DRAFT = (
    "missing review media_files access_links access_grants access_users access_request communities"
    " communities-suggestions requests self_iiif_manifest"
)
_OF_RECORD = _OF_DRAFT.replace("review ", "")

LEFT_OUT: dict[tuple[str, str], str] = {
    ("drafts.create-minimal", "draft: links"): LINKS,
    ("publish.valid", "record: links"): LINKS,
    ("publish.valid", "record: key stats.this_version.views"): STATISTICS,
    ("publish.valid", "record: key stats.all_versions.unique_downloads"): STATISTICS,
    ("files.container", "zip: key links.container"): CONTAINER,
    ("files.container", "container: status"): CONTAINER,
    ("records.read", "anonymous: links"): LINKS,
    ("records.read", "anonymous: key stats.this_version.downloads"): STATISTICS,
    ("records.read", "scenario broke off"): LINKS,  # at `access_links`: its last four checks follow these links
    ("search.query", "hit: key stats.this_version.views"): STATISTICS,
    ("errors.http", "requests without slash: status"): REQUESTS,
    ("withdrawal.request", "by other: status"): DELETION,
    ("withdrawal.request", "without reason: status"): DELETION,
    ("withdrawal.request", "ask: status"): DELETION,
}
"""(scenario, check) → why it fails."""

LINKS_LACKING = {
    ("drafts.create-minimal", "draft: links"): _OF_DRAFT,
    ("publish.valid", "record: links"): _OF_RECORD,
    ("records.read", "anonymous: links"): _OF_RECORD,
}
"""Of a check of links, those that are missing: no other may be."""

LATE = ("versions.publish", "search shows the newest only")
"""The programme takes the first search with one hit, and until a reader has come by that is the older version's. If it
was too early, the search is asked again here."""


@pytest.fixture(scope="module")
def server(instance_template: Path, tmp_path_factory: pytest.TempPathFactory, stores: Kind) -> Iterator[ColophonServer]:
    home = tmp_path_factory.mktemp("conformance") / "instance"
    settings = {**stores.settings, "doi__prefix": "10.5072"}
    with running(ColophonServer.over(instance_template, home, stores.readers_beside, **settings)) as started:
        yield started


@pytest.mark.service
@pytest.mark.timeout(600)
def test_only_what_is_left_out_by_name_fails(server: ColophonServer, shared: Path, tmp_path: Path) -> None:
    report = report_of(server, shared / "conformance" / "conformance.py", tmp_path / "report.json")
    assert {scenario["scenario"].partition(".")[0] for scenario in report["scenarios"]} == set(AREAS)
    failed = {
        (scenario["scenario"], re.sub(r" at line \d+$", "", check["check"])): check
        for scenario in report["scenarios"]
        for check in scenario["failed"]
    }
    late = failed.pop(LATE, None)
    told = {key: f"got {check['got']}, expected {check['expected']}" for key, check in failed.items()}
    unexpected = {key: text for key, text in told.items() if key not in LEFT_OUT}
    assert unexpected == {}, f"{unexpected}\n{server.end_of_log()}"
    assert {key: reason for key, reason in LEFT_OUT.items() if key not in failed} == {}, "these pass: take them out"
    assert {key: failed[key]["got"] for key in LINKS_LACKING} == LINKS_LACKING
    if late is not None:
        newest = re.findall(r"[0-9a-z]{5}-[0-9a-z]{5}", late["expected"])
        server.wait_for(lambda: found_versions(server, newest[0]) == newest)


def test_each_check_is_left_out_for_a_reason_that_the_issue_gives() -> None:
    assert set(LEFT_OUT.values()) == set(REASONS)


def report_of(server: ColophonServer, programme: Path, report: Path) -> Any:
    """Runs the programme; fails if it can't be run to its end."""
    tokens = [f"--{name}={token}" for name, token in server.tokens.items()]  # one may begin with a hyphen
    command: list[str | Path] = [
        sys.executable,
        programme,
        server.base,
        *tokens,
        "--profile",
        "ours",
        "--only",
        ",".join(AREAS),
    ]
    done = subprocess.run([*command, "--json", report], capture_output=True, text=True, timeout=550, check=False)
    assert report.exists(), done.stdout[-2000:] + done.stderr[-2000:] + server.end_of_log()
    return json.loads(report.read_bytes())


def found_versions(server: ColophonServer, record_id: str) -> list[str]:
    parent = server.get(f"/api/records/{record_id}").json()["parent"]["id"]
    hits = server.get("/api/records", params={"q": f"parent.id:{parent}"}).json()["hits"]["hits"]
    return [hit["id"] for hit in hits]
