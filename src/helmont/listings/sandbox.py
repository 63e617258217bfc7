"""One SQL statement over one snapshot, in a process of its own that can read that file and nothing else through SQL.

    python -I sandbox.py FILE < {"sql": …, "rows": …, "seconds": …, "memory": …}

The process is given no environment and an empty folder. DuckDB opens the file read-only, may not reach other files, the
network or extensions (``enable_external_access``), and may not be told otherwise (``lock_configuration``). Memory, threads,
processor time and rows are limited; the caller kills the process when it takes too long. Needs nothing of Helmont.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROWS, SECONDS, MEMORY = 10_000, 20, 512  # rows, seconds, megabytes


@dataclass(frozen=True)
class Answer:
    """What a statement gave: its columns (name, type) and rows, or why it could not be carried out, and where."""

    columns: tuple[tuple[str, str], ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()
    truncated: bool = False
    error: str = ""
    line: int = 0


def run(file: Path, sql: str, *, rows: int = ROWS, seconds: int = SECONDS, memory: int = MEMORY) -> Answer:
    """Carry out one reading statement on a snapshot's file. Never raises for what the statement does."""
    asked = json.dumps({"sql": sql, "rows": rows, "seconds": seconds, "memory": memory}).encode()
    with tempfile.TemporaryDirectory(prefix="helmont-sql-") as empty:
        try:
            done = subprocess.run(
                [sys.executable, "-I", __file__, str(file)],
                input=asked,
                capture_output=True,
                cwd=empty,
                env={"HOME": empty, "TMPDIR": empty},
                timeout=seconds + 5,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Answer(error=f"The statement took longer than {seconds} seconds and was stopped.")
    if done.returncode or not done.stdout:
        return Answer(error="The statement needed more memory or time than it may use, and was stopped.")
    found = json.loads(done.stdout)
    return Answer(
        tuple((name, kind) for name, kind in found["columns"]),
        tuple(map(tuple, found["rows"])),
        found["truncated"],
        found["error"],
        found["line"],
    )


def tables(file: Path) -> dict[str, list[tuple[str, str]]]:
    """The columns (name, type) of every table of a snapshot."""
    answer = run(file, "SELECT table_name, column_name, data_type FROM information_schema.columns"
                       " ORDER BY table_name, ordinal_position")  # fmt: skip
    found: dict[str, list[tuple[str, str]]] = {}
    for table, column, kind in answer.rows:
        found.setdefault(table, []).append((column, kind))
    return found


def _serve(file: str, asked: dict[str, Any]) -> dict[str, Any]:
    import duckdb

    nothing: dict[str, Any] = {"columns": [], "rows": [], "truncated": False, "error": "", "line": 0}
    try:
        config: dict[str, str | bool | int | float | list[str]] = {
            "enable_external_access": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "memory_limit": f"{asked['memory'] // 2}MB",
            "temp_directory": "",
            "threads": "1",
        }
        with duckdb.connect(file, read_only=True, config=config) as connection:
            connection.execute("SET lock_configuration = true")
            statements = connection.extract_statements(asked["sql"])
            if len(statements) != 1:
                return nothing | {"error": "Give one statement, such as SELECT * FROM items."}
            if statements[0].type not in (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN):
                return nothing | {"error": "Only reading is possible here: SELECT, WITH, FROM, DESCRIBE or EXPLAIN."}
            cursor = connection.execute(statements[0])
            found = cursor.fetchmany(asked["rows"] + 1)
            columns = [[each[0], str(each[1])] for each in cursor.description or ()]
    except duckdb.Error as error:
        return nothing | {"error": str(error)[:2000], "line": _line(str(error))}
    kept = found[: asked["rows"]]
    return nothing | {
        "columns": columns,
        "rows": [[_plain(value) for value in row] for row in kept],
        "truncated": len(found) > len(kept),
    }


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _line(message: str) -> int:
    place = message.find("LINE ")
    digits = message[place + 5 :].partition(":")[0] if place >= 0 else ""
    return int(digits) if digits.isdecimal() else 0


def _limit(asked: dict[str, Any]) -> None:
    space = 2_048 * 1024 * 1024 + asked["memory"] * 1024 * 1024  # address space; DuckDB reserves more than it uses
    for what, most in (
        (resource.RLIMIT_CPU, asked["seconds"]),
        (resource.RLIMIT_AS, space),
        (resource.RLIMIT_FSIZE, 0),  # nothing can be written to any file
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    request = json.loads(sys.stdin.buffer.read())
    _limit(request)
    sys.stdout.buffer.write(json.dumps(_serve(sys.argv[1], request)).encode())
    sys.stdout.flush()
    os._exit(0)
