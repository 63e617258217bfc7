"""CTCAE v5.0: Common Terminology Criteria for Adverse Events, National Cancer Institute, 27 November 2017 (public domain).

``ctcae5.csv`` holds term, MedDRA code, system organ class and the grades that exist for it. The wording of the grades is
not held: whoever grades an event has the published document beside them.
"""

from __future__ import annotations

from pathlib import Path

from helmont.standards.dictionaries.files import Files
from helmont.standards.dictionaries.model import Dictionary, Findings
from helmont.standards.dictionaries.table import read_table

VERSION, LANGUAGE = "5.0", "English"


def read_ctcae(_files: Files, findings: Findings) -> Dictionary | None:
    """The dictionary that comes along; no file is needed."""
    own = {"ctcae5.csv": (Path(__file__).parent / "ctcae5.csv").read_bytes()}
    found = read_table(own, findings)
    return found and Dictionary(found.levels, found.terms, VERSION, LANGUAGE)
