"""What must hold between the parts of a study, beyond each part being well written.

Each rule is one function that looks at the whole study and reports through :class:`Reading`. Rules run on whatever
could be read, so that a fault in one form does not hide a fault in another.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from graphlib import CycleError, TopologicalSorter

from helmont.study.amending import check_amendment
from helmont.study.cel import CelSyntaxError, CelTypeError
from helmont.study.cel import parse as parse_expression
from helmont.study.datasets.checking import check_datasets
from helmont.study.expression_types import CALCULATION, RULE, check_types
from helmont.study.faults import one_of
from helmont.study.lab_checks import check_labs
from helmont.study.model import Form, Group, Item, Range, Study
from helmont.study.names import CONTEXT_NAMES, ROOTS, Name, Scope, UnknownName, scope_of
from helmont.study.protocol import Activity, Encounter, Unscheduled, day_offset
from helmont.study.reading import Reading
from helmont.study.sensing import check_sensors
from helmont.study.trial_design import check_design
from helmont.study.units import UNITS

NUMBERS = frozenset({"integer", "decimal"})
_KEYS_BY_TYPE: dict[str, frozenset[str]] = {
    "unit": NUMBERS | {"calculated"},
    "units": NUMBERS,
    "standard_unit": NUMBERS,
    "range": NUMBERS | {"calculated"},
    "hard_range": NUMBERS,
    "length": frozenset({"text"}),
    "decimals": frozenset({"decimal", "calculated"}),
    "partial": frozenset({"date", "datetime"}),
    "codelist": frozenset({"codelist", "multiselect"}),
    "calculation": frozenset({"calculated"}),
    "file": frozenset({"file"}),
    "coding": frozenset({"text"}),
}
"""The types of item a key means something for (docs/study-package.md)."""


def check_study(study: Study, reading: Reading) -> None:
    """Report every fault between the parts of ``study``."""
    rules: tuple[Callable[[Study, Reading], None], ...] = (
        check_languages,
        check_participant_id,
        check_encounters,
        check_protocol_forms,
        check_burden,
        check_population,
        check_forms,
        check_items,
        check_coding,
        check_codelists,
        check_checks,
        check_expressions,
        check_calculation_order,
        check_verification,
        check_amendment,
        check_labs,
        check_datasets,
        check_design,
        check_sensors,
    )
    for rule in rules:
        rule(study, reading)


def check_languages(study: Study, reading: Reading) -> None:
    if not study.languages:
        reading.fault_in(study, "languages", "no language is given", "the source language first, such as [en, nl]")
    for code in _repeated(study.languages):
        reading.fault_in(study, "languages", f"{code} is given twice", "each language once")


def check_participant_id(study: Study, reading: Reading) -> None:
    """The example of a participant's number is one."""
    shape = study.participant_id
    if shape is None or not shape.hint:
        return
    try:
        fits = re.fullmatch(shape.pattern, shape.hint) is not None
    except (re.error, RecursionError, OverflowError):
        return  # reported where the pattern was read
    if not fits:
        reading.fault_in(shape, "hint", f"{shape.hint} does not fit {shape.pattern}", "an example that fits")


def check_encounters(study: Study, reading: Reading) -> None:
    """Study days, anchors and windows (ICH M11 section 1.3; there is no study day 0)."""
    encounters = study.protocol.encounters
    for encounter in encounters:
        if encounter.day == 0:
            reading.fault_in(
                encounter, "day", "there is no study day 0", "1 is the anchor's own day, -1 the day before it"
            )
        for side, days in (("before", encounter.window.before), ("after", encounter.window.after)):
            if days < 0:
                reading.fault_in(encounter, "window", f"{side} is {days}", "0 or more days")
        if encounter.day is None and not encounter.optional:
            reading.fault_in(encounter, "id", f"{encounter.id} has no planned day", "day: ..., or optional: true")
        if encounter.day not in (None, 1) and encounter.anchor is None:
            reading.fault_in(encounter, "day", f"day {encounter.day} is counted from no encounter", "anchor: ...")
    _check_anchors(encounters, reading)
    for encounter in encounters:
        for other in encounters:
            if encounter is other or not _planned_before(encounter, other):
                continue
            if _last_day(encounter) >= _first_day(other):
                reading.fault_in(
                    other,
                    "window",
                    f"the window overlaps that of {encounter.id}",
                    "narrower windows",
                    severity="warning",
                )


def _check_anchors(encounters: Iterable[Encounter], reading: Reading) -> None:
    by_id = {encounter.id: encounter for encounter in encounters}
    for encounter in encounters:
        seen = {encounter.id}
        anchor = by_id.get(encounter.anchor or "")
        while anchor is not None and anchor.anchor not in (None, anchor.id):
            if anchor.id in seen:
                reading.fault_in(encounter, "anchor", f"{encounter.id} is counted from itself in a circle", "an anchor")
                break
            seen.add(anchor.id)
            anchor = by_id.get(anchor.anchor or "")


