"""A server that speaks S3, for as long as the tests of a module."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from obstore.store import S3Store

from tools.postgres import free_port


@contextmanager
def bucket_of_a_server() -> Iterator[S3Store]:
    """An empty bucket of a new server, in a process of its own."""
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        patience = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(urllib.request.Request(f"{address}/samples", method="PUT")).close()
                break
            except urllib.error.URLError:
                if server.poll() is not None or time.monotonic() > patience:
                    raise
                time.sleep(0.05)
        yield S3Store(
            "samples",
            endpoint=address,
            access_key_id="key",
            secret_access_key="secret",
            region="us-east-1",
            virtual_hosted_style_request=False,
            client_options={"allow_http": True},
        )
    finally:
        server.terminate()
        server.wait()
