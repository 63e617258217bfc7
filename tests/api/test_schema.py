"""The API keeps to its own description, whatever is sent: schemathesis makes requests from the OpenAPI document.

Half of them break the description on purpose. The answer is never a 500, and always one that the document names.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests import cast

pytestmark = [pytest.mark.database, pytest.mark.slow, pytest.mark.usefixtures("db")]
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
# The same requests each time: what fails here fails everywhere.
FEW = settings(
    max_examples=2,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
# Real records in the path of some requests, so that not everything ends in 404.
REAL = {
    "key": cast.VS,
    "study": cast.STUDY,
    "log": cast.STUDY,
    "number": cast.PARTICIPANT,
    "encounter": "WEEK_2",
    "sequence": 21,
}


@pytest.fixture
def operations() -> Iterator[list[Any]]:
    """The operations of the application, which keeps the test's connection to the database open between requests."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", WSGIHandler())
    yield [result.ok() for result in schema.get_all_operations()]
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("handle", ["coordinator", "sponsor"])
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_answer_is_one_that_the_description_names(
    handle: str, mode: GenerationMode, operations: list[Any]
) -> None:
    headers = {"Authorization": cast.token(handle)}
    for operation in operations:
        real = {name: value for name, value in REAL.items() if f"{{{name}}}" in operation.path}
        for path in ({}, {"path_parameters": real}):

            @FEW
            @given(case=operation.as_strategy(mode, **path))
            def conform(case: Case) -> None:
                case.call_and_validate(headers=headers, checks=CHECKS)

            conform()


def test_the_description_is_public_and_names_the_save_path() -> None:
    answer = Client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    save = answer.json()["paths"]["/api/v1/forms/{key}"]["put"]
    assert "Idempotency-Key" in [parameter["name"] for parameter in save["parameters"]]
    assert {"200", "401", "409", "422"} <= save["responses"].keys()
