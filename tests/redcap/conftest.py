"""A server with an administrator's token, and PyCap's ``Project`` on projects made through it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from redcap import Project
from tests.redcap.projects import long_project, simple_project
from tests.serving import Site, shared_stage, site

ABOUT = '<?xml version="1.0" encoding="UTF-8" ?><item><project_title>{}</project_title><purpose>0</purpose></item>'


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(shared_stage(), Path(tmp_path_factory.mktemp("redcap"))) as running:
        yield running


@pytest.fixture(scope="session")
def address(server: Site) -> str:
    return f"{server.url}/redcap/api/"


@pytest.fixture(scope="session")
def super_token(server: Site) -> str:
    return server.stage.tokens["admin"]


def create_project(address: str, token: str, title: str, content: str = "") -> str:
    """Make a project as PyCap's own suite does; returns its token."""
    fields = {"token": token, "content": "project", "format": "xml", "data": ABOUT.format(title), "odm": content}
    answer = requests.post(address, data=fields, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.text[-32:]


@pytest.fixture(scope="session")
def simple(address: str, super_token: str) -> Project:
    """A classic project with three records."""
    return Project(address, create_project(address, super_token, "Simple project", simple_project()))


@pytest.fixture(scope="session")
def long(address: str, super_token: str) -> Project:
    """A longitudinal project of two arms with one record."""
    return Project(address, create_project(address, super_token, "Long project", long_project()))
