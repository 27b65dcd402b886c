"""Bytes in and out, through a real `colophon serve` over a folder.

Beside it: nginx serving the same folder; and what an upload must do at least, hashing and a durable copy by dd.
"""

import hashlib
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from measuring import command, descendants, free_port, fresh_home, resident, serving, table
from rest import METADATA

MIB = 1 << 20
SIZE = 512 * MIB
LARGE = 5 << 30
_BLOCK = os.urandom(MIB)


def content(size: int) -> Iterator[bytes]:
    for number in range(size // MIB):
        yield number.to_bytes(8, "big") + _BLOCK[8:]


def download(url: str) -> float:
    """MiB a second, by a client that does nothing with the bytes."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "", parts.port or 80)) as connection:
        connection.sendall(f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode())
        buffer, received, start = bytearray(MIB), 0, time.perf_counter()
        while count := connection.recv_into(buffer):
            received += count
    return received / MIB / (time.perf_counter() - start)


def nginx_rate(folder: Path, path: str, work: Path) -> float:
    port = free_port()
    subprocess.run(["chmod", "-R", "a+rX", folder.parent.parent], check=True)
    settings = work / "nginx.conf"
    settings.write_text(
        f"worker_processes 2; daemon off; pid {work}/nginx.pid; error_log stderr crit;\nevents {{}}\n"
        f"http {{ access_log off; sendfile on; server {{ listen 127.0.0.1:{port}; root {folder}; }} }}\n"
    )
    server = subprocess.Popen(["nginx", "-c", str(settings), "-p", str(work)], stderr=subprocess.DEVNULL)
    try:
        time.sleep(1)
        return max(download(f"http://127.0.0.1:{port}/{path}") for _ in range(3))
    finally:
        server.terminate()
        server.wait()


def least_upload(work: Path) -> float:
    """Seconds to hash the bytes twice, as we must, and then to copy them durably."""
    source = work / "source"
    with source.open("wb") as file:
        for block in content(SIZE):
            file.write(block)
    start = time.perf_counter()
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    for block in content(SIZE):
        sha256.update(block)
        md5.update(block)
    copy = ["dd", f"if={source}", f"of={work}/copy", "bs=1M", "conv=fsync", "status=none"]
    subprocess.run(copy, check=True)
    return time.perf_counter() - start


def send(client: httpx.Client, url: str, size: int) -> tuple[float, str]:
    body = {"metadata": METADATA, "files": {"enabled": True}}
    files = client.post(f"{url}/api/records", json=body).json()["links"]["files"]
    client.post(files, json=[{"key": "data.bin"}]).raise_for_status()
    headers = {"Content-Type": "application/octet-stream", "Content-Length": str(size)}
    start = time.perf_counter()
    client.put(f"{files}/data.bin/content", content=content(size), headers=headers).raise_for_status()
    seconds = time.perf_counter() - start
    client.post(f"{files}/data.bin/commit").raise_for_status()
    return seconds, files.removesuffix("/draft/files")


def most_memory(pid: int, stop: threading.Event, most: list[int]) -> None:
    while not stop.wait(0.2):
        most[0] = max([most[0], *(resident(child) for child in descendants(pid))])


def main() -> None:
    with fresh_home() as home:
        work = home.parent
        command(home, "init")
        command(home, "accounts", "create", "bench@example.org")
        token = command(home, "accounts", "token", "bench@example.org").split()[-1]
        least = least_upload(work)
        with (
            serving(home) as (url, server),
            httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=600) as client,
        ):
            seconds, record = min(send(client, url, SIZE) for _ in range(2))
            client.post(f"{record}/draft/actions/publish").raise_for_status()
            ours = max(download(f"{record}/files/data.bin/content") for _ in range(3))
            stored = max((path for path in home.glob("objects/??/??/*")), key=lambda path: path.stat().st_size)
            theirs = nginx_rate(home / "objects", stored.relative_to(home / "objects").as_posix(), work)
            before, most, stop = max(resident(child) for child in descendants(server.pid)), [0], threading.Event()
            watch = threading.Thread(target=most_memory, args=(server.pid, stop, most))
            watch.start()
            large, _record = send(client, url, LARGE)
            stop.set()
            watch.join()
        shutil.rmtree(home / "objects")
    table(
        "Bytes through us, one client, a folder",
        ("what", "MiB a second", "beside", "share", "budget"),
        [
            ("download", f"{ours:.0f}", f"nginx: {theirs:.0f}", f"{ours / theirs:.0%}", "≥ 70 %"),
            ("upload of 512 MiB", f"{SIZE / MIB / seconds:.0f}", f"SHA-256, MD5 and dd: {SIZE / MIB / least:.0f}",
             f"{least / seconds:.0%}", "≥ 70 %"),
            ("upload of 5 GiB", f"{LARGE / MIB / large:.0f}", "–", "–", "–"),
        ],
    )  # fmt: skip
    print(
        f"\nMost memory of one process (RssAnon): {before / MIB:.0f} MiB before the 5 GiB, {most[0] / MIB:.0f} in it."
    )


if __name__ == "__main__":
    main()
