"""One participant comes under another version. The dry run (``dry_run``) and the real thing are this one function."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice

from helmont.amendments.impact import Impact, impact_of
from helmont.core.permissions import Actor, service
from helmont.core.records import Row
from helmont.core.rows import Find, Get, Read, Rows
from helmont.core.transactions import Transaction
from helmont.edc.actions.amending.forms import amend_forms, amend_reads
from helmont.edc.actions.amending.outcome import Kept
from helmont.participants.models import Participant
from helmont.studies.queries import compiled, compiled_for
from helmont.study.compiling import CompiledStudy
from helmont.study.routes import Routes

RUNNER = service("helmont", "system")


@lru_cache(maxsize=32)
def routes_between(old: CompiledStudy, new: CompiledStudy) -> Routes:
    """The ways from one version to another, made once."""
    return Routes(old, new)


def routes_for(tx: Transaction, source: str, target: str) -> Routes:
    """The ways from one version to another; published in the study, or earlier in the same batch."""
    return routes_between(compiled_for(tx, source), compiled_for(tx, target))


def migrate(tx: Transaction, actor: Actor, participant: str, target: str, amendment: str = "") -> Impact:
    """Bring a participant under ``target`` and keep what has no place; returns what that meant."""
    before = tx.require("participant", participant)
    source = before["definition"]
    routes = routes_for(tx, source, target)
    row = tx.put("participant", participant, definition=target)
    amended = amend_forms(tx, actor, row, routes, lambda version: routes_for(tx, version, target))
    tx.rows.prefetch(Find("kept_value", "form", was) for was in amended.renamed)
    for was, now in amended.renamed.items():
        for kept in tx.find("kept_value", "form", was):
            tx.put("kept_value", kept["key"], form=now)
    for one in amended.kept:
        _keep(tx, row, one, source, amendment)
    return impact_of(tx, row, source, routes, amended)


def _keep(tx: Transaction, participant: Row, one: Kept, version: str, amendment: str) -> None:
    why = {"id": one.why.message_id, **{name: str(value) for name, value in one.why.params.items()}} if one.why else {}
    tx.create(
        "kept_value",
        tx.new_key(f"{participant['key']}/kept"),
        study=participant["study"],
        country=participant["country"],
        site=participant["site"],
        participant=participant["key"],
        amendment=amendment,
        form=one.form,
        item=one.item,
        version=version,
        privilege=one.privilege,
        value={"value": one.value} if one.item else {},
        mark=dict(one.mark),
        why=why,
        status="kept" if one.settled else "undecided",
    )


def first_reads(participant: str) -> Iterable[Read]:
    """What ``migrate`` reads of a participant at first."""
    yield Get("participant", participant)
    yield Find("form", "participant", participant)
    yield Find("encounter", "participant", participant)


def further_reads(rows: Rows, study: str, participant: str, target: str) -> Iterator[Iterable[Read]]:
    """What ``migrate`` reads then, in rounds."""
    row = rows.get("participant", participant)
    if row is not None and row["definition"] != target:
        routes = routes_between(compiled(study, row["definition"]), compiled(study, target))
        yield from amend_reads(rows, participant, routes)


def impacts_of(study: str, chunk: Sequence[str], new: CompiledStudy, size: int) -> list[Impact]:
    """What would happen to the participants of one chunk, as the next entry of a ledger of this size."""
    version = new.study.version
    rows = Rows()
    rows.memo[f"{study}/definitions/{version}"] = new
    rows.prefetch(read for key in chunk for read in first_reads(key))
    waiting = [
        key for key in chunk if (row := rows.get("participant", key)) is not None and row["definition"] != version
    ]
    rounds = []
    for key in waiting:
        row = rows.get("participant", key)
        assert row is not None
        rounds.append(amend_reads(rows, key, routes_between(compiled(study, row["definition"]), new)))
    while asked := [reads for each in rounds for reads in islice(each, 1)]:
        rows.prefetch(read for reads in asked for read in reads)
    return [migrate(Transaction(rows, study, datetime.now(UTC), "UTC", size), RUNNER, key, version) for key in waiting]


def concerned(study: str, sources: Iterable[str]) -> list[str]:
    """Keys of the participants who are under one of the versions, in order."""
    found = Participant.objects.filter(study=study, definition__in=list(sources)).order_by("number")
    return list(found.values_list("key", flat=True))
