"""Analyses of covariance of the pilot's report, tables 14-3.01 to 14-3.09 and 14-3.12, against R."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helmont.analysis.arrays import NotComputable
from helmont.analysis.design import Design
from helmont.analysis.linear import LinearModel
from tests.analysis.kit import efficacy, reference

LEVELS = ("Xan_Hi", "Xan_Lo", "Pbo")
DOSE = {"Pbo": 0.0, "Xan_Lo": 54.0, "Xan_Hi": 81.0}
OBSERVED = pl.col("DTYPE").is_null() | (pl.col("DTYPE") != "LOCF")
TABLES: dict[str, tuple[pl.DataFrame, int, str, bool]] = {
    "14-3.01": (efficacy("adadas"), 24, "CHG", True),
    "14-3.02": (efficacy("adcibc"), 24, "AVAL", False),
    "14-3.03": (efficacy("adadas"), 8, "CHG", True),
    "14-3.04": (efficacy("adcibc"), 8, "AVAL", False),
    "14-3.05": (efficacy("adadas"), 16, "CHG", True),
    "14-3.06": (efficacy("adcibc"), 16, "AVAL", False),
    "14-3.07": (efficacy("adadas").filter(OBSERVED & (pl.col("COMP24FL") == "Y")), 24, "CHG", True),
    "14-3.08": (efficacy("adadas").filter(pl.col("SEX") == "M"), 24, "CHG", True),
    "14-3.09": (efficacy("adadas").filter(pl.col("SEX") == "F"), 24, "CHG", True),
    "14-3.12": (efficacy("adnpix"), 98, "AVAL", True),  # the mean of weeks 4 to 24
}


def fitted(data: pl.DataFrame, response: str, arm: str, *, baseline: bool) -> LinearModel:
    factors = {"SITEGR1": tuple(sorted(data["SITEGR1"].unique()))} | ({"T": LEVELS} if arm == "T" else {})
    terms = (("SITEGR1",), (arm,), *([("BASE",)] if baseline else []))
    columns = {name: data[name].to_list() for name in ("SITEGR1", "T", *(["BASE"] if baseline else []))}
    columns["DOSE"] = [DOSE[each] for each in columns["T"]]
    return LinearModel(Design(factors, terms), columns, data[response].to_numpy())


@pytest.mark.parametrize("table", TABLES)
def test_a_table_of_the_report(table: str) -> None:
    data, week, response, baseline = TABLES[table]
    here, expected = data.filter(pl.col("AVISITN") == week), reference(table)
    model = fitted(here, response, "T", baseline=baseline)
    assert model.root_mean_square_error == pytest.approx(expected["rmse"], rel=1e-9)
    weights = {}
    for kind, name in (("observed", "lsmeans_OM"), ("equal", "lsmeans_equal")):
        for each in expected[name]:
            weights[each["T"]] = model.design.mean_weights(model.data, {"T": each["T"]}, kind)  # type: ignore[arg-type]
            found = model.combine(weights[each["T"]])
            wanted = [each[column] for column in ("emmean", "SE", "df", "lower.CL", "upper.CL")]
            assert [found.estimate, found.error, found.df, found.lower, found.upper] == pytest.approx(wanted, rel=1e-8)
    for each in expected["contrasts"]:
        one, other = each["contrast"].split(" - ")
        found = model.combine(weights[one] - weights[other])
        wanted = [each[column] for column in ("estimate", "SE", "lower.CL", "upper.CL", "t.ratio", "p.value")]
        shown = [found.estimate, found.error, found.lower, found.upper, found.statistic, found.p]
        assert shown == pytest.approx(wanted, rel=1e-8)

    dose = fitted(here, response, "DOSE", baseline=baseline)
    test, wanted = dose.test(("DOSE",)), expected["dose_response"]
    assert [dose.coefficients[dose.design.names.index("DOSE")], test.statistic, test.df2, test.p] == pytest.approx(
        [wanted["coef"], wanted["F"], wanted["df2"], wanted["p"]], rel=1e-8
    )


@given(st.integers(0, 2**32 - 1))
def test_means_do_not_depend_on_the_reference_level(seed: int) -> None:
    random = np.random.default_rng(seed)
    arms, sites = random.choice(list("abc"), 40).tolist(), random.choice(list("xyz"), 40).tolist()
    data = {"ARM": arms, "SITE": sites, "AGE": random.normal(70, 8, 40)}
    response = random.normal(size=40)
    means = []
    for order in (("a", "b", "c"), ("c", "a", "b")):
        model = LinearModel(
            Design({"ARM": order, "SITE": ("x", "y", "z")}, (("ARM",), ("SITE",), ("AGE",), ("ARM", "AGE"))),
            data,
            response,
        )
        means.append([model.combine(model.design.mean_weights(data, {"ARM": arm})).estimate for arm in "abc"])
    assert means[0] == pytest.approx(means[1], rel=1e-7, abs=1e-9)


def test_what_was_never_observed_is_not_estimated() -> None:
    data = {"ARM": ["a", "a", "b", "b", "b"], "SITE": ["x", "y", "x", "x", "x"]}
    design = Design({"ARM": ("a", "b"), "SITE": ("x", "y")}, (("ARM",), ("SITE",), ("ARM", "SITE")))
    model = LinearModel(design, data, [1, 2, 3, 4, 5])
    assert np.isnan(model.coefficients[-1])
    assert model.combine(design.mean_weights(data, {"ARM": "a", "SITE": "y"})).estimate == pytest.approx(2)
    with pytest.raises(NotComputable, match="never observed"):
        model.combine(design.mean_weights(data, {"ARM": "b", "SITE": "y"}))


@pytest.mark.parametrize(
    ("data", "response", "said"),
    [
        ({"ARM": ["a", "c"]}, [1, 2], "'c' is not a level of ARM: a, b"),
        ({"ARM": ["a", "b"]}, [1, float("nan")], "the response holds a missing"),
        ({"ARM": ["a", "b"]}, [1, 2], "2 observations do not determine 2 coefficients"),
    ],
)
def test_data_that_do_not_fit_are_refused(data: dict[str, list[str]], response: list[float], said: str) -> None:
    with pytest.raises(NotComputable, match=said):
        LinearModel(Design({"ARM": ("a", "b")}, (("ARM",),)), data, response)
