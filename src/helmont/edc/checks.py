"""The lines that data capture itself puts on the database-lock checklist."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from helmont.edc.checklist import Check, Missing, add_check
from helmont.edc.models import Form, LedgerCheck, Lock, Query
from helmont.edc.queries.standings import counted
from helmont.edc.workflows import OPEN_QUERY
from helmont.participants.models import Encounter, Participant
from helmont.participants.queries import encounters_of
from helmont.studies.models import Study
from helmont.studies.queries import compiled

DONE = ("complete", "not_done")


def open_queries(study: str, _today: date) -> Iterable[Missing]:
    rows = Query.objects.filter(study=study, status__in=OPEN_QUERY).order_by("form", "item")
    return [Missing(form, item) for form, item in rows.values_list("form", "item")]


def forms_to_complete(study: str, _today: date) -> Iterator[Missing]:
    """Forms expected at a visit that took place and not complete, and drafts anywhere."""
    there = dict(Form.objects.filter(study=study).values_list("key", "status"))
    versions = dict(Participant.objects.filter(study=study).values_list("key", "definition"))
    expected: set[str] = set()
    begun = Encounter.objects.filter(study=study, status="begun").order_by("key")
    for key, participant, oid in begun.values_list("key", "participant_id", "oid"):
        definition = compiled(study, versions[participant])
        if oid in definition.encounters:
            expected.update(f"{key}/{form}" for form in definition.expected_forms(oid))
    for form in sorted(expected | {key for key, status in there.items() if status == "draft"}):
        if there.get(form) not in DONE:
            yield Missing(form)


def overdue_visits(study: str, today: date) -> Iterator[Missing]:
    rows = defaultdict(list)
    for row in Encounter.objects.filter(study=study):
        rows[row.participant_id].append(row)
    for participant in Participant.objects.filter(study=study).order_by("key"):
        definition = compiled(study, participant.definition)
        for encounter in encounters_of(participant, definition, rows[participant.key], "en", today):
            if encounter.standing == "overdue":
                yield Missing(encounter.key)


def values_to_verify(study: str, _today: date) -> Iterator[Missing]:
    for form in counted(Study.objects.get(key=study), frozenset()).values():
        for item in form.due:
            yield Missing(form.key, item)


def forms_to_review(study: str, _today: date) -> Iterator[Missing]:
    rows = Form.objects.filter(study=study, status__in=DONE).order_by("key").values_list("key", "reviewed")
    return (Missing(key) for key, reviewed in rows.iterator() if "data" not in reviewed)


def forms_to_sign(study: str, _today: date) -> Iterator[Missing]:
    rows = Form.objects.filter(study=study, status__in=(*DONE, "removed")).exclude(signed="valid").order_by("key")
    broken = _("The signature was broken by a change.")
    return (Missing(key, text=broken if signed else "") for key, signed in rows.values_list("key", "signed").iterator())


def unfinished_participants(study: str, _today: date) -> Iterator[Missing]:
    rows = Participant.objects.filter(study=study, status__in=("screening", "enrolled")).order_by("key")
    return (Missing(key) for key in rows.values_list("key", flat=True))


def ledger_unchecked(study: str, _today: date) -> Iterator[Missing]:
    """The whole record was compared with its entries since the study was frozen, and agreed."""
    check = LedgerCheck.objects.filter(study=study).first()
    frozen = Lock.objects.filter(study=study, level="study", state__in=("frozen", "locked")).first()
    if check is None:
        yield Missing(text=_("The ledger has not been verified."))
    elif check.faults:
        yield Missing(text=_("The ledger was verified and does not agree: %s faults.") % check.faults)
    elif frozen is not None and frozen.state == "frozen" and check.size <= frozen.revision:
        yield Missing(text=_("The ledger was last verified before the study was frozen."))


for _check in (
    Check("queries", gettext_lazy("Queries are closed"), open_queries),
    Check("forms", gettext_lazy("Expected forms are complete"), forms_to_complete),
    Check("visits", gettext_lazy("No visit is overdue"), overdue_visits),
    Check("verification", gettext_lazy("The verification plan is carried out"), values_to_verify),
    Check("review", gettext_lazy("Forms are reviewed"), forms_to_review),
    Check("signatures", gettext_lazy("Forms stand signed"), forms_to_sign),
    Check("participants", gettext_lazy("Participants have finished"), unfinished_participants),
    Check("ledger", gettext_lazy("The ledger verifies"), ledger_unchecked),
):
    add_check(_check)
