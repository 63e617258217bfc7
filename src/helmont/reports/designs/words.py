"""Designs, settings and results in words and figures."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Sequence
from functools import lru_cache
from types import NoneType
from typing import Any

from helmont.design import Declared

TITLES = {
    "ArmSelection": "Adaptive trial with arms selected at interim analyses",
    "Backfill": "Rule for backfilling doses",
    "BackfillBoin": "Bayesian optimal interval design with backfilling (BF-BOIN)",
    "BigStick": "Big stick randomisation",
    "BinomialGroupSequential": "Single arm with exact looks at responses",
    "Blrm": "Bayesian logistic regression with overdose control",
    "Boin": "Bayesian optimal interval design (BOIN)",
    "Boin12": "BOIN12: optimal biological dose by toxicity and efficacy",
    "BoinCombination": "BOIN for a combination of two agents",
    "BorrowingTrial": "Trial whose control arm borrows from history",
    "CompleteRandomisation": "Complete randomisation",
    "Counts": "Sample size: counts of recurrent events",
    "Crm": "Continual reassessment method (CRM)",
    "EfronCoin": "Efron's biased coin",
    "FisherCombination": "Fisher's combination test",
    "GivenBounds": "Rule: bounds as given",
    "GivenSpending": "Rule: spending as given",
    "GroupSequential": "Group sequential trial",
    "HaybittlePeto": "Rule: Haybittle-Peto bounds",
    "HwangShihDeCani": "Rule: Hwang-Shih-DeCani spending",
    "InverseNormal": "Inverse normal combination test",
    "Keyboard": "Keyboard design",
    "LanDeMets": "Rule: Lan-DeMets spending",
    "Mams": "Multi-arm multi-stage trial",
    "MapBinary": "Robust meta-analytic-predictive prior of a response rate",
    "MapNormal": "Robust meta-analytic-predictive prior of a mean",
    "Means": "Sample size: means",
    "Minimisation": "Minimisation",
    "Mtpi": "Modified toxicity probability interval design (mTPI)",
    "Mtpi2": "Modified toxicity probability interval design 2 (mTPI-2)",
    "OBrienFleming": "Rule: O'Brien-Fleming bounds",
    "OneRate": "Sample size: one response rate",
    "PampallonaTsiatis": "Rule: Pampallona-Tsiatis lower bounds",
    "PermutedBlocks": "Randomisation in permuted blocks",
    "Pocock": "Rule: Pocock bounds",
    "PowerSpending": "Rule: power family spending",
    "PromisingZone": "Promising zone design",
    "Rates": "Sample size: response rates",
    "Reestimation": "Sample size re-estimation by conditional power",
    "ResponseAdaptive": "Response-adaptive randomisation",
    "SimonTwoStage": "Simon's two-stage design",
    "Survival": "Sample size: time to an event",
    "Symmetric": "Rule: symmetric lower bounds",
    "ThreePlusThree": "3+3 design",
    "TiteBoin": "Time-to-event BOIN (TITE-BOIN)",
    "TiteCrm": "Time-to-event continual reassessment method (TITE-CRM)",
    "TiteKeyboard": "Time-to-event Keyboard design",
    "Tpi": "Toxicity probability interval design (TPI)",
    "Urn": "Urn randomisation",
    "WangTsiatis": "Rule: Wang-Tsiatis bounds",
}
"""Another design is called by the name of its kind."""

_SETTINGS = {
    "doses": "Doses that may be given, in rising order.",
    "cohorts": "The most cohorts that are treated.",
    "cohort_size": "Patients in a cohort.",
    "offset": "How much lower the limit at the lowest dose is with `extra_safe`.",
    "arms": "Arms between which patients are allocated, or that are compared with the control.",
    "alpha": "Error of the first kind, one-sided.",
    "beta": "Error of the second kind: 1 - power.",
    "power": "Power that is aimed at.",
    "information": "Fractions of the maximal information at the looks.",
    "upper": "How the upper bound is laid.",
    "lower": "How the lower bound is laid; none where empty.",
    "binding": "Whether the upper bound reckons with stops at the lower.",
    "lower_under": "The hypothesis under which the lower bound spends.",
    "ratio": "Participants on treatment (or each arm) for each on control (or other arm).",
    "target": "The rate of dose-limiting toxicities that is sought.",
    "stages": "Stages, with a look after each.",
    "patients": "Patients in the whole trial.",
    "start": "The first dose, from 1.",
    "margins": "How far the target interval reaches below and above the target.",
    "null": "What holds under the null hypothesis.",
    "alternative": "The rate under the alternative.",
    "treatment": "What is expected on treatment (or patients of that arm).",
    "control": "What is expected on control (or patients of that arm).",
    "sd": "Standard deviation of an outcome.",
    "difference": "Difference of means, treatment less control, under the alternative.",
    "limit": "The largest difference between arms.",
    "coin": "The chance of the arm with fewer patients.",
    "sizes": "Sizes of the blocks, of which one is drawn for each block.",
    "strata": "Strata, each of which is randomised by itself.",
    "de_escalate": "Whether lower doses are returned to, and the selected dose must have six patients.",
    "formula": "How pending patients count.",
}
"""Of settings whose class has no words of its own beside them."""


def title(kind: str) -> str:
    """What a kind of design is called."""
    return TITLES.get(kind, kind)


def paragraphs(design: Declared) -> list[str]:
    """What the design is, its paper and its rule: the words of its class and of the module that holds it."""
    kind = type(design)
    texts = [inspect.cleandoc(sys.modules[kind.__module__].__doc__ or ""), inspect.cleandoc(kind.__doc__ or "")]
    found = [_flat(part) for text in texts for part in text.split("\n\n")]
    return [part for part in found if part]


def _flat(part: str) -> str:
    """One paragraph on one line with single backticks, without what a programmer needs to know of errors."""
    text = " ".join(part.split()).replace("``", "`")
    for sentence in ("Raises `DesignError`", "Errors: `DesignError`"):
        text = text.split(sentence)[0].strip()
    return text


def meaning(design: Declared, name: str) -> str:
    """What a setting is: the words beside it in its class, or those of the class that it inherits it from."""
    for kind in type(design).__mro__:
        if (found := _meanings(kind).get(name)) is not None:
            return _flat(found)
    return _SETTINGS.get(name, "")


@lru_cache
def _meanings(kind: type) -> dict[str, str]:
    """The words below the settings of a class, by name."""
    if not issubclass(kind, Declared):
        return {}
    [tree] = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    found: dict[str, str] = {}
    body = tree.body if isinstance(tree, ast.ClassDef) else []
    for setting, after in zip(body, body[1:], strict=False):
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
        return "yes" if value else "no"
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
    shown = next((each for each in range(most) if all(abs(round(value, each) - value) < 1e-9 for value in numbers)), most)
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
        return value["design"] + (f" ({inner})" if inner else "")
    if isinstance(value, list):
        return ("; " if any(isinstance(each, list) for each in value) else ", ").join(map(setting, value))
    if value is None or isinstance(value, bool):
        return figure(value)
    return f"{value:.15g}" if isinstance(value, float) else str(value)


_NAMES = {
    "z": "Z",
    "n": "n",
    "n1": "n (first stage)",
    "r": "futile up to (of n)",
    "r1": "futile up to (first stage)",
    "de_escalate": "de-escalate",
    "p_value": "p-value",
    "dlt": "toxicities",
    "expected_null": "expected under the null",
    "expected_alternative": "expected under the alternative",
    "expected_between": "expected half way",
    "stops_null": "stops early under the null",
    "expected_sd": "standard deviation of the expected",
    "a": "a",
    "b": "b",
}


def named(name: str) -> str:
    """The name of a field in words, with a capital."""
    text = _NAMES.get(name, name.replace("_", " "))
    return text if len(text) == 1 else text[0].upper() + text[1:]
