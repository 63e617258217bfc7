"""Designs, settings and results in words and figures."""

from __future__ import annotations

import ast
import inspect
import itertools
import re
import sys
import textwrap
from collections.abc import Sequence
from functools import lru_cache
from types import NoneType
from typing import Any

from helmont.design import Declared
from helmont.reports.designs.language import _, gettext_noop
from helmont.reports.designs.meanings import SETTINGS

TITLES = {
    "ArmSelection": gettext_noop("Adaptive trial with arms selected at interim analyses"),
    "Backfill": gettext_noop("Rule for backfilling doses"),
    "BackfillBoin": gettext_noop("Bayesian optimal interval design with backfilling (BF-BOIN)"),
    "BigStick": gettext_noop("Big stick randomisation"),
    "BinomialGroupSequential": gettext_noop("Single arm with exact looks at responses"),
    "Blrm": gettext_noop("Bayesian logistic regression with overdose control"),
    "Boin": gettext_noop("Bayesian optimal interval design (BOIN)"),
    "Boin12": gettext_noop("BOIN12: optimal biological dose by toxicity and efficacy"),
    "BoinCombination": gettext_noop("BOIN for a combination of two agents"),
    "BinaryEndpoint": gettext_noop("Endpoint of a platform: responses"),
    "BorrowingTrial": gettext_noop("Trial whose control arm borrows from history"),
    "CompleteRandomisation": gettext_noop("Complete randomisation"),
    "Counts": gettext_noop("Sample size: counts of recurrent events"),
    "Crm": gettext_noop("Continual reassessment method (CRM)"),
    "EfronCoin": gettext_noop("Efron's biased coin"),
    "Enrichment": gettext_noop("Adaptive enrichment of a subgroup"),
    "FisherCombination": gettext_noop("Fisher's combination test"),
    "GivenBounds": gettext_noop("Rule: bounds as given"),
    "GivenSpending": gettext_noop("Rule: spending as given"),
    "GroupSequential": gettext_noop("Group sequential trial"),
    "HaybittlePeto": gettext_noop("Rule: Haybittle-Peto bounds"),
    "HwangShihDeCani": gettext_noop("Rule: Hwang-Shih-DeCani spending"),
    "InverseNormal": gettext_noop("Inverse normal combination test"),
    "Keyboard": gettext_noop("Keyboard design"),
    "LanDeMets": gettext_noop("Rule: Lan-DeMets spending"),
    "Mams": gettext_noop("Multi-arm multi-stage trial"),
    "MapBinary": gettext_noop("Robust meta-analytic-predictive prior of a response rate"),
    "MapNormal": gettext_noop("Robust meta-analytic-predictive prior of a mean"),
    "Means": gettext_noop("Sample size: means"),
    "Minimisation": gettext_noop("Minimisation"),
    "Mtpi": gettext_noop("Modified toxicity probability interval design (mTPI)"),
    "Mtpi2": gettext_noop("Modified toxicity probability interval design 2 (mTPI-2)"),
    "NormalEndpoint": gettext_noop("Endpoint of a platform: means"),
    "OBrienFleming": gettext_noop("Rule: O'Brien-Fleming bounds"),
    "OneRate": gettext_noop("Sample size: one response rate"),
    "PampallonaTsiatis": gettext_noop("Rule: Pampallona-Tsiatis lower bounds"),
    "PermutedBlocks": gettext_noop("Randomisation in permuted blocks"),
    "PlatformArm": gettext_noop("Arm of a platform"),
    "PlatformTrial": gettext_noop("Bayesian platform trial"),
    "Pocock": gettext_noop("Rule: Pocock bounds"),
    "PowerSpending": gettext_noop("Rule: power family spending"),
    "PromisingZone": gettext_noop("Promising zone design"),
    "Rates": gettext_noop("Sample size: response rates"),
    "Reestimation": gettext_noop("Sample size re-estimation by conditional power"),
    "ResponseAdaptive": gettext_noop("Response-adaptive randomisation"),
    "SimonTwoStage": gettext_noop("Simon's two-stage design"),
    "Survival": gettext_noop("Sample size: time to an event"),
    "Symmetric": gettext_noop("Rule: symmetric lower bounds"),
    "ThreePlusThree": gettext_noop("3+3 design"),
    "TiteBoin": gettext_noop("Time-to-event BOIN (TITE-BOIN)"),
    "TiteCrm": gettext_noop("Time-to-event continual reassessment method (TITE-CRM)"),
    "TiteKeyboard": gettext_noop("Time-to-event Keyboard design"),
    "Tpi": gettext_noop("Toxicity probability interval design (TPI)"),
    "Trend": gettext_noop("Trend over the time of a platform"),
    "Urn": gettext_noop("Urn randomisation"),
    "WangTsiatis": gettext_noop("Rule: Wang-Tsiatis bounds"),
}
"""Another design is called by the name of its kind."""


def title_of(kind: str) -> str:
    """What a kind of design is called."""
    return _(TITLES.get(kind, kind))


