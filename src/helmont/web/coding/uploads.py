"""Files of a dictionary between the dry run and the loading."""

from __future__ import annotations

from helmont.core.jobs.schedule import scheduled
from helmont.standards.dictionaries import Findings, read_path
from helmont.web.uploads import Shelf

SHELF = Shelf("dictionaries", 250_000_000)
store, discard = SHELF.store, SHELF.discard


def stored(token: str, findings: Findings) -> dict[str, bytes]:
    """The files of an upload, unpacked; raises ``NotFound``."""
    return read_path(SHELF.place(token), findings)


@scheduled("old dictionary files", every=3600)
def remove_old() -> None:
    """What was brought for a dry run and not loaded is gone after a day."""
    SHELF.remove_old()
