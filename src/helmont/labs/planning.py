"""From results of a file to forms: what would be created, changed, left or refused, each with its line.

A plan is made without writing; each of its saves was carried out on a transaction that is thrown away, so that what
the save would refuse is known beforehand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from helmont.core.actions import authorise
from helmont.core.errors import Invalid, Refused
from helmont.core.permissions import Actor
from helmont.core.rows import Rows
from helmont.core.transactions import Transaction
from helmont.edc.models import Form
from helmont.labs.actions.results import FileResults
from helmont.labs.definition import LabDefinition, Measurand, lab_definition
from helmont.participants.models import Encounter, Participant
from helmont.participants.queries import scope_of
from helmont.standards.laboratory import LabResult
from helmont.studies.queries import compiled
from helmont.study.faults import Fault
from helmont.study.units import UNITS, UnitFault, convert_amount

KINDS = ("created", "changed", "unchanged", "waiting", "refused")


@dataclass(frozen=True)
class Line:
    """What becomes of one result; ``kind`` is one of ``KINDS``. ``old`` and ``new`` are shown values."""

    line: int
    place: str
    participant: str
    encounter: str
    analyte: str
    old: str
    new: str
    kind: str
    message: str = ""


@dataclass
class _Page:
    """The results that go into one form."""

    key: str
    participant: Participant
    values: dict[str, Any] = field(default_factory=dict)
    seen: dict[str, Any] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True)
class Plan:
    """The lines in the order of the file, and the saves that carry them out."""

    lines: tuple[Line, ...]
    saves: tuple[FileResults, ...]

    @property
    def counts(self) -> dict[str, int]:
        counted = Counter(line.kind for line in self.lines)
        return {kind: counted[kind] for kind in KINDS if counted[kind]}

    def findings(self, file: str) -> list[Fault]:
        """The lines that are refused or left waiting, as faults."""
        return [
            Fault(file, each.line, each.place, each.message, severity="error" if each.kind == "refused" else "warning")
            for each in self.lines
            if each.kind in ("refused", "waiting")
        ]


def plan(study: str, results: Sequence[LabResult], file: str, actor: Actor) -> Plan:
    """What taking in these results would do for this person."""
    planner = _Planner(study, file, actor)
    for result in results:
        planner.take(result)
    return planner.finish()


class _Planner:
    def __init__(self, study: str, file: str, actor: Actor) -> None:
        self._study, self._file, self._actor = study, file, actor
        self._tx = self._transaction()
        self._people: dict[str, Participant | None] = {}
        self._visits: dict[str, list[Encounter]] = {}
        self._pages: dict[str, _Page] = {}
        self._lines: list[Line] = []
        self._forms: dict[str, Mapping[str, Any]] = {}

    def _transaction(self) -> Transaction:
        return Transaction(Rows(), self._study, datetime.now(UTC), self._actor.timezone)

    def take(self, result: LabResult) -> None:
        try:
            self._take(result)
        except Refused as refusal:
            self._lines.append(_line(result, "refused", str(refusal.message)))

    def _take(self, result: LabResult) -> None:
        person = self._person(result.participant)
        definition = lab_definition(self._study, person.definition)
        if definition is None:
            raise Refused(_("This study declares no laboratory: its package has no labs.yaml."))
        measurand = definition.named(result.codes)
        if measurand is None:
            raise Refused(_("No test of this study is called %(code)s.") % {"code": " / ".join(result.codes)[:80]})
        visit = self._visit(person, definition, result)
        key = f"{visit.key}/{measurand.form}"
        place = visit.key.rsplit("/", 1)[1]
        if result.status == "preliminary":
            waits = _("A preliminary result is not taken; the final one will be.")
            self._lines.append(_line(result, "waiting", waits, place, measurand.id))
            return
        values = _values(result, measurand, definition)
        page = self._pages.setdefault(key, _Page(key, person))
        held = self._held(key)
        clash = [name for name, value in values.items() if page.values.get(name, value) != value]
        if clash:
            raise Refused(_("The file says something else of %(items)s of this visit.") % {"items": ", ".join(clash)})
        changed = {name: value for name, value in values.items() if _plain(held.get(name)) != _plain(value)}
        old, new = held.get(measurand.item.id), values[measurand.item.id]
        kind = "unchanged" if not changed else "created" if old is None else "changed"
        page.values |= changed
        page.seen |= {name: held.get(name) for name in changed}
        shown = (_shown(old, measurand), _shown(new, measurand))
        one = _line(result, kind, "", place, measurand.id, *shown)
        page.lines.append(one)
        self._lines.append(one)

    def finish(self) -> Plan:
        """Try every save; what one refuses is refused for each of its lines."""
        saves = []
        refused: dict[int, str] = {}
        for page in self._pages.values():
            if not page.values:
                continue
            places = ", ".join(str(one.line) for one in page.lines[:20])
            reason = _("Laboratory file %(file)s, line %(lines)s") % {"file": self._file, "lines": places}
            save = FileResults(page.key, page.values, page.seen, complete=True, reason=reason)
            try:
                tx = self._transaction()
                authorise(save, tx, self._actor)
                save.perform(tx, self._actor)
            except Refused as refusal:
                refused |= {id(one): _why(refusal) for one in page.lines if one.kind != "unchanged"}
            else:
                saves.append(save)
        lines = (
            Line(**{**vars(one), "kind": "refused", "message": refused[id(one)]}) if id(one) in refused else one
            for one in self._lines
        )
        return Plan(tuple(lines), tuple(saves))

    def _person(self, number: str) -> Participant:
        if number not in self._people:
            found: Participant | None = Participant.objects.filter(key=f"{self._study}/{number}").first()
            allowed = found and self._actor.may("labs.import", scope_of(found), self._tx.today)
            self._people[number] = found if allowed else None
        person = self._people[number]
        if person is None:
            raise Refused(_("There is no participant of this number here."))
        return person

    def _visit(self, person: Participant, definition: LabDefinition, result: LabResult) -> Encounter:
        if person.key not in self._visits:
            self._visits[person.key] = list(Encounter.objects.filter(participant=person, status="begun"))
        begun = self._visits[person.key]
        if result.visit:
            planned = compiled(self._study, person.definition).encounters
            named = definition.labs.visits.get(result.visit, result.visit)
            numbers = {_number(each.number): each.id for each in planned.values() if each.number is not None}
            oid = named if named in planned else numbers.get(_number(named), "")
            found = [
                visit for visit in begun if visit.oid == oid or (not oid and _number(visit.number) == _number(named))
            ]
        elif result.collected:
            found = [visit for visit in begun if visit.date == result.collected.isoformat()]
        else:
            raise Refused(_("Neither a visit nor a date says where this belongs."))
        if len(found) != 1:
            raise Refused(
                _("The participant has no such visit that has begun.")
                if not found
                else _("Several visits took place on %(day)s.") % {"day": result.collected}
            )
        return found[0]

    def _held(self, key: str) -> Mapping[str, Any]:
        if key not in self._forms:
            row: Form | None = Form.objects.filter(key=key).first()
            self._forms[key] = row.data if row else {}
        return self._forms[key]


def _values(result: LabResult, measurand: Measurand, definition: LabDefinition) -> dict[str, Any]:
    """Item values of one result: the number in the item's unit, its comparator, and when the sample was taken."""
    sample = definition.samples[measurand.form]
    values: dict[str, Any] = {}
    if result.collected:
        stamp = result.collected.isoformat()
        values[sample.date] = stamp
        if sample.time and result.time:
            values[sample.time] = result.time
    if sample.fasting and result.fasting is not None:
        values[sample.fasting] = "Y" if result.fasting else "N"
    if result.status == "cancelled":
        values[measurand.item.id] = {"not_done": _("No result from the laboratory")}
        return values
    values[measurand.item.id] = _amount(result, measurand, definition)
    if measurand.comparator:
        code = next((code for code, sign in measurand.comparators.items() if sign == result.comparator), None)
        if result.comparator and code is None:
            raise Refused(_("The form cannot hold a result %(sign)s a limit.") % {"sign": result.comparator})
        values[measurand.comparator] = code if result.comparator else None
    elif result.comparator:
        raise Refused(_("The form cannot hold a result %(sign)s a limit.") % {"sign": result.comparator})
    return values


