"""The repeated measures of table 14-3.11 against R's mmrm, and properties of the fit."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helmont.analysis.arrays import Floats, NotComputable
from helmont.analysis.covariance import STRUCTURES
from helmont.analysis.descriptive import analysis_of_variance
from helmont.analysis.design import Design
from helmont.analysis.mixed import Measures, Method, MixedModel
from helmont.analysis.repeated import RestrictedLikelihood, patterns
from tests.analysis.kit import efficacy, reference

WEEKS = ("8", "16", "24")
# The reference stopped a little before the maximum (minus twice its log-likelihood is larger by 9e-8): six digits agree.
CASES: dict[str, tuple[str, Method, str | None]] = {
    "14-3.11_us_KR-Linear_wk24": ("us", "kenward-roger", "24"),
    "14-3.11_us_KR-Linear_avg": ("us", "kenward-roger-linear", None),
    "14-3.11_us_Satterthwaite_wk24": ("us", "satterthwaite", "24"),
    "14-3.11_cs_Satt_wk24": ("cs", "satterthwaite", "24"),
    "14-3.11_csh_Satt_wk24": ("csh", "satterthwaite", "24"),
    "14-3.11_ar1_Satt_wk24": ("ar1", "satterthwaite", "24"),
    "14-3.11_ar1h_Satt_wk24": ("ar1h", "satterthwaite", "24"),
    "14-3.11_toep_Satt_wk24": ("toep", "satterthwaite", "24"),
}


def adas() -> pl.DataFrame:
    """Observed changes of the ADAS-Cog total."""
    data = efficacy("adadas")
    return data.filter((pl.col("AVISITN") > 0) & (pl.col("DTYPE").is_null() | (pl.col("DTYPE") != "LOCF")))


def fitted(structure: str, method: Method) -> MixedModel:
    data = adas()
    factors = {"SITEGR1": tuple(sorted(data["SITEGR1"].unique())), "T": ("Xan_Hi", "Xan_Lo", "Pbo"), "W": WEEKS}
    terms = (("SITEGR1",), ("T",), ("W",), ("BASE",), ("T", "W"), ("W", "BASE"))
    columns = {name: data[name].to_list() for name in ("SITEGR1", "T", "W", "BASE")}
    measures = Measures(data["USUBJID"].to_list(), columns["W"], WEEKS)
    return MixedModel(Design(factors, terms), columns, data["CHG"].to_numpy(), measures, structure, method)


@pytest.mark.parametrize("case", CASES)
def test_the_repeated_measures_of_the_report(case: str) -> None:
    structure, method, week = CASES[case]
    expected, model = reference(case), fitted(structure, method)
    assert (model.observations, model.participants) == (expected["n_obs"], expected["n_subj"])
    assert model.minus_twice_log_likelihood == pytest.approx(expected["minus2REML"], abs=1e-6)
    assert model.minus_twice_log_likelihood <= expected["minus2REML"] + 1e-7
    assert model.akaike == pytest.approx(expected["AIC"], abs=1e-6)
    assert model.covariance == pytest.approx(np.array(expected["covariance"]["values"]), rel=1e-4)
    names = [name.replace("=", "").replace("intercept", "(Intercept)") for name in model.design.names]
    assert names == list(expected["fixed"])
    for row, wanted in zip(np.eye(len(names)), expected["fixed"].values(), strict=True):
        found = model.combine(row)
        assert [found.estimate, found.error, found.df] == pytest.approx(wanted, rel=1e-4, abs=1e-5)
    at = {} if week is None else {"W": week}
    means = {arm: model.design.mean_weights(model.data, {"T": arm, **at}) for arm in ("Xan_Hi", "Xan_Lo", "Pbo")}
    for each in expected["lsmeans"]:
        found = model.combine(means[each["T"]])
        wanted = [each[column] for column in ("emmean", "SE", "df", "lower.CL", "upper.CL")]
        assert [found.estimate, found.error, found.df, found.lower, found.upper] == pytest.approx(
            wanted, rel=1e-4, abs=1e-4
        )
    for each in expected["contrasts"]:
        one, other = each["contrast"].split(" - ")
        found = model.combine(means[one] - means[other])
        wanted = [each[column] for column in ("estimate", "SE", "df", "t.ratio", "p.value")]
        assert [found.estimate, found.error, found.df, found.statistic, found.p] == pytest.approx(wanted, rel=1e-4)


def made_up(seed: int, structure: str, people: int = 24, visits: int = 4) -> tuple[list[object], RestrictedLikelihood]:
    """Measures of some people, some of them missing, and their likelihood at some parameters."""
    random = np.random.default_rng(seed)
    rows = [
        (person, visit) for person in range(people) for visit in range(visits) if visit == 0 or random.random() < 0.8
    ]
    subject, visit = (np.array(each) for each in zip(*rows, strict=True))
    matrix = np.column_stack([np.ones(len(rows)), visit, subject % 2, random.normal(size=len(rows))])
    response = random.normal(size=len(rows)) + random.normal(size=people)[subject]
    found = patterns(matrix, response, subject, visit)
    parameters = STRUCTURES[structure].start(1.5, visits)
    parameters = parameters * random.uniform(0.9, 1.1, len(parameters))
    return [found, visits], RestrictedLikelihood(found, STRUCTURES[structure], parameters, visits)


@pytest.mark.parametrize("structure", STRUCTURES)
@settings(max_examples=5, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_derivatives_of_the_likelihood_are_those_of_its_values(structure: str, seed: int) -> None:
    [found, visits], likelihood = made_up(seed, structure)

    def at(place: int, step: float) -> RestrictedLikelihood:
        moved = likelihood.parameters.copy()
        moved[place] += step
        return RestrictedLikelihood(found, STRUCTURES[structure], moved, visits)  # type: ignore[arg-type]

    gradient, hessian = likelihood.gradient(), likelihood.hessian()
    for place in range(len(gradient)):
        ahead, behind = at(place, 1e-5), at(place, -1e-5)
        assert gradient[place] == pytest.approx((ahead.value - behind.value) / 2e-5, rel=1e-5, abs=1e-5)
        assert hessian[place] == pytest.approx((ahead.gradient() - behind.gradient()) / 2e-5, rel=1e-4, abs=1e-4)


def blocks(seed: int, people: int = 9, visits: int = 4) -> tuple[Floats, list[object], list[object]]:
    """Everybody's values at every visit, with an effect of the person."""
    random = np.random.default_rng(seed)
    values = random.normal(size=(people, visits)) + 2 * random.normal(size=(people, 1)) + np.arange(visits) / 3
    subject = np.repeat(np.arange(people), visits).tolist()
    visit = np.tile(np.arange(visits), people).tolist()
    return values, subject, visit


