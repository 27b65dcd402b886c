"""One browser and one site for all that look at pages as browsers do; their tests are one group, in one process."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.proven_site import ProvenSite
from tests.servers import chromium, installed


@pytest.fixture(scope="session")
def proven(instance_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProvenSite]:
    site = ProvenSite(instance_template, tmp_path_factory.mktemp("proven") / "instance")
    yield site
    site.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Its library keeps a loop running while it is open, beside which other tests of the process can have none."""
    installed.require(installed.CHROMIUM)
    with chromium.launched() as started:
        yield started
