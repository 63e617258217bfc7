"""Readings and alerts of participants, derived from their forms and the ranges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Any

from helmont.core.ledger.tlog.canonical import JSON, dumps
from helmont.edc.keys import LOG
from helmont.edc.models import Form
from helmont.labs.assessing import Assessment, Measurement, assess, limits_of
from helmont.labs.definition import LabDefinition, Measurand, lab_definition
from helmont.labs.models import Alert, Reading, ReferenceRange
from helmont.labs.ranges import Band, age_between, age_since
from helmont.participants.models import Encounter, Participant
from helmont.standards.grading import Age
from helmont.study.labs import LabCondition

ENTERED = ("draft", "complete")
Limits = dict[str, tuple[str, str]]
Bands = Mapping[tuple[str, str], Sequence[Band]]


def bands_of(study: str) -> dict[tuple[str, str], list[Band]]:
    """The ranges in use, by laboratory and analyte."""
    found: dict[tuple[str, str], list[Band]] = defaultdict(list)
    fields = tuple(Band.__dataclass_fields__)
    for row in ReferenceRange.objects.filter(study=study, withdrawn=False).values(*fields):
        band = Band(**row)
        found[band.laboratory, band.analyte].append(band)
    return found


def derive(study: str, keys: Iterable[str]) -> Iterator[tuple[Participant, list[Reading], list[Alert]]]:
    """For each participant of the keys, the readings and alerts as they are now."""
    bands = bands_of(study)
    for person, definition, forms, dates in _people(study, keys):
        readings = _readings(person, definition, forms, dates, bands) if definition else []
        yield person, readings, _alerts(person, definition, readings) if definition else []


def limits(study: str, keys: Iterable[str]) -> Iterator[tuple[str, Limits]]:
    """For each participant of the keys the limits of their results as they are now, without judging the results."""
    bands = bands_of(study)
    for person, definition, forms, dates in _people(study, keys):
        yield person.key, {} if definition is None else limits_in(definition, forms, dates, bands)


def limits_in(definition: LabDefinition, forms: Sequence[Form], dates: Mapping[str, str], bands: Bands) -> Limits:
    """The limits of the results in one participant's forms; ``dates`` are those of visits by their keys."""
    found: Limits = {}
    for measurand, one in _measurements(definition, forms, dates):
        _band, low, high = limits_of(one, bands, measurand.rules)
        found[one.key] = "" if low is None else str(low), "" if high is None else str(high)
    return found


_Person = tuple[Participant, LabDefinition | None, Sequence[Form], Mapping[str, str]]


def _people(study: str, keys: Iterable[str]) -> Iterator[_Person]:
    """Each participant of the keys with the forms that results are read from, and the dates of their encounters."""
    people = list(Participant.objects.filter(key__in=list(keys)).order_by("key"))
    for start in range(0, len(people), 50):
        some = people[start : start + 50]
        forms: dict[str, list[Form]] = defaultdict(list)
        wanted = {
            name
            for version in {each.definition for each in some}
            if (found := lab_definition(study, version))
            for name in (*found.samples, *found.person_forms)
        }
        for form in Form.objects.filter(participant__in=some, form__in=wanted, status__in=ENTERED).order_by("key"):
            forms[form.participant_id].append(form)
        dates: dict[str, str] = dict(Encounter.objects.filter(participant__in=some).values_list("key", "date"))
        for person in some:
            yield person, lab_definition(study, person.definition), forms[person.key], dates


def _readings(
    person: Participant, definition: LabDefinition, forms: Sequence[Form], dates: Mapping[str, str], bands: Bands
) -> list[Reading]:
    series: dict[str, list[Measurement]] = defaultdict(list)
    for measurand, one in _measurements(definition, forms, dates):
        series[measurand.id].append(one)
    found = []
    for analyte, measurements in series.items():
        measurand = definition.measurands[analyte]
        for one, judged in assess(measurements, bands, measurand.rules):
            found.append(_reading(person, measurand, one, judged))
    return found


