"""The cast, in a database that rolls back."""

from collections.abc import Callable
from typing import Any

import pytest

from helmont.core.actions import Job, Outcome
from helmont.core.writer import submit
from tests.one_cast import cast_of_the_module, db

__all__ = ["cast_of_the_module", "db"]


@pytest.fixture
def in_this_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """The save path without threads or an event loop, so that it works in the test's transaction, which is undone."""

    async def call(function: Callable[..., Any], *arguments: Any) -> Any:
        return function(*arguments)

    async def carry_out(job: Job) -> Outcome:
        return submit(job).result()

    monkeypatch.setattr("helmont.api.fast.asyncio.to_thread", call)
    monkeypatch.setattr("helmont.api.fast.submit_async", carry_out)
