"""Another version of a dictionary: what it changes for a study, before anything is changed, and then the change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from helmont.coding.actions.dictionaries import CarryOver, UpgradeDictionary
from helmont.coding.declared import dictionaries_in_use
from helmont.coding.following import code_again
from helmont.coding.lexicon import Lexicon, lexicon, lexicon_of
from helmont.coding.models import Coding, Dictionary, Synonym
from helmont.core.actions import Job, Outcome
from helmont.core.errors import NotFound
from helmont.core.permissions import Actor
from helmont.core.writer import perform, perform_all

SAME, MOVED, RENAMED, NOT_CURRENT, GONE = KINDS = ("same", "moved", "renamed", "not_current", "gone")
BATCH = 20
Told = Callable[[int, int], object]


@dataclass(frozen=True)
class Affected:
    """A coded term that is not the same in the new version; ``was`` and ``becomes`` are what differs, in words."""

    code: str
    term: str
    kind: str
    level: str
    was: str
    becomes: str
    codings: int
    synonyms: int


@dataclass(frozen=True)
class Impact:
    """What an upgrade would do: terms added and dropped overall, codings carried over and due again, and which terms."""

    added: int
    dropped: int
    carried: int
    due: int
    synonyms_due: int
    affected: tuple[Affected, ...]


def impact(study: str, name: str, to: str) -> Impact:
    """The impact of moving to the dictionary ``to`` (a key). Changes nothing; raises ``NotFound``."""
    used = dictionaries_in_use(study).get(name)
    if used is None:
        raise NotFound(name)
    new = lexicon_of(to)
    old = lexicon(used.loaded) if used.loaded else Lexicon(new.levels, ())
    own = {code for level, code in old.terms if level == old.lowest}
    theirs = {code for level, code in new.terms if level == new.lowest}
    codings: Counter[str] = Counter()
    terms: dict[str, tuple[str, dict[str, Any]]] = {}
    coded = Coding.objects.filter(study=study, name=name).exclude(code="").exclude(status="withdrawn")
    for code, term, path in coded.values_list("code", "term", "path"):
        codings[code] += 1
        terms.setdefault(code, (term, path))
    decisions: Counter[str] = Counter()
    kept = Synonym.objects.filter(study=study, name=name, status="active")
    for code, term in kept.values_list("code", "term"):
        decisions[code] += 1
        if code not in terms:
            known = old.term(code)
            terms[code] = (term, old.path(known) if known else {})
    affected = []
    for code, (name_of, path) in sorted(terms.items(), key=lambda item: item[1][0]):
        kind, level, was, becomes = difference(new, code, path)
        if kind != SAME:
            affected.append(Affected(code, name_of, kind, level, was, becomes, codings[code], decisions[code]))
    due = sum(each.codings for each in affected)
    return Impact(
        added=len(theirs - own),
        dropped=len(own - theirs),
        carried=sum(codings.values()) - due,
        due=due,
        synonyms_due=sum(each.synonyms for each in affected if each.kind in (GONE, NOT_CURRENT)),
        affected=tuple(affected),
    )


def difference(new: Lexicon, code: str, path: dict[str, Any]) -> tuple[str, str, str, str]:
    """How a coded term stands in the new version: the kind, the narrowest level that differs, what it was and becomes."""
    term = new.term(code)
    if term is None:
        return GONE, new.lowest, path.get(new.lowest, {}).get("name", ""), ""
    if not term.current:
        return NOT_CURRENT, new.lowest, term.name, term.name
    there = new.path(term)
    for level in reversed(new.levels):
        was, becomes = path.get(level, {}), there.get(level, {})
        if was != becomes:
            kind = RENAMED if was.get("code") == becomes.get("code") else MOVED
            return kind, level, was.get("name", ""), becomes.get("name", "")
    return SAME, "", "", ""


def upgrade(
    study: str,
    name: str,
    to: str,
    reason: str,
    actor: Actor,
    *,
    source: dict[str, Any],
    told: Told = lambda _d, _t: None,
) -> dict[str, int]:
    """Move the study to the dictionary ``to``; what is the same is carried over, the rest becomes due again."""
    perform(UpgradeDictionary(study, name, to, reason), actor, source=source)
    codings = Coding.objects.filter(study=study, name=name).exclude(code="").exclude(dictionary=to)
    by_participant: dict[str, list[str]] = {}
    for key, participant in codings.order_by("key").values_list("key", "participant_id"):
        by_participant.setdefault(participant, []).append(key)
    total, done, counted = sum(map(len, by_participant.values())), 0, Counter[str]()
    waiting = list(by_participant.items())
    for start in range(0, len(waiting), BATCH):
        batch = waiting[start : start + BATCH]
        jobs = [Job(CarryOver(participant, to, tuple(keys)), actor, source) for participant, keys in batch]
        for outcome in perform_all(jobs):
            if not isinstance(outcome, Outcome):
                raise outcome
            counted.update(outcome.result)
        done += sum(len(keys) for _, keys in batch)
        told(done, total)
    counted["coded"] = code_again(study, name)
    return dict(counted)


def other_versions(study: str, name: str) -> list[Dictionary]:
    """The loaded versions that the study could move to: of the same name, and not the one in use."""
    used = dictionaries_in_use(study).get(name)
    if used is None:
        raise NotFound(name)
    found = Dictionary.objects.filter(name=used.declared.name).order_by("version", "language")
    return [each for each in found if used.loaded is None or each.key != used.loaded.key]
