"""Where a form stands: its encounter, the forms beside it, the same form before and after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from helmont.core.permissions import Actor
from helmont.edc.queries.forms import FormView, hidden_items
from helmont.participants.queries import PlannedEncounter, encounters_of


@dataclass(frozen=True)
class FormLink:
    """One form of an encounter, in a list."""

    title: str
    url: str
    status: str
    queries: int = 0
    current: bool = False


@dataclass(frozen=True)
class Neighbours:
    """``previous`` and ``next`` within the encounter; ``earlier`` and ``later``: this form at other encounters."""

    encounter: PlannedEncounter | None
    forms: tuple[FormLink, ...] = ()
    previous: FormLink | None = None
    next: FormLink | None = None
    earlier: FormLink | None = None
    later: FormLink | None = None


def neighbours(actor: Actor, view: FormView, encounter: str, language: str, today: date) -> Neighbours:
    """For a form of an encounter; of a log there is none."""
    participant, study = view.participant, view.study
    planned = encounters_of(participant, study, list(participant.encounters.all()), language, today)
    rows = {(row.encounter, row.form): row for row in participant.forms.exclude(encounter="")}
    open_queries: dict[str, int] = {}
    for key in participant.queries.filter(status__in=("open", "answered")).values_list("form", flat=True):
        open_queries[key] = open_queries.get(key, 0) + 1

    def link(where: PlannedEncounter, form: str, title: str, current: bool = False) -> FormLink:
        place = where.key.rsplit("/", 1)[1]
        row = rows.get((place, form))
        key = f"{where.key}/{form}"
        url = reverse("entry:form", args=[participant.study, participant.number, place, form])
        return FormLink(title, url, row.status if row else "blank", open_queries.get(key, 0), current)

    here = next((one for one in planned if one.key.rsplit("/", 1)[1] == encounter), None)
    if here is None:
        return Neighbours(None)
    names = [
        form
        for form in dict.fromkeys(
            (*study.forms_at(here.oid), *(f for place, f in rows if place == encounter), view.definition.id)
        )
        if form in study.forms and not _all_hidden(actor, view, form, today)
    ]
    title = {form: study.forms[form].form.title.get(language)[0] for form in names}
    forms = [link(here, form, title[form], form == view.definition.id) for form in names]
    place = names.index(view.definition.id)
    series = [
        one
        for one in planned
        if one is here or (one.standing == "begun" and view.definition.id in study.forms_at(one.oid))
    ]
    at = series.index(here)
    return Neighbours(
        here,
        tuple(forms),
        forms[place - 1] if place else None,
        forms[place + 1] if place + 1 < len(forms) else None,
        link(series[at - 1], view.definition.id, series[at - 1].label) if at else None,
        link(series[at + 1], view.definition.id, series[at + 1].label) if at + 1 < len(series) else None,
    )


def _all_hidden(actor: Actor, view: FormView, form: str, today: date) -> bool:
    definition = view.study.forms[form]
    return len(hidden_items(actor, view.participant, definition, today)) == len(definition.items)