def paragraphs(design: Declared) -> list[str]:
    """What the design is, its paper and its rule: the words of its class and of the module that holds it."""
    kind = type(design)
    texts = [inspect.cleandoc(sys.modules[kind.__module__].__doc__ or ""), inspect.cleandoc(kind.__doc__ or "")]
    found = [_flat(part) for text in texts for part in re.split(r"\n\n|\n(?=\* )", text)]
    return [part for part in found if part]


def _flat(part: str) -> str:
    """One paragraph on one line with single backticks, without what a programmer needs to know of errors."""
    text = " ".join(part.split()).replace("``", "`")
    text = f"• {text[2:]}" if text.startswith("* ") else text
    for sentence in ("Raises `DesignError`", "Errors: `DesignError`"):
        text = text.split(sentence)[0].strip()
    return text


def meaning(design: Declared, name: str) -> str:
    """What a setting is: the words beside it in its class, or those of the class that it inherits it from."""
    for kind in type(design).__mro__:
        if (found := _meanings(kind).get(name)) is not None:
            return _flat(found)
    return SETTINGS.get(f"{design.kind}.{name}", SETTINGS.get(name, ""))


@lru_cache
def _meanings(kind: type) -> dict[str, str]:
    """The words below the settings of a class, by name."""
    if not issubclass(kind, Declared):
        return {}
    [tree] = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    found: dict[str, str] = {}
    body = tree.body if isinstance(tree, ast.ClassDef) else []
    for setting, after in itertools.pairwise(body):
        if isinstance(setting, ast.AnnAssign) and isinstance(setting.target, ast.Name) and isinstance(after, ast.Expr):
            text = after.value
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                found[setting.target.id] = inspect.cleandoc(text.value)
    return found