def _planned_before(one: Encounter, other: Encounter) -> bool:
    same_anchor = (one.anchor or one.id) == (other.anchor or other.id)
    return one.day is not None and other.day is not None and same_anchor and one.day < other.day


def _last_day(encounter: Encounter) -> int:
    return day_offset(encounter.day or 1) + encounter.window.after


def _first_day(encounter: Encounter) -> int:
    return day_offset(encounter.day or 1) - encounter.window.before


def check_protocol_forms(study: Study, reading: Reading) -> None:
    """Visits have visit forms, logs have log forms, and a form nothing uses is mentioned."""
    protocol = study.protocol
    kinds = {form.id: form.kind for form in study.forms}
    visit_users: list[Activity | Unscheduled] = [
        *protocol.activities,
        *([protocol.unscheduled] if protocol.unscheduled else []),
    ]
    used = set(protocol.logs)
    for user in visit_users:
        used |= set(user.forms)
        for form_id in user.forms:
            if kinds.get(form_id) == "log":
                reading.fault_in(user, "forms", f"{form_id} is a log and belongs to no visit", "list it under logs")
    for form_id in protocol.logs:
        if kinds.get(form_id) == "visit":
            reading.fault_in(protocol, "logs", f"{form_id} is a visit form", "kind: log in the form")
    for form_id in _repeated(protocol.logs):
        reading.fault_in(protocol, "logs", f"{form_id} is given twice", "each form once")
    for activity in protocol.activities:
        if activity.id not in protocol.schedule:
            reading.fault_in(
                activity, "id", f"{activity.id} is not in the schedule", "schedule: ...", severity="warning"
            )
    for form in study.forms:
        if form.id not in used:
            message = f"no activity, log or unscheduled encounter uses {form.id}"
            reading.fault_in(form, "id", message, "list it under an activity", severity="warning")


def check_burden(study: Study, reading: Reading) -> None:
    """What an activity takes of a participant each time is an amount one can give."""
    for activity in study.protocol.activities:
        if activity.minutes is not None and not 1 <= activity.minutes <= 1440:
            reading.fault_in(activity, "minutes", f"minutes is {activity.minutes}", "1 to 1440")
        if activity.blood_ml is not None and not 0 < activity.blood_ml <= 1000:
            reading.fault_in(activity, "blood_ml", f"blood_ml is {activity.blood_ml}", "more than 0, at most 1000")


def check_population(study: Study, reading: Reading) -> None:
    """Ages are years in order, and at least one person is wanted."""
    population = study.protocol.population
    if population is None:
        return
    if population.enrolment is not None and population.enrolment < 1:
        reading.fault_in(population, "enrolment", f"enrolment is {population.enrolment}", "1 or more")
    age = population.age
    if age is None:
        return
    if age.min is None and age.max is None:
        reading.fault_in(population, "age", "neither min nor max is given", "min, max or both")
    if any(value is not None and not 0 <= value <= 150 for value in (age.min, age.max)):
        reading.fault_in(population, "age", "an age is not from 0 to 150 years", "years")
    if age.min is not None and age.max is not None and age.min > age.max:
        reading.fault_in(population, "age", f"min {age.min} is above max {age.max}", "min at most max")


def check_forms(study: Study, reading: Reading) -> None:
    """Names within a form are told apart, and rows are few enough to be shown."""
    if not study.forms:
        reading.fault_in(study, "forms", "the study has no form", "a file in forms/", severity="warning")
    for form in study.forms:
        seen: set[str] = set()
        named: list[Group | Item] = [*form.groups, *form.items()]
        if not form.groups:
            reading.fault_in(form, "groups", "the form has no group", "at least one group of items")
        for thing in named:
            if thing.id in seen:
                reading.fault_in(thing, "id", f"{thing.id} is used twice in the form {form.id}", "an id of its own")
            seen.add(thing.id)
        for group in form.groups:
            _check_group(group, reading)
        if form.line_title is not None:
            _check_line_title(form, reading)


def _check_group(group: Group, reading: Reading) -> None:
    if not group.items:
        reading.fault_in(group, "items", f"{group.id} has no item", "at least one item")
    repeats = group.repeats
    if repeats is None:
        return
    if not 0 <= repeats.min <= repeats.max <= 500 or repeats.max == 0:
        reading.fault_in(
            repeats, "max", f"from {repeats.min} to {repeats.max} rows", "0 <= min <= max, max from 1 to 500"
        )
    if len(repeats.labels) > repeats.max:
        reading.fault_in(repeats, "labels", f"{len(repeats.labels)} labels for {repeats.max} rows", "a label a row")


