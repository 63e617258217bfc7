"""The thread of a server follows what other threads commit."""

import threading
from collections.abc import Sequence

import pytest
from django.db.backends.utils import CursorWrapper

from helmont.core.ledger.store import StoredEntry
from helmont.core.projections.runner import Runner
from tests.ledger.kit import put_many
from tests.projections.kit import RolesHeld, rows

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("committing", "roles_held")]


def test_the_thread_follows_what_is_committed() -> None:
    arrived = threading.Event()
    handle = RolesHeld.handle

    def handle_and_tell(self: RolesHeld, log: str, entries: Sequence[StoredEntry], cursor: CursorWrapper) -> None:
        handle(self, log, entries, cursor)
        arrived.set()

    RolesHeld.handle = handle_and_tell  # type: ignore[method-assign]  # restored below
    following = Runner()
    try:
        following.start()
        put_many(3)
        following.wake()
        assert arrived.wait(10)
    finally:
        following.stop()
        RolesHeld.handle = handle  # type: ignore[method-assign]  # as it was
    assert len(rows()) == 3
