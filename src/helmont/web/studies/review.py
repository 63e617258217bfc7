"""The review of a published protocol: what it asks of participants, and what does not fit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from helmont.studies.queries import compiled
from helmont.study.review import Review
from helmont.study.review import review as review_study
from helmont.study.review.burden import Burden
from helmont.study.review.findings import Finding
from helmont.study.text import Text
from helmont.web.studies.definition import published_version
from helmont.web.studies.review_words import MESSAGES, REASONS

WIDTH, HEIGHT = 760, 96
"""The box in which the bars of one measure are drawn."""


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    value: int
    label: str


@dataclass(frozen=True)
class Panel:
    """The bars of one measure, one for each encounter, against its highest value."""

    bars: list[Bar]
    most: int


@lru_cache(maxsize=32)
def _reviewed(study: str, version: str) -> Review:
    """The review of a published version, which never changes."""
    return review_study(compiled(study, version).study)


@require_safe
def review(request: HttpRequest, study: str) -> HttpResponse:
    """The burden by encounter, drawn and as a table, and every finding with its place and reason."""
    published, ready, versions = published_version(request, study)
    language = get_language() or "en"
    found = _reviewed(study, published.version)
    burden = found.burden
    context = {
        "published": published,
        "versions": versions,
        "burden": burden,
        "hours": f"{burden.minutes / 60:.1f}",
        "visits": burden.visits("visit"),
        "calls": burden.visits("phone"),
        "homes": burden.visits("home"),
        "rows": [_row(each) for each in burden.encounters],
        "questions": _panel(burden, "questions", language),
        "minutes": _panel(burden, "minutes", language) if burden.minutes else None,
        "findings": shown(found.findings, language),
        "language": language,
        "definition": ready.study,
    }
    return render(request, "web/studies/review.html", context)


def _row(each: Any) -> dict[str, Any]:
    day = None if each.offset is None else each.offset + 1 if each.offset >= 0 else each.offset
    return {"burden": each, "day": day, "blood": each.blood_ml or ""}


def _panel(burden: Burden, measure: str, language: str) -> Panel:
    values = [int(getattr(each, measure)) for each in burden.encounters]
    most = max(values, default=0) or 1
    step = WIDTH / max(1, len(values))
    bars = []
    for number, (value, each) in enumerate(zip(values, burden.encounters, strict=True)):
        height = HEIGHT * value / most
        label = each.encounter.label.get(language)[0]
        bars.append(Bar(number * step + 2, HEIGHT - height, max(1.0, step - 4), height, value, label))
    return Panel(bars, most)


def shown(findings: Iterable[Finding], language: str) -> list[dict[str, Any]]:
    """What ``web/studies/findings.html`` shows."""
    return [_finding(each, language) for each in findings]


def _finding(finding: Finding, language: str) -> dict[str, Any]:
    values = {
        name: value.get(language)[0] if isinstance(value, Text) else value for name, value in finding.values.items()
    }
    return {
        "finding": finding,
        "message": str(MESSAGES[finding.rule]).format(**values),
        "reason": str(REASONS[finding.rule]).format(**values),
    }
