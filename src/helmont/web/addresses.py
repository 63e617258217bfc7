"""Addresses of what has a key. A form's page is part of the entry pages; its address follows from its key."""

from __future__ import annotations

from urllib.parse import quote


def participant_address(key: str) -> str:
    """``STUDY/<number>`` to the casebook."""
    study, number = key.split("/", 1)
    return f"/studies/{quote(study)}/participants/{quote(number)}/"


def form_address(key: str, item: str = "") -> str:
    """``STUDY/<number>/<encounter>/<form>`` (or a log's line) to the form page, at the item if one is given."""
    study, rest = key.split("/", 1)
    return f"/studies/{quote(study)}/participants/{quote(rest)}" + (f"#{quote(item, safe='[].')}" if item else "")


def log_address(participant: str, form: str) -> str:
    """The list of a log's lines."""
    return f"{participant_address(participant)}LOG/{quote(form)}/"


def entry_address(log: str, sequence: int) -> str:
    """The proof of one ledger entry."""
    return f"/studies/{quote(log)}/ledger/entries/{sequence}"
