"""The power fails while clients deposit: everything that was acknowledged is on the disk."""

import os
import random
import time
from pathlib import Path

import pytest

from tests.faults.disks import cut_power, real_disk, start_again
from tests.faults.load import Load, lost
from tests.servers.colophon import ColophonServer
from tests.wholeness import assert_whole

pytestmark = pytest.mark.service

ROUNDS = 3


def test_what_was_acknowledged_survives_a_loss_of_power(instance_template: Path, tmp_path: Path) -> None:
    chance = random.Random(7)
    with real_disk(tmp_path / "disk") as disk:
        server = ColophonServer.over(instance_template, disk / "instance")
        server.log_folder = tmp_path
        os.sync()  # the copy of the template is not what is tested
        everything = Load(server)
        try:
            for _round in range(ROUNDS):
                server.start()
                with Load(server) as load:
                    load.goes_on(10)
                    time.sleep(chance.random() / 2)
                    # a machine without power answers nobody; this one goes on, with pages that no disk will ever have
                    everything.acknowledged |= dict(load.acknowledged)
                    everything.titles |= dict(load.titles)
                    cut_power(disk)
                server.kill()
                start_again(disk)
                server.start()
                assert lost(server, everything) == []  # of the earlier rounds too
                server.stop()
        finally:
            server.stop()
        assert len(everything.acknowledged) >= 10 * ROUNDS
        assert_whole(server.home)
