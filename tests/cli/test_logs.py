"""Lines of the log, as whoever collects them reads them."""

import json
import subprocess
import sys

PROGRAM = """
import structlog
from repository.cli import logs

logs.configure()
for value in ("žlutý", "a\\nb", "half a character: \\udcff", 2**70, ValueError("no"), (1, None)):
    structlog.get_logger("test").info("happened", value=value)
"""


def test_every_event_is_one_line_of_json_whatever_it_tells() -> None:
    told = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, check=True).stderr
    events = [json.loads(line) for line in told.splitlines()]
    assert {(event["event"], event["level"]) for event in events} == {("happened", "info")}
    values = [event["value"] for event in events]
    assert values == ["žlutý", "a\nb", "half a character: \udcff", 2**70, "ValueError('no')", [1, None]]
