"""Objectives and what is done for them: procedures without an objective, objectives without a procedure, unused forms."""

from __future__ import annotations

from collections.abc import Iterator

from helmont.study.cel import CelSyntaxError
from helmont.study.cel import parse as parse_expression
from helmont.study.model import Form, Study
from helmont.study.review.burden import absolute_days, times
from helmont.study.review.findings import Finding, Values


def purpose_findings(study: Study) -> Iterator[Finding]:
    protocol = study.protocol
    activities = protocol.activities
    unnamed = activities and protocol.objectives and not any(each.objectives for each in activities)
    if unnamed:
        yield Finding("NO_OBJECTIVES_NAMED", "protocol.activities", {"count": len(activities)})
    screening = _read_by_eligibility(study)
    for activity in activities:
        place, label = f"protocol.activities[{activity.id}]", activity.label
        count = times(study, activity)
        if not count:
            yield Finding("PROCEDURE_NOT_SCHEDULED", place, {"label": label})
        elif not activity.objectives and not unnamed and not screening & set(activity.forms):
            yield Finding("PROCEDURE_WITHOUT_OBJECTIVE", place, {"label": label, "count": count})
    served = {name for each in activities if times(study, each) for name in each.objectives}
    stated = {estimand.objective for estimand in protocol.estimands}
    for objective in protocol.objectives:
        place, values = f"protocol.objectives[{objective.id}]", {"label": objective.text}
        if objective.id not in served and not unnamed:
            yield Finding("OBJECTIVE_WITHOUT_PROCEDURE", place, values)
        if not objective.endpoints:
            yield Finding("OBJECTIVE_WITHOUT_ENDPOINT", place, values)
        if objective.level == "primary" and objective.id not in stated:
            yield Finding("PRIMARY_WITHOUT_ESTIMAND", place, values)


def form_findings(study: Study) -> Iterator[Finding]:
    """Forms that serve no objective, decide nothing and go into no dataset."""
    serving = {name for each in study.protocol.activities if each.objectives for name in each.forms}
    used = serving | _read_by_eligibility(study)
    for form in study.forms:
        to_dataset = any(item.sdtm is not None for item in form.items())
        if form.id in used or to_dataset or any(form.id in _reads(other) for other in study.forms if other is not form):
            continue
        values: Values = {"label": form.title, "count": sum(1 for _ in form.items())}
        yield Finding("FORM_NOT_ANALYSED", f"forms[{form.id}]", values)


def window_findings(study: Study) -> Iterator[Finding]:
    """Encounters that follow each other and share days (study days, counted from the same anchor).

    An encounter that is counted from another one moves with it, so of that one only the planned day matters.
    """
    days = absolute_days(study)
    before = {each.id: _counted_from(study, each.id) for each in study.protocol.encounters}
    planned = sorted((each for each in study.protocol.encounters if each.id in days), key=lambda each: days[each.id])
    for number, one in enumerate(planned):
        for other in planned[number + 1 :]:
            first = days[other.id] - (other.window.before if other.id not in before[one.id] else 0)
            last = days[one.id] + (one.window.after if one.id not in before[other.id] else 0)
            if days[one.id] < days[other.id] and first <= last:
                shown = {name: day + 1 if day >= 0 else day for name, day in (("first", first), ("last", last))}
                place = f"protocol.encounters[{other.id}]"
                yield Finding("WINDOWS_OVERLAP", place, {"one": one.label, "other": other.label, **shown})


def _counted_from(study: Study, encounter: str) -> set[str]:
    """The encounters whose dates decide the date of this one."""
    anchors = {each.id: each.anchor for each in study.protocol.encounters}
    found: set[str] = set()
    following = anchors.get(encounter)
    while following is not None and following not in found:
        found.add(following)
        following = anchors.get(following)
    return found


def _read_by_eligibility(study: Study) -> set[str]:
    """Forms whose items a criterion's expression reads."""
    names = (name for each in study.protocol.eligibility for name in _names(each.expression))
    return {form for name in names if (form := _form_of(name))}


def _reads(form: Form) -> set[str]:
    """The other forms that the rules of a form read."""
    texts = (text for item in form.items() for text in (item.skip, item.calculation))
    return {other for text in texts for name in _names(text) if (other := _form_of(name))}


def _names(text: str | None) -> frozenset[str]:
    try:
        return parse_expression(text).names if text else frozenset()
    except CelSyntaxError:
        return frozenset()


def _form_of(name: str) -> str:
    parts = name.split(".")
    if parts[0] == "at":
        return parts[2] if len(parts) > 2 else ""
    return parts[1] if parts[0] in ("here", "previous", "log") and len(parts) > 1 else ""
