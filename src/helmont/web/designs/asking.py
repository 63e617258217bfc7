"""What an address asks of the workbench: settings, true rates, and which designs stand beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from helmont.design import Boin, DesignError, Keyboard, Mtpi, Mtpi2, ThreePlusThree
from helmont.design.checking import probabilities
from helmont.design.dose_finding.interval import IntervalDesign

Design = IntervalDesign | ThreePlusThree
KINDS: Mapping[str, type[IntervalDesign]] = {"BOIN": Boin, "Keyboard": Keyboard, "mTPI-2": Mtpi2, "mTPI": Mtpi}
RULE = "3+3"
NUMBERS = {
    "doses": (gettext_lazy("Doses"), 5, 2, 8),
    "cohorts": (gettext_lazy("Cohorts"), 10, 1, 20),
    "cohort_size": (gettext_lazy("Patients in a cohort"), 3, 1, 6),
}
"""What a setting is called, what it is by default, and its limits here; the terminal has none."""
MOST_PATIENTS, MOST_SCENARIOS = 60, 4
SCENARIOS = ((0.05, 0.15, 0.3, 0.45, 0.6), (0.3, 0.45, 0.55, 0.65, 0.75))
TARGET = "0.3"


@dataclass
class Asked:
    """``faults`` by field; without any, ``designs`` by name and ``scenarios`` hold what is to be shown."""

    values: dict[str, str]
    chosen: list[str]
    truths: list[str]
    designs: dict[str, Design] = field(default_factory=dict)
    scenarios: list[tuple[float, ...]] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)


def asked(query: QueryDict) -> Asked:
    """Read an address; what is missing is as by default."""
    values = {name: query.get(name, str(usual)).strip() for name, (_label, usual, *_limits) in NUMBERS.items()}
    values |= {"target": query.get("target", TARGET).strip(), "stop_at": query.get("stop_at", "").strip()}
    chosen = [name for name in (*KINDS, RULE) if name in query.getlist("design")] if query else ["BOIN"]
    given = [text.strip() for text in query.getlist("truth")] if query else [_written(each) for each in SCENARIOS]
    found = Asked(values, chosen, [text for text in given if text][:MOST_SCENARIOS])
    if not chosen:
        found.faults["design"] = _("Choose one design or more.")
    counts = {name: _number(found, name) for name in NUMBERS}
    stop_at = _whole(found, "stop_at", 1, MOST_PATIENTS) if values["stop_at"] else None
    target = _target(found)
    if not found.faults and counts["cohorts"] * counts["cohort_size"] > MOST_PATIENTS:
        found.faults["cohorts"] = _("At most %(most)s patients in all; the terminal takes more.") % {
            "most": MOST_PATIENTS
        }
    if not found.faults:
        _declare(found, counts, target, stop_at)
        found.scenarios = _scenarios(found, counts["doses"])
    return found


def _declare(found: Asked, numbers: Mapping[str, int], target: float, stop_at: int | None) -> None:
    for name in found.chosen:
        try:
            found.designs[name] = _design(name, numbers, target, stop_at)
        except DesignError as fault:
            found.faults["design"] = f"{name}: {fault}"


def _design(name: str, numbers: Mapping[str, int], target: float, stop_at: int | None) -> Design:
    doses, cohorts, size = numbers["doses"], numbers["cohorts"], numbers["cohort_size"]
    if name == RULE:
        return ThreePlusThree(doses)
    return KINDS[name](doses, target, cohorts, size, stop_at=stop_at)


def _scenarios(found: Asked, doses: int) -> list[tuple[float, ...]]:
    rates = []
    for place, text in enumerate(found.truths, start=1):
        try:
            each = probabilities("truth", _numbers(text), closed=True)
        except (DesignError, ValueError):
            found.faults[f"truth-{place}"] = _("Rates from 0 to 1 with spaces between them, such as 0.1 0.25 0.4.")
            continue
        if len(each) != doses:
            found.faults[f"truth-{place}"] = _("%(n)s rates; %(doses)s doses need one each.") % {
                "n": len(each),
                "doses": doses,
            }
        rates.append(each)
    return rates


def _number(found: Asked, name: str) -> int:
    _label, _usual, least, most = NUMBERS[name]
    return _whole(found, name, least, most)


def _whole(found: Asked, name: str, least: int, most: int) -> int:
    text = found.values[name]
    if not text.isdecimal() or len(text) > 4 or not least <= int(text) <= most:
        found.faults[name] = _("A whole number from %(least)s to %(most)s.") % {"least": least, "most": most}
        return least
    return int(text)


def _target(found: Asked) -> float:
    try:
        [target] = probabilities("target", _numbers(found.values["target"]))
    except (DesignError, ValueError):
        found.faults["target"] = _("A rate between 0 and 1, such as 0.3.")
        return 0.3
    return target


def _numbers(text: str) -> list[float]:
    """Numbers with spaces or semicolons between them; a comma in a number is a decimal comma."""
    return [float(each.replace(",", ".")) for each in text.replace(";", " ").split()]


def _written(rates: Sequence[float]) -> str:
    return " ".join(f"{rate:g}" for rate in rates)


def kinds(found: Asked) -> list[tuple[str, bool]]:
    """The designs that can be chosen, and whether each is."""
    return [(name, name in found.chosen) for name in (*KINDS, RULE)]


def numbers(found: Asked) -> list[dict[str, object]]:
    """The settings as typed."""
    fields = [(name, str(label)) for name, (label, *_rest) in NUMBERS.items()]
    fields += [("target", _("Target toxicity rate")), ("stop_at", _("Enough patients at a dose"))]
    return [{"name": name, "label": label, "value": found.values[name]} for name, label in fields]


def truths(found: Asked) -> list[dict[str, object]]:
    """The true rates as typed, and room for one more."""
    texts = [*found.truths, ""][:MOST_SCENARIOS]
    return [{"name": f"truth-{place}", "place": place, "value": text} for place, text in enumerate(texts, start=1)]
