"""Keys of forms: how a form is named in URLs, in the ledger and in the database."""

from __future__ import annotations

import re

LOG = "LOG"
_is_line = re.compile(r"[1-9][0-9]{0,4}").fullmatch


def is_line(text: str) -> bool:
    """Whether a text numbers a line of a log: 1 to 99999, in ASCII digits, without leading zeros."""
    return _is_line(text) is not None


def container_key(study: str, participant: str, encounter: str, form: str) -> str:
    """What the form lies in: its encounter, or its log (``STUDY/<number>/LOG/<form>``)."""
    return f"{study}/{participant}/{LOG}/{form}" if encounter == LOG else f"{study}/{participant}/{encounter}"


def form_key(study: str, participant: str, encounter: str, form: str, line: str = "") -> str:
    """``STUDY/<number>/<encounter>/<form>``, or ``STUDY/<number>/LOG/<form>/<line>``."""
    container = container_key(study, participant, encounter, form)
    return f"{container}/{line}" if encounter == LOG else f"{container}/{form}"


def split_form_key(key: str) -> tuple[str, str, str, str, str]:
    """Study, participant, encounter (``LOG`` for a log's line), form and line of a form's key; raises ``ValueError``."""
    parts = key.split("/")
    if len(parts) == 5 and parts[2] == LOG:
        return parts[0], parts[1], LOG, parts[3], parts[4]
    if len(parts) != 4:
        raise ValueError(
            f"{key!r} is not the key of a form; STUDY/PARTICIPANT/ENCOUNTER/FORM or STUDY/PARTICIPANT/LOG/FORM/LINE"
        )
    return parts[0], parts[1], parts[2], parts[3], ""
