"""A study made ready to run, once per published version."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from helmont.study.cel import parse as parse_expression
from helmont.study.compiled_forms import CompiledForm, Dependency
from helmont.study.form_rules import Environment, add_reference
from helmont.study.model import Codelist, Study
from helmont.study.names import scope_of
from helmont.study.outcomes import Context
from helmont.study.protocol import Encounter


class CompiledStudy:
    """A study with every form compiled; immutable and safe to share between threads."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self.languages = study.languages
        codelists = {codelist.id: codelist for codelist in study.codelists}
        self.codelists: Mapping[str, Codelist] = codelists
        forms: dict[str, CompiledForm] = {}
        for form in study.forms:
            checks = [check for check in study.checks if check.form == form.id]
            scope = scope_of(study, form)
            forms[form.id] = CompiledForm(form, checks, scope, codelists, study.languages, forms)
        self.forms: Mapping[str, CompiledForm] = forms
        self.encounters: Mapping[str, Encounter] = {encounter.id: encounter for encounter in study.protocol.encounters}
        self._expected = {encounter_id: self._forms_at(encounter_id) for encounter_id in self.encounters}
        self._dependents: dict[str, list[Dependency]] = {}
        for compiled in forms.values():
            for dependency in compiled.dependencies:
                self._dependents.setdefault(dependency.reads, []).append(dependency)
        self._criteria = [
            (criterion.id, parse_expression(criterion.expression) if criterion.expression else None)
            for criterion in study.protocol.eligibility
        ]
        scope = scope_of(study, None)
        self.eligibility_needs: frozenset[str] = frozenset(
            name.reference
            for _, expression in self._criteria
            if expression
            for name in map(scope.resolve, expression.names)
            if name.reference
        )

    def _forms_at(self, encounter_id: str) -> tuple[str, ...]:
        protocol = self.study.protocol
        planned = (
            activity for activity in protocol.activities if encounter_id in protocol.schedule.get(activity.id, ())
        )
        return tuple(dict.fromkeys(form_id for activity in planned for form_id in activity.forms))

    def accepts_participant_id(self, text: str) -> bool:
        """Whether ``text`` has the shape of this study's participant numbers; any does when the study declares none."""
        shape = self.study.participant_id
        return shape is None or re.fullmatch(shape.pattern, text) is not None

    def expected_forms(self, encounter_id: str) -> tuple[str, ...]:
        """Forms of the activities scheduled at an encounter, in order of the activities; ``KeyError`` if unknown."""
        return self._expected[encounter_id]

    def forms_at(self, encounter_id: str) -> tuple[str, ...]:
        """Forms expected at an encounter of the protocol; at any other, those offered at an unscheduled one."""
        return self._expected.get(encounter_id, self.unscheduled_forms)

    def number(self, encounter_id: str) -> str:
        """The number that orders an encounter of the protocol: its own, or its place; ``KeyError`` if unknown."""
        number = self.encounters[encounter_id].number
        return str(number if number is not None else list(self.encounters).index(encounter_id) + 1)

    @property
    def unscheduled_forms(self) -> tuple[str, ...]:
        """Forms offered at an unscheduled encounter."""
        unscheduled = self.study.protocol.unscheduled
        return unscheduled.forms if unscheduled else ()

    def anchor(self, encounter_id: str) -> str | None:
        """The encounter whose date this one's day is counted from (an anchor: itself); ``None`` without a day."""
        encounter = self.encounters[encounter_id]
        return (encounter.anchor or encounter.id) if encounter.day is not None else None

    def window(self, encounter_id: str, anchor_date: date) -> tuple[date, date, date] | None:
        """Target, earliest and latest date of an encounter; ``None`` when it has no planned day."""
        return self.encounters[encounter_id].dates(anchor_date)

    def dependents(self, form_id: str, encounter: str | None = None) -> tuple[Dependency, ...]:
        """The rules that read this form from outside it: to be run again when its data changed.

        Rules that look at another encounter than ``encounter`` are left out. A form may be among its own dependents,
        at another encounter (``previous.VS`` in VS) or as another line of its log.
        """
        return tuple(
            each
            for each in self._dependents.get(form_id, ())
            if encounter is None or each.encounter in (None, encounter)
        )

    def eligibility(self, context: Context) -> list[tuple[str, bool | None]]:
        """For each criterion whether it holds as written; ``None`` when that is not known or no expression says it.

        ``context.forms`` holds the references of ``eligibility_needs``.
        """
        names: Environment = {"visit": context.visit, "participant": context.participant, "today": context.today}
        for reference in self.eligibility_needs:
            add_reference(names, reference, context, self.forms)
        found: list[tuple[str, bool | None]] = []
        for criterion_id, expression in self._criteria:
            answer = expression.compile()(names) if expression else None
            found.append((criterion_id, answer if isinstance(answer, bool) else None))
        return found


def compile_study(study: Study) -> CompiledStudy:
    """Compile a study that :func:`helmont.study.loading.load_study` or ``from_document`` returned."""
    return CompiledStudy(study)
