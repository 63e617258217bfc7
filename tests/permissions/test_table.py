"""The permission table, tried on the running application: every address, by every kind of person."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from ninja.operation import PathView

from helmont.api.urls import api
from helmont.core.ledger.store import log_names, log_size
from tests import cast
from tests.one_cast import undone
from tests.permissions.table import ROWS, Row

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db")]
# Signing in, passwords and passkeys: allauth's pages, about nobody but the person; tests/people tries them.
NOT_OURS = "accounts/"
View = Callable[..., Any]


def views(
    patterns: list[URLPattern | URLResolver], prefix: str = "", space: str = ""
) -> Iterator[tuple[str, str, View]]:
    """Every (URL name, route, view) of the installation."""
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from views(pattern.url_patterns, route, inner)
        elif not route.startswith(NOT_OURS) or pattern.callback.__module__.startswith("helmont."):
            yield space + str(pattern.name), route, pattern.callback


def urls() -> dict[str, str]:
    """Route by URL name."""
    return {name: route for name, route, _view in views(get_resolver().url_patterns)}


def methods(view: View | None) -> set[str] | None:
    """The methods that a view was declared to answer (``require_http_methods`` and its kin), HEAD aside; None if none."""
    while view is not None:
        declared = inspect.getclosurevars(view).nonlocals.get("request_method_list") if view.__closure__ else None
        if declared is not None:
            return set(declared) - {"HEAD"}
        view = getattr(view, "__wrapped__", None)
    return None


def operations() -> set[tuple[str, str]]:
    """Every (URL name, method) of the API."""
    views: list[PathView] = [view for router in api._get_bound_routers() for view in router.path_operations.values()]
    return {(f"api:{op.url_name}", method) for view in views for op in view.operations for method in op.methods}


def test_every_url_has_a_row() -> None:
    named = {row.name for row in ROWS}
    missing = [f"{name} ({route})" for name, route in urls().items() if name not in named]
    assert not missing, f"add a Row to PAGES or API in tests/permissions/table.py for: {', '.join(missing)}"


def test_every_page_says_which_methods_it_answers_and_each_has_a_row() -> None:
    rows = {(row.name, row.method) for row in ROWS}
    for name, _route, view in views(get_resolver().url_patterns):
        if not name.startswith("api:"):
            answered = methods(view)
            assert answered, f"{name}: put require_safe, require_POST or require_http_methods before the view"
            missing = sorted(method for method in answered if (name, method) not in rows)
            assert not missing, f"add a Row to PAGES in tests/permissions/table.py for {name}: {', '.join(missing)}"


def test_every_operation_of_the_api_has_a_row() -> None:
    missing = operations() - {(row.name, row.method) for row in ROWS}
    assert not missing, f"add a Row to API in tests/permissions/table.py for: {sorted(missing)}"


def test_every_row_is_about_a_url_that_exists() -> None:
    assert {row.name for row in ROWS} <= urls().keys()


def test_nobody_signed_in_is_asked_to_sign_in() -> None:
    def expected(row: Row) -> int:
        return row.answer if row.public else 401 if row.name.startswith("api:") else 302

    assert deviations(Client(raise_request_exception=False), expected) == []


def test_somebody_of_another_study_finds_nothing() -> None:
    assert deviations(cast.sign_in(cast.OUTSIDER), lambda row: row.outsider) == []


def test_somebody_of_another_site_finds_nothing_of_this_one() -> None:
    assert deviations(cast.sign_in("elsewhere"), lambda row: row.elsewhere) == []


@pytest.mark.parametrize("handle", sorted({handle for row in ROWS for handle in row.refused}))
def test_the_wrong_role_is_refused(handle: str) -> None:
    assert deviations(cast.sign_in(handle), lambda row: row.refused.get(handle)) == []


@pytest.mark.parametrize("handle", sorted({row.allowed for row in ROWS}))
def test_the_right_role_is_served(handle: str) -> None:
    assert deviations(cast.sign_in(handle), lambda row: row.answer if row.allowed == handle else None) == []


def test_a_refusal_changes_nothing() -> None:
    browser = cast.sign_in(cast.OUTSIDER)
    before = {log: log_size(log) for log in log_names()}
    for row in ROWS:
        if row.method != "GET" and row.before is None and row.outsider >= 400:
            browser.generic(row.method, row.address, *row.content)
    assert {log: log_size(log) for log in log_names()} == before


def deviations(browser: Client, expected: Callable[[Row], int | None]) -> list[str]:
    """Rows whose answer is another than the one expected (None: not tried), as text."""
    found = []
    for row in ROWS:
        status = expected(row)
        if status is None:
            continue
        with undone():
            if row.before:
                row.before()
            response = browser.generic(row.method, row.address, *row.content)
            body = b"" if getattr(response, "is_async", False) else response.getvalue()  # a stream of events has no end
        if response.status_code != status:
            found.append(f"{row}: {response.status_code} instead of {status}: {body[:200]!r}")
    return found
