"""Qualifiers beside a domain (SUPP--) and records that belong together (RELREC)."""

from __future__ import annotations

from dataclasses import dataclass

from helmont.study.datasets.rows import Environment, Row, Rows, Subject
from helmont.study.datasets.steps.assigning import cell, key_text
from helmont.study.datasets.vocabulary import Condition, Of, step_making


@dataclass(frozen=True, slots=True)
class Qualifier:
    """A supplemental qualifier: its name and label, its value as an expression over a record of the domain."""

    name: str
    label: str
    value: Condition
    origin: str = "DERIVED"
    evaluator: str | None = None


@step_making({"RDOMAIN", "IDVAR", "IDVARVAL", "QNAM", "QLABEL", "QVAL", "QORIG", "QEVAL", "USUBJID", "STUDYID"})
def derive_supp(
    rows: Rows,
    subject: Subject,
    *,
    dataset: Of,
    qualifiers: tuple[Qualifier, ...],
    idvar: str | None = None,
    domain: str | None = None,
) -> Rows:
    """Supplemental qualifiers: a record for every qualifier that has a value on a record (SDTMIG 3.4, 8.4).

    ``idvar`` names the variable that tells the record apart, such as AESEQ; without one they are about the participant.
    ``domain`` is the domain when the values are kept in another data set.
    """
    environment = Environment(subject)
    made = list(rows)
    for qualifier in qualifiers:
        for position, row in enumerate(subject.datasets[dataset]):
            environment.row = row
            value = cell(qualifier.value(environment))
            if value is None:
                continue
            identified = {"IDVAR": idvar, "IDVARVAL": key_text(row.get(idvar))} if idvar else {}
            values = {
                "STUDYID": row.get("STUDYID"),
                "RDOMAIN": domain or dataset,
                "USUBJID": row.get("USUBJID"),
                "IDVAR": None,
                "IDVARVAL": None,
                **identified,
                "QNAM": qualifier.name,
                "QLABEL": qualifier.label,
                "QVAL": key_text(value),
                "QORIG": qualifier.origin,
                "QEVAL": qualifier.evaluator,
            }
            made.append(Row(values, ((dataset, position),)))
    return made


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a relationship: its domain, the variable that tells its records apart, what must agree."""

    dataset: Of
    idvar: str
    value: Condition


@step_making({"STUDYID", "RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "RELTYPE", "RELID"})
def derive_relrec(
    rows: Rows, subject: Subject, *, left: Side, right: Side, relid: str = "{participant}-{value}"
) -> Rows:
    """Related records: those of two domains whose values agree, under one identifier (SDTMIG 3.4, 8.2)."""
    sides = [(side, dict(_by_value(side, subject))) for side in (left, right)]
    shared = [value for value in sides[0][1] if value in sides[1][1]]
    made = list(rows)
    for side, found in sides:
        for value in shared:
            for position, row in found[value]:
                values = {
                    "STUDYID": row.get("STUDYID"),
                    "RDOMAIN": side.dataset,
                    "USUBJID": row.get("USUBJID"),
                    "IDVAR": side.idvar,
                    "IDVARVAL": key_text(row.get(side.idvar)),
                    "RELTYPE": None,
                    "RELID": relid.format(participant=subject.casebook.participant, value=value),
                }
                made.append(Row(values, ((side.dataset, position),)))
    return made


def _by_value(side: Side, subject: Subject) -> dict[str, list[tuple[int, Row]]]:
    environment = Environment(subject)
    found: dict[str, list[tuple[int, Row]]] = {}
    for position, row in enumerate(subject.datasets[side.dataset]):
        environment.row = row
        value = cell(side.value(environment))
        if value is not None:
            found.setdefault(key_text(value), []).append((position, row))
    return found
