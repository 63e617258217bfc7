"""Results of devices into the forms of the participants' records, when their time is over, and again when they change.

It runs on a schedule and may be asked for at any time: a result that stands in its form as it is, is left alone. What may
still change since samples come late waits (``sensors/grace.py``), unless somebody asks for it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from helmont.core.actions import Job, Outcome
from helmont.core.jobs.schedule import scheduled
from helmont.core.permissions import service
from helmont.core.writer import perform_all
from helmont.participants.models import Participant
from helmont.sensors import grace
from helmont.sensors.actions.results import WAITING, EnterResults, entry_key
from helmont.sensors.models import Computed, EndpointEntry, EndpointResult
from helmont.sensors.queries.bases import Basis, basis_of_result
from helmont.sensors.streams import FOREVER, sensors_in
from helmont.sensors.windows import VisitWindow
from helmont.signals.endpoints.computing import Reason
from helmont.signals.endpoints.definition import Window
from helmont.signals.recording import SECOND
from helmont.studies.queries import compiled

if TYPE_CHECKING:
    from helmont.study.model import Item

SOURCE = {"channel": "schedule"}
log = logging.getLogger(__name__)
MOST_DIGITS = 15
NOT_DONE = {
    Reason.NO_CHANNEL: gettext_lazy("No channel that it can be computed from was recorded."),
    Reason.NO_DATA: gettext_lazy("Nothing was recorded in this time."),
    Reason.TOO_LITTLE_WEAR: gettext_lazy("There is less usable data than the definition asks for."),
    Reason.TOO_FEW_PERIODS: gettext_lazy("Fewer days or nights are evaluable than the definition asks for."),
    Reason.NO_VALUE: gettext_lazy("The method gives no number for this data."),
    Reason.NOT_POSSIBLE: gettext_lazy("The recording does not have what the method needs."),
    Reason.NOT_IN_RECORD: gettext_lazy(
        "By then the participant's record had no value that the method needs and can use."
    ),
}
"""Why an item is not done, in the words of ``signals.endpoints.computing.REASONS``."""
_followed: dict[str, str] = {}
_held: dict[str, int] = {}
"""When the next of a participant's windows is not waited for any more, in nanoseconds since 1970."""


@dataclass(frozen=True)
class Place:
    """An item that a result fills, and the date that stands beside it in its row (``beside`` -> date)."""

    item: str
    result: EndpointResult
    beside: tuple[str, str] | None = None


@scheduled("results of devices", every=60)
def enter_all(now: datetime | None = None) -> int:
    """Every participant whose results were computed since, or for whom a result waits; returns how many forms changed."""
    now = now or datetime.now(UTC)
    computed = dict(Computed.objects.values_list("participant", "computed"))
    waiting = set(EndpointEntry.objects.filter(state=WAITING).values_list("participant", flat=True))
    due = [
        name
        for name, moment in computed.items()
        if _followed.get(name) != moment or name in waiting or _held.get(name, FOREVER) <= _nanoseconds(now)
    ]
    changed = 0
    for participant in sorted(due):
        try:
            changed += enter(participant, now)
        except Exception:
            log.exception("results of %s could not be entered; they are due again", participant)
        else:
            _followed[participant] = computed[participant]
    return changed


def enter_those(participants: Iterable[str], source: Mapping[str, Any] | None = None) -> int:
    """Enter what is final of these participants, without waiting for more samples; ``source`` says who asked.

    Returns how many forms or their results changed.
    """
    return sum(enter(participant, source=source, at_once=True) for participant in sorted(participants))


def enter(
    participant: str, now: datetime | None = None, source: Mapping[str, Any] | None = None, *, at_once: bool = False
) -> int:
    """Enter what is final of one participant, with words in the study's language; returns how many forms or results changed.

    Raises ``Refused``.
    """
    person = Participant.objects.get(key=participant)
    language = compiled(person.study, person.definition).languages[0]
    with translation.override(language):
        actions = planned(participant, now or datetime.now(UTC), at_once=at_once)
    helmont = replace(service("helmont", "system", person.study), language=language)
    jobs = [Job(action, helmont, dict(source or SOURCE)) for action in actions]
    outcomes = perform_all(jobs)
    for outcome in outcomes:
        if not isinstance(outcome, Outcome):
            raise outcome
    return sum(outcome.sequence is not None for outcome in outcomes if isinstance(outcome, Outcome))


