"""Schemathesis drives every operation of the OpenAPI document on a real server, by three kinds of people.

What it asks less for, and why, stands in `schemathesis.toml`.
"""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from repository.records.visibility import SYSTEM
from repository.services import drafts, editions, withdrawal
from repository.services.accounts import find_account
from repository.services.instance import open_instance
from repository.settings import load
from tests.api.document import DOCUMENT
from tests.instances import add_files, body, published
from tests.servers.colophon import ColophonServer, running

pytestmark = [pytest.mark.service, pytest.mark.timeout(600)]

EXAMPLES = 4
COMMAND = Path(sys.executable).parent / "schemathesis"
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
TERMS = {
    "affiliations": "0001a1c49",
    "awards": "00k4n6c32::643410",
    "funders": "000025p04",
    "names": "0000-0002-1825-0097",
    "subjects": "http://www.oecd.org/science/inno/38235147.pdf?1",
}
FILE = {"a.csv": b"a,b\n1,2\n"}


@pytest.fixture(scope="module")
def server(instance_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ColophonServer]:
    home = tmp_path_factory.mktemp("driven") / "home"
    with running(ColophonServer.over(instance_template, home, doi__prefix="10.5072")) as served:
        yield served


def known_ids(server: ColophonServer) -> list[str]:
    """Records and drafts in every state, made anew: runs publish, discard, and withdraw them."""
    instance = open_instance(load(server.home, environment={}, overrides={"site.url": server.base}))
    found = find_account(instance, "owner@example.org")
    assert found is not None
    owner = found.viewer
    plain, withdrawn, edited = (published(instance, owner, body(), FILE) for _ in range(3))
    withdrawal.withdraw(instance, SYSTEM, withdrawn, {"note": "Broken sensor"})
    closed = published(instance, owner, {**body(), "access": {"record": "restricted", "files": "restricted"}})
    open_drafts = [drafts.create(instance, owner, {**body(), "files": {"enabled": True}}) for _ in range(4)]
    for draft in open_drafts:
        add_files(instance, owner, draft.id, FILE)
    next_version = editions.new_version(instance, owner, plain)
    editions.edit(instance, owner, edited)
    instance.close()
    parent = open_drafts[0].parent.id
    return [plain, plain, withdrawn, edited, closed, next_version.id, *(draft.id for draft in open_drafts), parent]


def configuration(ids: list[str], folder: Path) -> Path:
    """The configuration, and which ids and keys there are: most requests name one of them, some another."""
    tables = "\n".join(
        (
            CONFIGURATION.read_text(encoding="utf-8"),
            *(_operation(f"vocabularies_term_{kind}", {"path.term_id": term}) for kind, term in TERMS.items()),
            _operation("vocabularies_term", {"path.kind": "licenses", "path.term_id": "cc-by-4.0"}),
            f"[dictionaries]\nids = {{values = {json.dumps(ids)}}}\nkeys = {{values = {json.dumps(list(FILE))}}}",
            '[parameters]\n"path.record_id" = {dictionary = "ids", probability = 0.7}',
            '"path.key" = {dictionary = "keys", probability = 0.7}',
            f'"path.value" = {json.dumps(TERMS["names"])}',
        )
    )
    path = folder / "schemathesis.toml"
    path.write_text(tables, encoding="utf-8")
    return path


def _operation(name: str, values: dict[str, str]) -> str:
    lines = "".join(f'"{parameter}" = {json.dumps(value)}\n' for parameter, value in values.items())
    return f'[[operations]]\ninclude-operation-id = "{name}"\n[operations.parameters]\n{lines}'


@pytest.mark.parametrize("who", ["", "owner", "admin"], ids=["nobody", "owner", "admin"])
def test_every_operation_answers_as_documented_whatever_is_sent(
    server: ColophonServer, who: str, tmp_path: Path
) -> None:
    command = [COMMAND, "--no-color", "--config-file", configuration(known_ids(server), tmp_path)]
    command += ["run", f"{server.base}/api/openapi.json", "--max-examples", str(EXAMPLES)]
    command += ["--report", "ndjson", "--report-ndjson-path", tmp_path / "report.ndjson"]
    command += ["--header", f"Authorization: Bearer {server.tokens[who]}"] if who else []
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[done.stdout.find("= FAILURES") :][:20_000] + done.stderr
    answered = answers(tmp_path / "report.ndjson")
    assert sorted(set(labels()) - set(answered)) == ["GET /openapi.json"], "only the document itself is not driven"
    if who == "admin":
        reached = [label for label, good in successes().items() if answered[label] & good]
        assert len(reached) > 0.85 * len(successes()), sorted(set(successes()) - set(reached))


def answers(report: Path) -> dict[str, set[int]]:
    """Statuses by operation, `GET /records/{record_id}`."""
    found: dict[str, set[int]] = defaultdict(set)
    for line in report.read_text(encoding="utf-8").splitlines():
        recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
        for name, case in recorder.get("cases", {}).items():
            response = (recorder.get("interactions", {}).get(name) or {}).get("response")
            if response:
                found[f"{case['value']['method']} {case['value']['path']}"].add(response["status_code"])
    return found


def labels() -> dict[str, set[int]]:
    return {
        f"{method.upper()} {path}": {int(status) for status in operation["responses"]}
        for path, item in DOCUMENT.json["paths"].items()
        for method, operation in item.items()
    }


def successes() -> dict[str, set[int]]:
    """Statuses of success by operation, of those that have one."""
    found = {label: {status for status in statuses if status < 300} for label, statuses in labels().items()}
    return {label: statuses for label, statuses in found.items() if statuses}