def _measurements(
    definition: LabDefinition, forms: Sequence[Form], dates: Mapping[str, str]
) -> Iterator[tuple[Measurand, Measurement]]:
    """Every number that was measured in one participant."""
    sex, ages = _who(definition, forms, dates)
    for form in forms:
        if form.form in definition.samples and form.encounter != LOG:
            for measurand in definition.by_form[form.form]:
                one = _measurement(form, measurand, definition, dates, sex, ages)
                if one is not None:
                    yield measurand, one


class _Ages:
    """How old the participant was on a day, as the study declares that it counts."""

    def __init__(self, birth: date | None, years: int | None, asked: date | None, fixed: bool) -> None:
        self._birth, self._years, self._asked, self._fixed = birth, years, asked, fixed

    def on(self, day: date | None) -> Age | None:
        counted = self._asked if self._fixed else day
        if self._birth is not None:
            return age_between(self._birth, counted) if counted else None
        return None if self._years is None else age_since(self._years, self._asked, counted)


def _who(definition: LabDefinition, forms: Sequence[Form], dates: Mapping[str, str]) -> tuple[str, _Ages]:
    def answer(name: str | None) -> tuple[str, str]:
        form_id, _, item = (name or "").partition(".")
        for form in forms:
            if form.form == form_id and isinstance(value := (form.data or {}).get(item), str):
                return value, dates.get(form.container, "")
        return "", ""

    labs = definition.labs
    sex = answer(labs.sex)[0]
    birth, asked = answer(labs.birth_date)
    years, asked_age = answer(labs.age)
    ages = _Ages(_day(birth), int(years) if years.isdecimal() else None, _day(asked_age or asked),
                 labs.age_at == "screening")  # fmt: skip
    return definition.sexes.get(sex, sex)[:1], ages


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if len(text) >= 10 else None
    except ValueError:
        return None


def _measurement(
    form: Form,
    measurand: Measurand,
    definition: LabDefinition,
    dates: Mapping[str, str],
    sex: str,
    ages: _Ages,
) -> Measurement | None:
    data: dict[str, Any] = form.data or {}
    given: Any = data.get(measurand.item.id)
    unit = measurand.unit
    if isinstance(given, dict):
        unit = given.get("unit", unit)
        given = given.get("value")
    try:
        value = Decimal(given) if isinstance(given, str) else None
    except InvalidOperation:
        value = None
    if value is None:
        return None
    sample = definition.samples[form.form]
    said = str(data.get(sample.date, ""))
    collected = _day(said) or _day(dates.get(form.container, ""))
    fasting = data.get(sample.fasting) if sample.fasting else None
    laboratory = data.get(sample.laboratory) if sample.laboratory else None
    return Measurement(
        key=f"{form.key}#{measurand.item.id}",
        analyte=measurand.id,
        encounter=form.encounter,
        value=value,
        comparator=measurand.comparators.get(str(data.get(measurand.comparator, "")), ""),
        unit=unit,
        collected=collected,
        time=str(data.get(sample.time, ""))[:5] if sample.time else said[11:16],
        laboratory=str(laboratory or definition.labs.laboratory),
        sex=sex,
        age=ages.on(collected),
        fasting={"Y": True, "N": False}.get(str(fasting)),
    )


