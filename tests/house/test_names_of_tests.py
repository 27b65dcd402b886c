"""Modules of tests are imported by their bare names: two of one name would hide each other."""

from collections import Counter
from pathlib import Path


def test_every_module_of_tests_has_a_name_of_its_own() -> None:
    names = Counter(path.name for path in Path(__file__).parents[1].rglob("test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []
