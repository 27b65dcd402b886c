"""The contract suites' assertions explain themselves, too."""

import pytest

pytest.register_assert_rewrite("tests.search", "tests.following.contract")
