"""The secret can be changed under a running harvest."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from repository.cli import main
from repository.oai.errors import ProtocolError
from repository.oai.tokens import LIFETIME, Place, Tokens
from repository.settings import load
from repository.settings.secret import OLD_SECONDS, create_secret, old_secrets, read_secret, rotate_secret
from tests.oai.harvest_world import OAI, World, code, numbered

PLACE = Place("ListRecords", "oai_dc", "", 100, 2_000, 100, 1_234)


def test_a_harvest_goes_on_over_a_new_secret_and_its_next_token_is_signed_with_it(world: World) -> None:
    world.put(*[numbered(number) for number in range(7)])
    world.clock.pass_(2)
    first = world.ask("ListRecords", metadataPrefix="oai_dc")
    token = first.findtext(f".//{OAI}resumptionToken")
    old, new = world.settings.secret, "another secret of at least thirty-two characters"
    world.use_settings(secret=new, oai_old_secrets=[old])
    second = world.ask("ListRecords", resumptionToken=str(token))
    assert len(list(second.iter(f"{OAI}record"))) == 3
    world.use_settings(secret=new)
    third = world.ask("ListRecords", resumptionToken=str(second.findtext(f".//{OAI}resumptionToken")))
    assert len(list(third.iter(f"{OAI}record"))) == 1
    assert code(world.ask("ListRecords", resumptionToken=str(token))) == "badResumptionToken"


def test_rotating_keeps_what_may_still_be_needed_and_drops_what_can_not(tmp_path: Path) -> None:
    create_secret(tmp_path)
    first = read_secret(tmp_path)
    rotate_secret(tmp_path, lambda: 1_000_000.0)
    second = read_secret(tmp_path)
    rotate_secret(tmp_path, lambda: 1_000_000.0 + OLD_SECONDS - 1)
    assert len({first, second, read_secret(tmp_path)}) == 3
    assert old_secrets(tmp_path, lambda: 1_000_000.0 + OLD_SECONDS - 1) == (second, first)
    assert old_secrets(tmp_path, lambda: 1_000_000.0 + OLD_SECONDS) == (second,)
    rotate_secret(tmp_path, lambda: 1_000_000.0 + 2 * OLD_SECONDS)
    assert first not in (tmp_path / "secret.old").read_text()
    assert OLD_SECONDS > LIFETIME
    for name in ("secret", "secret.old"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600


def test_the_command_rotates_and_the_next_start_takes_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLOPHON_HOME", str(tmp_path))
    create_secret(tmp_path)
    token = Tokens(load().secret).write(PLACE, 2_000)
    assert CliRunner().invoke(main, ["secret", "rotate"]).exit_code == 0
    settings = load()
    assert Tokens(settings.secret, settings.oai_old_secrets).read(token, "ListRecords", 1_000) == PLACE
    with pytest.raises(ProtocolError):
        Tokens(settings.secret).read(token, "ListRecords", 1_000)


def test_a_secret_that_is_set_elsewhere_is_not_rotated_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLOPHON_HOME", str(tmp_path))
    monkeypatch.setenv("COLOPHON_SECRET", "a secret that the environment has, long enough")
    create_secret(tmp_path)
    kept = read_secret(tmp_path)
    done = CliRunner().invoke(main, ["secret", "rotate"], catch_exceptions=True)
    assert done.exit_code == 2
    assert "oai.old_secrets" in done.output
    assert read_secret(tmp_path) == kept
    assert not (tmp_path / "secret.old").exists()
