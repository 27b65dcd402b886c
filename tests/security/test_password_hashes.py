"""What guessing a password costs, as it is shipped: the suite's own hashes are cheap ones."""

import subprocess
import sys

from argon2 import extract_parameters
from argon2.low_level import Type

SHIPPED = "from repository.auth.identity import hash_password; print(hash_password('correct horse'))"


def test_guessing_costs_time_and_memory() -> None:
    """Specified by: RFC 9106, 4 (the second recommended option: 3 passes over 64 MiB)."""
    done = subprocess.run([sys.executable, "-c", SHIPPED], capture_output=True, text=True, check=True)
    found = extract_parameters(done.stdout.strip())
    assert found.type is Type.ID
    assert found.time_cost >= 3
    assert found.memory_cost >= 64 << 10
    assert (found.hash_len, found.salt_len) == (32, 16)