@pytest.mark.parametrize("method", ["satterthwaite", "kenward-roger"])
@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_in_complete_blocks_the_test_is_the_exact_one(method: Method, seed: int) -> None:
    """Compound symmetry without missing values is the randomised block design (Kenward and Roger 1997, section 5)."""
    values, subject, visit = blocks(seed)
    people, visits = values.shape
    names = tuple(map(str, range(visits)))
    data = {"VISIT": [str(each) for each in visit]}
    measures = Measures(subject, visit, tuple(range(visits)))
    model = MixedModel(Design({"VISIT": names}, (("VISIT",),)), data, values.ravel(), measures, "cs", method)
    found = model.test(np.eye(visits)[1:])

    within = values - values.mean(axis=1, keepdims=True)
    between = people * ((within.mean(axis=0)) ** 2).sum() / (visits - 1)
    left = ((within - within.mean(axis=0)) ** 2).sum() / ((people - 1) * (visits - 1))
    assert [found.statistic, found.df, found.df2] == pytest.approx(
        [between / left, visits - 1, (people - 1) * (visits - 1)], rel=1e-4
    )


def test_one_visit_is_the_analysis_of_variance() -> None:
    random = np.random.default_rng(1)
    response = random.normal(size=30)
    arms = np.repeat(list("abc"), 10).tolist()
    measures = Measures(list(range(30)), ["1"] * 30, ("1",))
    model = MixedModel(Design({"ARM": ("a", "b", "c")}, (("ARM",),)), {"ARM": arms}, response, measures)
    expected = analysis_of_variance(list(response.reshape(3, 10)))
    found = model.test(np.eye(3)[1:])
    assert [found.statistic, found.df2, found.p] == pytest.approx(
        [expected.statistic, expected.df2, expected.p], rel=1e-6
    )


@pytest.mark.parametrize(
    ("subject", "visit", "said"),
    [
        ([1, 1, 2, 2, 3], ["a", "a", "a", "b", "b"], "more than one value at a visit"),
        ([1, 1, 2, 2, 3], ["a", "c", "a", "b", "b"], "'c' is not a level of the visits"),
        ([1, 2, 3, 4, 5], ["a", "a", "a", "a", "a"], "nobody has a value at visit b"),
    ],
)
def test_measures_that_do_not_fit_are_refused(subject: list[object], visit: list[object], said: str) -> None:
    with pytest.raises(NotComputable, match=said):
        MixedModel(
            Design({}, (("AGE",),)), {"AGE": [1, 2, 3, 4, 6]}, [1, 2, 3, 4, 5], Measures(subject, visit, ("a", "b"))
        )
