"""A Ceph cluster of one node with its S3 gateway (radosgw), in a temporary folder, on free ports, for tests."""

import os
import secrets
import shutil
import subprocess
import uuid
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from tests.servers.postgres import free_port
from tests.servers.server import START_SECONDS, Server

ACCESS_KEY = "COLOPHONTESTS"
SECRET_KEY = "colophon-tests-only"  # of a server that lives as long as the tests
CREDENTIALS = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}
"""What boto3 finds in the environment."""

_CONFIGURATION = """
[global]
fsid = {fsid}
mon host = [v2:127.0.0.1:{mon_v2}/0,v1:127.0.0.1:{mon_v1}/0]
mon data = {folder}/mon
mgr data = {folder}/mgr
osd data = {folder}/osd
run dir = {folder}/run
admin socket = {folder}/run/$name.$pid.asok
log file = {folder}/log/$name.log
crash dir = {folder}/crash
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
auth cluster required = none
auth service required = none
auth client required = none
ms mon client mode = crc
# one node, nothing replicated
osd crush chooseleaf type = 0
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pgp num = 8
osd pool default pg autoscale mode = off
mon allow pool size one = true
# a developer's disk may be nearly full
mon data avail crit = 1
mon data avail warn = 1
osd objectstore = bluestore
bluestore block size = 8589934592
bluestore block wal size = 0
bluestore block db size = 0
osd memory target = 939524096
rgw frontends = beast endpoint=127.0.0.1:{port} tcp_nodelay=1
"""


class CephServer(Server):
    """The monitor, the manager, one store of objects, and the gateway."""

    name = "Ceph"

    @property
    def endpoint(self) -> str:
        return self.root

    def client(self) -> Any:
        """boto3's own client, to look at what is in a bucket."""
        session = boto3.Session(ACCESS_KEY, SECRET_KEY, region_name="us-east-1")
        config = Config(s3={"addressing_style": "path"}, request_checksum_calculation="when_required")
        return session.client("s3", endpoint_url=self.endpoint, config=config)

    def create_bucket(self) -> str:
        """A new empty bucket; returns its name."""
        name = f"t{secrets.token_hex(6)}"
        self.client().create_bucket(Bucket=name)
        return name

    def start(self) -> None:
        for name in ("mon", "mgr", "osd", "run", "log", "crash"):
            (self.folder / name).mkdir()
        fsid, mon_v1, mon_v2 = str(uuid.uuid4()), free_port(), free_port()
        text = _CONFIGURATION.format(fsid=fsid, mon_v1=mon_v1, mon_v2=mon_v2, folder=self.folder, port=self.port)
        (self.folder / "ceph.conf").write_text(text)
        monmap = str(self.folder / "monmap")
        address = f"[v2:127.0.0.1:{mon_v2}/0,v1:127.0.0.1:{mon_v1}/0]"
        self._run("monmaptool", "--create", "--addv", "a", address, "--fsid", fsid, monmap)
        self._run("ceph-mon", "--mkfs", "-i", "a", "--monmap", monmap)
        self._start("mon", "ceph-mon", "-f", "-i", "a")
        reclaim = "auth_allow_insecure_global_id_reclaim"  # else the cluster warns
        self._run("ceph", "--connect-timeout", "60", "config", "set", "mon", reclaim, "false")
        self._start("mgr", "ceph-mgr", "-f", "-i", "x")
        osd = str(uuid.uuid4())
        self._run("ceph", "osd", "new", osd)
        self._run("ceph-osd", "--mkfs", "-i", "0", "--osd-uuid", osd)
        self._run("ceph", "osd", "crush", "add", "osd.0", "1.0", "host=here", "root=default")
        self._start("osd", "ceph-osd", "-f", "-i", "0")
        self._start("rgw", "radosgw", "-f", "-n", "client.rgw")
        self.wait_until_it_answers()
        keys = ("--access-key", ACCESS_KEY, "--secret-key", SECRET_KEY)
        self._run("radosgw-admin", "-n", "client.rgw", "user", "create", "--uid", "tests", "--display-name", "t", *keys)

    def _command(self, *arguments: str) -> tuple[list[str], dict[str, str]]:
        path = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
        program = shutil.which(arguments[0], path=path) or arguments[0]
        here = [] if program.endswith("monmaptool") else ["-c", str(self.folder / "ceph.conf")]
        return [program, *here, *arguments[1:]], {**os.environ, "PATH": path}

    def _run(self, *arguments: str) -> None:
        command, environment = self._command(*arguments)
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=START_SECONDS, cwd="/", check=False
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-2000:]}")

    def _start(self, name: str, *arguments: str) -> None:
        command, environment = self._command(*arguments)
        self.run_beside(name, command, cwd=Path("/"), environment=environment)