def _check_line_title(form: Form, reading: Reading) -> None:
    known = [item.id for group in form.groups if group.repeats is None for item in group.items]
    for name in re.findall(r"\{([^}]*)\}", form.line_title or ""):
        if name not in known:
            reading.fault_in(form, "line_title", f"{name} is not an item of {form.id}", one_of(known, name))


def check_items(study: Study, reading: Reading) -> None:
    """The keys of an item fit its type and each other."""
    for form in study.forms:
        for item in form.items():
            if item.id in CONTEXT_NAMES or item.id in ROOTS:
                reading.fault_in(item, "id", f"{item.id} has a meaning of its own in expressions", "another id")
            _check_keys(item, reading)
            _check_limits(item, reading)
            _check_units(item, reading)


def _check_keys(item: Item, reading: Reading) -> None:
    for key, kinds in _KEYS_BY_TYPE.items():
        if item.type not in kinds and getattr(item, key) not in (None, ()):
            fitting = f"{key} is for items of type {', '.join(sorted(kinds))}"
            reading.fault_in(item, key, f"{item.id} is of type {item.type} and cannot have {key}", fitting)
    for kind, key in (("codelist", "codelist"), ("multiselect", "codelist"), ("calculated", "calculation")):
        if item.type == kind and getattr(item, key) is None:
            reading.fault_in(item, "id", f"{item.id} is of type {kind} and has no {key}", f"{key}: ...")
    if item.type == "calculated" and item.required:
        reading.fault_in(item, "required", f"{item.id} is calculated; nobody can fill it in", "leave out required")


def _check_limits(item: Item, reading: Reading) -> None:
    for key in ("range", "hard_range"):
        limits: Range | None = getattr(item, key)
        if limits is None:
            continue
        if limits.min is None and limits.max is None:
            reading.fault_in(item, key, "neither min nor max is given", "min, max or both")
        if limits.min is not None and limits.max is not None and limits.min > limits.max:
            reading.fault_in(item, key, f"min {limits.min} is above max {limits.max}", "min at most max")
    if item.range and item.hard_range:
        for value in (item.range.min, item.range.max):
            if value is not None and not item.hard_range.holds(value):
                reading.fault_in(
                    item, "range", f"{value} is outside the hard range {item.hard_range}", "a range within it"
                )
    for key, least, most in (("length", 1, 10_000), ("decimals", 0, 9), ("lines", 1, 50)):
        number: int | None = getattr(item, key)
        if number is not None and not least <= number <= most:
            reading.fault_in(item, key, f"{key} is {number}", f"{least} to {most}")
    if item.file is not None and not 1 <= item.file.max_mb <= 500:
        reading.fault_in(item, "file", f"max_mb is {item.file.max_mb}", "1 to 500")


def _check_units(item: Item, reading: Reading) -> None:
    if item.unit and item.units:
        reading.fault_in(item, "units", "both unit and units are given", "unit when fixed, units to choose from")
    offered = item.units or ((item.unit,) if item.unit else ())
    for code in _repeated(offered):
        reading.fault_in(item, "units", f"{code} is given twice", "each unit once")
    for code in offered:
        standard = UNITS.get(item.standard_unit or offered[0])
        own = UNITS.get(code)
        if own and standard and own.dimension != standard.dimension:
            message = f"{code} is a {own.dimension} and cannot become {standard.code}, a {standard.dimension}"
            reading.fault_in(
                item, "standard_unit" if item.standard_unit else "units", message, "units of one dimension"
            )


def check_coding(study: Study, reading: Reading) -> None:
    """What is coded is nobody's secret, and what the coder sees beside it is on the same form."""
    for form in study.forms:
        private = {item.id for item in form.items() if item.privilege}
        for group in form.groups:
            near = {item.id for other in form.groups if other is group or other.repeats is None for item in other.items}
            for item in group.items:
                if item.coding is None:
                    continue
                if item.privilege:
                    message = f"{item.id} is under a privilege, which coders lack"
                    reading.fault_in(item, "coding", message, "coding of items that every role may see")
                for other_id in item.coding.beside:
                    if other_id not in near:
                        message = f"{other_id} is not an item of {form.id} that has one value for each {item.id}"
                        reading.fault_in(item.coding, "beside", message, one_of(sorted(near - {item.id}), other_id))
                    elif other_id in private:
                        message = f"{other_id} is under a privilege, which coders lack"
                        reading.fault_in(item.coding, "beside", message, "items that every role may see")


def check_codelists(study: Study, reading: Reading) -> None:
    for codelist in study.codelists:
        if not codelist.terms:
            reading.fault_in(codelist, "terms", f"{codelist.id} has no terms", "at least one term")
        repeated = set(_repeated([term.code for term in codelist.terms]))
        for term in codelist.terms:
            if term.code in repeated:
                reading.fault_in(term, "code", f"{term.code} is in {codelist.id} twice", "each code once")