def _amount(result: LabResult, measurand: Measurand, definition: LabDefinition) -> Any:
    number = result.number
    if number is None:
        raise Refused(_("The result is not a number."))
    unit = definition.labs.units.get(result.unit, result.unit)
    if unit not in UNITS:
        raise Refused(
            _("%(unit)s is not a unit Helmont knows.") % {"unit": unit[:40]} if unit else _("The unit is missing.")
        )
    if unit == measurand.unit:
        text = str(number)
    else:
        try:
            converted = convert_amount(number, unit, measurand.unit, measurand.rules.substance)
        except UnitFault as fault:
            raise Refused(str(fault)) from fault
        places = 0 if measurand.item.type == "integer" else measurand.item.decimals
        text = f"{converted.quantize(Decimal(1).scaleb(-places)) if places is not None else converted:f}"
    return {"value": text, "unit": measurand.unit} if measurand.item.units else text


def _plain(value: Any) -> Any:
    """A value for comparison: 5.0 and 5 are the same number."""
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    try:
        return Decimal(value).normalize() if isinstance(value, str) else value
    except ArithmeticError:
        return value


def _number(text: Any) -> str:
    try:
        return f"{Decimal(str(text)).normalize():f}"
    except ArithmeticError:
        return str(text)


def _shown(value: Any, measurand: Measurand) -> str:
    match value:
        case None:
            return ""
        case {"not_done": reason}:
            return str(reason)
        case {"value": number, "unit": unit}:
            return f"{number} {unit}"
    return f"{value} {measurand.unit}"


def _line(
    result: LabResult,
    kind: str,
    message: str,
    encounter: str = "",
    analyte: str = "",
    old: str = "",
    new: str = "",
) -> Line:
    shown = analyte or " / ".join(result.codes)[:80]
    return Line(result.line, result.place, result.participant[:40], encounter, shown, old, new, kind, message)


def _why(refusal: Refused) -> str:
    if isinstance(refusal, Invalid):
        return "; ".join(
            f"{fault.place}: {fault.message}" + (f" ({fault.accepted})" if fault.accepted else "")
            for fault in refusal.faults
        )
    return str(refusal.message)