def figure(value: Any, digits: int = 4) -> str:
    """A value in a table; ``digits`` are those behind the point, where that many tell anything."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, float):
        return _figure(value, digits)
    if isinstance(value, (list, tuple)):
        return ", ".join(figure(each, digits) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {figure(each, digits)}" for key, each in value.items())
    return str(value)


def _figure(value: float, digits: int) -> str:
    if value == 0 or abs(value) >= 1e7:
        return f"{value:g}"
    if abs(value) < 10**-digits:
        return f"{value:.2e}"
    shown = digits if abs(value) < 100 else max(digits - 2, 1)
    text = f"{value:.{shown}f}".rstrip("0").rstrip(".")
    return text.replace("-", "−") if text != "-0" else "0"


def figures(values: Sequence[Any], digits: int = 4) -> list[str]:
    """A column of a table: numbers have as many digits behind the point as one of them needs, at most ``digits``."""
    numbers = [value for value in values if isinstance(value, float)]
    if not numbers or any(not isinstance(value, (int, float, NoneType)) for value in values):
        return [figure(value, digits) for value in values]
    most = max(digits - 2, 1) if max(map(abs, numbers)) >= 100 else digits
    shown = next(
        (each for each in range(most) if all(abs(round(value, each) - value) < 1e-9 for value in numbers)), most
    )
    return [_fixed(value, shown) if isinstance(value, float) else figure(value) for value in values]


def _fixed(value: float, digits: int) -> str:
    if value and abs(value) < 0.5 * 10**-digits:
        return f"{value:.1e}"
    return f"{value:.{digits}f}".replace("-", "−")


def rows_of(columns: Sequence[Sequence[Any]], digits: int = 4) -> list[tuple[str, ...]]:
    """Rows of a table from its columns."""
    return list(zip(*(figures(column, digits) for column in columns), strict=True))


def percent(share: float | None) -> str:
    """A probability as a percentage with one digit."""
    return "–" if share is None else f"{100 * share:.1f}"


def setting(value: Any) -> str:
    """A setting with all its digits."""
    if isinstance(value, dict) and "design" in value:
        inner = ", ".join(f"{name} {setting(each)}" for name, each in value.items() if name != "design")
        return str(value["design"]) + (f" ({inner})" if inner else "")
    if value == []:
        return "–"
    if isinstance(value, list):
        return ("; " if any(isinstance(each, list) for each in value) else ", ").join(map(setting, value))
    if value is None or isinstance(value, bool):
        return figure(value)
    return f"{value:.15g}" if isinstance(value, float) else str(value)


_NAMES = {
    "z": "Z",
    "n": gettext_noop("Participants"),
    "n1": gettext_noop("Participants in the first stage"),
    "r": gettext_noop("Futile up to so many responses"),
    "r1": gettext_noop("Futile in the first stage up to so many responses"),
    "fixed": gettext_noop("Without interim looks"),
    "fixed_events": gettext_noop("Events without interim looks"),
    "maximum_events": gettext_noop("Events at most"),
    "follow_up": gettext_noop("Time from the last entry to the last look"),
    "expected_events_null": gettext_noop("Expected events if there is no effect"),
    "expected_events": gettext_noop("Expected events under the alternative"),
    "expected_participants": gettext_noop("Expected participants under the alternative"),
    "expected_duration": gettext_noop("Expected duration under the alternative"),
    "events": gettext_noop("Events"),
    "events_control": gettext_noop("Events on control"),
    "events_treatment": gettext_noop("Events on treatment"),
    "participants": gettext_noop("Participants"),
    "times": gettext_noop("Time"),
    "critical_ratios": gettext_noop("Hazard ratio that crosses the bound"),
    "lower_ratios": gettext_noop("Hazard ratio below the futility bound"),
    "intensities": gettext_noop("Participants entering in a unit of time"),
    "entry_ends": gettext_noop("Until"),
    "maximum": gettext_noop("At most"),
    "looks": gettext_noop("At each look"),
    "inflation": gettext_noop("Times a trial without interim looks"),
    "treatment": gettext_noop("On treatment"),
    "control": gettext_noop("On control"),
    "control_first": gettext_noop("On control in the first stage"),
    "expected_null": gettext_noop("Expected if there is no effect"),
    "expected_alternative": gettext_noop("Expected under the alternative"),
    "expected_between": gettext_noop("Expected half way between"),
    "stops_null": gettext_noop("Probability to stop early under the null rate"),
    "expected": gettext_noop("Expected"),
    "expected_sd": gettext_noop("Standard deviation of the expected"),
    "alpha": gettext_noop("Error of the first kind"),
    "power": gettext_noop("Power"),
    "trials": gettext_noop("Trials"),
    "patients": gettext_noop("Patients"),
    "toxicities": gettext_noop("Toxicities"),
    "responses": gettext_noop("Responses"),
    "score": gettext_noop("Rank-based desirability"),
    "dlt": gettext_noop("Toxicities"),
    "dose": gettext_noop("Dose"),
    "reason": gettext_noop("Reason"),
    "critical": gettext_noop("Critical value"),
    "spent": gettext_noop("Error spent"),
    "levels": gettext_noop("Level of the stage"),
    "critical_effects": gettext_noop("Least effect that crosses the bound"),
    "familywise": gettext_noop("Familywise error"),
    "dropped": gettext_noop("Nobody goes on"),
    "whole": gettext_noop("Everybody goes on"),
    "enriched": gettext_noop("The subgroup alone goes on"),
    **dict.fromkeys(("of_population", "rejected"), gettext_noop("Rejected")),
    "of_population_error": gettext_noop("Standard error"),
    "any_rejected": gettext_noop("Probability to reject anything"),
    "best": gettext_noop("Rejected with the largest statistic"),
    "parameters": gettext_noop("Parameters"),
    "intervals": gettext_noop("Toxicities of the neighbouring doses"),
    "weights": gettext_noop("Weights"),
    "success": gettext_noop("Probability of success"),
    "bias": gettext_noop("Bias"),
    "error": gettext_noop("Root mean squared error"),
    "effect": gettext_noop("Effect"),
    "method": gettext_noop("Method"),
    "size": gettext_noop("Participants"),
    "all_futile": gettext_noop("All dropped"),
    "all_rejected": gettext_noop("All rejected"),
    "any_futile": gettext_noop("Any dropped"),
    "arms": gettext_noop("Arms"),
    "best_error": gettext_noop("Standard error"),
    "conditional_power": gettext_noop("Conditional power"),
    "conditional_power_sd": gettext_noop("Standard deviation of the conditional power"),
    "conditional_power_then": gettext_noop("Conditional power then"),
    "decision": gettext_noop("Decision"),
    "deviation": gettext_noop("Standard deviation of one outcome"),
    "deviations": gettext_noop("Standard deviations"),
    "either_rejected": gettext_noop("Either of two arms is rejected"),
    "expected_n": gettext_noop("Expected participants"),
    "expected_n_promising": gettext_noop("Expected participants in the promising zone"),
    "expected_n_sd": gettext_noop("Standard deviation of the participants"),
    "favourable": gettext_noop("Favourable"),
    "futile": gettext_noop("Dropped"),
    "futility": gettext_noop("Probability to stop for futility"),
    "means": gettext_noop("Means"),
    "patients_deviation": gettext_noop("Standard deviation of the patients"),
    "power_in_zone": gettext_noop("Power in the zone"),
    "promising": gettext_noop("Promising"),
    "second_stage": gettext_noop("Mean size of the second stage"),
    "second_stage_sd": gettext_noop("Standard deviation of the second stage"),
    "seed": gettext_noop("Seed"),
    "selected": gettext_noop("In the stage"),
    "sizes": gettext_noop("Participants"),
    "stopped": gettext_noop("Stopped"),
    "truth": gettext_noop("Truth"),
    "unfavourable": gettext_noop("Unfavourable"),
    "worse_than_equal": gettext_noop("Fewer patients on the best arm than under equal allocation"),
    "zone": gettext_noop("Zone"),
    "zones": gettext_noop("Share of the trials in each zone"),
}


def named(name: str) -> str:
    """The name of a field in words, with a capital."""
    text = _(_NAMES.get(name, name.replace("_", " ")))
    return text if len(text) == 1 else text[0].upper() + text[1:]