def check_checks(study: Study, reading: Reading) -> None:
    """A check raises its query on an item that exists."""
    forms = {form.id: form for form in study.forms}
    for check in study.checks:
        form = forms.get(check.form)
        known = [item.id for item in form.items()] if form else []
        if form and check.item not in known:
            message = f"{check.item} is not an item of {check.form}"
            reading.fault_in(check, "item", message, one_of(known, check.item))


def check_expressions(study: Study, reading: Reading) -> None:
    """Every name in every expression stands for something, and what is compared can be compared."""
    for form in study.forms:
        scope = scope_of(study, form)
        for group in form.groups:
            for item in group.items:
                for key in ("skip", "calculation"):
                    _check_expression(scope, group, item, key, reading)
    by_id = {form.id: form for form in study.forms}
    for check in study.checks:
        if check.form in by_id:
            own = by_id[check.form]
            row = next((group for group in own.groups if any(item.id == check.item for item in group.items)), None)
            _check_expression(scope_of(study, own), row, check, "expression", reading)
    for criterion in study.protocol.eligibility:
        _check_expression(scope_of(study, None), None, criterion, "expression", reading)


def _check_expression(scope: Scope, row_of: Group | None, thing: object, key: str, reading: Reading) -> None:
    text: str | None = getattr(thing, key)
    try:
        expression = parse_expression(text or "")
    except CelSyntaxError:
        return  # absent, or reported where the text was read
    names: dict[str, Name] = {}
    for name in sorted(expression.names):
        try:
            names[name] = scope.resolve(name, row_of)
        except UnknownName as unknown:
            reading.fault_in(thing, key, unknown.message, unknown.accepted)
    if names.keys() == expression.names:
        wanted = RULE if key != "calculation" else CALCULATION
        if isinstance(thing, Item) and key == "calculation" and thing.decimals is not None:
            wanted = ("number",)
        try:
            misfit = check_types(expression, names, scope, wanted)
        except CelTypeError as error:
            misfit = f"{error.message} (column {error.column})"
        if misfit:
            reading.fault_in(thing, key, misfit, "see docs/study-package.md, 'Names in expressions'")


def check_verification(study: Study, reading: Reading) -> None:
    """Items exist, and a choice of participants is one choice."""
    plan = study.verification
    if plan is None:
        return
    known = [f"{form.id}.{item.id}" for form in study.forms for item in form.items()]
    for rule in plan.rules:
        for name in rule.items:
            if name not in known:
                reading.fault_in(rule, "items", f"{name} is not an item of the study", one_of(known, name))
        who = rule.participants
        if who is None:
            continue
        given = [name for name in ("first", "every", "sample") if getattr(who, name) is not None]
        if len(given) != 1:
            found = " and ".join(given) or "nothing"
            reading.fault_in(who, "first", f"participants are chosen by {found}", "one of first, every, sample")
        if any(n is not None and n < 1 for n in (who.first, who.every, who.sample)) or (who.sample or 0) > 100:
            accepted = "first: 1 or more, every: 1 or more, sample: 1 to 100 percent"
            reading.fault_in(who, given[0] if given else "first", "the number is out of range", accepted)
        if (who.sample is None) != (who.seed is None):
            reading.fault_in(who, "seed", "a sample is drawn with a seed, and nothing else is", "sample: 20, seed: ...")


def check_calculation_order(study: Study, reading: Reading) -> None:
    """No calculation depends on its own outcome."""
    for form in study.forms:
        try:
            calculation_order(form)
        except CycleError as error:
            circle: list[str] = list(reversed(error.args[1]))
            item = next(item for item in form.items() if item.id in circle)
            message = f"the calculation depends on itself: {' -> '.join(circle)}"
            reading.fault_in(item, "calculation", message, "calculations that come to an end")
        except CelSyntaxError:
            continue  # reported where the text was read


def calculation_order(form: Form) -> tuple[str, ...]:
    """Ids of the calculated items, each after those it depends on; ``CycleError`` when there is no such order.

    Only calculated items can form a circle: two items that each skip the other are an ordinary either-or.
    """
    calculated = {item.id: item for item in form.items() if item.type == "calculated"}
    members = {group.id: [item.id for item in group.items] for group in form.groups if group.repeats is not None}
    graph: dict[str, list[str]] = {}  # lists in a fixed order: the same study always gives the same order
    for item in calculated.values():
        needed: set[str] = set()
        for text in (item.skip, item.calculation):
            for name in parse_expression(text).names if text else ():
                first = name.split(".")[0]
                needed |= set(members.get(first, (first,)))
        graph[item.id] = sorted(needed & calculated.keys())
    return tuple(TopologicalSorter(graph).static_order())


def _repeated(values: Iterable[str]) -> list[str]:
    return [value for value, times in Counter(values).items() if times > 1]
