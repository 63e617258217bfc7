"""The file repository of a study: folders and files beside the data."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from helmont.api.redcap.call import Call, handles
from helmont.core.errors import Fault, Invalid
from helmont.edc.actions.files import keep, stored
from helmont.projects.actions import AddFile, AddFolder, RemoveFile
from helmont.projects.queries import repository, repository_file

MAX_MB = 50
KINDS = {"txt": "text/plain", "pdf": "application/pdf", "csv": "text/csv", "png": "image/png", "jpg": "image/jpeg"}


def _number(call: Call, name: str) -> str:
    number = call.get(name)
    if number and not (number.isascii() and number.isdecimal() and len(number) < 10):
        raise Invalid([Fault(name, f"“{number[:20]}” is not a number", "a number from the list")])
    return number


@handles("fileRepository", "list")
def list_files(call: Call) -> HttpResponse:
    rows: list[dict[str, Any]] = [
        {"doc_id" if row.sha256 else "folder_id": row.number, "name": row.name}
        for row in repository(call.actor, call.study.key, _number(call, "folder_id"), call.today)
    ]
    return call.table(rows, "folder_id", "doc_id", "name")


@handles("fileRepository", "createFolder")
def create_folder(call: Call) -> HttpResponse:
    call.may("repository.change")
    [made] = call.perform(AddFolder(call.study.key, call.get("name"), _number(call, "folder_id")))
    return call.table([{"folder_id": made["number"]}], "folder_id")


@handles("fileRepository", "import")
def import_file(call: Call) -> HttpResponse:
    upload = call.files.get("file")
    if upload is None or (upload.size or 0) > MAX_MB * 1_000_000:
        raise Invalid([Fault("file", "no file was sent, or it is too large", f"at most {MAX_MB} MB")])
    call.may("repository.change")
    name = (upload.name or "").replace("\\", "/").rsplit("/", 1)[-1]
    call.perform(AddFile(call.study.key, name, _number(call, "folder_id"), keep(upload), upload.size or 0))
    return HttpResponse(b"", content_type="text/plain")


@handles("fileRepository", "export")
def export_file(call: Call) -> HttpResponse:
    found = repository_file(call.actor, call.study.key, _number(call, "doc_id"), call.today)
    if found is None:
        raise Invalid([Fault("doc_id", "there is no such file", "a number from the list")])
    kind = KINDS.get(found.name.rsplit(".", 1)[-1].lower(), "application/octet-stream")
    return call.file(stored(found.sha256).read_bytes(), found.name, kind)


@handles("fileRepository", "delete")
def delete_file(call: Call) -> HttpResponse:
    """Take a file out of the list; it stays in the record."""
    call.may("repository.change")
    call.perform(RemoveFile(call.study.key, _number(call, "doc_id")))
    return HttpResponse(b"", content_type="text/plain")
