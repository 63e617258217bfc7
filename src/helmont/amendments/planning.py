"""Making a plan: the difference between versions and the dry run over everybody, put on record."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256

from helmont.amendments.actions.planning import PlannedMigration, RecordPlan
from helmont.amendments.dry_run import Report, dry_run
from helmont.amendments.impact import COUNTED, guarded_items
from helmont.amendments.migrating import concerned, routes_between
from helmont.core.errors import Fault, Invalid
from helmont.core.ledger import store
from helmont.core.ledger.tlog.canonical import JSON, dumps
from helmont.participants.models import Participant
from helmont.studies.queries import compiled
from helmont.study.amending import check_against
from helmont.study.comparing import compare
from helmont.study.model import Study


def sources_of(study: str, target: str) -> list[str]:
    """The versions that participants are under now, the target left out."""
    found = Participant.objects.filter(study=study).exclude(definition=target)
    return sorted(set(found.order_by().values_list("definition", flat=True)))


def plan(study: str, target: str, report: Report | None = None) -> RecordPlan:
    """What bringing everybody of the study under ``target`` means, as the action that puts it on record.

    Raises ``Invalid`` when the target's ``amendment.yaml`` does not fit a version that participants are under.
    """
    new, sources = compiled(study, target), sources_of(study, target)
    refuse_misfits([compiled(study, source).study for source in sources], new.study)
    size = store.log_size(study)
    hidden = set().union(*(guarded_items(routes_between(compiled(study, source), new)) for source in sources))
    migrations, totals, digest = [], Counter[str](), sha256()
    for impact in dry_run(study, concerned(study, sources), target, report):
        public = impact.without(hidden)
        counts, kept = public.counts(), public.places()
        totals.update(counts)
        found = PlannedMigration(impact.participant, impact.country, impact.site, impact.source, counts, kept)
        digest.update(dumps(vars(found)) + b"\n")
        migrations.append(found)
    differences: list[JSON] = [compare(compiled(study, source).study, new.study).to_dict() for source in sources]
    return RecordPlan(
        study=study,
        target=target,
        size=size,
        difference=sha256(dumps(differences)).hexdigest(),
        impact=digest.hexdigest(),
        totals={name: totals[name] for name in COUNTED if totals[name]},
        migrations=tuple(migrations),
    )


def refuse_misfits(olds: list[Study], new: Study) -> None:
    """Raise ``Invalid`` with every fault of the new version's ``amendment.yaml`` against the old ones."""
    faults = [fault for old in olds for fault in check_against(old, new)]
    if faults:
        raise Invalid([Fault(fault.place, fault.message, fault.accepted) for fault in faults])
