"""One row: what it was made of, back to the entries of the ledger; and where an item's value goes."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from helmont.core.errors import NotFound
from helmont.datasets.seen import NUMBER
from helmont.datasets.walking import Place, items_behind, parents, rows_reached
from helmont.edc.items import base_item
from helmont.edc.keys import split_form_key
from helmont.edc.queries.audit import Mask
from helmont.edc.queries.titles import form_title
from helmont.participants.models import Participant
from helmont.participants.queries import participant_for
from helmont.studies.queries import compiled
from helmont.study.datasets.model import Dataset
from helmont.study.datasets.rows import Rows
from helmont.web.access import actor, today
from helmont.web.addresses import form_address
from helmont.web.datasets.moments import Shown, at_a_moment, shown
from helmont.web.datasets.origins import MOST, is_of, origins
from helmont.web.datasets.selecting import text_of
from helmont.web.datasets.views import origin_words, privilege_words, row_address
from helmont.web.results.evaluating import figures_on

PROTOCOL = "-"
MOST_PARENTS = 100


@require_safe
@at_a_moment
def row(request: HttpRequest, study: str, dataset: str, participant: str, number: int) -> HttpResponse:
    """One row with its values, the rows and items it was made of, and the entries that set them."""
    moment = shown(request, study)
    definition = moment.seen.dataset(dataset)
    person = _participant(moment, participant)
    rows = moment.seen.rows_of("" if participant == PROTOCOL else participant)
    own = rows.get(dataset, [])
    if not 0 < number <= len(own):
        raise NotFound(f"{dataset} {number}")
    place = (dataset, number - 1)
    items = items_behind(rows, place)
    hidden = moment.seen.hidden(dataset)
    values = own[number - 1]
    language = get_language() or "en"
    day = today(request)
    context = {
        "moment": moment,
        "dataset": definition,
        "participant": participant if person else "",
        "number": number,
        "of": len(own),
        "previous": row_address(moment, dataset, participant, number - 1) if number > 1 else "",
        "next": row_address(moment, dataset, participant, number + 1) if number < len(own) else "",
        "values": [
            (each, text_of(each, values.get(each.name)), origin_words(each))
            for each in definition.variables
            if each.name not in hidden
        ],
        "hidden": [(name, privilege_words(moment.seen.guards[dataset].of(name))) for name in sorted(hidden)],
        "parents": [_line(moment, participant, rows, each) for each in parents(rows, place)[:MOST_PARENTS]],
        "more_parents": max(0, len(parents(rows, place)) - MOST_PARENTS),
        "origins": origins(actor(request), person, items, moment.seen.point.size, day, language) if person else [],
        "more_items": max(0, len(items) - MOST),
    }
    return render(request, "web/datasets/row.html", context)


def _participant(moment: Shown, number: str) -> Participant | None:
    """Whose rows these are; None for the protocol's. Raises ``NotFound`` where they are not the person's to see."""
    if number == PROTOCOL:
        return None
    found: Participant | None = Participant.objects.filter(key=f"{moment.seen.point.study}/{number}").first()
    sites = moment.seen.sight.sites
    if found is None or ("*" not in sites and found.site not in sites):
        raise NotFound(number)
    return found


def _line(moment: Shown, participant: str, rows: dict[str, Rows], place: Place) -> dict[str, Any]:
    """A row in a list: its data set, its keys, and its page when the person may see it."""
    name, number = place
    definition = moment.seen.context.datasets[name]
    return {
        "dataset": definition,
        "number": number + 1,
        "text": _keys(moment, definition, rows[name][number]) if name in moment.seen.visible else "",
        "url": row_address(moment, name, participant, number + 1) if name in moment.seen.visible else "",
    }


def _keys(moment: Shown, dataset: Dataset, row: Any) -> str:
    """The values of a row's keys, without the participant's."""
    hidden = moment.seen.hidden(dataset.id)
    variables = [each for each in dataset.variables if each.name in dataset.keys and each.name not in hidden]
    shown = [(each, row.get(each.name)) for each in variables if each.name not in ("STUDYID", "USUBJID")]
    return " · ".join(f"{each.name} {text_of(each, value)}" for each, value in shown if value is not None)


@require_safe
@at_a_moment
def reaches(request: HttpRequest, study: str) -> HttpResponse:
    """Where the value of ``?item=`` of the form ``?form=`` goes: every row, and (asked for afterwards) every figure."""
    moment, form, item, person = _asked(request, study)
    rows = moment.seen.rows_of(person.number)
    places = [each for each in rows_reached(rows, (f"form:{form}", item)) if each[0] in moment.seen.visible]
    language = get_language() or "en"
    definition = compiled(study, person.definition)
    compiled_form = definition.forms[split_form_key(form)[3]]
    context = {
        "moment": moment,
        "participant": person.number,
        "form": form,
        "item": item,
        "title": form_title(definition, form, language, whose=False),
        "label": compiled_form.label(item, language),
        "form_url": form_address(form, item),
        "rows": [_line(moment, person.number, rows, each) for each in places],
    }
    return render(request, "web/datasets/reaches.html", context)


@require_safe
@at_a_moment
def figures(request: HttpRequest, study: str) -> HttpResponse:
    """Every figure of an output that rests on the item; a fragment, since all outputs are evaluated."""
    moment, form, item, person = _asked(request, study)
    places = rows_reached(moment.seen.rows_of(person.number), (f"form:{form}", item))
    wanted: dict[str, set[int]] = {}
    for name, number in places:
        if name in moment.seen.visible:
            wanted.setdefault(name, set()).add(number + 1)
    rows = {name: _rows(moment, name, person.number, numbers) for name, numbers in wanted.items()}
    return render(request, "web/datasets/figures.html", {"moment": moment, "outputs": figures_on(moment, rows)})


def _rows(moment: Shown, dataset: str, participant: str, numbers: set[int]) -> set[int]:
    """The places in a data set of some of a participant's rows."""
    frame = moment.seen[dataset].filter(_participant=participant)
    return {row for row, number in frame.select("_row", NUMBER).iter_rows() if number in numbers}


def _asked(request: HttpRequest, study: str) -> tuple[Shown, str, str, Participant]:
    """The moment, form and item of the address. Raises ``NotFound`` for what the person may not see."""
    moment = shown(request, study)
    form, item = request.GET.get("form", ""), request.GET.get("item", "")
    try:
        of, number, _encounter, form_id, _line_number = split_form_key(form)
    except ValueError:
        raise NotFound(form) from None
    day = today(request)
    person = participant_for(actor(request), study, number, day, "form.view")
    definition = compiled(study, person.definition)
    if of != study or form_id not in definition.forms or not is_of(f"form:{form}", person):
        raise NotFound(form)
    if item not in definition.forms[form_id].item_keys() or Mask(actor(request), person, day).hides(
        form, base_item(item)
    ):
        raise NotFound(item)
    return moment, form, item, person
