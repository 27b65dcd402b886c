"""A server that is not installed leaves its tests out, with the command that mends it; CI does not let that pass."""

import pytest

from tests.servers import installed

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
