"""A PostgreSQL server of one's own for as long as a block or a command lasts.

    python -m tools.postgres run [--durable] -- COMMAND ...

runs COMMAND with HELMONT_TEST_DATABASE_URL and HELMONT_DATABASE_URL naming an empty database in a new cluster, which is
stopped and removed afterwards whatever happens. If HELMONT_TEST_DATABASE_URL is set already, that server is used and no
cluster is made.

The cluster lives in a temporary folder and listens on a free port of 127.0.0.1 and on a socket in that folder. It does
not wait for the disk (``fsync`` off) unless it is durable, which tests that kill the server need. PostgreSQL refuses to
run as root; for root it runs as the ``postgres`` user that Debian's package makes.
"""

import argparse
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

SERVER_USER = "postgres"
DATABASE = "helmont"
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgresError(Exception):
    """The server could not be found, made or started; the message says what was tried."""


def program_folder() -> Path:
    """The folder of ``initdb`` and ``pg_ctl``: on PATH, or the newest of Debian's versions."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    versions = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if not versions:
        raise PostgresError(
            "initdb is neither on PATH nor under /usr/lib/postgresql; on Debian: apt-get install postgresql"
        )
    return max(versions, key=lambda folder: float(folder.parent.name))


@contextmanager
def cluster(*, durable: bool = False) -> Iterator[str]:
    """Yield the URL of an empty database in a new cluster; its role is a superuser, so it may create others.

    Raises ``PostgresError`` with the server's own words when it does not come up.
    """
    programs = program_folder()
    user = SERVER_USER if os.geteuid() == 0 else None
    password = secrets.token_hex(16)
    # /tmp, not TMPDIR: a socket's path may have at most 107 bytes, and the server's user has to reach it.
    folder = Path(tempfile.mkdtemp(prefix="helmont-pg-", dir="/tmp"))
    data, log = folder / "data", folder / "log"

    def run(program: str, *arguments: str) -> None:
        command = [str(programs / program), "--pgdata", str(data), *arguments]
        done = subprocess.run(
            command, user=user, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if done.returncode:
            words = log.read_text() if log.exists() else ""
            raise PostgresError(f"{program} failed ({done.returncode}):\n{done.stdout}{done.stderr}{words}")

    try:
        if user:
            give_to(folder, user)
        (folder / "password").write_text(password)
        run(
            "initdb",
            *(f"--username={DATABASE}", f"--pwfile={folder / 'password'}", "--auth=scram-sha-256"),
            *("--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"),
        )
        port = free_port()
        settings = {"port": str(port), "listen_addresses": "127.0.0.1", "unix_socket_directories": str(folder)}
        settings |= {"max_connections": "200"} | ({} if durable else FAST)
        with (data / "postgresql.conf").open("a") as configuration:
            configuration.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        run("pg_ctl", "--wait", "--silent", f"--log={log}", "start")
        try:
            server = f"postgresql://{DATABASE}:{password}@127.0.0.1:{port}"
            create_database(f"{server}/postgres")
            yield f"{server}/{DATABASE}"
        finally:
            run("pg_ctl", "--wait", "--silent", "--mode=immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def give_to(folder: Path, user: str) -> None:
    """Make ``user`` the owner of ``folder``."""
    try:
        account = pwd.getpwnam(user)
    except KeyError:
        raise PostgresError(f"PostgreSQL does not run as root, and there is no user {user!r} to run it as") from None
    os.chown(folder, account.pw_uid, account.pw_gid)


def free_port() -> int:
    """A TCP port of 127.0.0.1 on which nothing listens at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def create_database(server: str) -> None:
    """Create the empty database on the server whose maintenance database has the URL ``server``."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


def run_command(command: list[str], url: str) -> int:
    """Run ``command`` with the database ``url`` in its environment and return its exit status."""
    environment = os.environ | {"HELMONT_TEST_DATABASE_URL": url, "HELMONT_DATABASE_URL": url}
    return subprocess.run(command, env=environment, check=False).returncode


def main() -> int:
    """Read the command line; return the exit status of the command that was run."""
    parser = argparse.ArgumentParser(description="Run a command beside a temporary PostgreSQL server.")
    run = parser.add_subparsers(required=True).add_parser("run", help="run COMMAND, then remove the server")
    run.add_argument("--durable", action="store_true", help="wait for the disk at each commit, as in production")
    run.add_argument("command", nargs="+", metavar="COMMAND")
    options = parser.parse_args()
    if url := os.environ.get("HELMONT_TEST_DATABASE_URL"):
        return run_command(options.command, url)
    # Being told to stop must still remove the server.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with cluster(durable=options.durable) as url:
            return run_command(options.command, url)
    except PostgresError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
