"""Uploads are kept by their content and told by their first bytes, not by their name."""

from __future__ import annotations

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from helmont.core.errors import Invalid, NotFound
from helmont.edc.actions.files import store, stored
from helmont.study.model import FileRule
from tests import cast

PDF = b"%PDF-1.7\nhello"
RULE = FileRule(("application/pdf",), 1)


def upload(content: bytes, name: str = "ecg.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "application/pdf")


def test_a_file_is_stored_under_the_hash_of_its_content() -> None:
    value = store(upload(PDF), RULE)
    digest = hashlib.sha256(PDF).hexdigest()
    assert value == {"file": digest, "name": "ecg.pdf", "size": len(PDF), "type": "application/pdf"}
    assert stored(digest).read_bytes() == PDF


@pytest.mark.parametrize("content", [b"<script>alert(1)</script>", b"MZ\x90\x00", b"\x89PNG\r\n\x1a\n1234"])
def test_a_file_that_only_claims_to_be_a_pdf_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid, match="kind of file"):
        store(upload(content), RULE)


@pytest.mark.parametrize("content", [b"", b"%PDF-" + b"x" * 1_000_000])
def test_an_empty_or_too_large_file_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid, match="empty or too large"):
        store(upload(content), RULE)


@pytest.mark.parametrize("name", ["../../etc/passwd.pdf", "C:\\temp\\passwd.pdf"])
def test_a_name_keeps_no_path(name: str) -> None:
    file = upload(PDF)
    file._name = name
    assert store(file, RULE)["name"] == "passwd.pdf"


@pytest.mark.parametrize("digest", ["../helmont.sqlite3", "0" * 64, "é" * 64])
def test_nothing_but_a_stored_file_can_be_fetched(digest: str) -> None:
    with pytest.raises(NotFound):
        stored(digest)


@pytest.mark.database
@pytest.mark.usefixtures("db")
def test_uploading_needs_an_item_that_takes_files_and_the_right_to_enter_data() -> None:
    address = f"/studies/{cast.STUDY}/files"
    request = {"form": cast.VS, "item": "SYSBP"}
    assert cast.sign_in("coordinator").post(address, request | {"file": upload(PDF)}).status_code == 422
    assert cast.sign_in("monitor").post(address, request | {"file": upload(PDF)}).status_code == 403
    assert cast.sign_in("elsewhere").post(address, request | {"file": upload(PDF)}).status_code == 404


@pytest.mark.database
@pytest.mark.usefixtures("db")
def test_a_file_is_fetched_only_through_an_answer_that_holds_it() -> None:
    digest = store(upload(PDF), RULE)["file"]
    address = f"/studies/{cast.STUDY}/files/{digest}?form={cast.VS}&item=SYSBP"
    assert cast.sign_in("coordinator").get(address).status_code == 404
