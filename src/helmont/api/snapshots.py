"""Endpoints of pinned snapshots: which there are, and their files, for notebooks and programs."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import FileResponse, HttpRequest
from ninja import Router, Schema
from pydantic import Field

from helmont.api.auth import actor_of, today_of
from helmont.api.keys import StudyId
from helmont.api.schemas import answers
from helmont.core.errors import NotFound
from helmont.listings.snapshots import file_of, snapshot_for, snapshots_for
from helmont.studies.queries import study_for

router = Router(tags=["snapshots"])
SnapshotNumber = Annotated[
    str, Field(description="The last part of the snapshot's key.", pattern=r"^[0-9]{1,18}-[0-9]{1,6}$")
]


class SnapshotOut(Schema):
    key: str
    title: str
    maker: str
    made: str = Field(description="UTC.")
    size: int = Field(description="How many entries of the ledger it takes in.")
    root: str = Field(description="The root hash of the ledger at that size, in hex.")
    sha256: str = Field(description="Of the file.")
    bytes: int = Field(description="The size of the file.")
    blinded: bool = Field(description="Allocations are left out.")
    hidden: str = Field(description="The privileges whose values are left out, separated by spaces.")


@router.get("/{study}/snapshots", response=answers(list[SnapshotOut]), url_name="snapshots")
def read_snapshots(request: HttpRequest, study: StudyId) -> Any:
    """The snapshots that you may open, the newest first."""
    actor = actor_of(request)
    study_for(actor, study, today_of(actor))
    if not actor.places("export.read", study, today_of(actor)):
        raise NotFound(study)
    return [SnapshotOut.from_orm(each) for each in snapshots_for(actor, study, today_of(actor))]


@router.get("/{study}/snapshots/{number}/file", url_name="snapshot_file", response=answers(None))
def read_snapshot_file(request: HttpRequest, study: StudyId, number: SnapshotNumber) -> Any:
    """The snapshot as a DuckDB database file; open it read-only. Its SHA-256 is the one in the ledger."""
    actor = actor_of(request)
    row = snapshot_for(actor, f"{study}/snapshots/{number}", today_of(actor))
    name = f"{study}-{number}.duckdb"
    return FileResponse(
        file_of(row).open("rb"), as_attachment=True, filename=name, content_type="application/vnd.duckdb"
    )