def planned(participant: str, now: datetime, *, at_once: bool = False) -> list[EnterResults]:
    """What is to be entered: for each form the results that are final and not there as they are.

    What is entered for the first time waits for samples that may still come, unless it is wanted ``at_once``.
    """
    person = Participant.objects.get(key=participant)
    sensors = sensors_in(person.study, person.definition)
    if sensors is None or not sensors.record:
        return []
    windows, held = grace.ready_and_held(person, sensors, _nanoseconds(now))
    _held[participant] = min(map(grace.ends, held), default=FOREVER)
    windows += held if at_once else []
    results = {row.key: row for row in EndpointResult.objects.filter(participant=participant, final=True)}
    entries = {row.key: row for row in EndpointEntry.objects.filter(participant=participant)}
    study = compiled(person.study, person.definition)
    found: dict[str, tuple[dict[str, Any], dict[str, Any], list[str]]] = {}
    for window in windows:
        items = {item.id: item for item in study.forms[window.entry.form].form.items()}
        for place in places(participant, window, results):
            earlier = entries.get(entry_key(window.form, place.item))
            if earlier is not None and is_there(earlier, place.result):
                continue
            basis = basis_of_result(place.result)
            fields = columns(place.result, basis, items[place.item.rpartition(".")[2]])
            values, beside, reasons = found.setdefault(window.form, ({}, {}, []))
            values[place.item] = fields
            beside |= dict([place.beside]) if place.beside else {}
            if earlier is not None and earlier.entered:
                reasons.append(why_anew(earlier, fields))
    first = _("Computed from samples of the participant's device.")
    return [
        EnterResults(form, reason=" ".join(dict.fromkeys(reasons)) or first, results=values, beside=beside)
        for form, (values, beside, reasons) in sorted(found.items())
    ]


def _nanoseconds(moment: datetime) -> int:
    return int(moment.timestamp()) * SECOND


def places(participant: str, window: VisitWindow, results: Mapping[str, EndpointResult]) -> Iterator[Place]:
    """The items that a window fills, as far as there are results for them."""
    for item, key in window.entry.items.items():
        if row := results.get(f"{participant}#{key}#{Window.VISIT}#{window.name}"):
            yield Place(item, row)
    daily = window.entry.daily
    if daily is None:
        return
    first = date.fromisoformat(window.days[0].label) if window.days else None
    for day in window.days if first else ():
        number = (date.fromisoformat(day.label) - first).days + 1  # type: ignore[operator]  # see above
        for item, key in daily.items.items():
            for kind in (Window.DAY, Window.NIGHT):
                if row := results.get(f"{participant}#{key}#{kind}#{day.label}"):
                    within = f"{daily.group}[{number}]"
                    yield Place(f"{within}.{item}", row, (f"{within}.{daily.date}", day.label))


def is_there(entry: EndpointEntry, result: EndpointResult) -> bool:
    """Whether the item has this result, from the same basis, to the last digit."""
    same = (entry.basis, entry.digest, entry.value, entry.reason) == (
        result.basis,
        result.digest,
        digits(result.value) if result.evaluable else "",
        result.reason,
    )
    return same and entry.state != WAITING


def digits(value: float | None) -> str:
    """Every digit of a number; empty without one."""
    return "" if value is None else repr(value)


def columns(result: EndpointResult, basis: Basis, item: Item) -> dict[str, Any]:
    """What an ``EndpointEntry`` says of a result, and what goes into the item."""
    return {
        "endpoint": f"{result.endpoint}@{result.version}",
        "digest": result.digest,
        "window": result.window,
        "label": result.label,
        "start": result.start,
        "end": result.end,
        "value": digits(result.value) if result.evaluable else "",
        "unit": result.unit,
        "reason": result.reason,
        "wear": digits(result.wear),
        "channel": result.channel,
        "basis": result.basis,
        "batches": result.batches,
        "rests": {
            "corrections": list(basis.corrections),
            "calibrations": _texts(basis.calibrations),
            "software": basis.software,
            **({"personal": _texts(basis.personal)} if basis.personal else {}),
        },
        "entered": {"value": form_value(result, item)},
    }


def _texts(value: Any) -> Any:
    """The same with every digit of its numbers as text: the ledger holds no fractions."""
    if isinstance(value, Mapping):
        return {str(name): _texts(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_texts(each) for each in value]
    return repr(value) if isinstance(value, float) else value


def form_value(result: EndpointResult, item: Item) -> Any:
    """The value as the item holds it: rounded half up to its decimals; not done, with the reason, when it is not evaluable."""
    if not result.evaluable or result.value is None:
        return {"not_done": str(NOT_DONE[Reason(result.reason)])}
    number = Decimal(repr(result.value))
    whole = max(number.adjusted() + 1, 1)
    places = 0 if item.type == "integer" else item.decimals
    exact = max(min(MOST_DIGITS - whole, -int(number.normalize().as_tuple().exponent)), 0)
    text = f"{number.quantize(Decimal(1).scaleb(-(exact if places is None else places)), ROUND_HALF_UP):f}"
    text = text.lstrip("-") if not Decimal(text) else text
    return {"value": text, "unit": result.unit} if item.units else text


def why_anew(earlier: EndpointEntry, fields: Mapping[str, Any]) -> str:
    """Why a value is entered anew."""
    if earlier.digest != fields["digest"]:
        return _("The endpoint has another definition: %(endpoint)s.") % fields
    rests = fields["rests"]
    if earlier.rests.get("corrections") != rests["corrections"]:
        return _("A device's clock or wearer was corrected.")
    if earlier.rests.get("personal") != rests.get("personal"):
        return _("A value of the participant's record that it is computed with is another now.")
    if earlier.batches != fields["batches"]:
        return _("Samples came later: %(now)d batches, before %(then)d.") % {
            "now": fields["batches"],
            "then": earlier.batches,
        }
    if earlier.rests.get("calibrations") != rests["calibrations"]:
        return _("The device was calibrated anew by samples that came later.")
    if earlier.rests.get("software") != rests["software"]:
        return _("Computed by another version: %s.") % str(rests["software"])
    return _("Computed anew.")
