"""The trial's design as data: arms, elements, visits, criteria and the summary, from the protocol (SDTMIG 3.4, 7)."""

from __future__ import annotations

from dataclasses import dataclass

from helmont.study.datasets.rows import Row, Rows, Source, Subject
from helmont.study.datasets.vocabulary import step_making

PROTOCOL = "protocol"


def _source(subject: Subject, part: str) -> tuple[Source, ...]:
    return ((f"definition:{subject.context.study.id}/{subject.context.study.version}", f"{PROTOCOL}/{part}"),)


@dataclass(frozen=True, slots=True)
class ArmPath:
    """An arm as submitted: its code and name, and its elements in order; ``branch`` is said of the first one's end."""

    arm: str
    code: str
    name: str
    elements: tuple[str, ...]
    branch: str | None = None


@dataclass(frozen=True, slots=True)
class ElementName:
    """An element as submitted: code, name, epoch, and the rules for its start and end, where the protocol's differ."""

    element: str
    name: str
    epoch: str
    start: str | None = None
    end: str | None = None


@step_making({"STUDYID", "ARMCD", "ARM", "TAETORD", "ETCD", "ELEMENT", "TABRANCH", "TATRANS", "EPOCH"})
def trial_arms(rows: Rows, subject: Subject, *, paths: tuple[ArmPath, ...], elements: tuple[ElementName, ...]) -> Rows:
    """Trial Arms: every element of every arm, in order (TA)."""
    named = {element.element: element for element in elements}
    made = list(rows)
    for path in paths:
        for order, element in enumerate(path.elements, 1):
            values = {
                "STUDYID": subject.context.study.id, "ARMCD": path.code, "ARM": path.name, "TAETORD": order, "ETCD": element,
                "ELEMENT": named[element].name, "TABRANCH": path.branch if order == 1 else None, "TATRANS": None,
                "EPOCH": named[element].epoch,
            }  # fmt: skip
            made.append(Row(values, _source(subject, f"arms/{path.arm}")))
    return made


@step_making({"STUDYID", "ETCD", "ELEMENT", "TESTRL", "TEENRL", "TEDUR"})
def trial_elements(rows: Rows, subject: Subject, *, elements: tuple[ElementName, ...]) -> Rows:
    """Trial Elements: what happens in each and how long it lasts (TE)."""
    planned = {element.id: element for element in subject.context.study.protocol.elements}
    made = list(rows)
    for named in sorted(elements, key=lambda each: each.element):
        element = planned[named.element]
        values = {
            "STUDYID": subject.context.study.id, "ETCD": element.id, "ELEMENT": named.name,
            "TESTRL": named.start or (str(element.starts) if element.starts else None),
            "TEENRL": named.end or (str(element.ends) if element.ends else None), "TEDUR": element.duration,
        }  # fmt: skip
        made.append(Row(values, _source(subject, f"elements/{element.id}")))
    return made


@dataclass(frozen=True, slots=True)
class VisitRule:
    """When a planned visit starts and ends, in words."""

    encounter: str
    start: str
    end: str | None = None


@step_making({"STUDYID", "VISITNUM", "VISIT", "VISITDY", "ARMCD", "ARM", "TVSTRL", "TVENRL"})
def trial_visits(rows: Rows, subject: Subject, *, rules: tuple[VisitRule, ...] = ()) -> Rows:
    """Trial Visits: the planned encounters, the same for all arms (TV)."""
    said = {rule.encounter: rule for rule in rules}
    made = list(rows)
    for identifier, planned in sorted(subject.context.encounters.items(), key=lambda each: each[1].number):
        rule = said.get(identifier)
        values = {
            "STUDYID": subject.context.study.id, "VISITNUM": planned.number, "VISIT": planned.name, "VISITDY": planned.day,
            "ARMCD": None, "ARM": None, "TVSTRL": rule.start if rule else None, "TVENRL": rule.end if rule else None,
        }  # fmt: skip
        made.append(Row(values, _source(subject, f"encounters/{identifier}")))
    return made


@step_making({"STUDYID", "IETESTCD", "IETEST", "IECAT", "TIRL"})
def trial_inclusion(rows: Rows, subject: Subject) -> Rows:
    """Trial Inclusion/Exclusion Criteria, in the source language (TI)."""
    made = list(rows)
    for criterion in subject.context.study.protocol.eligibility:
        values = {
            "STUDYID": subject.context.study.id, "IETESTCD": criterion.id, "IETEST": str(criterion.text)[:200],
            "IECAT": criterion.category.upper(), "TIRL": None,
        }  # fmt: skip
        made.append(Row(values, _source(subject, f"eligibility/{criterion.id}")))
    return made


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the trial summary and its values, in order."""

    code: str
    name: str
    values: tuple[str, ...]


@step_making({"STUDYID", "TSSEQ", "TSPARMCD", "TSPARM", "TSVAL"})
def trial_summary(rows: Rows, subject: Subject, *, parameters: tuple[Parameter, ...]) -> Rows:
    """Trial Summary: one record for each value of each parameter (TS).

    Title, sponsor and objectives come from the study definition; a parameter without values there is left out.
    """
    study = subject.context.study
    texts = {
        level: tuple(str(o.text)[:200] for o in study.protocol.objectives if o.level == level)
        for level in ("primary", "secondary")
    }
    stated = (
        Parameter("TITLE", "Trial Title", (str(study.title)[:200],)),
        Parameter("SPONSOR", "Clinical Study Sponsor", (study.sponsor,) if study.sponsor else ()),
        Parameter("OBJPRIM", "Trial Primary Objective", texts["primary"]),
        Parameter("OBJSEC", "Trial Secondary Objective", texts["secondary"]),
    )
    made = list(rows)
    for parameter in (*stated, *parameters):
        for sequence, value in enumerate(parameter.values, 1):
            values = {
                "STUDYID": subject.context.study.id, "TSSEQ": sequence, "TSPARMCD": parameter.code,
                "TSPARM": parameter.name, "TSVAL": value,
            }  # fmt: skip
            made.append(Row(values, _source(subject, f"summary/{parameter.code}")))
    return made
