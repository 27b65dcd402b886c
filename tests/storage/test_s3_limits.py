"""A store that sends a byte now and then keeps nobody waiting without end: on a real Ceph, with TLS and without."""

import ipaddress
import os
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from repository.errors import Unreachable
from repository.storage.objects import s3_limits
from repository.storage.objects.s3 import PART, S3Store
from tests.servers.ceph import CephServer
from tests.servers.proxy import Fault, FaultyProxy

pytestmark = pytest.mark.service

PAUSE = 0.05
"""Seconds between two bytes: far from any standstill."""


def certificate(folder: Path) -> Path:
    """Of 127.0.0.1, signed by itself, with its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "tests")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    signed = builder.add_extension(address, critical=False).sign(key, hashes.SHA256())
    form = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "certificate.pem"
    path.write_bytes(
        signed.public_bytes(serialization.Encoding.PEM) + key.private_bytes(serialization.Encoding.PEM, *form)
    )
    return path


@pytest.fixture(params=["http", "https"])
def proxy(
    request: pytest.FixtureRequest, ceph: CephServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FaultyProxy]:
    tls = None
    if request.param == "https":
        path = certificate(tmp_path)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(path)
        monkeypatch.setenv("AWS_CA_BUNDLE", str(path))
    with FaultyProxy(ceph.port, tls) as started:
        yield started


@pytest.fixture
def store(proxy: FaultyProxy, ceph: CephServer, monkeypatch: pytest.MonkeyPatch) -> S3Store:
    """With limits as short as the suite is to be."""
    for name in ("TOTAL", "WINDOW", "COMPLETING"):
        monkeypatch.setattr(s3_limits, name, 2.0)
    return S3Store(f"s3://{ceph.create_bucket()}?endpoint_url={proxy.endpoint}")


def test_a_short_call_ends_though_its_answer_drips(store: S3Store, proxy: FaultyProxy) -> None:
    location = store.put([b"rain"]).location
    with proxy.harming(Fault("drip", "HEAD", seconds=PAUSE)), pytest.raises(Unreachable, match="does not answer"):
        store.exists(location)
    with proxy.harming(Fault("drip", "DELETE", seconds=PAUSE)), pytest.raises(Unreachable, match="does not answer"):
        store.delete(location)
    with proxy.harming(Fault("drip", "GET", "uploads", bytes=400, seconds=PAUSE)), pytest.raises(Unreachable):
        store.drop_unfinished(datetime.now(UTC), lambda _location: False)
    assert not store.exists(location), "the connection is good again, and the call was carried out"


def test_a_download_that_drips_is_given_up(store: S3Store, proxy: FaultyProxy) -> None:
    location = store.put([os.urandom(200_000)]).location
    fault, told = Fault("drip", "GET", bytes=5000, seconds=PAUSE), pytest.raises(Unreachable, match="broke off")
    with proxy.harming(fault), store.open(location) as stream, told:
        stream.read()


def test_a_download_that_drips_once_is_taken_up(store: S3Store, proxy: FaultyProxy) -> None:
    content = os.urandom(3 << 20)
    location = store.put([content]).location
    with proxy.harming(Fault("drip", "GET", bytes=1 << 20, seconds=PAUSE, times=1)), store.open(location) as stream:
        assert stream.read() == content
    assert [method for method, _ in proxy.requests].count("GET") == 2


def test_an_upload_whose_answer_drips_is_found(store: S3Store, proxy: FaultyProxy) -> None:
    with proxy.harming(Fault("drip", "PUT", seconds=PAUSE)):
        small = store.put([b"rain"])
    with proxy.harming(Fault("drip", "POST", "uploadId", seconds=PAUSE)):
        large = store.put([bytes(PART + 1)])
    assert store.exists(small.location)
    assert store.exists(large.location)


def test_who_reads_slowly_is_no_slow_store(store: S3Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What passes between two reads is not counted."""
    content = os.urandom(1 << 20)
    location = store.put([content]).location
    now, monotonic = [0.0], s3_limits.time.monotonic
    monkeypatch.setattr(s3_limits.time, "monotonic", lambda: monotonic() + now[0])
    found = b""
    with store.open(location) as stream:
        while block := stream.read(1000):
            found += block
            now[0] += 3600
    assert found == content
