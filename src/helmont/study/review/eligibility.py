"""Whether the criteria contradict each other, or exclude whom the trial is about."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from helmont.study.cel import CelSyntaxError
from helmont.study.cel import parse as parse_expression
from helmont.study.model import Study
from helmont.study.protocol import Criterion, Population
from helmont.study.review.domains import Alternative, Domain, TooMany, alternatives, together
from helmont.study.review.findings import Finding, Values

PLACE = "protocol.eligibility"
_SEXES = {"female": "F", "male": "M"}


def eligibility_findings(study: Study) -> Iterator[Finding]:
    """Contradictions first; the population is compared only when there are none."""
    criteria = study.protocol.eligibility
    if study.protocol.population is None:
        yield Finding("POPULATION_NOT_STATED", "protocol.population")
    left, undecided = _alternatives(study)
    if undecided:
        values: Values = {"count": len(undecided), "all": len(criteria), "criteria": ", ".join(undecided)}
        yield Finding("ELIGIBILITY_NOT_DECIDED", PLACE, values)
    contradictions = list(_contradictions(left))
    yield from contradictions
    try:
        remaining = together(left.values())
    except TooMany:
        return
    if not remaining:
        if not contradictions:
            yield Finding("ELIGIBILITY_EXCLUDES_EVERYBODY", PLACE)
    elif study.protocol.population is not None:
        yield from _population(study, study.protocol.population, remaining)


def _alternatives(study: Study) -> tuple[dict[str, list[Alternative]], list[str]]:
    """For each criterion with an expression what lets a participant in, and which criteria were not wholly understood."""
    integers = frozenset(
        f"{form.id}.{item.id}" for form in study.forms for item in form.items() if item.type == "integer"
    )
    left: dict[str, list[Alternative]] = {}
    undecided = []
    for criterion in study.protocol.eligibility:
        found, exact = _of(criterion, integers)
        if found is not None:
            left[criterion.id] = found
        if not exact:
            undecided.append(criterion.id)
    return left, undecided


def _of(criterion: Criterion, integers: frozenset[str]) -> tuple[list[Alternative] | None, bool]:
    if criterion.expression is None:
        return None, False
    try:
        expression = parse_expression(criterion.expression)
        whole = frozenset(name for name in expression.names if _item(name) in integers)
        return alternatives(expression.tree, whole, criterion.category == "inclusion")
    except (CelSyntaxError, TooMany):
        return None, False


def _item(name: str) -> str:
    """``FORM.ITEM`` of ``at.ENCOUNTER.FORM.ITEM``."""
    return ".".join(name.split(".")[-2:])


def _contradictions(left: dict[str, list[Alternative]]) -> Iterator[Finding]:
    """Criteria that nobody can fulfil, alone or with one other."""
    alone = {name for name, found in left.items() if not together([found])}
    for name in alone:
        yield Finding("ELIGIBILITY_IMPOSSIBLE", f"{PLACE}[{name}]", {"one": name})
    for (one, first), (other, second) in combinations(left.items(), 2):
        if one in alone or other in alone:
            continue
        try:
            possible = together([first, second])
        except TooMany:
            continue
        if not possible:
            names = sorted({n for each in first for n in each} & {n for each in second for n in each})
            values = {"one": one, "other": other, "names": ", ".join(names)}
            yield Finding("ELIGIBILITY_CONTRADICTS_ITSELF", f"{PLACE}[{other}]", values)


def _population(study: Study, population: Population, remaining: list[Alternative]) -> Iterator[Finding]:
    names = {name for each in remaining for name in each}
    ages = [name for name in names if _is(study, name, "AGE")]
    sexes = [name for name in names if _is(study, name, "SEX")]
    age = population.age
    for name in ages if age is not None else ():
        assert age is not None
        low = float(age.min) if age.min is not None else 0.0
        high = float(age.max) if age.max is not None else 150.0
        stated: list[Alternative] = [{name: Domain(low, high)}]
        if not together([remaining, stated]):
            yield Finding("ELIGIBILITY_EXCLUDES_POPULATION", PLACE)
            return
        own = [each.get(name, Domain()) for each in remaining]
        least, most = min(each.low for each in own), max(each.high for each in own)
        if least > low or most < high:
            left = {"stated": _years(low, high), "left": _years(max(low, least), min(high, most))}
            yield Finding("ELIGIBILITY_NARROWS_AGE", "protocol.population", left)
    wanted = [population.sex] if population.sex in _SEXES else list(_SEXES) if population.sex == "both" else []
    for name in sexes:
        for sex in wanted:
            codes = _codes(study, name, _SEXES[str(sex)])
            if codes and not together([remaining, [{name: Domain(within=codes)}]]):
                rule = "ELIGIBILITY_EXCLUDES_WOMEN" if sex == "female" else "ELIGIBILITY_EXCLUDES_MEN"
                yield Finding(rule, "protocol.population")


def _is(study: Study, name: str, variable: str) -> bool:
    return any(
        item.sdtm is not None and item.sdtm.domain == "DM" and item.sdtm.variable == variable
        for form in study.forms
        for item in form.items()
        if f"{form.id}.{item.id}" == _item(name)
    )


def _codes(study: Study, name: str, term: str) -> frozenset[str | float]:
    """The codes under which the item's codelist has an SDTM term."""
    lists = {codelist.id: codelist for codelist in study.codelists}
    return frozenset(
        each.code
        for form in study.forms
        for item in form.items()
        if f"{form.id}.{item.id}" == _item(name) and item.codelist in lists
        for each in lists[item.codelist or ""].terms
        if each.sdtm == term
    )


def _years(low: float, high: float) -> str:
    if high >= 150:
        return f"≥ {low:g}"
    return f"{low:g}–{high:g}"
