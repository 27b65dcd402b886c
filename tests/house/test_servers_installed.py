"""A server that is not installed leaves its tests out, with the command that mends it; CI does not let that pass."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from tests.servers import installed
from tests.servers.maven import Artifact

ABSENT = installed.Server("Absent", ("no-such-program",), ("absent-server",))


def test_its_tests_are_left_out_and_the_command_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"no-such-program.*apt-get install .*absent-server"):
        installed.require(ABSENT)


def test_in_ci_they_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no-such-program"):
        installed.require(ABSENT)


@pytest.mark.parametrize(("ci", "code"), [("", 0), ("true", 1)])
def test_who_is_not_root_is_told_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], ci: str, code: int
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(installed.os, "getuid", lambda: 1000)
    monkeypatch.setattr(installed, "SERVERS", (ABSENT,))
    assert installed.main() == code
    assert "apt-get install --no-install-recommends absent-server" in capsys.readouterr().err


def test_a_jar_that_is_missing_is_told_and_one_of_other_bytes_is_not_kept(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    other = tmp_path / "other.jar"
    other.write_bytes(b"other bytes")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("CI", "true")
    server = installed.Download("Fuseki", Artifact(other.as_uri(), "0" * 64))
    monkeypatch.setattr(installed, "SERVERS", (server,))
    with pytest.raises(pytest.fail.Exception, match="Fuseki is not installed"):
        installed.require(server)
    assert installed.main() == 1
    assert "Fuseki could not be installed" in capsys.readouterr().err
    assert list((tmp_path / "cache" / "colophon-tests").iterdir()) == []
    server = replace(server, artifact=Artifact(other.as_uri(), hashlib.sha256(b"other bytes").hexdigest()))
    monkeypatch.setattr(installed, "SERVERS", (server,))
    assert installed.main() == 0
    installed.require(server)