def _reading(person: Participant, measurand: Measurand, one: Measurement, judged: Assessment) -> Reading:
    form_key, _, item = one.key.partition("#")
    grade = judged.grade
    return Reading(
        key=one.key,
        study=person.study,
        country=person.country,
        site=person.site,
        participant=person.key,
        encounter=one.encounter,
        form=form_key.rsplit("/", 1)[1],
        item=item,
        privilege=measurand.item.privilege or "",
        analyte=one.analyte,
        laboratory=one.laboratory,
        collected=one.collected.isoformat() if one.collected else "",
        time=one.time,
        value=str(one.value),
        comparator=one.comparator,
        unit=one.unit,
        sex=one.sex,
        age="/".join(map(str, (one.age.a, one.age.mo, one.age.wk, one.age.d))) if one.age else "",
        fasting="" if one.fasting is None else "Y" if one.fasting else "N",
        range=judged.band.key if judged.band else "",
        low="" if judged.low is None else str(judged.low),
        high="" if judged.high is None else str(judged.high),
        flag=judged.flag,
        grade=grade.grade if grade else None,
        term=grade.term if grade and grade.grade else "",
        assumed=grade.assumed if grade else "",
        baseline="" if judged.baseline is None else str(judged.baseline),
    )


def measurement_of(reading: Reading) -> Measurement:
    """The measurement that a reading was derived from."""
    age = Age(*map(int, reading.age.split("/"))) if reading.age else None
    return Measurement(
        key=reading.key,
        analyte=reading.analyte,
        encounter=reading.encounter,
        value=Decimal(reading.value),
        comparator=reading.comparator,
        unit=reading.unit,
        collected=_day(reading.collected),
        time=reading.time,
        laboratory=reading.laboratory,
        sex=reading.sex,
        age=age,
        fasting={"Y": True, "N": False}.get(reading.fasting),
    )


def _alerts(person: Participant, definition: LabDefinition, readings: Sequence[Reading]) -> list[Alert]:
    """A grade calls for an alert unless it rests on something assumed; a combination is looked for on each day."""
    found: list[Alert] = []
    for rule in definition.labs.alerts:
        if rule.grade is not None:
            for one in readings:
                if (one.grade or 0) >= rule.grade and not one.assumed:
                    found.append(_alert(person, rule.id, [one], one.analyte))
        if rule.all:
            days: dict[tuple[str, str], dict[str, Reading]] = defaultdict(dict)
            for one in readings:
                days[one.encounter + one.key.split("/")[2], one.collected][one.analyte] = one
            for results in days.values():
                needed = [results.get(condition.analyte) for condition in rule.all]
                met = [one for one, condition in zip(needed, rule.all, strict=True) if one and _met(one, condition)]
                if len(met) == len(rule.all):
                    found.append(_alert(person, rule.id, met))
    return found


def _met(one: Reading, condition: LabCondition) -> bool:
    value, high = Decimal(one.value), Decimal(one.high) if one.high else None
    if condition.at_least_uln is not None and (high is None or value < condition.at_least_uln * high):
        return False
    if condition.below_uln is not None and (high is None or value >= condition.below_uln * high):
        return False
    if condition.rise is not None and (not one.baseline or value - Decimal(one.baseline) < condition.rise):
        return False
    return condition.fall is None or (bool(one.baseline) and Decimal(one.baseline) - value >= condition.fall)


def _alert(person: Participant, rule: str, about: Sequence[Reading], analyte: str = "") -> Alert:
    place = about[0].key.split("/")[2]
    rests_on: JSON = [[one.key, one.value, one.comparator, one.high if not analyte else one.grade] for one in about]
    return Alert(
        key=f"{person.key}/alerts/{rule}/{place}" + (f"/{analyte}" if analyte else ""),
        study=person.study,
        country=person.country,
        site=person.site,
        participant=person.key,
        rule=rule,
        encounter=place,
        collected=about[0].collected,
        readings=[one.key for one in about],
        privileges=" ".join(sorted({one.privilege for one in about if one.privilege})),
        basis=sha256(dumps(rests_on)).hexdigest()[:16],
    )


def differences(kind: type[Any], there: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[list[Any], list[str]]:
    """The rows to write and the keys to delete, so that ``there`` becomes ``now``."""
    names = [column.attname for column in kind._meta.concrete_fields]
    write = [
        row
        for key, row in now.items()
        if key not in there or any(getattr(row, name) != getattr(there[key], name) for name in names)
    ]
    return write, [key for key in there if key not in now]
