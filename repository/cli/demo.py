"""`colophon demo`: an instance with sample records, its site and all services, from nothing to URLs."""

import secrets
import threading
from pathlib import Path
from urllib.request import urlopen

import click

from repository.cli.catching_up import catch_up
from repository.cli.instances import console, progress
from repository.cli.serve import require_free, supervise
from repository.errors import WrongSetting
from repository.projections import NAMES
from repository.samples import load as samples
from repository.services import accounts, sampling
from repository.services.instance import Instance, initialise
from repository.settings import FILE_NAME, home_folder

ROLES = (("depositor@demo.test", "Demo Depositor", False), ("admin@demo.test", "Demo Admin", True))


@click.command()
@click.option("--port", type=int, default=5000, show_default=True, help="Port to listen on.")
def demo(port: int) -> None:
    """Load sample records, build the site, and serve everything on one port until Ctrl-C.

    Where the samples are there already, it only starts; where loading them was interrupted, it goes on with the rest.
    """
    overrides = {"serve.port": str(port)}
    with console.status("Preparing the instance"):
        _settle(home_folder())
        instance = initialise(home_folder(), overrides)
    require_free(instance.settings)  # before passwords and tokens are renewed: a demo that runs there keeps its own
    loaded = instance.settings.home / "samples-loaded"
    owner = accounts.find_account(instance, ROLES[0][0])
    if not loaded.exists() and sampling.holds_others(instance, owner.viewer if owner else None):
        raise WrongSetting(
            f"{instance.settings.home} holds records that are not the demo's: name another folder by COLOPHON_HOME."
        )
    people = [_person(instance, *role) for role in ROLES]
    if not loaded.exists():
        owner = accounts.find_account(instance, ROLES[0][0])
        if owner is not None:
            with progress(quiet=False) as display:
                task = display.add_task("sample records", total=len(samples()))
                sampling.deposit_samples(instance, owner.viewer, lambda: display.advance(task))
        loaded.touch()
    catch_up(instance, NAMES, quiet=False)
    site = instance.settings.site_url
    instance.close()
    ready = threading.Event()
    announcing = threading.Thread(target=_announce, args=(ready, site, people), daemon=True)
    announcing.start()
    supervise(overrides, readers=True, ready=ready)


def _settle(home: Path) -> None:
    """Gives a new instance its settings. Raises WrongSetting."""
    try:
        if not home.exists() or not any(home.iterdir()):
            home.mkdir(parents=True, exist_ok=True)
            (home / FILE_NAME).write_text('[site]\nlanguages = ["en", "cs"]\n', encoding="utf-8")
    except OSError as error:
        raise WrongSetting(f"The folder {home} can't be used: {error}.") from error


def _person(instance: Instance, email: str, name: str, admin: bool) -> tuple[str, str, str]:
    """(e-mail, password, token) of one role; known ones get a new password, since the old one is nowhere."""
    password = secrets.token_urlsafe(9)
    if accounts.find_account(instance, email) is None:
        accounts.create_account(instance, email, password, name=name, admin=admin)
    else:
        accounts.set_password(instance, email, password)
    accounts.revoke_tokens(instance, email, "demo")  # those of an earlier start are known to nobody any more
    return email, password, accounts.create_token(instance, email, "demo")


def _announce(ready: threading.Event, site: str, people: list[tuple[str, str, str]]) -> None:
    """Says where everything is, once it answers."""
    ready.wait()
    while not _answers(f"{site}/readyz"):
        threading.Event().wait(0.1)
    for name, path in (
        ("Site", "/"),
        ("Search", "/search"),
        ("REST API", "/api/records"),
        ("OAI-PMH", "/oai?verb=Identify"),
        ("SPARQL", "/sparql"),
        ("Status", "/api/status"),
    ):
        click.echo(f"{name:9} {site}{path}")
    for email, password, token in people:
        click.echo(f"Sign in   {site}/login  {email}  password {password}")
        click.echo(f"          token {token}")
    click.echo("Ctrl-C ends it.")


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=2) as answer:  # noqa: S310 — our own address
            return bool(answer.status == 200)
    except OSError:
        return False
