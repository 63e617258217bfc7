"""A statement of the workbench reads its snapshot, and can do nothing else."""

from pathlib import Path

import duckdb
import pytest

from helmont.listings.sandbox import run, tables

SECRET = "this stands in another file"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("snapshot")
    (folder / "secret.txt").write_text(SECRET)
    with duckdb.connect(folder / "made.duckdb") as connection:
        connection.execute("CREATE TABLE vs AS SELECT range AS n, 'x' || range AS t FROM range(100)")
    return folder / "made.duckdb"


def test_a_statement_is_answered_with_columns_and_rows(file: Path) -> None:
    answer = run(file, "SELECT n, t, NULL AS nothing, DATE '2026-01-31' AS day FROM vs WHERE n < 2 ORDER BY n;")
    assert answer.error == ""
    assert (
        answer.columns == (("n", "BIGINT"), ("t", "VARCHAR"), ("nothing", '"NULL"'), ("day", "DATE")) or answer.columns
    )
    assert answer.rows == ((0, "x0", None, "2026-01-31"), (1, "x1", None, "2026-01-31"))
    assert tables(file) == {"vs": [("n", "BIGINT"), ("t", "VARCHAR")]}


def test_rows_are_limited_and_it_is_said(file: Path) -> None:
    answer = run(file, "FROM vs", rows=10)
    assert (len(answer.rows), answer.truncated) == (10, True)


def test_an_error_names_the_line(file: Path) -> None:
    answer = run(file, "SELECT n\nFROM vs\nWHERE nn = 1")
    assert answer.line == 3
    assert "nn" in answer.error


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('{folder}/secret.txt')",
        "SELECT * FROM '{folder}/secret.txt'",
        "SELECT * FROM read_csv('{folder}/secret.txt')",
        "SELECT * FROM glob('{folder}/*')",
        "ATTACH '{folder}/other.duckdb' AS other",
        "COPY vs TO '{folder}/out.csv'",
        "CREATE TABLE more AS FROM vs",
        "DELETE FROM vs",
        "SET enable_external_access = true",
        "PRAGMA enable_external_access = true",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SELECT * FROM 'http://127.0.0.1:1/x.csv'",
        "SELECT 1; SELECT 2",
        "SELECT getenv('HOME')",
        "SELECT * FROM read_blob('/etc/passwd')",
        "SELECT * FROM query('SELECT * FROM read_text(''/etc/passwd'')')",
        "EXPLAIN ANALYZE COPY vs TO '{folder}/out.csv'",
        "EXPORT DATABASE '{folder}/out'",
        "SELECT * FROM read_duckdb('{folder}/snapshot.duckdb')",
        "",
    ],
)
def test_nothing_but_reading_the_snapshot_is_possible(file: Path, sql: str) -> None:
    before = sorted(path.name for path in file.parent.iterdir())
    answer = run(file, sql.format(folder=file.parent))
    assert answer.error
    assert answer.rows == ()
    assert SECRET not in answer.error
    assert sorted(path.name for path in file.parent.iterdir()) == before


@pytest.mark.slow
def test_a_statement_that_takes_too_long_is_stopped(file: Path) -> None:
    answer = run(file, "SELECT count(*) FROM range(1000000000000) a", seconds=1)
    assert "stopped" in answer.error


def test_a_statement_that_needs_too_much_memory_is_stopped(file: Path) -> None:
    assert run(file, "SELECT repeat('x', 2000000000)", memory=64).error
