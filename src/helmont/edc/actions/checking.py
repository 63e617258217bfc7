"""Comparing the whole record of a study with its ledger, for the line of the checklist that says so."""

from __future__ import annotations

from datetime import UTC, datetime

from django_tasks import task

from helmont.core.ledger import store
from helmont.core.ledger.verify import verify
from helmont.core.transactions import format_time
from helmont.edc.models import LedgerCheck


@task()
def verify_ledger(study: str) -> int:
    """Verify the study's log and keep the outcome; returns the number of faults."""
    size = store.log_size(study)
    faults = len(verify([study]).faults)
    found = {"size": size, "faults": faults, "time": format_time(datetime.now(UTC))}
    LedgerCheck.objects.update_or_create(study=study, defaults=found)
    return faults
