import pytest

from helmont.demo.pilot import Coverage, Event, coverage, site_events


@pytest.fixture(scope="session")
def events() -> list[Event]:
    return list(site_events())


@pytest.fixture(scope="session")
def account(events: list[Event]) -> Coverage:
    return coverage(events)
