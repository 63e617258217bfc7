"""Bringing a study definition: the dry run, the package, publishing; and who may."""

import dataclasses

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from helmont.standards.definitions import read_definition
from helmont.standards.packages import read_package, zip_package
from helmont.standards.usdm import write_usdm
from helmont.studies.models import Definition, Study
from tests import cast

pytestmark = pytest.mark.database
BRING = "/definitions/new/"


def bring(client: Client, content: bytes, name: str) -> str:
    """The address of the dry run of a file."""
    answer = client.post(BRING, {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 302
    return str(answer["Location"])


def test_a_definition_is_looked_at_before_anything_is_made() -> None:
    client = cast.sign_in("administrator")
    where = bring(client, write_usdm(dataclasses.replace(cast.definition(), id="NEW1")), "new1.json")
    page = client.get(where).content.decode()
    assert "A dry run" in page
    assert "Publish as a new study" in page
    assert 'value="NEW1"' in page
    assert "Vital signs" in page
    assert not Study.objects.filter(key="NEW1").exists()


def test_it_is_published_as_a_new_study_under_the_id_that_was_looked_at() -> None:
    client = cast.sign_in("administrator")
    where = bring(client, zip_package(cast.definition()), "cast.zip")
    assert client.get(f"{where}?study=not%20an%20id&version=1").status_code == 422
    answer = client.post(where, {"study": "NEW2", "version": "7", "then": "publish"})
    assert answer["Location"] == "/studies/NEW2/"
    assert Study.objects.get(key="NEW2").definition == "7"


def test_a_new_version_waits_for_an_amendment() -> None:
    client = cast.sign_in("study.manager")
    where = bring(client, zip_package(cast.definition()), "cast.zip")
    assert "This very content is published already." in client.get(where).content.decode()
    changed = dataclasses.replace(cast.definition(), phase="3")
    where = bring(client, zip_package(changed), "cast.zip")
    assert "is published with other content" in client.get(where).content.decode()
    page = client.get(f"{where}?study={cast.STUDY}&version=9").content.decode()
    assert "1 difference<" in page
    assert "<code>phase</code>" in page
    answer = client.post(where, {"study": cast.STUDY, "version": "9", "then": "publish", "amends": "on"})
    assert answer["Location"] == f"/studies/{cast.STUDY}/amendments/"
    assert Definition.objects.filter(study=cast.STUDY, version="9").exists()
    assert Study.objects.get(key=cast.STUDY).definition == cast.definition().version


def test_nobody_publishes_under_an_id_that_is_not_theirs() -> None:
    client = cast.sign_in("study.manager")
    where = bring(client, zip_package(cast.definition(cast.OTHER)), "other.zip")
    page = client.get(where).content.decode()
    assert "You may not publish" in page
    assert "is published;" not in page  # of a study they do not know, not even that it is there
    answer = client.post(where, {"study": "NEW3", "version": "1", "then": "publish"})
    assert answer.status_code == 422
    assert not Study.objects.filter(key="NEW3").exists()
    package = client.post(where, {"study": "NEW3", "version": "1", "then": "package"})
    assert read_package(package.content, "x.zip").study == dataclasses.replace(
        cast.definition(), id="NEW3", version="1"
    )


def test_a_refused_file_says_where() -> None:
    client = cast.sign_in("administrator")
    page = client.get(bring(client, b'{"study": {\n"versions": 3}}', "broken.json")).content.decode()
    assert "Nothing can be made of this file" in page
    assert "Refused" in page
    assert "Publish" not in page


def test_what_somebody_brought_is_theirs_alone_and_can_be_put_aside() -> None:
    client = cast.sign_in("administrator")
    where = bring(client, zip_package(cast.definition()), "cast.zip")
    assert cast.sign_in("study.manager").get(where).status_code == 404
    assert client.post(where, {"then": "forget"})["Location"] == BRING
    assert client.get(where).status_code == 404


@pytest.mark.parametrize("kind", ["usdm", "odm-1.3.2", "odm-2.0", "package"])
def test_a_published_definition_is_taken_away_and_brought_back_as_the_same(kind: str) -> None:
    file = cast.sign_in("study.manager").get(f"/studies/{cast.STUDY}/definition/file/{kind}")
    assert 'filename="CAST1-' in file["Content-Disposition"]
    _, imported = read_definition(file.content, "file")
    assert imported.study == cast.definition()


def test_there_is_no_other_kind_of_file() -> None:
    assert cast.sign_in("study.manager").get(f"/studies/{cast.STUDY}/definition/file/pdf").status_code == 404
