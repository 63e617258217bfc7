"""The cast, in a database that rolls back."""

from collections.abc import Callable
from typing import Any

import pytest

from helmont.core.actions import Job, Outcome
from helmont.core.writer import submit
from tests import cast


@pytest.fixture
def people(db: None) -> None:  # noqa: ARG001 - what is built rolls back
    cast.build()


@pytest.fixture
def in_this_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """The save path without threads or an event loop, so that it works in the test's transaction, which is undone."""

    async def call(function: Callable[..., Any], *arguments: Any) -> Any:
        return function(*arguments)

    async def carry_out(job: Job) -> Outcome:
        return submit(job).result()

    monkeypatch.setattr("helmont.api.fast.asyncio.to_thread", call)
    monkeypatch.setattr("helmont.api.fast.submit_async", carry_out)
