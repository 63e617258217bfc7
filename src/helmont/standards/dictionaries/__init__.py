"""Coding dictionaries as their publishers distribute them, read into one shape (``model.Dictionary``).

``read(kind, files, findings)`` chooses the reader; nothing here knows a database. What a licence covers comes from the
licensee's own files and is never shipped; CTCAE v5.0 (National Cancer Institute, in the public domain) comes along.
"""

from __future__ import annotations

from collections.abc import Callable

from helmont.standards.dictionaries.ctcae import read_ctcae
from helmont.standards.dictionaries.files import Files, gather, read_path
from helmont.standards.dictionaries.meddra import read_meddra
from helmont.standards.dictionaries.model import Dictionary, Findings, Term, content_hash
from helmont.standards.dictionaries.table import read_table
from helmont.standards.dictionaries.whodrug import read_whodrug

KINDS: dict[str, Callable[[Files, Findings], Dictionary | None]] = {
    "meddra": read_meddra,
    "whodrug": read_whodrug,
    "table": read_table,
    "ctcae": read_ctcae,
}


def read(kind: str, files: Files, findings: Findings) -> Dictionary | None:
    """The dictionary of the given kind (``KINDS``), or None with the reasons among the findings."""
    return KINDS[kind](files, findings)


__all__ = ["KINDS", "Dictionary", "Files", "Findings", "Term", "content_hash", "gather", "read", "read_path"]
