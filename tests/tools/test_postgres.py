"""The temporary PostgreSQL server: alone, empty, and gone afterwards."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tools.postgres import cluster

ROOT = Path(__file__).resolve().parents[2]


def setting(url: str, name: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
    assert row is not None
    return str(row[0])


@pytest.mark.slow
def test_a_cluster_waits_for_the_disk_only_if_durable() -> None:
    for durable, fsync in ((False, "off"), (True, "on")):
        with cluster(durable=durable) as url:
            assert setting(url, "fsync") == fsync


@pytest.mark.slow
def test_a_cluster_is_gone_when_its_block_fails() -> None:
    folders: list[Path] = []

    def fail_inside() -> None:
        with cluster() as url:
            folders.append(Path(setting(url, "data_directory")))
            psycopg.connect(url.replace("/helmont", "/no_such_database"))

    with pytest.raises(psycopg.OperationalError, match="no_such_database"):
        fail_inside()
    assert not folders[0].exists()


def test_a_server_that_was_given_is_used_and_the_status_of_the_command_is_kept() -> None:
    given = "postgresql://somebody@127.0.0.1:1/given"
    command = "import os, sys; print(os.environ['HELMONT_DATABASE_URL']); sys.exit(3)"
    done = subprocess.run(
        [sys.executable, "-m", "tools.postgres", "run", "--", sys.executable, "-c", command],
        cwd=ROOT,
        env=os.environ | {"HELMONT_TEST_DATABASE_URL": given},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (3, given)
