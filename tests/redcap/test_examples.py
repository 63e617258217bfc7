"""The examples in PyCap's own documentation, as its published package carries them, run against this server."""

from __future__ import annotations

import doctest
import importlib
import io
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
import redcap.methods

from redcap import Project
from tests.redcap.conftest import create_project
from tests.redcap.projects import example_project

pytestmark = [pytest.mark.database, pytest.mark.slow]
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
NEEDS_PANDAS = "answers with a data frame of pandas, which is not installed here"
FILES = "stores a text file as an answer; answers are PDF, PNG and JPEG here"
SURVEYS = "there are no surveys here"
ROLES = "roles are fixed here"
USER = "imports a user of whom the installation does not know; an administrator opens accounts"
OUTSIDE = {
    "DataAccessGroups.import_user_dag_assignment": USER,
    "FileRepository.export_file_repository": "expects a folder that another example has made",
    "Files.export_file": FILES,
    "Files.import_file": FILES,
    "Files.delete_file": FILES,
    "Instruments.export_pdf": "expects the first bytes that one release of one PDF library writes",
    "Logging.export_logging": "expects that making the project was the last thing that happened",
    "Metadata.export_metadata": NEEDS_PANDAS,
    "Records.export_records": "filterLogic is not evaluated here, and one example answers with a data frame",
    "Reports.export_report": "the example is marked to be left out",
    "DataAccessGroups.switch_dag": "the example is marked to be left out",
    "Surveys.export_survey_link": SURVEYS,
    "Surveys.export_survey_queue_link": SURVEYS,
    "Surveys.export_survey_access_code": SURVEYS,
    "Surveys.export_survey_return_code": SURVEYS,
    "Surveys.export_survey_participant_list": SURVEYS,
    "UserRoles.export_user_roles": ROLES,
    "UserRoles.import_user_roles": ROLES,
    "UserRoles.delete_user_roles": ROLES,
    "Users.delete_users": USER,
    "Users.export_users": "expects rights to things that are not here, such as alerts",
    "Users.import_users": USER,
}


def examples() -> Iterator[Any]:
    finder = doctest.DocTestFinder(recurse=True)
    for module in sorted(pkgutil.iter_modules(redcap.methods.__path__), key=lambda found: found.name):
        loaded = importlib.import_module(f"redcap.methods.{module.name}")
        for found in finder.find(loaded, globs={}):
            name = found.name.removeprefix(f"redcap.methods.{module.name}.")
            if found.examples:
                yield pytest.param(found, id=name)


@pytest.fixture
def project(address: str, super_token: str) -> Project:
    """The project of the examples, with the files that they look for. Each example has one of its own."""
    made = Project(address, create_project(address, super_token, "Examples", example_project()))
    made.import_file_into_repository(file_name="test.txt", file_object=io.BytesIO(b"hello"))
    [folder] = made.create_folder_in_repository(name="test")
    made.import_file_into_repository("test_in_folder.txt", io.BytesIO(b"inside"), folder_id=folder["folder_id"])
    return made


@pytest.mark.parametrize("example", [found for found in examples() if found.id not in OUTSIDE])
def test_an_example_of_the_documentation_runs(project: Project, example: doctest.DocTest) -> None:
    example.globs = {"proj": project, "TOKEN": project.token}
    written: list[str] = []
    results = doctest.DocTestRunner(optionflags=FLAGS).run(example, out=written.append, clear_globs=False)
    assert results.failed == 0, "".join(written)


def test_most_examples_run() -> None:
    assert len([found for found in examples() if found.id not in OUTSIDE]) >= 27
