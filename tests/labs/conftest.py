"""Every test finds the trial begun, and leaves nothing behind."""

import pytest

from tests.labs.kit import begin_trial


@pytest.fixture(autouse=True)
def trial(db: None) -> None:  # noqa: ARG001 - makes the database
    begin_trial()
