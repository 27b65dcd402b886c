"""Addresses of records are made in one module; the API's links, which are made beside their routes, in another."""

import re
from pathlib import Path

import pytest

import repository
import site_builder

MAKERS = ("records/identifiers.py", "api/links.py")
_MADE_BY_HAND = re.compile(r"""f(["']).*(?<!/api)/records/\{.*\1""")
_OF_THE_API = "Links.here().pages("


@pytest.mark.parametrize("package", [repository, site_builder], ids=lambda package: str(package.__name__))
def test_no_other_module_makes_addresses_of_records(package: object) -> None:
    folder = Path(str(package.__file__)).parent  # type: ignore[attr-defined]
    found = [
        f"{path.relative_to(folder)}:{number}"
        for path in folder.rglob("*.py")
        if str(path.relative_to(folder)) not in MAKERS
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if _MADE_BY_HAND.search(line) and _OF_THE_API not in line
    ]
    assert found == []
