"""Reports to Sentry are sent only if a setting says so, and what hinders them is told at the start."""

import subprocess
import sys

import pytest

from repository.services.instance import Instance

STARTED = "import sys; from repository.cli import serve; serve.wsgi(); print('sentry_sdk' in sys.modules)"


def run(instance: Instance, program: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    settings = instance.settings
    environment = {"COLOPHON_HOME": str(settings.home), "COLOPHON_SITE_URL": settings.site_url, **variables}
    command = [sys.executable, "-c", program]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("dsn", "loaded"), [("", "False"), ("http://key@127.0.0.1:9/1", "True")])
def test_the_library_is_loaded_only_where_reports_are_wanted(instance: Instance, dsn: str, loaded: str) -> None:
    done = run(instance, STARTED, COLOPHON_SENTRY_DSN=dsn)
    assert done.stdout.strip() == loaded, done.stderr


@pytest.mark.parametrize(
    ("before", "dsn", "said"),
    [
        ("", "http://127.0.0.1:9/no-key", "no DSN"),
        ("sys.modules['sentry_sdk'] = None", "http://key@127.0.0.1:9/1", "pip install"),
    ],
    ids=["no DSN", "not installed"],
)
def test_what_hinders_reports_is_told_at_the_start(instance: Instance, before: str, dsn: str, said: str) -> None:
    program = f"import sys\n{before}\nfrom repository.cli import main\nsys.argv = ['colophon', 'serve']\nmain()"
    done = run(instance, program, COLOPHON_SENTRY_DSN=dsn)
    assert done.returncode == 2, done.stderr
    assert "sentry.dsn" in done.stderr
    assert said in done.stderr
