"""The devices of a study, and one of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from helmont.participants.queries import scope_of
from helmont.sensors.models import SampleBatch, SampleCorrection
from helmont.sensors.queries.alerts import waiting
from helmont.sensors.queries.devices import (
    Worn,
    corrections_of,
    device_for,
    devices_for,
    gaps_of,
    latest_batches,
    now,
)
from helmont.sensors.queries.overview import SILENT
from helmont.signals.channels import Kind
from helmont.signals.recording import MICROSECOND
from helmont.signals.wire.moments import written
from helmont.studies.models import Study
from helmont.studies.queries import compiled
from helmont.study import sensing
from helmont.web.access import actor, may_somewhere, study_or_404, today

SHOWN = 50
KIND_NAMES = {
    Kind.ACCELERATION: gettext_lazy("Acceleration"),
    Kind.ANGULAR_RATE: gettext_lazy("Angular rate"),
    Kind.PPG: gettext_lazy("Pulse wave (PPG)"),
    Kind.ECG: gettext_lazy("Electrocardiogram"),
    Kind.HEART_RATE: gettext_lazy("Heart rate"),
    Kind.INTERBEAT_INTERVAL: gettext_lazy("Interbeat interval"),
    Kind.GLUCOSE: gettext_lazy("Glucose"),
    Kind.TEMPERATURE: gettext_lazy("Temperature"),
    Kind.STEPS: gettext_lazy("Steps"),
    Kind.BLOOD_PRESSURE: gettext_lazy("Blood pressure"),
    Kind.WEIGHT: gettext_lazy("Weight"),
    Kind.LIGHT: gettext_lazy("Light"),
    Kind.BATTERY: gettext_lazy("Battery"),
    Kind.ACTIVITY_COUNTS: gettext_lazy("Activity counts"),
}
PLACEMENT_NAMES = {
    "non_dominant_wrist": gettext_lazy("Wrist, non-dominant"),
    "dominant_wrist": gettext_lazy("Wrist, dominant"),
    "hip": gettext_lazy("Hip"),
    "thigh": gettext_lazy("Thigh"),
    "lower_back": gettext_lazy("Lower back"),
    "chest": gettext_lazy("Chest"),
    "upper_arm": gettext_lazy("Upper arm"),
    "abdomen": gettext_lazy("Abdomen"),
    "finger": gettext_lazy("Finger"),
    "none": gettext_lazy("Not worn"),
}


def at(microseconds: int) -> str:
    """A moment of the record as pages take it."""
    return written(microseconds * MICROSECOND)


def channels_of(study: Study) -> list[dict[str, Any]]:
    """What the study takes from devices, as it is written on the page."""
    if not study.definition:
        return []
    channels = sensing.channels_of(compiled(study.key, study.definition).study)
    return [
        {
            "name": each.name,
            "about": f"{KIND_NAMES[each.kind]}, {each.unit}" + (f", {each.rate:g} Hz" if each.rate else ""),
        }
        for each in channels.values()
    ]


def standing(worn: Worn) -> tuple[str, str]:
    """How a device that is worn does: a status of the design system, and the word."""
    moment = now()
    if worn.assignment.starts > written(int(moment.timestamp() * 1e9)):
        return "planned", _("Not worn yet")
    if not worn.received:
        return "due", _("Nothing received yet")
    silent = (moment - datetime.fromisoformat(worn.received)).total_seconds()
    return ("overdue", _("Silent")) if silent > SILENT else ("complete", _("Sending"))


def shown_worn(worn: Worn) -> dict[str, Any]:
    """One row: who wears it, and how it does."""
    coverage = worn.coverage(now())
    status, word = standing(worn) if not worn.assignment.ends else ("removed", _("Given back"))
    return {
        "worn": worn,
        "placement": PLACEMENT_NAMES.get(worn.assignment.placement, ""),
        "status": status,
        "word": word,
        "coverage": None if coverage is None else round(100 * coverage),
        "delay": duration(worn.delay),
    }


def duration(seconds: float | None) -> str:
    """How long, in the largest unit that fits: 40 s, 12 min, 3 h, 5 d."""
    if seconds is None:
        return "–"
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if abs(seconds) >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


@require_safe
def listing(request: HttpRequest, study: str) -> HttpResponse:
    """Every device with its wearer, how much has come and when the last came."""
    found = study_or_404(request, study)
    person, day = actor(request), today(request)
    rows = devices_for(person, study, day)
    text, status = request.GET.get("q", "").strip().lower(), request.GET.get("status", "")
    shown = []
    for row in rows:
        one = shown_worn(row.worn) if row.worn else {"worn": None}
        state = "retired" if row.device.retired else one.get("status", "elsewhere" if row.elsewhere else "free")
        if status and state != status:
            continue
        about = f"{row.device.label} {row.device.model} {row.worn.participant.number if row.worn else ''}".lower()
        if text in about:
            shown.append({"device": row.device, "elsewhere": row.elsewhere, "state": state, **one})
    context = {
        "rows": shown,
        "total": len(rows),
        "alerts": waiting(person, study, day),
        "channels": channels_of(found),
        "q": request.GET.get("q", ""),
        "status": status,
        "states": [
            ("complete", _("Sending")),
            ("overdue", _("Silent")),
            ("due", _("Nothing received yet")),
            ("free", _("With nobody")),
            ("retired", _("Out of use")),
        ],
        "may_register": may_somewhere(request, "device.change", study),
        "may_assign": may_somewhere(request, "device.assign", study),
        "may_enter": may_somewhere(request, "results.enter", study),
    }
    return render(request, "web/devices/listing.html", context)


@require_safe
def one(request: HttpRequest, study: str, label: str) -> HttpResponse:
    """One device: its wearers, what came, what is missing, and what was corrected."""
    study_or_404(request, study)
    person, day = actor(request), today(request)
    device, worn = device_for(person, study, label, day)
    rows = []
    for each in worn:
        scope = scope_of(each.participant)
        rows.append(
            {
                **shown_worn(each),
                "streams": [
                    {"stream": stream, "first": at(stream.first), "last": at(stream.last)} for stream in each.streams
                ],
                "batches": [_batch(batch) for batch in latest_batches(each.assignment.key, SHOWN)],
                "gaps": [
                    {"gap": gap, "start": at(gap.start), "end": at(gap.end), "long": duration(gap.seconds)}
                    for gap in gaps_of(each.assignment.key)[-SHOWN:]
                ],
                "corrections": [_correction(row) for row in corrections_of(each.assignment.key)],
                "may_assign": person.may("device.assign", scope, day),
                "may_correct": person.may("samples.correct", scope, day),
            }
        )
    context = {
        "device": device,
        "rows": rows,
        "free": not device.retired and not any(not each.assignment.ends for each in worn),
        "may_register": may_somewhere(request, "device.change", study),
        "may_assign": may_somewhere(request, "device.assign", study),
    }
    return render(request, "web/devices/device.html", context)


def _batch(row: SampleBatch) -> dict[str, Any]:
    name = row.key.rpartition("/")[2]
    return {"batch": row, "name": name, "first": at(row.first), "last": at(row.last)}


def _correction(row: SampleCorrection) -> dict[str, Any]:
    return {
        "row": row,
        "which": int(row.key.rpartition("/")[2]),
        "who": row.participant.rpartition("/")[2],
        "points": [(shown, _ahead(shown, true)) for shown, true in sorted(row.points.items())],
    }


def _ahead(shown: str, true: str) -> str:
    """How far the device's clock was from the truth, in words."""
    seconds = (datetime.fromisoformat(shown) - datetime.fromisoformat(true)).total_seconds()
    if not seconds:
        return _("was right")
    return (_("ran %s ahead") if seconds > 0 else _("ran %s behind")) % duration(abs(seconds))
