"""One step over many forms: freezing, locking, verifying, reviewing. What it would do is shown first, and it can be undone.

The forms are ticked in the matrix or in a casebook. The dialog rehearses the very actions that are carried out when it is
confirmed, on the revisions that it named: a form that changed in between is left as it was.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from helmont.core.actions import Action, Job
from helmont.core.errors import Refused
from helmont.core.permissions import Actor
from helmont.core.rehearsal import Rehearsal, Rehearsed
from helmont.core.writer import submit
from helmont.edc.actions.review import FreezeForm, LockForm, ReviewForm, VerifyItems, review_of
from helmont.edc.keys import LOG
from helmont.edc.models import Form
from helmont.participants.actions import UNSCHEDULED
from helmont.participants.models import Participant
from helmont.participants.queries import participants_for, scope_of
from helmont.web.access import WEB

MOST = 5000
"""Forms of one step."""
AT_ONCE = 64
"""Actions that wait for the writer at a time."""
Report = Callable[[int, int], object]
"""Is told how many are done, and of how many."""


def _silently(_done: int, _total: int) -> None:
    """For a step that nobody follows."""


@dataclass(frozen=True)
class Step:
    """``undo`` names the step that takes it back; ``reason`` says whether it takes one; ``text`` what it does."""

    name: str
    permission: str
    title: Any
    text: Any
    undo: str = ""
    reason: bool = False


STEPS: dict[str, Step] = {
    "verify": Step(
        "verify",
        "form.verify",
        gettext_lazy("Verify against the source"),
        gettext_lazy("Every value that the plan requires on these forms is marked as compared with its source."),
        "unverify",
    ),
    "review": Step(
        "review",
        "form.review",
        gettext_lazy("Mark as reviewed"),
        gettext_lazy("The forms are marked as reviewed; a later change ends that."),
        "unreview",
    ),
    "freeze": Step(
        "freeze",
        "form.freeze",
        gettext_lazy("Freeze"),
        gettext_lazy(
            "The site changes nothing there until data management opens it. Verification, review, queries and "
            "signatures go on."
        ),
        "unfreeze",
    ),
    "unfreeze": Step(
        "unfreeze",
        "form.freeze",
        gettext_lazy("Unfreeze"),
        gettext_lazy("The site may change these forms again."),
        "freeze",
        reason=True,
    ),
    "lock": Step(
        "lock",
        "form.lock",
        gettext_lazy("Lock"),
        gettext_lazy(
            "Nobody changes anything there; what is locked holds no draft and no open query. It may still be signed."
        ),
        "unlock",
    ),
    "unlock": Step(
        "unlock",
        "form.unlock",
        gettext_lazy("Unlock"),
        gettext_lazy("These forms are open again to those who enter data."),
        "lock",
        reason=True,
    ),
}
UNDOING = {
    "unverify": Step("unverify", "form.verify", gettext_lazy("Take the verification back"), ""),
    "unreview": Step("unreview", "form.review", gettext_lazy("Take the review back"), ""),
}


@dataclass(frozen=True)
class Target:
    """A form as it was when it was shown; ``before`` is what undoing restores: the items that were verified, or the lock."""

    key: str
    revision: int
    before: Any = None


@dataclass(frozen=True)
class Outcome:
    """What became of each form, or would. ``left`` are those that stay as they are, by the reason."""

    changed: list[Target]
    left: dict[str, list[str]]

    def written(self) -> str:
        """The changed forms as a page carries them."""
        return write_targets(self.changed)

    @property
    def staying(self) -> int:
        return sum(map(len, self.left.values()))


def write_targets(targets: Sequence[Target]) -> str:
    return orjson.dumps([(each.key, each.revision, each.before) for each in targets]).decode()


def read_targets(text: str, study: str) -> list[Target]:
    """What ``write_targets`` wrote; forms of this study alone, nothing when it is something else."""
    try:
        found = orjson.loads(text)
        targets = [Target(str(key), int(revision), before) for key, revision, before in found]
    except (TypeError, ValueError):
        return []
    return [each for each in targets if each.key.startswith(f"{study}/")][:MOST]


def chosen(request: HttpRequest, actor: Actor, study: str, step: Step, today: date) -> list[Target]:
    """The forms that were ticked: ``cell`` (``<participant>/<encounter>`` or with ``/<form>``), and, as a browser without
    scripts sends them, whole ``row`` and ``column`` of those ``shown``; ``form`` narrows them. Those of the person alone."""
    post = request.POST
    shown = [number for number in post.get("shown", "").split(",") if number]
    ticked = {tuple(cell.split("/")) for cell in post.getlist("cell")}
    ticked |= {(number,) for number in post.getlist("row")}
    ticked |= {(number, column) for number in shown for column in post.getlist("column")}
    numbers = {where[0] for where in ticked}
    people = participants_for(actor, study, today, step.permission).filter(number__in=numbers)
    rows = Form.objects.filter(participant__in=list(people.values_list("key", flat=True)))
    rows = rows.exclude(status__in=("blank", "removed")).order_by("key")
    if only := post.get("form", ""):
        rows = rows.filter(form=only)
    found = []
    for key, revision, encounter, form in rows.values_list("key", "revision", "encounter", "form"):
        number, visit = key.split("/")[1], encounter or LOG
        places = [(number,), (number, visit), (number, visit, form)]
        if visit.startswith(f"{UNSCHEDULED}_"):
            places.append((number, UNSCHEDULED))
        if any(place in ticked for place in places):
            found.append(Target(key, revision))
    return found


def rehearse(actor: Actor, today: date, step: Step, targets: Sequence[Target], reason: str) -> Outcome:
    """What the step would do to the forms, as they are now."""
    found = _Forms(actor, today, step, targets, reason or "…")
    outcomes = Rehearsal().perform_all([Job(action, actor, WEB) for action, _target in found.jobs])
    return found.outcome(outcome.changes if isinstance(outcome, Rehearsed) else outcome for outcome in outcomes)


def carry_out(
    actor: Actor, today: date, step: Step, targets: Sequence[Target], reason: str, report: Report = _silently
) -> Outcome:
    """Do it, to those forms that are still as they were shown."""
    found = _Forms(actor, today, step, targets, reason)
    outcomes = _submitted(actor, [action for action, _target in found.jobs], report)
    if step.name == "unlock":  # what was frozen before it was locked is frozen again
        again = [FreezeForm(target.key, reason=reason) for _action, target in found.jobs if target.before == "frozen"]
        _submitted(actor, again, _silently)
    return found.outcome(outcomes)


def _submitted(actor: Actor, actions: Sequence[Action], report: Report) -> list[Any]:
    """The ledger's sequence of each action, None where it changed nothing, or its refusal; a few at once, so that
    whoever saves meanwhile is not kept waiting behind all of them."""
    outcomes: list[Any] = []
    waiting: deque[Future[Any]] = deque()

    def settle() -> None:
        try:
            outcomes.append(waiting.popleft().result().sequence)
        except Refused as refusal:
            outcomes.append(refusal)
        report(len(outcomes), len(actions))

    for action in actions:
        waiting.append(submit(Job(action, actor, WEB)))
        if len(waiting) >= AT_ONCE:
            settle()
    while waiting:
        settle()
    return outcomes


class _Forms:
    """The forms of a step with their actions, and those that it passes over with why."""

    def __init__(self, actor: Actor, today: date, step: Step, targets: Sequence[Target], reason: str) -> None:
        self.step, self.left = step, dict[str, list[str]]()
        self.jobs: list[tuple[Action, Target]] = []
        keys = [target.key for target in targets]
        self.rows = {row.key: row for row in Form.objects.filter(key__in=keys).defer("data")}
        people = {row.participant_id for row in self.rows.values()}
        kinds = {
            person.key: review_of(actor, scope_of(person), today)
            for person in Participant.objects.filter(key__in=people)
        }
        for target in targets:
            row = self.rows.get(target.key)
            if row is None or row.revision != target.revision:
                self._leave(_("The form changed in the meantime; look at it again."), target.key)
            elif step.name == "review" and kinds[row.participant_id] in row.reviewed:
                self._leave(_("Reviewed already."), target.key)
            else:
                action = _action(step.name, target, reason, kinds[row.participant_id])
                self.jobs.append((action, target))

    def outcome(self, outcomes: Iterable[Any]) -> Outcome:
        """Of each job its refusal, or something empty where it changed nothing."""
        changed = []
        for (_action, target), outcome in zip(self.jobs, outcomes, strict=True):
            if isinstance(outcome, Refused):
                self._leave(str(outcome.message), target.key)
            elif outcome is None or outcome == ():
                self._leave(_("Nothing to do here, or done already."), target.key)
            else:
                revision = outcome if isinstance(outcome, int) else target.revision
                changed.append(Target(target.key, revision, self._before(self.rows[target.key])))
        return Outcome(changed, self.left)

    def _before(self, row: Form) -> Any:
        if self.step.name == "verify":  # that a value had changed since an earlier verification would not come back
            return None if row.lapsed else sorted(row.verified)
        return row.lock if self.step.name == "lock" else None

    def _leave(self, why: str, key: str) -> None:
        self.left.setdefault(why, []).append(key)


def undone(targets: Sequence[Target], step: Step) -> list[Target]:
    """The targets of undoing ``step``: of verified forms, the items that this step verified and no others."""
    if step.name != "verify":
        return list(targets)
    now = dict(Form.objects.filter(key__in=[each.key for each in targets]).values_list("key", "verified"))
    items = {
        each.key: sorted(set(now.get(each.key, ())) - set(each.before)) for each in targets if each.before is not None
    }
    return [Target(each.key, each.revision, items[each.key]) for each in targets if items.get(each.key)]


def _action(name: str, target: Target, reason: str, review: str) -> Action:
    match name:
        case "verify":
            return VerifyItems(target.key, seen=target.revision)
        case "unverify":
            return VerifyItems(target.key, tuple(target.before or ()), verified=False, seen=target.revision)
        case "review" | "unreview":
            return ReviewForm(target.key, review, reviewed=name == "review")
        case "freeze" | "unfreeze":
            return FreezeForm(target.key, undo=name == "unfreeze", reason=reason)
        case _:
            return LockForm(target.key, undo=name == "unlock", reason=reason)
