"""Keeping codings up with what is entered, and auto-coding: scheduled, in batches, by a service of the installation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.db.models import Max

from helmont.coding.actions.following import FollowCodings, Proposal
from helmont.coding.declared import InUse, coded_forms, coded_values, declaration, dictionaries_in_use
from helmont.coding.lexicon import lexicon
from helmont.coding.matching.matcher import SUGGESTED
from helmont.coding.models import ChangedForm, Coding, Followed, Synonym
from helmont.core.actions import Job, Outcome
from helmont.core.jobs.schedule import scheduled
from helmont.core.permissions import Actor, service
from helmont.core.writer import perform_all
from helmont.edc.models import Form
from helmont.participants.models import Participant
from helmont.studies.models import Definition, Study
from helmont.studies.queries import compiled

BATCH = 20  # participants to a commit, so that those who save are not held up
SOURCE = {"channel": "schedule"}
Told = Callable[[int, int], object]
Proposals = dict[tuple[str, str], Proposal]


@scheduled("coding", every=20)
def follow_all() -> None:
    """Every study that codes anything; what is entered is coded or due half a minute later."""
    for study in Study.objects.order_by("key").values_list("key", flat=True):
        follow(study)


def coder(study: str) -> Actor:
    """The service that auto-codes."""
    return service("auto-coding", "coding_service", study)


def follow(study: str, *, everything: bool = False, told: Told = lambda _done, _total: None) -> int:
    """Look at the forms that changed since the last time, or at all; how many codings were made or changed."""
    declared = declaration(study)
    if not _codes(study):
        return 0
    row, _made = Followed.objects.get_or_create(study=study)
    upto = ChangedForm.objects.filter(study=study).aggregate(last=Max("sequence"))["last"] or 0
    if everything or row.declared != declared:
        forms = _all_forms(study)
    elif upto <= row.sequence:
        return 0
    else:
        found = ChangedForm.objects.filter(study=study, sequence__gt=row.sequence, sequence__lte=upto)
        forms = list(found.order_by("form").values_list("form", flat=True))
    changed = run(study, forms, told)
    Followed.objects.filter(study=study).update(sequence=max(upto, row.sequence), declared=declared)
    return changed


def code_again(study: str, name: str, told: Told = lambda _done, _total: None) -> int:
    """Auto-code what waits (a decision was kept, a dictionary loaded); how many codings changed."""
    waiting = Coding.objects.filter(study=study, name=name, status__in=("uncoded", "suggested"))
    return run(study, list(waiting.order_by("form").values_list("form", flat=True).distinct()), told)


def run(study: str, forms: Sequence[str], told: Told = lambda _done, _total: None) -> int:
    """Bring the codings of ``forms`` up to their values, participant by participant."""
    coding = AutoCoder(study)
    by_participant: dict[str, list[str]] = {}
    for key in forms:
        by_participant.setdefault("/".join(key.split("/")[:2]), []).append(key)
    actor, changed, done = coder(study), 0, 0
    for batch in _batches(by_participant.items()):
        jobs = [Job(coding.action(participant, keys), actor, SOURCE) for participant, keys in batch]
        for outcome in perform_all(jobs):
            if not isinstance(outcome, Outcome):
                raise outcome
            changed += outcome.result["changed"]
        done += sum(len(keys) for _, keys in batch)
        told(done, len(forms))
    return changed


class AutoCoder:
    """Proposals for verbatims, each distinct one looked up once."""

    def __init__(self, study: str) -> None:
        self._study = study
        self._used = dictionaries_in_use(study)
        self._synonyms: dict[str, dict[str, str]] = {name: {} for name in self._used}
        active = Synonym.objects.filter(study=study, status="active").values_list("name", "phrase", "code")
        for name, phrase, code in active:
            self._synonyms.setdefault(name, {})[phrase] = code
        self._known: Proposals = {}

    def action(self, participant: str, keys: Sequence[str]) -> FollowCodings:
        """The action that follows these forms of a participant, with proposals for what stands in them now."""
        definition = Participant.objects.values_list("definition", flat=True).get(key=participant)
        study = compiled(self._study, definition)
        proposals: Proposals = {}
        for name, data in Form.objects.filter(key__in=keys).values_list("form", "data"):
            if name in study.forms:
                for _item, coding, verbatim in coded_values(study.forms[name], data):
                    if found := self.propose(coding.dictionary, verbatim):
                        proposals[coding.dictionary, verbatim] = found
        return FollowCodings(participant, tuple(keys), proposals)

    def propose(self, name: str, verbatim: str) -> Proposal | None:
        """A decision or the best suggestion; None when there is neither, or no dictionary."""
        used: InUse | None = self._used.get(name)
        if used is None or used.loaded is None:
            return None
        if (name, verbatim) not in self._known:
            matcher = lexicon(used.loaded).matcher
            if match := matcher.match(verbatim, self._synonyms[name]):
                found = Proposal(verbatim, used.loaded.key, match.entry.code, match.stage)
            elif suggestions := matcher.suggest(verbatim, most=1):
                best = suggestions[0]
                found = Proposal(verbatim, used.loaded.key, best.entry.code, SUGGESTED, best.score)
            else:
                found = Proposal(verbatim, used.loaded.key, "", "")
            self._known[name, verbatim] = found
        return self._known[name, verbatim]


def _codes(study: str) -> bool:
    versions = Definition.objects.filter(study=study).values_list("version", flat=True)
    return any(coded_forms(compiled(study, version)) for version in versions)


def _all_forms(study: str) -> list[str]:
    versions = Definition.objects.filter(study=study).values_list("version", flat=True)
    names = {form for version in versions for form in coded_forms(compiled(study, version))}
    found = Form.objects.filter(study=study, form__in=names).order_by("key")
    return list(found.values_list("key", flat=True))


def _batches(items: Iterable[Any]) -> Iterator[list[Any]]:
    iterator = iter(items)
    while batch := list(islice(iterator, BATCH)):
        yield batch
