"""A notebook (Jupyter, nbformat 4.5) that fetches a snapshot, compares its hash with the ledger's and opens it."""

from __future__ import annotations

from typing import Any

from helmont.listings.models import Snapshot

FETCHING = """import hashlib
import os
import pathlib
import urllib.request

import duckdb  # pip install duckdb

FILE = pathlib.Path({file!r})
ADDRESS = {address!r}
SHA256 = {sha256!r}

if not FILE.exists():
    # Or download the file on the snapshot's page and put it beside this notebook.
    token = os.environ["HELMONT_TOKEN"]  # an access token of yours, made under "My profile"
    request = urllib.request.Request(ADDRESS, headers={{"Authorization": f"Bearer {{token}}"}})
    with urllib.request.urlopen(request) as answer:
        FILE.write_bytes(answer.read())

if hashlib.sha256(FILE.read_bytes()).hexdigest() != SHA256:
    raise SystemExit(f"{{FILE}} is not the file whose hash is in the ledger")"""
OPENING = """snapshot = duckdb.connect(str(FILE), read_only=True)
snapshot.sql("SELECT * FROM snapshot").show()"""
TABLES = """snapshot.sql("SELECT table_name, estimated_size, column_count FROM duckdb_tables() ORDER BY table_name").show()"""
ASKING = '''# .df() makes a pandas data frame of it, .pl() one of Polars.
snapshot.sql("""
{statement}
""").show()'''


def notebook(snapshot: Snapshot, file: str, address: str, statement: str) -> dict[str, Any]:
    """The document. ``file`` is what the snapshot is called here, ``address`` where its file is served to a token."""
    about = (
        f"# {snapshot.title}\n\nStudy {snapshot.study}, as of {snapshot.size} entries of its ledger. The file never changes;"
        " its hash is in the ledger."
    )
    # No text is put into code but what Python's own repr writes, and the statement's quotes cannot end the text it is in.
    fetching = FETCHING.format(file=file, address=address, sha256=snapshot.sha256)
    asking = ASKING.format(statement=statement.replace("\\", "\\\\").replace('"""', '\\"\\"\\"'))
    cells = [_cell("markdown", about), *(_cell("code", each) for each in (fetching, OPENING, TABLES, asking))]
    return {
        "cells": [{**cell, "id": f"cell-{number}"} for number, cell in enumerate(cells, 1)],
        "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _cell(kind: str, text: str) -> dict[str, Any]:
    code: dict[str, Any] = {"execution_count": None, "outputs": []} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {}, "source": text.splitlines(keepends=True), **code}
