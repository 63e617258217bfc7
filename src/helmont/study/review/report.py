"""A review as lines to read and as JSON values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from helmont.study.review.reviewing import Review


def as_lines(review: Review) -> Iterator[str]:
    """The burden by encounter, its sums, and each finding with its place and reason."""
    burden = review.burden
    yield f"{'encounter':24} {'day':>5} {'activities':>10} {'minutes':>8} {'blood mL':>9} {'questionnaires':>14} {'questions':>9}"
    for each in burden.encounters:
        day = "" if each.offset is None else str(each.offset + 1 if each.offset >= 0 else each.offset)
        more = "+" if each.untimed else ""
        yield (
            f"{each.encounter.id:24} {day:>5} {each.activities:>10} {f'{each.minutes}{more}':>8} {each.blood_ml:>9}"
            f" {each.questionnaires:>14} {each.questions:>9}"
        )
    blood = f"{burden.blood_ml} mL of blood" if burden.blood_ml else "no blood"
    yield (
        f"planned: {burden.visits('visit')} visits, {burden.visits('phone')} by telephone, {burden.visits('home')} at home;"
        f" {burden.minutes / 60:.1f} hours declared ({burden.untimed} of {burden.activities} activities without minutes);"
        f" {blood} declared; {burden.questionnaires} questionnaires, {burden.questions} questions"
    )
    for finding in review.findings:
        yield f"{finding.severity}: {finding.rule} {finding.place}: {finding.message} ({finding.reason})"


def as_document(review: Review) -> dict[str, Any]:
    """The same as JSON values; amounts of blood are texts, so that no reader can round them."""
    burden = review.burden
    return {
        "burden": {
            "visits": {kind: burden.visits(kind) for kind in ("visit", "phone", "home")},
            "minutes": burden.minutes,
            "activities": burden.activities,
            "activities_without_minutes": burden.untimed,
            "blood_ml": str(burden.blood_ml),
            "questionnaires": burden.questionnaires,
            "questions": burden.questions,
            "encounters": [
                {
                    "id": each.encounter.id,
                    "days_from_anchor": each.offset,
                    "activities": each.activities,
                    "activities_without_minutes": each.untimed,
                    "minutes": each.minutes,
                    "blood_ml": str(each.blood_ml),
                    "questionnaires": each.questionnaires,
                    "questions": each.questions,
                }
                for each in burden.encounters
            ],
        },
        "findings": [
            {
                "severity": each.severity,
                "rule": each.rule,
                "place": each.place,
                "message": each.message,
                "reason": each.reason,
                "values": {
                    name: value if isinstance(value, int) else str(value) for name, value in each.values.items()
                },
            }
            for each in review.findings
        ],
    }
